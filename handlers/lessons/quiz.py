"""The questions of a lesson: answered by press, number or words; no answer is ever "wrong"."""

from rapidfuzz import fuzz

from bot.content.lesson import Course, Lesson, Question
from bot.dialogue import Ask, AskAgain, Choice, Done, Link, Reply, Turn
from bot.texts import LOCAL_ZONE, Words, _, fold, join
from handlers.lessons.base import (
    dialogue,
    done_of,
    fill,
    keep_pace,
    learner_of,
    lesson_label,
    lesson_of,
    next_lesson,
    phone_of,
)
from handlers.lessons.schedule import pause, wants_to_stop
from storage.learners import Learner, end_enrolment, finish_lesson, list_results
from storage.reviews import AFTER_WRONG, add_review

# Below this two answers are too alike, or the words too far from both.
SURE, AHEAD = 75.0, 12.0
_DONT_KNOW = frozenset({"khong biet", "ko biet", "k biet", "chiu", "bo qua", "toi khong biet"})


@dialogue.action("lquiz")
async def begin_quiz(turn: Turn, lesson_id: str) -> Reply:
    """The first question."""
    _course, lesson = lesson_of(turn, lesson_id)
    turn.data = {"lesson": lesson.id, "number": 0, "right": 0}
    return _ask(turn, lesson)


def _ask(turn: Turn, lesson: Lesson) -> Ask:
    number = turn.data["number"]
    question = lesson.questions[number]
    head = _("Question %(number)s/%(count)s", number=number + 1, count=len(lesson.questions))
    return Ask(
        join(head, fill(turn, question.ask), between="\n"), shuffled(turn, question), then=hear
    )


def shuffled(turn: Turn, question: Question) -> list[Choice]:
    """The answers in a new order each time, so that a place can't be learnt by heart."""
    order = list(range(len(question.options)))
    turn.services.rng.shuffle(order)
    return [Choice(question.options[index].text, str(index)) for index in order]


def read_answer(turn: Turn, question: Question) -> int | None:
    """Which answer was meant; None = does not know. Raises AskAgain when it can't be told."""
    if turn.answer is not None:
        return int(turn.answer)
    said = fold(turn.text)
    if said in _DONT_KNOW:
        return None
    scores = [fuzz.token_set_ratio(said, fold(option.text)) for option in question.options]
    best, second = sorted(scores, reverse=True)[:2]
    if not said or best < SURE or best - second < AHEAD:
        raise AskAgain(_("Please press one of the answers, or type its number."))
    return scores.index(best)


def explanation(turn: Turn, question: Question, chosen: int | None) -> Words:
    """Why this answer is good, or which one is better and why."""
    best = question.options[question.right_index]
    if chosen == question.right_index:
        return f"✅ {fill(turn, best.why)}"
    kindly = fill(turn, question.options[chosen].why) if chosen is not None else ""
    better = _("👉 The best answer: “%(answer)s”.", answer=best.text)
    return join(kindly, better, fill(turn, best.why) if chosen is None else "", between="\n")


@dialogue.step
async def hear(turn: Turn) -> Reply:
    """Explain, then the next question or the end of the lesson."""
    course, lesson = lesson_of(turn, turn.data["lesson"])
    if wants_to_stop(turn.text):
        return await pause(turn)
    number = turn.data["number"]
    question = lesson.questions[number]
    chosen = read_answer(turn, question)
    turn.say(explanation(turn, question, chosen))
    if chosen == question.right_index:
        turn.data["right"] += 1
    elif await learner_of(turn) is not None:
        day = turn.now.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        due = day.astimezone(turn.now.tzinfo) + AFTER_WRONG
        await add_review(turn.conn, turn.person.id, lesson.id, number, due)
    turn.data["number"] = number + 1
    if number + 1 < len(lesson.questions):
        return _ask(turn, lesson)
    return await _finish(turn, course, lesson, turn.data["right"])


# --- the end of a lesson ------------------------------------------------------------------


async def _finish(turn: Turn, course: Course, lesson: Lesson, right: int) -> Reply:
    asked = len(lesson.questions)
    learner = await learner_of(turn)
    begun = [it.lesson_id for it in await list_results(turn.conn, turn.person.id, course.id)]
    result = _("Lesson done! %(right)s of %(asked)s at the first try.", right=right, asked=asked)
    if learner is None or lesson.id not in begun:
        links = [Link(_("Learn this course"), f"lenrol:{course.id}"),
                 Link(_("See all lessons"), f"llist:{course.id}")]  # fmt: skip
        return Done(join(result, _("Shall I remind you of the next one?"), between="\n"), links)
    await finish_lesson(turn.conn, turn.person.id, lesson.id, turn.now, right=right, asked=asked)
    return await _onward(turn, learner, course, lesson, result)


async def _onward(
    turn: Turn, learner: Learner, course: Course, lesson: Lesson, result: Words
) -> Reply:
    """The next lesson, or the end of the course."""
    phone = phone_of(learner)
    done = await done_of(turn, course)
    following = next_lesson(course, phone, done)
    await keep_pace(
        turn,
        learner,
        course_id=course.id if following else None,
        lesson_id=following.id if following else None,
    )
    if following is None:
        await end_enrolment(turn.conn, turn.person.id, course.id, "done", turn.now)
        return _course_done(course, result)
    lessons = course.lessons_for(phone)
    count = len([it for it in lessons if it.id in done])
    bar = "●" * count + "○" * (len(lessons) - count)
    words = join(result, f"{bar} {count}/{len(lessons)}", between="\n")
    links = [Link(lesson_label(course, following), f"les:{following.id}:0"),
             *_guide_link(turn, lesson), Link(_("Enough for today"), "lskip")]  # fmt: skip
    return Done(words, links)


def _guide_link(turn: Turn, lesson: Lesson) -> list[Link]:
    guides = turn.services.library.guides
    known = [guide_id for guide_id in lesson.guides if guide_id in guides]
    return [Link(_("Guide: %(title)s", title=guides[it].title), f"g:{it}") for it in known[:1]]


def _course_done(course: Course, result: Words) -> Done:
    words = join(
        result,
        _("🎉 That was the last lesson of “%(course)s”. Well done!", course=course.title),
    )
    return Done(words, [Link(_("My certificate"), f"lcert:{course.id}"),
                        Link(_("Other courses"), "lcourses")])  # fmt: skip
