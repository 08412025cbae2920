"""A leader makes a class in under a minute: topic, time, place, seats, one press."""

import re
from datetime import UTC, date, datetime, timedelta

from bot.dialogue import (
    MAX_CHOICES,
    Ask,
    AskAgain,
    Choice,
    Done,
    Link,
    NotAllowed,
    Reply,
    Step,
    Turn,
)
from bot.repeats import Slot, understand_slot
from bot.texts import Date, Moment, Words, _, join, n_
from bot.types import Place
from handlers.classes.base import Host, audience_words, dialogue, facts, list_hosts, when
from handlers.classes.courses import course_titles, find_course
from handlers.classes.dates import open_meeting
from storage.class_people import count_audience
from storage.classes import Audience, Meeting, Plan, find_last_venue, list_hosted
from storage.members import record
from storage.teams import find_team

MAX_TOPIC, MAX_VENUE, MAX_SEATS = 80, 200, 500
# More at once is no plan but noise in the phones of those who are invited.
MAX_PLANNED = 10
MINUTES = 90
_FARTHEST = timedelta(days=183)
_SEATS = ("10", "15", "20", "30")
_NUMBER = re.compile(r"\d{1,4}")


@dialogue.action("cnew")
async def new(turn: Turn, day: str = "") -> Reply:
    """Begin; `day` is the date that was suggested, as 2026-10-10."""
    hosts = await _hosts(turn)
    turn.data = {"day": day} if _read_day(day) else {}
    if len(hosts) > 1:
        choices = [Choice(host.name, str(n)) for n, host in enumerate(hosts[:MAX_CHOICES])]
        return Ask(_("For whom is the class?"), choices, then=hear_host)
    return await _for_host(turn, hosts[0])


async def _hosts(turn: Turn) -> list[Host]:
    hosts = await list_hosts(turn, turn.person.id)
    if not hosts:
        raise NotAllowed(_("Only team leaders, deputies and ward officers can hold a class."))
    return hosts


@dialogue.step
async def hear_host(turn: Turn) -> Reply:
    hosts = {str(n): host for n, host in enumerate(await _hosts(turn))}
    chosen = turn.choice(hosts, otherwise=_("Please press one of these."))
    return await _for_host(turn, hosts[chosen])


async def _for_host(turn: Turn, host: Host) -> Reply:
    planned = await list_hosted(
        turn.conn,
        team_ids=[host.team_id] if host.team_id is not None else [],
        commune_codes=[host.commune_code] if host.team_id is None else [],
        after=turn.now,
        limit=MAX_PLANNED,
    )
    if len(planned) >= MAX_PLANNED:
        words = _("You have many classes planned already. Please hold or cancel one of them first.")
        return Done(words, [Link(_("Classes that I hold"), "chosts")])
    audience = Audience.COMMUNE if host.team_id is None else Audience.TEAM
    turn.data |= {"team": host.team_id, "commune": host.commune_code, "audience": audience}
    return ask_topic(turn, 0)


# --- what ---------------------------------------------------------------------------------


def ask_topic(turn: Turn, page: int) -> Ask:
    """A course, four at a time, or anything else in words."""
    courses = list(course_titles(turn).items())
    shown = courses[page * (MAX_CHOICES - 1) :][: MAX_CHOICES - 1]
    choices = [Choice(name, f"c-{course_id}") for course_id, name in shown]
    onward = page + 1 if (page + 1) * (MAX_CHOICES - 1) < len(courses) else 0
    choices.append(Choice(_("Other courses"), f"p-{onward}"))
    words = _("1/5. What is the class about?\nPress a course, or write it in your own words.")
    return Ask(words, choices, then=hear_topic)


@dialogue.step
async def hear_topic(turn: Turn) -> Reply:
    kind, _dash, value = (turn.answer or "").partition("-")
    if kind == "p":
        return ask_topic(turn, int(value))
    otherwise = _("Please press a course, or write in a few words what the class is about.")
    course = value if turn.answer else find_course(turn, turn.text)
    topic = "" if course else turn.words(at_most=MAX_TOPIC, otherwise=otherwise)
    turn.data |= {"course": course, "topic": topic}
    return ask_when(turn)


# --- when ---------------------------------------------------------------------------------


