"""Announcements: written and approved in the chat, watched as they leave, chosen by readers."""

from handlers.broadcast import (
    approval,
    buttons,
    correct,
    menu,
    readers,
    receiving,
    recurring,
    report,
    review,
    running,
    table,
    templates,
    timing,
    write,
)
from handlers.broadcast.base import dialogue
from handlers.broadcast.receiving import genuine, stoppable
from handlers.broadcast.recurring import repeat_due
from handlers.broadcast.running import update_progress

__all__ = [
    "approval",
    "buttons",
    "correct",
    "dialogue",
    "genuine",
    "menu",
    "readers",
    "receiving",
    "recurring",
    "repeat_due",
    "report",
    "review",
    "running",
    "stoppable",
    "table",
    "templates",
    "timing",
    "update_progress",
    "write",
]
