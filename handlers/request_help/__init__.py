"""A resident asks for help: what, for whom, where, how, when; then it goes to the team."""

from handlers.request_help import details, place, send
from handlers.request_help.form import dialogue
from handlers.request_help.send import begin, begin_with_guide, begin_with_lesson

__all__ = ["begin", "begin_with_guide", "begin_with_lesson", "details", "dialogue", "place", "send"]