def ask_when(turn: Turn) -> Ask:
    day = _read_day(turn.data.get("day", ""))
    if day is not None:
        choices = [Choice(f"{h}:00", f"{day:%d/%m/%Y} {h} giờ") for h in (8, 14, 18)]
        words: Words = _("2/5. At what time on %(day)s?", day=Date(day))
    else:
        choices = [
            Choice(_("Saturday at 8:00"), "thứ bảy 8 giờ"),
            Choice(_("Sunday at 8:00"), "chủ nhật 8 giờ"),
            Choice(_("Every Saturday at 8:00"), "thứ bảy hằng tuần 8 giờ"),
        ]
        words = _(
            "2/5. When?\n"
            "Write it as you would say it: thứ bảy 8 giờ đến 10 giờ; or every week: "
            "thứ bảy hằng tuần 8 giờ."
        )
    return Ask(words, choices, then=hear_when)


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dialogue.step
async def hear_when(turn: Turn) -> Reply:
    day = _read_day(turn.data.get("day", ""))
    slot = read_slot(turn, day)
    turn.data |= {
        "at": slot.starts_at.timestamp(),
        "weekly": slot.weekly,
        "minutes": slot.minutes or MINUTES,
    }
    return await ask_venue(turn)


def read_slot(turn: Turn, day: date | None = None) -> Slot:
    """The time that was meant, by day and not too far off. Raises AskAgain.

    An hour alone is on `day`, if there is one.
    """
    text = turn.answer or turn.text
    slot = understand_slot(text, turn.now)
    if day is not None and not turn.answer:
        slot = understand_slot(f"{day:%d/%m/%Y} {text}", turn.now) or slot
    if slot is None or slot.starts_at > turn.now + _FARTHEST:
        raise AskAgain(
            _(
                "I did not understand the time.\n"
                "Please write it like this: thứ bảy 9 giờ, 20/11 14 giờ, chủ nhật hằng tuần 8 giờ."
            )
        )
    if not turn.services.calendar.is_daytime(slot.starts_at):
        hours = turn.services.settings.help
        raise AskAgain(
            _(
                "That is %(time)s. Classes begin between %(start)s:00 and %(end)s:00.",
                time=Moment(slot.starts_at),
                start=hours.day_starts,
                end=hours.day_ends,
            )
        )
    return slot


# --- where --------------------------------------------------------------------------------


async def ask_venue(turn: Turn) -> Ask:
    return await ask_where(turn, hear_venue, _("3/5."))


async def ask_where(turn: Turn, then: Step, heading: Words = "") -> Ask:
    """The community house, the last place, words, or a place on the map."""
    choices = []
    hall = await _hall(turn)
    if turn.data["team"] is not None:
        choices.append(Choice(_("At the community house"), "hall"))
    last = await find_last_venue(turn.conn, turn.data["team"], turn.data["commune"])
    if last is not None and last[0] not in ("", hall):
        choices.append(Choice(last[0], "last"))
    words = _(
        "Where?\n"
        "Write it, or share the place: those invited will see it on a map, so they find the way."
    )
    return Ask(join(heading, words, between=" "), choices, then=then, ask_place=True)


async def _hall(turn: Turn) -> str:
    team = await find_team(turn.conn, turn.data["team"]) if turn.data["team"] is not None else None
    words = _("Community house, %(team)s", team=team.name if team else "")
    return turn.services.texts.render(words)


@dialogue.step
async def hear_venue(turn: Turn) -> Reply:
    venue, place = await read_venue(turn)
    turn.data |= {"venue": venue, "point": [place.lat, place.lon] if place else None}
    return ask_seats()


async def read_venue(turn: Turn) -> tuple[str, Place | None]:
    """Words, a point, or both. Raises AskAgain."""
    if turn.place is not None:
        return "", turn.place
    if turn.answer == "hall":
        team = await find_team(turn.conn, turn.data["team"])
        return await _hall(turn), team.place if team else None
    if turn.answer == "last":
        last = await find_last_venue(turn.conn, turn.data["team"], turn.data["commune"])
        if last is not None:
            return last
    otherwise = _("Please write where the class is, or share the place.")
    return turn.words(at_most=MAX_VENUE, otherwise=otherwise), None


