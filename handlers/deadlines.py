"""What expires and must not be forgotten: asked for days only, never for numbers of papers."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.dialogue import Ask, AskAgain, Choice, Context, Dialogue, Done, Link, Reply, Turn, read_id
from bot.texts import LOCAL_ZONE, Date, Moment, Text, Words, _, join, n_
from bot.when import understand_date, understand_time, without_time
from handlers.consent import consent_needed
from handlers.words import without_numbers
from storage.deadlines import Deadline, add_deadline, list_deadlines, remove_deadline

dialogue = Dialogue("deadlines")

DAYS_BEFORE = (60, 30, 7)
MORNING = time(8)
MAX_NOTE = 150
MAX_DEADLINES = 20
# Luật Căn cước 26/2023/QH15, điều 21: the card is renewed at these ages.
CARD_AGES = (25, 40, 60)


_ASKS = (
    r"(?:nhờ |nho )?(?:nhắc|nhac) (?:(?:giúp|giup|giùm|gium|dùm|cho) )?"
    r"(?:tôi|toi|tui|bác|bac|cô|chú)\b"
)
_REQUEST = re.compile(rf"^{_ASKS}", re.IGNORECASE)
_TASK = re.compile(r"^\W*(?:việc|viec|là|la)\b\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Paper:
    """Something that expires, and the guide to what is done then, if there is one."""

    name: Text
    guide_id: str | None = None


PAPERS = {
    "can-cuoc": Paper(_("Citizen identity card"), "doi-cap-lai-can-cuoc"),
    "bhyt": Paper(_("Health insurance card"), "gia-han-bhyt"),
    "gplx": Paper(_("Driving licence"), "doi-gplx"),
    "ho-chieu": Paper(_("Passport"), "ho-chieu"),
    "dang-kiem": Paper(_("Vehicle inspection")),
}


def say_what(deadline: Deadline) -> Words:
    """What it is about, in a few words."""
    paper = PAPERS.get(deadline.paper or "")
    return paper.name if paper else deadline.note


def deadline_links(ctx: Context, deadline: Deadline) -> list[Link]:
    """The matching guide one tap away, and an end to being reminded."""
    paper = PAPERS.get(deadline.paper or "")
    guide = ctx.services.library.guides.get((paper.guide_id if paper else None) or "")
    links = []
    if guide is not None:
        links.append(Link(_("How it is done: %(title)s", title=guide.title), f"g:{guide.id}"))
    return [*links, Link(_("It is done already"), f"ddone:{deadline.id}"),
            Link(_("What I remind you of"), "reminders")]  # fmt: skip


def deadline_words(deadline: Deadline, today: date) -> Words:
    """What expires, when, and how many days are left."""
    left = (deadline.on_day - today).days
    if deadline.paper is None:
        return _("You asked me to remind you: %(what)s", what=deadline.note)
    if left <= 0:
        return _("Your %(what)s expires on %(day)s.", what=say_what(deadline),
                 day=Date(deadline.on_day))  # fmt: skip
    return n_(
        "Your %(what)s expires on %(day)s: %(count)s day left.",
        "Your %(what)s expires on %(day)s: %(count)s days left.",
        left,
        what=say_what(deadline),
        day=Date(deadline.on_day),
    )


# --- a paper that expires -----------------------------------------------------------------


@dialogue.action("dnew")
async def ask_paper(turn: Turn) -> Reply:
    """Which paper?"""
    missing = consent_needed(turn, "dnew")
    if missing is not None:
        return missing
    if len(await list_deadlines(turn.conn, turn.person.id)) >= MAX_DEADLINES:
        return Done(_("That is a lot already. Please delete one first."),
                    [Link(_("What I remind you of"), "reminders")])  # fmt: skip
    turn.data = {}
    choices = [Choice(paper.name, key) for key, paper in PAPERS.items()]
    return Ask(_("Which paper shall I keep an eye on?"), choices, then=hear_paper)


@dialogue.step
async def hear_paper(turn: Turn) -> Reply:
    turn.data["paper"] = turn.choice(PAPERS, otherwise=_("Please press one of the papers."))
    if turn.data["paper"] == "can-cuoc":
        words = _(
            "Until which day is the card good? It stands on it. For example: 3/5/2030.\n"
            "Or I count from your birthday: it is renewed at 25, 40 and 60."
        )
        choices = [
            Choice(_("Count from my birthday"), "birthday"),
            Choice(_("It says “no end”"), "endless"),
        ]
        return Ask(words, choices, then=hear_day)
    words = _("Until which day is it good? For example: 3/5/2027. I need the day only, no numbers.")
    return Ask(words, then=hear_day)


@dialogue.step
async def hear_day(turn: Turn) -> Reply:
    if turn.answer == "endless":
        return Done(_("Then there is nothing to renew. Good!"))
    if turn.answer == "birthday":
        return Ask(_("When were you born? For example: 3/5/1968."), then=hear_birthday)
    day = _read_day(turn)
    if day <= _today(turn):
        return _expired(turn)
    return await _keep(turn, day)


@dialogue.step
async def hear_birthday(turn: Turn) -> Reply:
    """The birthday itself is not kept, only the day that follows from it."""
    born = _read_day(turn)
    if born >= _today(turn):
        raise AskAgain(_("That day has not come yet. When were you born?"))
    for age in CARD_AGES:
        day = _birthday(born, age)
        if day > _today(turn):
            return await _keep(turn, day)
    return Done(_("From 60 on the card is good for life. There is nothing to renew."))


def _birthday(born: date, age: int) -> date:
    """Who was born on 29 February has it on 1 March in other years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def _read_day(turn: Turn) -> date:
    day = understand_date(turn.text)
    if day is None:
        raise AskAgain(_("Please write day, month and year, such as 3/5/2027."))
    return day


