"""Where a learner stands, all courses, and beginning one."""

from bot.content.lesson import Course, Phone
from bot.dialogue import Ask, Choice, Done, Link, Reply, Turn, read_id
from bot.texts import Words, _, fold, join, n_
from handlers.consent import consent_needed
from handlers.lessons.base import (
    course_of,
    dialogue,
    done_of,
    keep_pace,
    learner_of,
    lesson_label,
    next_lesson,
    phone_of,
    weekly_of,
)
from handlers.lessons.schedule import ask_schedule, say_weekly
from handlers.lists import page_of
from storage.learners import Learner, enrol, list_enrolments, save_learner
from storage.reviews import count_due_reviews

LEVELS = {
    "beginner": _("for beginners"),
    "everyday": _("for everyday life"),
    "further": _("for those who want to know more"),
}


# As people write them, folded.
_APPLE = ("iphone", "ai phon", "aiphon", "apple", "trai tao", "qua tao")
_OTHERS = ("android", "samsung", "sam sung", "oppo", "op po", "xiaomi", "vivo", "realme", "nokia")

_PHRASES = ("học", "bài học", "khóa học", "bình dân học vụ số", "học bài")


@dialogue.command("hoc", _("Learn: lessons of five minutes"), phrases=_PHRASES)
async def home_command(turn: Turn, _argument: str) -> Reply:
    return await home(turn)


@dialogue.action("learn", browsing=True)
async def home(turn: Turn) -> Reply:
    """The course that is under way; somebody who has begun none sees all of them."""
    learner = await learner_of(turn)
    if learner is None:
        return await courses(turn)
    words = join(await _standing(turn, learner), _rhythm(learner))
    return Done(words, await _home_links(turn, learner))


async def _standing(turn: Turn, learner: Learner) -> Words:
    course = turn.services.library.courses.get(learner.course_id or "")
    if course is None:
        return _("You have done all lessons that you began. Well done!")
    done = await done_of(turn, course)
    lessons = course.lessons_for(phone_of(learner))
    return _(
        "You are learning “%(course)s”: %(done)s of %(count)s lessons done.",
        course=course.title,
        done=len([it for it in lessons if it.id in done]),
        count=len(lessons),
    )


def _rhythm(learner: Learner) -> Words:
    if learner.paused_at is not None:
        return _("You are taking a break; I don't remind you.")
    if not learner.days:
        return _("You learn whenever you like; I don't remind you.")
    return _("I remind you: %(when)s.", when=say_weekly(weekly_of(learner)))


async def _home_links(turn: Turn, learner: Learner) -> list[Link]:
    links = []
    found = turn.services.library.find_lesson(learner.lesson_id or "")
    waiting = await count_due_reviews(turn.conn, [turn.person.id], turn.now)
    if found is not None:
        links.append(Link(lesson_label(*found), f"les:{found[1].id}:0"))
    if waiting:
        count = waiting[turn.person.id]
        links.append(
            Link(n_("Ask me again: %(count)s question", "Ask me again: %(count)s questions",
                    count), "lrev")
        )  # fmt: skip
    links.append(Link(_("My days and time"), "lwhen"))
    links.append(Link(_("How far I am"), "lmine"))
    links.append(Link(_("Other courses"), "lcourses"))
    return links


# --- courses ------------------------------------------------------------------------------


@dialogue.action("lcourses", browsing=True)
async def courses(turn: Turn, page: str = "0") -> Reply:
    """All courses, in the order in which they are best learnt."""
    links = [
        Link(f"{course.icon} {course.title}", f"lcourse:{course.id}")
        for course in turn.services.library.courses.values()
    ]
    words = _(
        "Lessons of five minutes, on your own phone, at your own pace. They cost nothing.\n"
        "What would you like to learn?"
    )
    return Done(words, page_of(links, read_id(page) or 0, "lcourses"))


@dialogue.action("lcourse", browsing=True)
async def show_course(turn: Turn, course_id: str) -> Reply:
    """What a course is about, and the way into it."""
    course = course_of(turn, course_id)
    enrolled = {e.course_id: e.status for e in await list_enrolments(turn.conn, turn.person.id)}
    learner = await learner_of(turn)
    count = len(course.lessons_for(phone_of(learner)))
    words = join(
        f"{course.icon} {course.title}",
        course.about,
        join(
            _("Made for: %(whom)s", whom=course.audience),
            _("%(count)s lessons, %(level)s", count=count, level=LEVELS[course.level]),
            between="\n",
        ),
        _before(turn, course, enrolled),
        _doubt(turn, course),
    )
    return Done(words, await _course_links(turn, course, learner, enrolled.get(course_id)))


