"""The form behind a request: which questions there are, and which one comes next."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.dialogue import Ask, Dialogue, Turn

dialogue = Dialogue("request_help")

Question = Callable[[Turn], Awaitable[Ask]]
Needed = Callable[[dict[str, Any]], bool]

# Each question fills the field of its name; a field that is there is not asked again.
ORDER = ("topic", "description", "beneficiary", "place", "way", "phone", "address", "when", "name")

_questions: dict[str, tuple[Question, Needed]] = {}


def _always(_data: dict[str, Any]) -> bool:
    return True


def question(field: str, needed: Needed = _always) -> Callable[[Question], Question]:
    """The function that asks for a field; `needed` says when the field matters at all."""

    def register(function: Question) -> Question:
        _questions[field] = (function, needed)
        return function

    return register


async def next_question(turn: Turn) -> Ask:
    """Ask for the first field that is missing; with all there, repeat everything back."""
    for field in ORDER:
        ask, needed = _questions[field]
        if field not in turn.data and needed(turn.data):
            return await ask(turn)
    ask, _needed = _questions["confirm"]
    return await ask(turn)
