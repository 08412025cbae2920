"""What all parts of learning share: the dialogue, reading what a button names, keeping pace."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.content.lesson import Course, Lesson, Phone
from bot.dialogue import Context, Dialogue, NotAllowed, Turn
from bot.schedule import Weekly
from bot.texts import LOCAL_ZONE, Words, _
from handlers.consent import has_consent
from storage.learners import Learner, find_learner, list_results, save_learner
from storage.reviews import has_reviews

dialogue = Dialogue("lessons")


def course_of(ctx: Context, course_id: str) -> Course:
    """The course that a button names. Raises NotAllowed when there is none (any more)."""
    course = ctx.services.library.courses.get(course_id)
    if course is None:
        raise NotAllowed(_("I don't have that course any more. Type 0 to see what I can do."))
    return course


def lesson_of(ctx: Context, lesson_id: str) -> tuple[Course, Lesson]:
    """The lesson that a button names, with its course. Raises NotAllowed when there is none."""
    found = ctx.services.library.find_lesson(lesson_id)
    if found is None:
        raise NotAllowed(_("I don't have that lesson any more. Type 0 to see what I can do."))
    return found


def phone_of(learner: Learner | None) -> Phone | None:
    return Phone(learner.phone) if learner and learner.phone else None


def weekly_of(learner: Learner) -> Weekly:
    return Weekly.of_mask(learner.days, learner.at_min, in_tet=learner.in_tet)


def fill(ctx: Context, text: str) -> str:
    """A text of a lesson with the figures that hold today."""
    return ctx.services.library.rates.fill(text, ctx.now.astimezone(LOCAL_ZONE).date())


async def learner_of(turn: Turn) -> Learner | None:
    """The reader as a learner; None for somebody who only looks around, or took consent back."""
    return await find_learner(turn.conn, turn.person.id) if has_consent(turn) else None


async def done_of(turn: Turn, course: Course) -> set[str]:
    """The lessons of a course that the reader has done."""
    results = await list_results(turn.conn, turn.person.id, course.id)
    return {result.lesson_id for result in results if result.done_at is not None}


def next_lesson(course: Course, phone: Phone | None, done: Collection[str]) -> Lesson | None:
    """The first lesson for this phone that is not done yet."""
    return next((it for it in course.lessons_for(phone) if it.id not in done), None)


async def keep_pace(turn: Turn, learner: Learner, **changes: Any) -> Learner:
    """The learner did something: what was due is done with, the next time is the schedule's.

    `changes` are kept too; a changed schedule counts from now on. Returns the learner as now kept.
    """
    changed = replace(learner, **changes, next_kind="lesson", next_due_at=None)
    waits = changed.lesson_id is not None or await has_reviews(turn.conn, turn.person.id)
    if changed.days and waits and changed.paused_at is None:
        changed = replace(changed, next_due_at=_next_time(turn, changed))
    kept = {name: getattr(changed, name) for name in (*changes, "next_kind", "next_due_at")}
    await save_learner(turn.conn, turn.person.id, turn.now, **kept)
    return changed


def _next_time(turn: Turn, learner: Learner) -> datetime:
    """The schedule's next time, not on a day that had its message already."""
    weekly, calendar = weekly_of(learner), turn.services.calendar
    at = weekly.next_after(turn.now, calendar)
    while learner.last_day is not None and at.astimezone(LOCAL_ZONE).date() <= learner.last_day:
        at = weekly.next_after(at, calendar)
    return at


def lesson_label(course: Course, lesson: Lesson) -> Words:
    """A lesson by its place in the course and its name."""
    return _(
        "Lesson %(number)s: %(title)s",
        number=course.lessons.index(lesson) + 1,
        title=lesson.title,
    )
