"""Bình dân học vụ số: courses of small lessons, reminded of with good manners."""

from handlers.lessons import again, certificate, home, pages, quiz, schedule
from handlers.lessons.base import dialogue
from handlers.lessons.due import nudge_due

__all__ = ["again", "certificate", "dialogue", "home", "nudge_due", "pages", "quiz", "schedule"]
