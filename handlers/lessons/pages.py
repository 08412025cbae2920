"""A lesson page by page: cards to read, then something to try on the own phone."""

from datetime import datetime, timedelta

from bot.content.lesson import Course, Lesson
from bot.dialogue import Ask, AskAgain, Choice, Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import LOCAL_ZONE, Moment, Words, _, join
from bot.when import understand_time
from handlers.lessons.base import (
    dialogue,
    fill,
    keep_pace,
    learner_of,
    lesson_of,
    phone_of,
)
from handlers.request_help import begin_with_lesson
from storage.learners import list_enrolments, save_learner, start_lesson

# The second "not yet" is answered with a person.
TRIES = 2
EVENING_HOUR = 19


@dialogue.action("les", browsing=True)
async def show_page(turn: Turn, lesson_id: str, page: str) -> Reply:
    """A card of the lesson; behind the last one stands what to try."""
    course, lesson = lesson_of(turn, lesson_id)
    number = read_id(page)
    if number is None or number > len(lesson.cards):
        raise NotAllowed(_("This lesson has no such page."))
    turn.chat.state = None
    if number == 0:
        await _begin(turn, course, lesson)
    if number == len(lesson.cards):
        return Done(_practice(turn, lesson), _practice_links(lesson))
    phone = phone_of(await learner_of(turn))
    text = fill(turn, lesson.cards[number].text_for(phone))
    head = _head(course, lesson) if number == 0 else ""
    where = _("(%(page)s/%(pages)s)", page=number + 1, pages=len(lesson.cards) + 1)
    return Done(join(head, text, where), _card_links(lesson, number))


def _head(course: Course, lesson: Lesson) -> Words:
    return _(
        "%(icon)s Lesson %(number)s: %(title)s",
        icon=course.icon,
        number=course.lessons.index(lesson) + 1,
        title=lesson.title,
    )


async def _begin(turn: Turn, course: Course, lesson: Lesson) -> None:
    """Somebody who takes the course has begun: no more reminders of this lesson."""
    learner = await learner_of(turn)
    if learner is None:
        return
    taken = {it.course_id for it in await list_enrolments(turn.conn, turn.person.id)}
    if course.id in taken:
        await start_lesson(turn.conn, turn.person.id, course.id, lesson.id, turn.now)
    await keep_pace(turn, learner)


def _card_links(lesson: Lesson, number: int) -> list[Link]:
    onward = _("Go on") if number + 1 < len(lesson.cards) else _("Now I try it")
    links = [Link(onward, f"les:{lesson.id}:{number + 1}")]
    if number > 0:
        links.append(Link(_("Page before"), f"les:{lesson.id}:{number - 1}"))
    return [*links, Link(_("I am stuck"), f"lstuck:{lesson.id}:{number}")]


# --- trying it out ------------------------------------------------------------------------


def _practice(turn: Turn, lesson: Lesson) -> Words:
    return join(
        _("✋ Now you. %(task)s", task=fill(turn, lesson.practice.do)),
        _("It worked when: %(sign)s", sign=fill(turn, lesson.practice.see)),
        _("Never show anybody a code, a password or your bank."),
    )


def _practice_links(lesson: Lesson) -> list[Link]:
    return [
        Link(_("I did it"), f"lquiz:{lesson.id}"),
        Link(_("It did not work yet"), f"lnot:{lesson.id}:1"),
        Link(_("Try it later, now the questions"), f"lquiz:{lesson.id}"),
        Link(_("Page before"), f"les:{lesson.id}:{len(lesson.cards) - 1}"),
        Link(_("I am stuck"), f"lstuck:{lesson.id}:{len(lesson.cards)}"),
    ]


