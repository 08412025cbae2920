"""Which question about an announcement comes next. What was answered stands in the draft's row."""

from collections.abc import Awaitable, Callable

from bot.dialogue import Reply, Turn
from storage.broadcasts import Broadcast

Question = Callable[[Turn], Awaitable[Reply]]

# In this order; with all of them answered everything is shown once more.
ORDER = ("text", "media", "buttons", "audience", "time", "end")
REVIEW = "review"

_questions: dict[str, Question] = {}


def question(field: str) -> Callable[[Question], Question]:
    """The function that asks for a field."""

    def register(function: Question) -> Question:
        _questions[field] = function
        return function

    return register


async def next_question(turn: Turn) -> Reply:
    """Ask for what has not been answered; then show the whole."""
    answered = turn.data.get("answered", [])
    field = next((name for name in ORDER if name not in answered), REVIEW)
    return await _questions[field](turn)


async def go_on(turn: Turn, answered: str) -> Reply:
    """This has been answered: the next question."""
    turn.data["answered"] = [*turn.data.get("answered", []), answered]
    return await next_question(turn)


async def ask_again(turn: Turn, *fields: str) -> Reply:
    """These answers are to be changed, the first of them now; the others stay."""
    turn.data["answered"] = [a for a in turn.data.get("answered", []) if a not in fields]
    return await _questions[fields[0]](turn)


async def take_up(turn: Turn, draft: Broadcast) -> Reply:
    """Go on with a draft that was left, where it was left."""
    answered = ["text", "media", "buttons"]
    if draft.audience is not None or draft.corrects is not None:
        answered = [*ORDER]
    turn.data = {"draft": draft.id, "answered": answered}
    return await next_question(turn)
