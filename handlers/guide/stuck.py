"""Stuck at a step: what often happens there, then a neighbour who sees guide and step."""

from bot.dialogue import Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import _
from handlers.guide.base import dialogue, help_link, reading_of, step_number
from handlers.request_help import begin_with_guide

SHOWN_BRANCHES = 3


@dialogue.action("gstuck")
async def stuck(turn: Turn, guide_id: str, number: str) -> Reply:
    """Known troubles of this step first; with none, straight to a person."""
    reading = reading_of(turn, guide_id)
    step = step_number(reading, number)
    branches = reading.guide.steps[step - 1].branches
    if not branches:
        return await begin_with_guide(turn, reading, step)
    links = [
        Link(branch.when, f"gif:{guide_id}:{step}:{index}")
        for index, branch in enumerate(branches[:SHOWN_BRANCHES])
    ]
    links.append(Link(_("Something else: ask a neighbour"), f"ghelp:{guide_id}:{step}"))
    return Done(_("Don't worry, that happens. Is it one of these?"), links)


@dialogue.action("gif")
async def branch(turn: Turn, guide_id: str, number: str, index: str) -> Reply:
    reading = reading_of(turn, guide_id)
    step = step_number(reading, number)
    which = read_id(index)
    if which is None or which >= len(reading.guide.steps[step - 1].branches):
        raise NotAllowed(_("This guide has no such step."))
    links = [
        Link(_("Back to step %(number)s", number=step), f"gs:{guide_id}:{step}"),
        help_link(guide_id, step),
    ]
    return Done(reading.branch(step, which), links)


@dialogue.action("ghelp")
async def ask_for_help(turn: Turn, guide_id: str, number: str) -> Reply:
    """Open a request that says which guide and which step; step 0 = the guide as a whole."""
    reading = reading_of(turn, guide_id)
    step = 0 if number == "0" else step_number(reading, number)
    return await begin_with_guide(turn, reading, step)