def _expired(turn: Turn) -> Done:
    paper = PAPERS[turn.data["paper"]]
    guide = turn.services.library.guides.get(paper.guide_id or "")
    links = [Link(guide.title, f"g:{guide.id}")] if guide else []
    return Done(_("That day is over: it has expired. Shall we look how it is renewed?"),
                [*links, Link(_("Another paper"), "dnew")])  # fmt: skip


async def _keep(turn: Turn, day: date) -> Reply:
    times = [_morning(day - timedelta(days=before)) for before in DAYS_BEFORE]
    coming = [at.astimezone(turn.now.tzinfo) for at in times if at > turn.now]
    if not coming:
        # Fewer days are left than the shortest notice: then tomorrow.
        coming = [_morning(_today(turn) + timedelta(days=1)).astimezone(turn.now.tzinfo)]
    deadline = await add_deadline(
        turn.conn,
        turn.person.id,
        paper=turn.data["paper"],
        note="",
        on_day=day,
        remind_at=coming,
        now=turn.now,
    )
    words = join(
        deadline_words(deadline, _today(turn)),
        _("I will tell you on: %(days)s.", days=_days(coming)),
        between="\n",
    )
    links = [Link(_("Another paper"), "dnew"), Link(_("What I remind you of"), "reminders")]
    return Done(words, links)


def _days(times: list[datetime]) -> Words:
    return join(*(_("%(day)s", day=Date(at.astimezone(LOCAL_ZONE).date())) for at in times),
                between=", ")  # fmt: skip


def _morning(day: date) -> datetime:
    return datetime.combine(day, MORNING, LOCAL_ZONE)


def _today(ctx: Context) -> date:
    return ctx.now.astimezone(LOCAL_ZONE).date()


# --- anything else ------------------------------------------------------------------------


@dialogue.action("dfree")
async def ask_what(turn: Turn) -> Reply:
    missing = consent_needed(turn, "dfree")
    if missing is not None:
        return missing
    turn.data = {}
    words = _(
        "What shall I remind you of, and when?\n"
        "For example: nhắc tôi ngày 20/12 việc đóng tiền điện."
    )
    return Ask(words, then=hear_free)


@dialogue.pattern(rf"{_ASKS}.{{3,200}}")
async def remind_me(turn: Turn, _text: str) -> Reply:
    """The whole wish in one sentence."""
    missing = consent_needed(turn, "dfree")
    if missing is not None:
        return missing
    turn.data = {}
    return await hear_free(turn)


@dialogue.step
async def hear_free(turn: Turn) -> Reply:
    """What and when, in one message or one after the other."""
    note = turn.data.get("note") or _note(turn.text)
    # "nhắc tôi" without diacritics would mean an evening.
    at = understand_time(_REQUEST.sub("", turn.text), turn.now)
    if not note:
        raise AskAgain(_("What shall I remind you of? Please write it in a few words."))
    if at is None:
        turn.data["note"] = note
        words = _("On which day, and at what time? For example: 20/12, or sáng mai.")
        return Ask(words, then=hear_free)
    at = turn.services.calendar.next_daytime(at)
    await add_deadline(
        turn.conn,
        turn.person.id,
        paper=None,
        note=note,
        on_day=at.astimezone(LOCAL_ZONE).date(),
        remind_at=[at],
        now=turn.now,
    )
    words = _("I will remind you of “%(what)s” at %(time)s.", what=note, time=Moment(at))
    return Done(words, [Link(_("What I remind you of"), "reminders")])


def _note(text: str) -> str:
    """What is to be done: the message without the request itself and without the time."""
    kept = _REQUEST.sub("", without_time(_REQUEST.sub("", text)))
    return without_numbers(_TASK.sub("", kept))[:MAX_NOTE]


# --- over ---------------------------------------------------------------------------------


@dialogue.action("ddone")
async def finish(turn: Turn, deadline_id: str) -> Reply:
    """Done or no longer wanted: it and its reminders go."""
    known = read_id(deadline_id)
    gone = known is not None and await remove_deadline(turn.conn, known, turn.person.id)
    words = (
        _("Good, I don't remind you of it any more.")
        if gone
        else _("That reminder is over already.")
    )
    return Done(words, [Link(_("What I remind you of"), "reminders")])
