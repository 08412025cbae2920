"""Questions that come back days later, because they were answered wrong; and how far one is."""

from bot.content.lesson import Lesson
from bot.dialogue import Ask, Done, Link, Reply, Turn
from bot.texts import Words, _, join, n_
from handlers.lessons.base import dialogue, done_of, fill, keep_pace, learner_of, phone_of
from handlers.lessons.quiz import explanation, read_answer, shuffled
from handlers.lessons.schedule import pause, wants_to_stop
from storage.learners import list_enrolments
from storage.reviews import Review, drop_review, find_due_review, find_review, settle_review


@dialogue.action("lrev")
async def begin_review(turn: Turn) -> Reply:
    """The question that has waited longest."""
    while (review := await find_due_review(turn.conn, turn.person.id, turn.now)) is not None:
        lesson = _lesson_of(turn, review)
        if lesson is not None:
            turn.data = {"review": review.id}
            question = lesson.questions[review.question]
            words = join(
                _("Do you remember? (“%(lesson)s”)", lesson=lesson.title),
                fill(turn, question.ask),
                between="\n",
            )
            return Ask(words, shuffled(turn, question), then=hear_review)
        # The lesson was rewritten meanwhile: what is no longer asked need not be known.
        await drop_review(turn.conn, review.id)
    return await _enough(turn)


def _lesson_of(turn: Turn, review: Review) -> Lesson | None:
    found = turn.services.library.find_lesson(review.lesson_id)
    if found is None or review.question >= len(found[1].questions):
        return None
    return found[1]


@dialogue.step
async def hear_review(turn: Turn) -> Reply:
    """Explain once more; right comes back later or not at all, wrong in a few days."""
    if wants_to_stop(turn.text):
        return await pause(turn)
    review = await find_review(turn.conn, turn.person.id, turn.data["review"])
    lesson = _lesson_of(turn, review) if review else None
    if review is None or lesson is None:
        return await begin_review(turn)
    question = lesson.questions[review.question]
    chosen = read_answer(turn, question)
    turn.say(explanation(turn, question, chosen))
    await settle_review(turn.conn, review, turn.now, right=chosen == question.right_index)
    learner = await learner_of(turn)
    if learner is not None:
        await keep_pace(turn, learner)
    return await begin_review(turn)


async def _enough(turn: Turn) -> Done:
    learner = await learner_of(turn)
    found = turn.services.library.find_lesson(learner.lesson_id or "") if learner else None
    links = [Link(found[1].title, f"les:{found[1].id}:0")] if found else []
    return Done(_("That was all for now. Well remembered!"),
                [*links, Link(_("My lessons"), "learn")])  # fmt: skip


@dialogue.action("lmine", browsing=True)
async def progress(turn: Turn) -> Reply:
    """Every course that was begun, and how much of it is done."""
    learner = await learner_of(turn)
    lines: list[Words] = []
    links = [Link(_("My lessons"), "learn")]
    for enrolment in await list_enrolments(turn.conn, turn.person.id):
        course = turn.services.library.courses.get(enrolment.course_id)
        if course is None:
            continue
        lessons = course.lessons_for(phone_of(learner))
        done = [it for it in lessons if it.id in await done_of(turn, course)]
        lines.append(
            n_("%(icon)s %(course)s: %(done)s of %(count)s lesson",
               "%(icon)s %(course)s: %(done)s of %(count)s lessons",
               len(lessons), icon=course.icon, course=course.title, done=len(done))
        )  # fmt: skip
        if enrolment.status == "done" and len(links) < 4:
            links.append(
                Link(_("Certificate: %(course)s", course=course.title), f"lcert:{course.id}")
            )
    if not lines:
        return Done(_("You have not begun a course yet."), [Link(_("Other courses"), "lcourses")])
    return Done(join(_("So far:"), *lines, between="\n"), links)