# --- how many -----------------------------------------------------------------------------


def ask_seats() -> Ask:
    choices = [Choice(number, number) for number in _SEATS]
    words = _("4/5. How many seats? Press one, or write it, such as: 12 chỗ.")
    return Ask(words, choices, then=hear_seats)


@dialogue.step
async def hear_seats(turn: Turn) -> Reply:
    turn.data["seats"] = read_seats(turn)
    return await ask_confirm(turn)


def read_seats(turn: Turn) -> int:
    """A number of people. Raises AskAgain."""
    found = _NUMBER.search(turn.answer or turn.text)
    number = int(found.group()) if found else 0
    if not 1 <= number <= MAX_SEATS:
        raise AskAgain(_("Please write a number from 1 to %(most)s.", most=MAX_SEATS))
    return number


# --- one press ----------------------------------------------------------------------------


async def ask_confirm(turn: Turn) -> Ask:
    plan = _plan(turn)
    count = await count_audience(turn.conn, plan)
    words = join(
        _("5/5. Is this right?"),
        facts(turn, plan),
        _("Seats: %(seats)s", seats=plan.seats),
        n_(
            "I invite %(who)s: %(count)s person so far.",
            "I invite %(who)s: %(count)s people so far.",
            count=count,
            who=audience_words(plan.audience),
        ),
        between="\n",
    )
    choices = [Choice(_("Yes, invite them"), "yes")]
    if plan.course_id:
        wide = Audience.COMMUNE if plan.team_id is None else Audience.TEAM
        other = Audience.COURSE if plan.audience is wide else wide
        who = audience_words(other)
        choices.append(Choice(_("Invite instead: %(who)s", who=who), other))
    return Ask(words, [*choices, Choice(_("No, drop it"), "no")], then=hear_confirm)


def _plan(turn: Turn) -> Plan:
    data = turn.data
    return Plan(
        team_id=data["team"],
        commune_code=data["commune"],
        audience=Audience(data["audience"]),
        course_id=data["course"],
        topic=data["topic"],
        venue=data["venue"],
        place=Place(*data["point"]) if data["point"] else None,
        seats=data["seats"],
        minutes=data["minutes"],
        weekly=data["weekly"],
        starts_at=datetime.fromtimestamp(data["at"], UTC),
    )


@dialogue.step
async def hear_confirm(turn: Turn) -> Reply:
    allowed = ("yes", "no", *Audience)
    said = turn.choice(allowed, otherwise=_("Please press “Yes, invite them” or “No, drop it”."))
    if said == "no":
        return Done(_("Good, no class was made."), [Link(_("Hold a class"), "cnew")])
    if said != "yes":
        turn.data["audience"] = said
        return await ask_confirm(turn)
    return await _make(turn)


async def _make(turn: Turn) -> Reply:
    """The role is looked at once more: it may have gone while the questions were answered."""
    plan = _plan(turn)
    own = [(host.team_id, host.commune_code) for host in await _hosts(turn)]
    if (plan.team_id, plan.commune_code) not in own:
        raise NotAllowed(_("Only those who hold this class can do this."))
    if plan.starts_at <= turn.now:
        raise AskAgain(_("That time has passed meanwhile. Please type 0 and choose another one."))
    meeting = await open_meeting(turn, plan, turn.person.id)
    await record(turn.conn, turn.person.id, "class", f"meeting:{meeting.id}", turn.now)
    return Done(_made(turn, meeting), made_links(meeting))


def _made(turn: Turn, meeting: Meeting) -> Words:
    morning = turn.services.calendar.next_daytime(turn.now)
    start: Words = (
        _("I begin to invite people now.")
        if morning == turn.now
        else _("I begin to invite people at %(time)s.", time=Moment(morning))
    )
    return join(
        _("The class is made: %(when)s.", when=when(meeting)),
        start,
        _("I remind those who sign up, and tell you how many come."),
        between="\n",
    )


def made_links(meeting: Meeting) -> list[Link]:
    return [
        Link(_("See the class"), f"chost:{meeting.id}"),
        Link(_("The code for the wall"), f"cwall:{meeting.id}"),
        Link(_("Hold another class"), "cnew"),
    ]
