"""A resident asks for help: what, for whom, where, how, when; then it goes to the team."""

from handlers.request_help import details, place, send
from handlers.request_help.form import dialogue
from handlers.request_help.send import begin

__all__ = ["begin", "details", "dialogue", "place", "send"]