def _before(turn: Turn, course: Course, enrolled: dict[str, str]) -> Words:
    library = turn.services.library
    missing = [library.courses[it] for it in course.after if it not in enrolled]
    if not missing:
        return ""
    return _("It is easier after “%(course)s”.", course=missing[0].title)


def _doubt(turn: Turn, course: Course) -> Words:
    if not course.is_past_review(turn.now.date()):
        return ""
    return _("⚠ This course was written a while ago; something may look different now.")


async def _course_links(
    turn: Turn, course: Course, learner: Learner | None, status: str | None
) -> list[Link]:
    all_lessons = Link(_("See all lessons"), f"llist:{course.id}")
    others = Link(_("Other courses"), "lcourses")
    if learner is None or status in (None, "left"):
        first = course.lessons[0].id
        return [
            Link(_("Learn this course"), f"lenrol:{course.id}"),
            Link(_("Try the first lesson"), f"les:{first}:0"),
            all_lessons,
            others,
        ]
    following = next_lesson(course, phone_of(learner), await done_of(turn, course))
    if following is None:
        return [Link(_("My certificate"), f"lcert:{course.id}"), all_lessons, others]
    return [Link(lesson_label(course, following), f"les:{following.id}:0"), all_lessons, others]


@dialogue.action("llist", browsing=True)
async def list_lessons(turn: Turn, course_id: str, page: str = "0") -> Reply:
    """Every lesson, those done ticked; each can be opened at any time."""
    course = course_of(turn, course_id)
    done = await done_of(turn, course)
    links = [
        Link(f"{'✅' if it.id in done else '▫️'} {it.title}", f"les:{it.id}:0")
        for it in course.lessons_for(phone_of(await learner_of(turn)))
    ]
    words = _("The lessons of “%(course)s”:", course=course.title)
    return Done(words, page_of(links, read_id(page) or 0, f"llist:{course.id}"))


# --- beginning ----------------------------------------------------------------------------


@dialogue.action("lenrol")
async def begin_course(turn: Turn, course_id: str) -> Reply:
    """Begin a course; the kind of phone and the days are asked once, with the first one."""
    course = course_of(turn, course_id)
    missing = consent_needed(turn, f"lenrol:{course_id}")
    if missing is not None:
        return missing
    learner = await learner_of(turn)
    turn.data = {"course": course.id}
    if learner is not None:
        return await _enrol(turn, course, phone_of(learner), learner)
    choices = [
        Choice(_("Android (Samsung, Oppo, Xiaomi…)"), Phone.ANDROID.value),
        Choice("iPhone", Phone.IPHONE.value),
        Choice(_("I don't know"), "unknown"),
    ]
    words = _(
        "Which phone do you have? A bitten apple on the back means iPhone.\n"
        "I ask once, so that I show you the right buttons."
    )
    return Ask(words, choices, then=hear_phone)


@dialogue.step
async def hear_phone(turn: Turn) -> Reply:
    course = course_of(turn, turn.data["course"])
    return await _enrol(turn, course, _read_phone(turn), None)


def _read_phone(turn: Turn) -> Phone | None:
    """Pressed or written; a brand other than Apple's is an Android phone."""
    said = turn.answer or turn.words(at_most=60, otherwise=_("Please press one of the three."))
    if said == "unknown":
        return None
    folded = fold(said)
    if any(word in folded for word in _APPLE):
        return Phone.IPHONE
    return Phone.ANDROID if any(word in folded for word in _OTHERS) else None


async def _enrol(turn: Turn, course: Course, phone: Phone | None, learner: Learner | None) -> Reply:
    await enrol(turn.conn, turn.person.id, course.id, turn.now)
    following = next_lesson(course, phone, await done_of(turn, course))
    values = {
        "phone": phone.value if phone else None,
        "course_id": course.id if following else None,
        "lesson_id": following.id if following else None,
    }
    if learner is None:
        await save_learner(turn.conn, turn.person.id, turn.now, **values)
        return ask_schedule(turn, first=True)
    await keep_pace(turn, learner, **values, paused_at=None)
    words = _("You have begun “%(course)s”.", course=course.title)
    if following is None:
        return Done(words, [Link(_("See all lessons"), f"llist:{course.id}")])
    return Done(words, [Link(lesson_label(course, following), f"les:{following.id}:0"),
                        Link(_("Later"), "learn")])  # fmt: skip
