"""What all parts of reading a guide share: the dialogue, and reading what a button names."""

from datetime import date

from bot.content.reading import Reading
from bot.dialogue import Context, Dialogue, Link, NotAllowed, Turn, read_id
from bot.texts import LOCAL_ZONE, _
from handlers.consent import has_consent
from storage.guides import save_progress

dialogue = Dialogue("guide")

# In a link that opens a guide: t.me/bot?start=g_khai-sinh
START_PREFIX = "g_"


def reading_of(ctx: Context, guide_id: str) -> Reading:
    """The guide that a button or link names. Raises NotAllowed when there is none (any more)."""
    guide = ctx.services.library.guides.get(guide_id)
    if guide is None:
        raise NotAllowed(_("I don't have that guide any more. Type 0 to see what I can do."))
    return Reading(ctx.services.library, guide, ctx.now)


def step_number(reading: Reading, text: str) -> int:
    """The step that a button names, 1 to the last. Raises NotAllowed for anything made up."""
    number = read_id(text)
    if number is None or not 1 <= number <= reading.steps:
        raise NotAllowed(_("This guide has no such step."))
    return number


def local_day(ctx: Context) -> date:
    return ctx.now.astimezone(LOCAL_ZONE).date()


async def keep(turn: Turn, guide_id: str, **changes: object) -> None:
    """Remember where the reader is. Only with consent: reading itself needs none."""
    if has_consent(turn):
        await save_progress(turn.conn, turn.person.id, guide_id, turn.now, **changes)


def help_link(guide_id: str, step: int) -> Link:
    return Link(_("Ask a neighbour to help"), f"ghelp:{guide_id}:{step}")
