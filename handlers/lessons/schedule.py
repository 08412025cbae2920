"""On which days and when a learner is reminded; a break, and going on after it."""

from bot.dialogue import Ask, AskAgain, Choice, Done, Link, Reply, Turn
from bot.schedule import ALL_DAYS, Weekly, Wish, understand_schedule
from bot.texts import Moment, Weekdays, Words, _, fold, join
from handlers.lessons.base import dialogue, keep_pace, learner_of, lesson_label, weekly_of
from storage.class_people import resume_invitations
from storage.learners import Learner, save_learner

# What older people chose in classes: evenings, mornings, weekends; three times a week at most.
_OFFERED = (
    Weekly(frozenset({1, 3, 5}), 19 * 60),
    Weekly(frozenset({0, 2, 4}), 8 * 60),
    Weekly(frozenset({5, 6}), 14 * 60 + 30),
    Weekly(ALL_DAYS, 9 * 60),
)
_ALONE = "alone"


def say_weekly(weekly: Weekly) -> Words:
    """Days and time in words."""
    time = f"{weekly.at_min // 60}:{weekly.at_min % 60:02}"
    if weekly.days == ALL_DAYS:
        return _("every day at %(time)s", time=time)
    return _("%(days)s at %(time)s", days=Weekdays(weekly.days), time=time)


def ask_schedule(turn: Turn, *, first: bool = False) -> Ask:
    """When shall I remind you? Pressed, or in one's own words."""
    turn.data = {"first": first}
    choices = [Choice(say_weekly(it), f"{it.mask}-{it.at_min}") for it in _OFFERED]
    choices.append(Choice(_("I learn by myself, don't remind me"), _ALONE))
    words = _(
        "When shall I remind you of the next lesson?\n"
        "You can also write it: tối thứ 3, 5, 7 lúc 19 giờ 30."
    )
    return Ask(words, choices, then=hear_schedule)


@dialogue.step
async def hear_schedule(turn: Turn) -> Reply:
    if turn.answer == _ALONE:
        return await _keep(turn, Weekly(frozenset(), 0))
    if turn.answer is not None and "-" in turn.answer:
        mask, minutes = turn.answer.split("-")
        return await _keep(turn, Weekly.of_mask(int(mask), int(minutes)))
    wish = _understood(turn)
    days = wish.days or _days_said(turn)
    at_min = wish.at_min if wish.at_min is not None else turn.data.get("at_min")
    if days is None or at_min is None:
        return _ask_for_rest(turn, days, at_min)
    return await _keep(turn, Weekly(days, at_min))


def _understood(turn: Turn) -> Wish:
    wish = understand_schedule(turn.answer or turn.text)
    if wish is None:
        raise AskAgain(
            _("I did not understand the days. Please write them like this: thứ 3, 5, 7 lúc 19 giờ.")
        )
    if not wish.by_day:
        raise AskAgain(
            _("I write between 7:00 and 20:00 only, so that nobody is disturbed. Another time?")
        )
    return wish


def _days_said(turn: Turn) -> frozenset[int] | None:
    mask = turn.data.get("days")
    return Weekly.of_mask(mask, 0).days if mask else None


def _ask_for_rest(turn: Turn, days: frozenset[int] | None, at_min: int | None) -> Ask:
    if days is None:
        turn.data["at_min"] = at_min
        choices = [Choice(_("Every day"), "mỗi ngày"), Choice(_("At the weekend"), "cuối tuần")]
        return Ask(_("On which days? For example: thứ 3, 5, 7."), choices, then=hear_schedule)
    turn.data["days"] = Weekly(days, 0).mask
    choices = [Choice(time, time) for time in ("8:00", "14:30", "19:00")]
    return Ask(_("At what time? For example: 19 giờ 30."), choices, then=hear_schedule)


async def _keep(turn: Turn, weekly: Weekly) -> Reply:
    learner = await learner_of(turn)
    if learner is None:
        return _choose_first()
    learner = await keep_pace(turn, learner, days=weekly.mask, at_min=weekly.at_min, paused_at=None)
    if turn.data.get("first") and turn.person.team_id is not None:
        return _ask_whether_seen()
    return _settled(turn, learner)


def _choose_first() -> Done:
    return Done(_("First choose a course."), [Link(_("Other courses"), "lcourses")])


def _settled(turn: Turn, learner: Learner) -> Done:
    """What was agreed, and the lesson that can be done right now."""
    if learner.next_due_at is not None:
        words = _(
            "Agreed: %(when)s. The first time: %(time)s.",
            when=say_weekly(weekly_of(learner)),
            time=Moment(learner.next_due_at),
        )
    else:
        words = _("All right, I don't remind you. Type /hoc whenever you want to learn.")
    return Done(words, _lesson_now(turn, learner))