@dialogue.action("lnot")
async def not_yet(turn: Turn, lesson_id: str, tries: str) -> Reply:
    """Once: a hint and another try. Twice: a neighbour."""
    _course, lesson = lesson_of(turn, lesson_id)
    if (read_id(tries) or 0) >= TRIES:
        words = _("That is no shame: somebody of your team can show it to you. Shall I ask?")
        links = [
            Link(_("Yes, ask my team"), f"lhelp:{lesson.id}"),
            Link(_("No, go on to the questions"), f"lquiz:{lesson.id}"),
        ]
        return Done(words, links)
    links = [
        Link(_("Now it worked"), f"lquiz:{lesson.id}"),
        Link(_("Still not"), f"lnot:{lesson.id}:2"),
        Link(_("Read it once more"), f"les:{lesson.id}:0"),
    ]
    return Done(join(_("No hurry, that happens to everybody."), fill(turn, lesson.stuck)), links)


@dialogue.action("lstuck")
async def stuck(turn: Turn, lesson_id: str, page: str = "0") -> Reply:
    """A hint first, then a person who sees which lesson it is; the guide behind it, if any."""
    course, lesson = lesson_of(turn, lesson_id)
    back = min(read_id(page) or 0, len(lesson.cards))
    links = [Link(_("Ask a neighbour to help"), f"lhelp:{lesson.id}")]
    guides = turn.services.library.guides
    for guide_id in (*lesson.guides, course.stuck_guide or ""):
        if guide_id in guides:
            links.append(Link(guides[guide_id].title, f"g:{guide_id}"))
    links = [*links[:3], Link(_("Back to the lesson"), f"les:{lesson.id}:{back}")]
    return Done(fill(turn, lesson.stuck), links)


@dialogue.action("lhelp")
async def ask_for_help(turn: Turn, lesson_id: str) -> Reply:
    """Open a request that says which course and lesson."""
    return await begin_with_lesson(turn, *lesson_of(turn, lesson_id))


# --- not now ------------------------------------------------------------------------------


@dialogue.action("lskip")
async def skip_today(turn: Turn) -> Reply:
    """Not today: silence until the next agreed day."""
    learner = await learner_of(turn)
    if learner is None:
        return Done(_("I don't send you any lessons."))
    again = await keep_pace(turn, learner)
    if again.next_due_at is None:
        return Done(_("All right. Type /hoc whenever you want to learn."))
    return Done(_("All right, not today. Until %(time)s!", time=Moment(again.next_due_at)))


@dialogue.action("lsnooze")
async def snooze(turn: Turn) -> Reply:
    """Later today: the lesson comes once more, because it was asked for."""
    if await learner_of(turn) is None:
        return Done(_("I don't send you any lessons."))
    choices = [
        Choice(label, str(int(at.timestamp()))) for label, at in _later(turn) if _is_today(turn, at)
    ]
    if not choices:
        return await skip_today(turn)
    turn.data = {}
    words = _("When today? You can also write it, such as: 5 giờ chiều.")
    return Ask(words, choices, then=hear_snooze)


def _later(turn: Turn) -> list[tuple[Words, datetime]]:
    evening = turn.now.astimezone(LOCAL_ZONE).replace(hour=EVENING_HOUR, minute=0, second=0)
    times: list[tuple[Words, datetime]] = [
        (_("In an hour"), turn.now + timedelta(hours=1)),
        (_("In three hours"), turn.now + timedelta(hours=3)),
    ]
    if evening > turn.now:
        times.append((_("This evening at 19:00"), evening))
    return times


def _is_today(turn: Turn, at: datetime) -> bool:
    same_day = at.astimezone(LOCAL_ZONE).date() == turn.now.astimezone(LOCAL_ZONE).date()
    return same_day and turn.services.calendar.is_daytime(at)


@dialogue.step
async def hear_snooze(turn: Turn) -> Reply:
    learner = await learner_of(turn)
    if learner is None:
        return Done(_("I don't send you any lessons."))
    pressed = read_id(turn.answer or "")
    at = datetime.fromtimestamp(pressed, turn.now.tzinfo) if pressed else None
    at = at or understand_time(turn.text, turn.now)
    if at is None or at <= turn.now or not _is_today(turn, at):
        raise AskAgain(_("Please choose a time today before 20:00, such as 5 giờ chiều."))
    await save_learner(
        turn.conn, turn.person.id, turn.now, next_due_at=at, next_kind="snooze", paused_at=None
    )
    return Done(_("All right, I come back at %(time)s.", time=Moment(at)))
