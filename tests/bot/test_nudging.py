"""Manners of lesson messages, over months, whatever happens to the bot in between."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nudging import SILENCE, Message, Standing, plan
from bot.schedule import EARLIEST_MIN, LATEST_MIN, Weekly
from bot.texts import LOCAL_ZONE
from bot.worktime import WorkCalendar

CALENDAR = WorkCalendar(7, 20)
START = datetime(2027, 1, 18, 12, 0, tzinfo=LOCAL_ZONE)


@dataclass
class Life:
    """A learner's row and all that was written to them; ticks come when the bot is up."""

    standing: Standing
    sent: list[tuple[datetime, Message]] = field(default_factory=list)
    missed: list[datetime] = field(default_factory=list)
    slots: int = 0
    paused: bool = False
    last_active: datetime = START

    @classmethod
    def begin(cls, weekly: Weekly) -> "Life":
        due = weekly.next_after(START, CALENDAR)
        return cls(Standing(weekly, due, "lesson", None, silent=False, asked=False))

    def tick(self, now: datetime) -> None:
        """The due job, as it runs."""
        if self.paused or self.standing.due_at > now or not CALENDAR.is_daytime(now):
            return
        self.standing = replace(self.standing, silent=now - self.last_active >= SILENCE)
        kind, planned = self.standing.kind, plan(self.standing, now, CALENDAR)
        if kind == "lesson":
            accounted = len(planned.missed) + (planned.message in ("lesson", "pause"))
            assert accounted == self._slots_since(now)
        self.missed += planned.missed
        if planned.message is not None:
            self.sent.append((now, planned.message))
        if planned.next_at is None:
            self.paused = True
            return
        assert planned.next_at > now
        self.standing = replace(
            self.standing,
            due_at=planned.next_at,
            kind=planned.next_kind,
            last_day=day_of(now) if planned.message else self.standing.last_day,
            asked=self.standing.asked or planned.message == "pause",
        )

    def _slots_since(self, now: datetime) -> int:
        count, at = 1, self.standing.due_at
        while (at := self.standing.weekly.next_after(at, CALENDAR)) <= now:
            count += 1
        return count

    def learns(self, now: datetime) -> None:
        """The learner does something: the next time is the schedule's, on another day."""
        at = self.standing.weekly.next_after(now, CALENDAR)
        while self.standing.last_day is not None and day_of(at) <= self.standing.last_day:
            at = self.standing.weekly.next_after(at, CALENDAR)
        self.standing = replace(self.standing, due_at=at, kind="lesson", asked=False)
        self.last_active, self.paused = now, False


def day_of(at: datetime) -> date:
    return at.astimezone(LOCAL_ZONE).date()


weeklies = st.builds(
    Weekly,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(EARLIEST_MIN, LATEST_MIN),
    st.booleans(),
)
# Minutes until the next tick: mostly regular, now and then hours or weeks of downtime.
pauses = st.lists(
    st.one_of(st.integers(1, 90), st.integers(60, 900), st.integers(1500, 15000)),
    min_size=20,
    max_size=150,
)


@settings(max_examples=200, deadline=None)
@given(weekly=weeklies, minutes=pauses, learns_every=st.integers(0, 12))
def test_never_by_night_never_two_a_day_never_in_tet_never_lost(
    weekly: Weekly, minutes: list[int], learns_every: int
) -> None:
    life, now = Life.begin(weekly), START
    for number, step in enumerate(minutes, 1):
        now += timedelta(minutes=step)
        life.tick(now)
        if learns_every and number % learns_every == 0:
            life.learns(now)

    for at, _message in life.sent:
        assert 7 <= at.astimezone(LOCAL_ZONE).hour < 20
        assert weekly.in_tet or not CALENDAR.is_tet(day_of(at))
    a_day = Counter(day_of(at) for at, _message in life.sent)
    assert max(a_day.values(), default=0) <= 1


@settings(max_examples=100, deadline=None)
@given(weekly=weeklies, days=st.integers(15, 60))
def test_who_stays_silent_is_asked_once_and_then_left_alone(weekly: Weekly, days: int) -> None:
    life = Life.begin(weekly)
    for hour in range(days * 24):
        life.tick(START + timedelta(hours=hour, minutes=59))
    questions = [at for at, message in life.sent if message == "pause"]
    assert len(questions) <= 1
    for at in questions:
        assert at - START >= SILENCE
        assert life.sent[-1][0] == at
    # One reminder follows a lesson, never two.
    kinds = [message for _at, message in life.sent]
    assert not any(a == b == "again" for a, b in pairwise(kinds))


def ticked(life: Life, start: datetime, *, hours: int) -> list[tuple[datetime, Message]]:
    for hour in range(hours):
        life.tick(start + timedelta(hours=hour))
    return life.sent


def test_after_a_week_of_downtime_one_message_and_the_rest_is_counted() -> None:
    weekly = Weekly(frozenset(range(7)), 8 * 60)
    life = Life.begin(weekly)
    back = START + timedelta(days=8)  # 12:00; today's lesson was at 8:00
    life.tick(back)
    assert [message for _at, message in life.sent] == ["lesson"]
    assert len(life.missed) == 7


def test_a_late_lesson_waits_when_another_comes_today() -> None:
    weekly = Weekly(frozenset(range(7)), 19 * 60)
    life = Life.begin(weekly)
    life.tick(START + timedelta(days=3))  # 12:00; the next one comes this evening
    assert life.sent == []
    assert len(life.missed) == 3
    life.tick(START + timedelta(days=3, hours=7))
    assert [message for _at, message in life.sent] == ["lesson"]


def test_late_by_a_day_is_still_useful_for_a_weekly_lesson() -> None:
    life = Life.begin(Weekly(frozenset({1}), 8 * 60))  # Tuesdays
    life.tick(START + timedelta(days=2))  # Wednesday
    assert [message for _at, message in life.sent] == ["lesson"]


def test_a_clock_set_back_makes_no_second_message() -> None:
    weekly = Weekly(frozenset(range(7)), 8 * 60)
    life = Life.begin(weekly)
    at = START + timedelta(days=1)
    life.tick(at)
    life.standing = replace(life.standing, due_at=at - timedelta(hours=4), kind="lesson")
    life.tick(at - timedelta(hours=3))
    assert len(life.sent) == 1


def test_a_snooze_of_yesterday_is_not_sent_today() -> None:
    weekly = Weekly(frozenset({1}), 8 * 60)
    due = START + timedelta(days=1)
    life = Life(Standing(weekly, due, "snooze", day_of(due), silent=False, asked=False))
    life.tick(due + timedelta(days=1))
    assert life.sent == []
    assert life.missed == [due]
    assert life.standing.kind == "lesson"
