"""Seats: never more than there are, however many press at once; those who wait move up."""

import asyncio
import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.class_attendance import check_in, count_figures, list_came, rate, tick
from storage.class_seats import (
    Seat,
    carry_over,
    find_seat,
    list_coming,
    list_of_person,
    list_signups,
    move_up,
    sign_up,
    step_out,
)
from storage.classes import (
    Meeting,
    MeetingStatus,
    add_next,
    change_meeting,
    end_meeting,
    find_meeting,
    lock_meeting,
)
from tests.storage.class_people import add_class, add_persons


async def signs_up(
    engine: AsyncEngine, meeting: Meeting, person: int, now: datetime
) -> Seat | None:
    async with engine.begin() as conn:
        return await sign_up(conn, meeting.id, person, now)


async def coming(engine: AsyncEngine, meeting: Meeting) -> tuple[list[int], list[int]]:
    async with engine.begin() as conn:
        return await list_coming(conn, meeting.id)


async def test_of_a_hundred_who_press_at_once_ten_get_the_ten_seats(
    engine: AsyncEngine, now: datetime
) -> None:
    meeting = await add_class(engine, now, seats=10)
    people = await add_persons(engine, 100, now)

    seats = await asyncio.gather(*(signs_up(engine, meeting, p, now) for p in people))

    assert (seats.count(Seat.SIGNED), seats.count(Seat.WAITING)) == (10, 90)
    signed, waiting = await coming(engine, meeting)
    assert (len(signed), len(waiting)) == (10, 90)


async def test_one_person_on_two_phones_takes_one_seat(engine: AsyncEngine, now: datetime) -> None:
    meeting = await add_class(engine, now, seats=2)
    first, second = await add_persons(engine, 2, now)

    await asyncio.gather(*(signs_up(engine, meeting, first, now) for _ in range(8)))

    assert await signs_up(engine, meeting, second, now) is Seat.SIGNED
    assert await coming(engine, meeting) == ([first, second], [])


async def test_who_has_waited_longest_moves_up(engine: AsyncEngine, now: datetime) -> None:
    meeting = await add_class(engine, now, seats=1)
    people = await add_persons(engine, 3, now)
    for minute, person in enumerate(people):
        await signs_up(engine, meeting, person, now + timedelta(minutes=minute))

    async with engine.begin() as conn:
        moved = await step_out(conn, meeting.id, people[0], Seat.LEFT)

    assert moved == [people[1]]
    assert await coming(engine, meeting) == ([people[1]], [people[2]])


async def test_who_waits_and_leaves_moves_nobody(engine: AsyncEngine, now: datetime) -> None:
    meeting = await add_class(engine, now, seats=1)
    people = await add_persons(engine, 3, now)
    for person in people:
        await signs_up(engine, meeting, person, now)

    async with engine.begin() as conn:
        assert await step_out(conn, meeting.id, people[1], Seat.LEFT) == []
        assert await step_out(conn, meeting.id, people[1], Seat.LEFT) is None


async def test_many_leave_at_once_and_each_seat_is_given_on_once(
    engine: AsyncEngine, now: datetime
) -> None:
    meeting = await add_class(engine, now, seats=10)
    people = await add_persons(engine, 30, now)
    for person in people:
        await signs_up(engine, meeting, person, now)

    async def leaves(person: int) -> list[int]:
        async with engine.begin() as conn:
            return await step_out(conn, meeting.id, person, Seat.LEFT) or []

    moved = await asyncio.gather(*(leaves(person) for person in people[:10]))

    assert sorted(itertools.chain(*moved)) == people[10:20]
    assert (await coming(engine, meeting))[0] == people[10:20]


async def test_who_comes_back_goes_to_the_end_of_the_line(
    engine: AsyncEngine, now: datetime
) -> None:
    meeting = await add_class(engine, now, seats=1)
    first, second = await add_persons(engine, 2, now)
    await signs_up(engine, meeting, first, now)
    await signs_up(engine, meeting, second, now)
    async with engine.begin() as conn:
        await step_out(conn, meeting.id, first, Seat.LEFT)

    assert await signs_up(engine, meeting, first, now + timedelta(hours=1)) is Seat.WAITING


async def test_more_seats_let_in_those_who_wait(engine: AsyncEngine, now: datetime) -> None:
    meeting = await add_class(engine, now, seats=1)
    people = await add_persons(engine, 4, now)
    for person in people:
        await signs_up(engine, meeting, person, now)

    async with engine.begin() as conn:
        await change_meeting(conn, meeting.id, seats=3)
        locked = await lock_meeting(conn, meeting.id)
        assert locked is not None
        assert await move_up(conn, locked) == people[1:3]


