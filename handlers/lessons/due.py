"""Lessons whose time has come: written to many at once, to nobody twice, to nobody by night."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.content.lesson import Lesson
from bot.dialogue import Context, Link
from bot.nudging import SILENCE, Message, Plan, Standing, plan
from bot.texts import LOCAL_ZONE, Text, Words, _, join, n_
from handlers.lessons.base import weekly_of
from storage.chats import Address, find_addresses
from storage.learners import Change, Learner, add_nudges, advance, lock_due_learners
from storage.outbox import Priority
from storage.reviews import count_due_reviews

BATCH = 1000

# They take turns, so that a reminder does not become wallpaper.
_LESSON: tuple[Text, ...] = (
    _("📚 Today's lesson: “%(title)s”. Five minutes are enough."),
    _("📚 Do you have five minutes? “%(title)s” is waiting for you."),
    _("📚 A small one for today: “%(title)s”."),
    _("📚 It is lesson time! Today: “%(title)s”."),
)
_AGAIN: tuple[Text, ...] = (
    _("📚 The lesson “%(title)s” is still here. Shall we do it now?"),
    _("📚 Busy yesterday? “%(title)s” takes five minutes only."),
    _("📚 Only a small reminder: “%(title)s”. When it suits you."),
)
_SNOOZED = _("📚 As you asked: here is “%(title)s”.")
_PAUSE = _(
    "We have not learnt together for two weeks. Shall we take a break?\n"
    "Nothing gets lost. If I hear nothing, I stop reminding you."
)


async def nudge_due(ctx: Context) -> int:
    """Deal with learners whose time has come; returns how many. By day only."""
    if not ctx.services.calendar.is_daytime(ctx.now):
        return 0
    due = await lock_due_learners(ctx.conn, ctx.now, BATCH)
    if not due:
        return 0
    persons = [learner.person_id for learner in due]
    addresses = await find_addresses(ctx.conn, persons)
    wave = _Wave(ctx, addresses, await count_due_reviews(ctx.conn, persons, ctx.now))
    alike: dict[_Outcome, list[int]] = defaultdict(list)
    for learner in due:
        planned = _plan(ctx, learner)
        if not wave.has_something(learner):
            planned = replace(planned, message=None, missed=())
        sent = wave.write(learner, planned)
        stops = planned.next_at is None and bool(learner.days)
        alike[_Outcome(planned, learner.next_kind, sent, stops)].append(learner.person_id)
    for outcome, person_ids in alike.items():
        await _settle(ctx, outcome, person_ids)
    return len(due)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What happened to some; thousands of a wave are told the same and go on alike."""

    planned: Plan
    due_kind: str
    sent: bool
    stops: bool


async def _settle(ctx: Context, outcome: _Outcome, person_ids: list[int]) -> None:
    """The ledger first, which says what was due, then what is due next."""
    planned, day = outcome.planned, None
    for missed in planned.missed:
        await add_nudges(
            ctx.conn, person_ids, ctx.now, kind=outcome.due_kind, status="missed", due_at=missed
        )
    if planned.message is not None:
        if outcome.sent and planned.message != "snooze":
            day = ctx.now.astimezone(LOCAL_ZONE).date()
        status = "sent" if outcome.sent else "unreachable"
        await add_nudges(
            ctx.conn, person_ids, ctx.now, kind=planned.message, status=status, day=day
        )
    change = Change(
        planned.next_at,
        planned.next_kind,
        day=day,
        sent=outcome.sent,
        asked_pause=outcome.sent and planned.message == "pause",
        paused=outcome.stops,
    )
    await advance(ctx.conn, person_ids, change, ctx.now)


def _plan(ctx: Context, learner: Learner) -> Plan:
    due_at, kind = learner.next_due_at, learner.next_kind
    if due_at is None or kind not in ("lesson", "again", "snooze"):
        raise ValueError(f"a learner can't be due with {kind!r} at {due_at}")
    standing = Standing(
        weekly_of(learner),
        due_at,
        kind,  # type: ignore[arg-type]  # checked above
        learner.last_day,
        ctx.now - learner.last_active_at >= SILENCE,
        learner.asked_pause_at is not None,
    )
    return plan(standing, ctx.now, ctx.services.calendar)


class _Wave:
    """Writes a batch; what is the same for many is put into words once."""

    def __init__(
        self, ctx: Context, addresses: dict[int, Address], waiting: dict[int, int]
    ) -> None:
        self._ctx = ctx
        self._addresses = addresses
        self._waiting = waiting
        self._bodies: dict[tuple[Any, ...], dict[str, Any]] = {}

    def has_something(self, learner: Learner) -> bool:
        """Whether there is a lesson to do, or a question that is due."""
        return learner.lesson_id is not None or learner.person_id in self._waiting

    def write(self, learner: Learner, planned: Plan) -> bool:
        """Whether a message went into the outbox: not without one, nor without an address."""
        address = self._addresses.get(learner.person_id)
        if planned.message is None or address is None:
            return False
        reviews = self._waiting.get(learner.person_id, 0)
        body = self._body(learner, planned.message, reviews, address)
        promised = learner.next_due_at or self._ctx.now
        self._ctx.post(address, body, Priority.REMINDER, promised)
        return True

    def _body(
        self, learner: Learner, message: Message, reviews: int, address: Address
    ) -> dict[str, Any]:
        turn = learner.nudges % (len(_LESSON) * len(_AGAIN))
        key = (learner.lesson_id, message, turn, reviews, address.at_rest)
        if key not in self._bodies:
            found = self._ctx.services.library.find_lesson(learner.lesson_id or "")
            words = _words(found[1] if found else None, message, turn, reviews)
            links = _links(found[1] if found else None, message, reviews)
            self._bodies[key] = self._ctx.push_body(address, words, links)
        return self._bodies[key]


def _words(lesson: Lesson | None, message: Message, turn: int, reviews: int) -> Words:
    if message == "pause":
        return _PAUSE
    again: Words = ""
    if reviews:
        again = n_(
            "And %(count)s question from last time.",
            "And %(count)s questions from last time.",
            reviews,
        )
    if lesson is None:
        return join(_("📚 A little time to remember?"), again, between="\n")
    variants: dict[Message, Sequence[Text]] = {"lesson": _LESSON, "again": _AGAIN}
    chosen = variants.get(message, (_SNOOZED,))
    words = chosen[turn % len(chosen)]
    return join(Text(words.msgid, {"title": lesson.title}), again, between="\n")


def _links(lesson: Lesson | None, message: Message, reviews: int) -> list[Link]:
    if message == "pause":
        return [Link(_("Yes, a break"), "lpause"), Link(_("No, I go on"), "lkeep")]
    first = [Link(_("Begin"), f"les:{lesson.id}:0")] if lesson else []
    if reviews:
        first.append(Link(_("First what I know already"), "lrev"))
    return [*first, Link(_("Later today"), "lsnooze"), Link(_("Not today"), "lskip"),
            Link(_("Take a break"), "lpause")]  # fmt: skip