def _lesson_now(turn: Turn, learner: Learner) -> list[Link]:
    found = turn.services.library.find_lesson(learner.lesson_id or "")
    now = [Link(lesson_label(*found), f"les:{found[1].id}:0")] if found else []
    return [*now, Link(_("My days and time"), "lwhen"), Link(_("My lessons"), "learn")]


# --- may the team see it? -----------------------------------------------------------------


def _ask_whether_seen() -> Ask:
    choices = [Choice(_("Yes, they may see it"), "yes"), Choice(_("No, keep it to myself"), "no")]
    words = _(
        "May the leader of your neighbourhood team see how far you are?\n"
        "Then they can ask how it goes when you haven't learnt for a while."
    )
    return Ask(words, choices, then=hear_whether_seen)


@dialogue.step
async def hear_whether_seen(turn: Turn) -> Reply:
    answer = turn.choice(("yes", "no"), otherwise=_("Please press “Yes” or “No”."))
    learner = await learner_of(turn)
    if learner is None:
        return _choose_first()
    await save_learner(turn.conn, turn.person.id, turn.now, team_may_see=answer == "yes")
    return _settled(turn, learner)


@dialogue.action("lseen")
async def change_whether_seen(turn: Turn) -> Reply:
    """Ask again; what was said before is changed by the answer."""
    if await learner_of(turn) is None:
        return _choose_first()
    turn.data = {}
    return _ask_whether_seen()


# --- changing, pausing, going on ----------------------------------------------------------


@dialogue.action("lwhen", browsing=True)
async def show_schedule(turn: Turn) -> Reply:
    """The agreed days, and all that can be changed about them."""
    learner = await learner_of(turn)
    if learner is None:
        return _choose_first()
    if learner.paused_at is not None:
        words: Words = _("You are taking a break; I don't remind you.")
        on_off = Link(_("Go on learning"), "lgo")
    else:
        when = say_weekly(weekly_of(learner)) if learner.days else _("never")
        words = _("I remind you: %(when)s.", when=when)
        on_off = Link(_("Take a break"), "lpause")
    tet = (
        Link(_("Don't remind me during Tết"), "ltet:0")
        if learner.in_tet
        else Link(_("Remind me during Tết too"), "ltet:1")
    )
    links = [
        Link(_("Change days and time"), "lchange"),
        on_off,
        tet,
        Link(_("Who may see how far I am"), "lseen"),
        Link(_("My lessons"), "learn"),
    ]
    return Done(words, links)


@dialogue.action("lchange")
async def change_schedule(turn: Turn) -> Reply:
    return ask_schedule(turn)


@dialogue.action("ltet")
async def set_tet(turn: Turn, wanted: str) -> Reply:
    """Whether the days of Tết are days like others."""
    learner = await learner_of(turn)
    if learner is not None:
        await keep_pace(turn, learner, in_tet=wanted == "1")
    return await show_schedule(turn)


@dialogue.action("lpause")
async def pause(turn: Turn) -> Reply:
    """At once, without a question; nothing that was learnt is lost."""
    learner = await learner_of(turn)
    if learner is None:
        return Done(_("I don't send you any lessons."))
    await keep_pace(turn, learner, paused_at=turn.now)
    words = _(
        "All right, I remind you of no more lessons.\n"
        "When you feel like it, write “tiếp tục”: we go on where you were."
    )
    return Done(words, [Link(_("Go on learning"), "lgo")])


@dialogue.command("tieptuc", phrases=["tiếp tục", "học tiếp", "tiếp tục học"])
async def go_on_command(turn: Turn, _argument: str) -> Reply:
    """Lessons, and invitations to classes."""
    await resume_invitations(turn.conn, turn.person.id)
    return await go_on(turn)


@dialogue.action("lgo")
async def go_on(turn: Turn) -> Reply:
    """Where the learner was, with the days that were agreed."""
    learner = await learner_of(turn)
    if learner is None:
        return _choose_first()
    again = await keep_pace(turn, learner, paused_at=None)
    when: Words = ""
    if again.next_due_at is not None:
        when = _("The next time: %(time)s.", time=Moment(again.next_due_at))
    return Done(join(_("Good that you are back!"), when, between="\n"), _lesson_now(turn, again))


@dialogue.action("lkeep")
async def keep_on(turn: Turn) -> Reply:
    """Still there: the schedule stays, and the silence is counted from now."""
    learner = await learner_of(turn)
    if learner is None:
        return _choose_first()
    learner = await keep_pace(turn, learner, paused_at=None)
    return Done(_("Good, we go on as before."), _lesson_now(turn, learner))


async def stoppable(turn: Turn) -> list[Link]:
    """What of this a person can stop: being reminded."""
    learner = await learner_of(turn)
    if learner is None or learner.next_due_at is None:
        return []
    return [Link(_("Reminders of lessons"), "lpause")]


def wants_to_stop(text: str) -> bool:
    """Whether somebody in the middle of a lesson wants it to end."""
    return fold(text) in {"dung", "dung lai", "ngung", "thoi", "nghi"}