@pytest.mark.parametrize("status", [MeetingStatus.CANCELLED, MeetingStatus.OVER])
async def test_what_is_over_or_cancelled_takes_nobody(
    engine: AsyncEngine, now: datetime, status: MeetingStatus
) -> None:
    meeting = await add_class(engine, now)
    (person,) = await add_persons(engine, 1, now)
    async with engine.begin() as conn:
        assert await end_meeting(conn, meeting.id, status) is not None
        assert await end_meeting(conn, meeting.id, status) is None
        assert await change_meeting(conn, meeting.id, seats=3) is None

    assert await signs_up(engine, meeting, person, now) is None


async def test_a_meeting_that_has_ended_takes_nobody_before_anybody_says_so(
    engine: AsyncEngine, now: datetime
) -> None:
    meeting = await add_class(engine, now)
    (person,) = await add_persons(engine, 1, now)

    assert await signs_up(engine, meeting, person, meeting.ends_at) is None


async def test_the_next_date_of_a_weekly_class_has_the_same_people(
    engine: AsyncEngine, now: datetime
) -> None:
    meeting = await add_class(engine, now, seats=2, weekly=True)
    people = await add_persons(engine, 5, now)
    for minute, person in enumerate(people):
        await signs_up(engine, meeting, person, now + timedelta(minutes=minute))
    async with engine.begin() as conn:
        await step_out(conn, meeting.id, people[0], Seat.SKIPPED)
        await step_out(conn, meeting.id, people[1], Seat.LEFT)
        slot = meeting.slot_at + timedelta(weeks=1)
        coming_next = await add_next(
            conn, meeting, slot_at=slot, wall_code="B", file_key="b", now=now
        )
        await carry_over(conn, meeting, coming_next, now)

    # The one who skipped a date is back in front; two seats, and one still waits.
    assert await coming(engine, coming_next) == ([people[0], people[2]], [people[3], people[4]])
    assert coming_next.class_id == meeting.class_id == meeting.id


async def test_ones_own_classes_are_those_to_come(engine: AsyncEngine, now: datetime) -> None:
    later = await add_class(engine, now, starts_at=now + timedelta(days=9))
    sooner = await add_class(engine, now)
    over = await add_class(engine, now, starts_at=now + timedelta(hours=1))
    (person,) = await add_persons(engine, 1, now)
    for meeting in (later, sooner, over):
        await signs_up(engine, meeting, person, now)

    async with engine.begin() as conn:
        found = await list_of_person(conn, person, now + timedelta(hours=4), 5)

    assert [(meeting.id, seat) for meeting, seat in found] == [
        (sooner.id, Seat.SIGNED),
        (later.id, Seat.SIGNED),
    ]


# --- who was there ------------------------------------------------------------------------


async def test_a_tick_is_made_and_taken_back(engine: AsyncEngine, now: datetime) -> None:
    meeting = await add_class(engine, now)
    (person,) = await add_persons(engine, 1, now)
    await signs_up(engine, meeting, person, now)

    async with engine.begin() as conn:
        (row,) = await list_signups(conn, meeting.id, (Seat.SIGNED,))
        await tick(conn, row.id, meeting.id, now)
        assert await list_came(conn, meeting.id) == [person]
        assert (await list_signups(conn, meeting.id, (Seat.SIGNED,)))[0].came_at == now
        await tick(conn, row.id, meeting.id + 1, now)
        assert await list_came(conn, meeting.id) == [person]
        await tick(conn, row.id, meeting.id, now)
        assert await list_came(conn, meeting.id) == []


async def test_who_reads_the_wall_is_counted_once_with_a_seat_or_without(
    engine: AsyncEngine, now: datetime
) -> None:
    meeting = await add_class(engine, now, seats=1)
    people = await add_persons(engine, 3, now)
    await signs_up(engine, meeting, people[0], now)
    await signs_up(engine, meeting, people[1], now)

    async with engine.begin() as conn:
        for person in (*people, *people):
            await check_in(conn, meeting.id, person, now)
        assert await rate(conn, meeting.id, people[0], 3)
        assert await rate(conn, meeting.id, people[2], 2)
        figures = await count_figures(conn, meeting.id)
        assert await find_seat(conn, meeting.id, people[0]) is Seat.SIGNED
        assert await find_seat(conn, meeting.id, people[1]) is Seat.WALK_IN

    assert (figures.signed, figures.came, figures.ratings, figures.rating) == (1, 3, 2, 2.5)


async def test_who_was_never_there_can_not_judge(engine: AsyncEngine, now: datetime) -> None:
    meeting = await add_class(engine, now)
    (person,) = await add_persons(engine, 1, now)

    async with engine.begin() as conn:
        assert not await rate(conn, meeting.id, person, 1)
        assert (await count_figures(conn, meeting.id)).rating is None


async def test_a_meeting_that_never_was_is_not_found(engine: AsyncEngine, now: datetime) -> None:
    async with engine.begin() as conn:
        assert await find_meeting(conn, 7) is None
        assert await sign_up(conn, 7, 1, now) is None
        assert await step_out(conn, 7, 1, Seat.LEFT) is None
