"""The courses that a class can be about."""

from collections.abc import Mapping

from bot.dialogue import Context, Link
from bot.texts import _, fold


def course_titles(ctx: Context) -> Mapping[str, str]:
    """The title of each course by its id, in the order in which they are best learnt."""
    return {course.id: course.title for course in ctx.services.library.courses.values()}


def find_course(ctx: Context, text: str) -> str | None:
    """The course whose title was typed."""
    named = (i for i, title in course_titles(ctx).items() if fold(title) == fold(text))
    return next(named, None)


def course_link(ctx: Context, course_id: str | None) -> Link | None:
    """The lessons to look at again at home after a class about this course."""
    known = course_id in ctx.services.library.courses
    return Link(_("Learn it again at home"), f"lcourse:{course_id}") if known else None
