"""Classes of a team or ward: made in chat, joined by one tap, reminded of, counted, thanked for."""

from handlers.classes import attending, changing, hosting, joining, making, mine
from handlers.classes.attending import START_PREFIX, check_in_with
from handlers.classes.base import dialogue
from handlers.classes.digital_days import suggest_digital_days
from handlers.classes.due import run_due_classes
from handlers.classes.joining import leave_all, stoppable

__all__ = [
    "START_PREFIX",
    "attending",
    "changing",
    "check_in_with",
    "dialogue",
    "hosting",
    "joining",
    "leave_all",
    "making",
    "mine",
    "run_due_classes",
    "stoppable",
    "suggest_digital_days",
]
