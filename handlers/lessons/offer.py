"""Somebody who asks about the same thing again may want to learn it: offered once, never more."""

from bot.dialogue import Link, Turn
from bot.texts import _
from handlers.consent import has_consent
from storage.learners import note_interest


async def offer_course(turn: Turn, guide_id: str) -> None:
    """Say that there is a course about what this guide is about, when it was opened twice."""
    courses = {course.id: course for course in turn.services.library.courses_about(guide_id)}
    if not courses or not has_consent(turn):
        return
    offered = await note_interest(turn.conn, turn.person.id, list(courses), turn.now)
    if offered is None:
        return
    words = _(
        "💡 There is a small course about this: “%(course)s”, five minutes a lesson.",
        course=courses[offered].title,
    )
    turn.say(words, links=[Link(_("See the course"), f"lcourse:{offered}")])
