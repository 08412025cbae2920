"""Repeats a request back, lets anything in it be changed, and sends it to the team."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.content.lesson import Course, Lesson
from bot.content.reading import Reading
from bot.dialogue import Ask, Choice, Done, Link, Reply, Turn
from bot.ladder import Rung, rung_deadline
from bot.texts import Words, _, join
from handlers.consent import consent_needed
from handlers.offers import climb, tell_what_happens
from handlers.request_help.form import dialogue, next_question, question
from handlers.words import (
    OTHER_TOPIC,
    TOPICS,
    WAYS,
    area,
    stuck_at,
    topic_of,
    topic_of_course,
    wanted,
)
from storage.chats import change_person
from storage.requests import HelpRequest, find_by_code, list_of_person, open_request

CODE_LENGTH = 5
# What "change" empties: the field itself and what only makes sense with it.
_CHANGES: dict[str, tuple[str, ...]] = {
    "what": ("topic", "description", "attachments", "guide", "step", "lesson"),
    "whom": ("beneficiary",),
    "where": ("place", "address"),
    "how": ("way", "phone", "address", "when"),
    "name": ("name",),
}


@dialogue.command("trogiup", _("Ask for help"), phrases=["nhờ giúp", "giúp tôi", "trợ giúp"])
async def begin_command(turn: Turn, argument: str) -> Reply:
    return await begin(turn, description=argument)


@dialogue.action("help")
async def begin_action(turn: Turn) -> Reply:
    return await begin(turn)


async def begin_with_guide(turn: Turn, reading: Reading, step: int) -> Reply:
    """Start the form for somebody who got stuck in a guide; step 0 = anywhere in it."""
    about = {"guide": reading.guide.id, "step": step, "topic": topic_of(reading.guide)}
    return await begin(turn, about=about)


async def begin_with_lesson(turn: Turn, course: Course, lesson: Lesson) -> Reply:
    """Start the form for somebody who got stuck in a lesson."""
    about = {"lesson": lesson.id, "topic": topic_of_course(course.id)}
    return await begin(turn, about=about)


async def begin(
    turn: Turn, *, description: str = "", about: Mapping[str, Any] | None = None
) -> Reply:
    """Start the form; what was said already is not asked again."""
    missing = consent_needed(turn, _again(about))
    if missing is not None:
        return missing
    most = turn.services.settings.help.max_open_requests
    alive = await list_of_person(turn.conn, turn.person.id)
    if len(alive) >= most:
        words = _("You have %(count)s requests open. Let us finish one of them first.", count=most)
        return Done(words, [Link(_("My requests"), "mine")])
    turn.data = {"attachments": []}
    if description:
        turn.data |= {"topic": "other", "description": description}
    turn.data |= about or {}
    return await next_question(turn)


def _again(about: Mapping[str, Any] | None) -> str:
    """The action that begins this very form once more."""
    if about and "lesson" in about:
        return f"lhelp:{about['lesson']}"
    return f"ghelp:{about['guide']}:{about['step']}" if about else "help"


@question("confirm")
async def ask_confirm(turn: Turn) -> Ask:
    words = join(_("Is this right?"), await _told(turn))
    choices = [
        Choice(_("Yes, send it"), "send"),
        Choice(_("Change something"), "change"),
        Choice(_("Don't send it"), "stop"),
    ]
    return Ask(words, choices, then=hear_confirm)


async def _told(turn: Turn) -> Words:
    data = turn.data
    when = wanted(_wanted_at(data))
    lines: list[Words] = [
        _("What: %(topic)s", topic=TOPICS.get(data["topic"], OTHER_TOPIC)),
        stuck_at(turn, data.get("guide"), data.get("step"), data.get("lesson")),
        data["description"],
        _("For: %(whom)s", whom=data["beneficiary"] or _("yourself")),
        _("Where: %(area)s", area=await area(turn, data["commune"], data["team"])),
        data.get("address", ""),
        _("How: %(way)s, %(when)s", way=WAYS[data["way"]], when=when),
        data.get("phone", ""),
        _("Called: %(name)s", name=data["name"]) if data["name"] else "",
    ]
    if data.get("attachments"):
        lines.append(_("With %(number)s photos or recordings", number=len(data["attachments"])))
    return join(*lines, between="\n")


@dialogue.step
async def hear_confirm(turn: Turn) -> Reply:
    allowed = ("send", "change", "stop")
    answer = turn.choice(allowed, otherwise=_("Please press “Yes, send it” or “Change something”."))
    if answer == "change":
        choices = [
            Choice(_("What it is about"), "what"),
            Choice(_("Who needs help"), "whom"),
            Choice(_("Where"), "where"),
            Choice(_("How and when"), "how"),
            Choice(_("How I am called"), "name"),
        ]
        return Ask(_("What shall we change?"), choices, then=hear_change)
    if answer == "stop":
        words = _("All right, nothing was sent and nothing was kept.")
        return Done(words, [Link(_("Ask for help"), "help")])
    return await _send(turn)


@dialogue.step
async def hear_change(turn: Turn) -> Reply:
    field = turn.choice(_CHANGES, otherwise=_("Please press what is to be changed."))
    for name in _CHANGES[field]:
        turn.data.pop(name, None)
    return await next_question(turn)


async def _send(turn: Turn) -> Reply:
    request = await _open(turn)
    await _remember(turn)
    request = await climb(turn, request)
    turn.say(
        _(
            "Your request has been sent. Its code is %(code)s.",
            code=request.code,
        )
    )
    return Done(
        await tell_what_happens(turn, request),
        [
            Link(_("See my request"), f"show:{request.id}"),
            Link(_("Cancel it"), f"cancel:{request.id}"),
        ],
    )


async def _open(turn: Turn) -> HelpRequest:
    data, services = turn.data, turn.services
    urgent = data["when"] is None
    return await open_request(
        turn.conn,
        now=turn.now,
        next_at=rung_deadline(
            services.calendar, services.settings.help, Rung.FEW, turn.now, urgent=urgent
        ),
        code=await _new_code(turn),
        person_id=turn.person.id,
        chat_id=turn.chat.id,
        topic=data["topic"],
        description=data["description"],
        guide_id=data.get("guide"),
        guide_step=data.get("step"),
        lesson_id=data.get("lesson"),
        attachments=data.get("attachments", []),
        beneficiary=data["beneficiary"] or None,
        commune_code=data["commune"],
        team_id=data["team"],
        address=data.get("address", ""),
        distance_km=data.get("distance_km"),
        way=data["way"],
        urgent=urgent,
        wanted_at=_wanted_at(data),
    )


async def _new_code(turn: Turn) -> str:
    """A code that no request has yet: five letters are few enough to say, and to meet again."""
    while True:
        code = turn.services.new_code(CODE_LENGTH)
        if await find_by_code(turn.conn, code) is None:
            return code


def _wanted_at(data: dict[str, Any]) -> datetime | None:
    """The appointment; None = as soon as possible."""
    return None if data["when"] is None else datetime.fromtimestamp(data["when"], UTC)


async def _remember(turn: Turn) -> None:
    """So that the next request needs fewer questions: name, phone, and one's own team."""
    data = turn.data
    known: dict[str, object] = {"display_name": data["name"] or None}
    if data.get("phone"):
        known["phone"] = data["phone"]
    if not data["beneficiary"]:
        known |= {"commune_code": data["commune"], "team_id": data["team"]}
    turn.chat.person = await change_person(turn.conn, turn.person, **known)
