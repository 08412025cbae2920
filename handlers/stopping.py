"""“Dừng”: one place that lists everything one gets unasked, each to be stopped with one press."""

from collections.abc import Awaitable, Callable

from bot.dialogue import MAX_CHOICES, Dialogue, Done, Link, Reply, Turn
from bot.texts import _
from handlers.broadcast import stoppable as announcements
from handlers.classes import stoppable as classes
from handlers.lessons.schedule import pause
from handlers.lessons.schedule import stoppable as lessons
from handlers.reminders import stoppable as reminders
from storage.class_people import stop_invitations

dialogue = Dialogue("stopping")

# Whatever writes to people unasked adds one function here: what of it this person can stop now.
Source = Callable[[Turn], Awaitable[list[Link]]]
SOURCES: tuple[Source, ...] = (announcements, lessons, classes, reminders)


@dialogue.pattern(
    r"(dừng|tạm dừng|ngừng|dung)( lại| lai)?|(dừng|ngừng|thôi) (học|nhắc)|đừng nhắc nữa"
)
async def stop_at_once(turn: Turn, _text: str) -> Reply:
    """Whoever is reminded of lessons or invited means these: they stop without a question."""
    if not [*await lessons(turn), *await classes(turn)]:
        return await stop(turn)
    await stop_invitations(turn.conn, turn.person.id, turn.now)
    turn.say(_("I don't invite you to classes any more."))
    paused = await pause(turn)
    others = [link for source in SOURCES for link in await source(turn)]
    if not others or not isinstance(paused, Done):
        return paused
    return Done(paused.words, [*paused.links, Link(_("Stop something else"), "stopping")])


# As typed: without its marks "dừng" is also "đúng" (right) and "dùng" (use).
@dialogue.pattern(r"(dừng|dung|ngừng|stop)( (nhận|nhan|gửi|gui))?( (tin|thông báo|thong bao))?")
async def stop_word(turn: Turn, _text: str) -> Reply:
    return await stop(turn)


@dialogue.command("dung", _("Stop messages"))
async def stop_command(turn: Turn, _argument: str) -> Reply:
    return await stop_at_once(turn, "")


@dialogue.action("stopping", browsing=True)
async def stop(turn: Turn) -> Reply:
    """Explains what can be stopped and what can't."""
    links = [link for source in SOURCES for link in await source(turn)]
    if not links:
        words = _(
            "There is nothing to stop: I write only when you ask, or in an emergency such as a "
            "flood or a storm."
        )
        return Done(words, [Link(_("What news I get"), "subs")])
    words = _("What shall I stop? Emergencies still reach you, and so do answers to your requests.")
    return Done(words, links[:MAX_CHOICES])
