"""A picture to be proud of; it says itself that it is no official confirmation."""

from bot.certificates import Certificate, draw_certificate
from bot.content.lesson import Course
from bot.dialogue import Ask, Choice, Done, Link, NotAllowed, Reply, Turn
from bot.texts import Day, Words, _
from handlers.consent import consent_needed
from handlers.lessons.base import course_of, dialogue
from storage.learners import Enrolment, list_enrolments
from storage.media import keep_media

MAX_NAME = 40
KEY_LENGTH = 24


@dialogue.action("lcert")
async def ask_name(turn: Turn, course_id: str) -> Reply:
    """Which name shall stand on it? None is fine too."""
    course = course_of(turn, course_id)
    missing = consent_needed(turn, f"lcert:{course_id}")
    if missing is not None:
        return missing
    await _finished(turn, course)
    turn.data = {"course": course.id}
    known = turn.person.display_name
    choices = [Choice(known, "known")] if known else []
    choices.append(Choice(_("Without a name"), "none"))
    words = _("Which name shall stand on your certificate? For example: Nguyễn Thị Sáu.")
    return Ask(words, choices, then=hear_name)


async def _finished(turn: Turn, course: Course) -> Enrolment:
    """Raises NotAllowed for a course that is not done, whatever the button said."""
    for enrolment in await list_enrolments(turn.conn, turn.person.id):
        if enrolment.course_id == course.id and enrolment.finished_at is not None:
            return enrolment
    raise NotAllowed(_("The certificate comes after the last lesson. You are on the way!"))


@dialogue.step
async def hear_name(turn: Turn) -> Reply:
    course = course_of(turn, turn.data["course"])
    enrolment = await _finished(turn, course)
    if turn.answer == "known":
        name = turn.person.display_name or ""
    elif turn.answer == "none":
        name = ""
    else:
        otherwise = _("Please write a name of up to 40 letters, or press “Without a name”.")
        name = turn.words(at_most=MAX_NAME, otherwise=otherwise)
    picture = draw_certificate(_lines(turn, course, enrolment, name))
    key = f"certificate-{turn.services.new_code(KEY_LENGTH)}"
    # Its chat's own, so that it goes when the person wants to be forgotten.
    media = await keep_media(turn.conn, key, "image/png", picture, turn.now, chat_id=turn.chat.id)
    words = _("Here it is. Congratulations! You can save it or send it to your family.")
    links = [Link(_("Other courses"), "lcourses"), Link(_("My lessons"), "learn")]
    return Done(words, links, media=media)


def _lines(turn: Turn, course: Course, enrolment: Enrolment, name: str) -> Certificate:
    def render(words: Words) -> str:
        return turn.services.texts.render(words)

    return Certificate(
        heading=render(_("CERTIFICATE OF LEARNING")),
        name=name,
        achievement=render(_("has done all lessons of the course")),
        course=course.title,
        day=render(_("Đà Nẵng, %(day)s", day=Day(enrolment.finished_at or turn.now))),
        issuer=render(_("Community digital technology teams of Đà Nẵng")),
        note=render(
            _(
                "A certificate of learning from your team. It does not replace the official "
                "confirmation of digital skills on VNeID."
            )
        ),
    )
