"""Announcements on their way: paced, paused, in doubt, and every person accounted for."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import ChatGone, Rejected, Retry, SendError, Uncertain, Unreachable
from storage.broadcast_ledger import list_unknown, resend_unknown
from storage.broadcasts import confirm, create_draft, pause, resume, stop
from storage.outbox import LEASE, Post, Priority, add_posts
from storage.schema import broadcast_recipients, chats
from storage.subscriptions import Kind, choose
from tests.post import Phone, PostOffice
from tests.storage.announcing import DAI_LOC

NIGHT = datetime(2026, 12, 2, 14, 0, tzinfo=UTC)  # 21:00 in Đà Nẵng


@pytest.fixture
def office(engine: AsyncEngine, now: datetime) -> PostOffice:
    return PostOffice(engine, now)


@pytest.fixture
def slow(sqlite_engine: AsyncEngine, now: datetime) -> PostOffice:
    """A platform that takes a hundred a second, 80 of them bulk."""
    return PostOffice(sqlite_engine, now, Phone(per_second=100.0))


def for_some(error: Callable[[], SendError], every: int) -> Callable[[str, int], SendError | None]:
    """Every so many chats have this trouble, always the same ones."""
    return lambda chat_key, _call: error() if int(chat_key) % every == 0 else None


def sometimes(error: Callable[[], SendError], every: int) -> Callable[[str, int], SendError | None]:
    """Every so many calls fail."""
    return lambda _chat_key, call: error() if call % every == 0 else None


async def test_everybody_gets_it_once_and_then_it_is_done(office: PostOffice) -> None:
    await office.town.crowd(300)
    sent = await office.town.announce(1)

    async with office.open():
        sums = await office.all_is_sent(sent)
    await office.tick()

    assert sums.by_status == {"sent": 300}
    assert set(office.phone.copies().values()) == {1}
    assert await office.town.state(sent) == "done"


async def test_each_channel_sends_to_its_own_people(
    sqlite_engine: AsyncEngine, now: datetime
) -> None:
    phones = Phone("telegram"), Phone("web", idempotent=True)
    office = PostOffice(sqlite_engine, now, *phones)
    officer = await office.town.person("web", "telegram")
    await office.town.person("telegram", "web")
    sent = await office.town.announce(officer)

    async with office.open():
        await office.all_is_sent(sent)

    assert [len(phone.taken) for phone in phones] == [1, 1]


async def test_bulk_leaves_a_fifth_of_the_rate_to_replies(slow: PostOffice) -> None:
    await slow.town.crowd(120)
    sent = await slow.town.announce(1)

    async with slow.open():
        await slow.all_is_sent(sent)

    spent = slow.phone.at[-1] - slow.phone.at[0]
    assert spent >= (120 - 10 - 1) / 80.0  # ten may leave at once


async def test_a_reply_goes_first_whatever_is_going_out(slow: PostOffice) -> None:
    await slow.town.crowd(200)
    sent = await slow.town.announce(1)
    reply = Post(77, "7000077", "telegram", Priority.REPLY, {"text": "reply"}, slow.town.now)

    async with slow.open() as (sender,):
        await slow.until(sent, lambda sums: sums.by_status["sent"] >= 20)
        async with slow.engine.begin() as conn:
            await add_posts(conn, [reply], slow.town.now)
        sender.wake()
        before = len(slow.phone.taken)
        await slow.until(sent, lambda _sums: "reply" in [m.text for m in slow.phone.sent])

    position = [message.text for message in slow.phone.sent].index("reply")
    assert position - before < 10


async def test_paused_nothing_more_leaves_and_resumed_nobody_is_missed(slow: PostOffice) -> None:
    await slow.town.crowd(150)
    sent = await slow.town.announce(1)

    async with slow.open():
        await slow.until(sent, lambda sums: sums.by_status["sent"] >= 20)
        async with slow.engine.begin() as conn:
            assert await pause(conn, sent)
        held = await slow.until(sent, lambda sums: not sums.by_status["leased"])
        await slow.tick()
        still = await slow.totals(sent)
        async with slow.engine.begin() as conn:
            assert await resume(conn, sent, slow.clock.now())
        done = await slow.all_is_sent(sent)

    # What was in hand has left: an eighth of a second's worth, and what came before the pause.
    assert held.by_status["sent"] <= 20 + 2 * 20
    assert still.by_status == held.by_status
    assert done.by_status == {"sent": 150}
    assert set(slow.phone.copies().values()) == {1}


async def test_stopped_the_rest_is_skipped_and_counted(slow: PostOffice) -> None:
    await slow.town.crowd(150)
    sent = await slow.town.announce(1)

    async with slow.open():
        await slow.until(sent, lambda sums: sums.by_status["sent"] >= 20)
        async with slow.engine.begin() as conn:
            assert await stop(conn, sent, slow.clock.now())
        sums = await slow.all_is_sent(sent)

    assert sums.by_status["sent"] + sums.by_reason["stopped"] == sums.all == 150
    assert sums.by_status["sent"] == len(slow.phone.taken)


async def test_a_try_that_comes_back_after_the_stop_is_not_repeated(office: PostOffice) -> None:
    office.phone.fails = sometimes(lambda: Retry("502"), 1)
    await office.town.crowd(3)
    sent = await office.town.announce(1)

    async with office.open():
        await office.until(
            sent, lambda sums: office.phone.calls >= 3 and not sums.by_status["leased"]
        )
        async with office.engine.begin() as conn:
            await stop(conn, sent, office.clock.now())
            rows = update(broadcast_recipients)
            await conn.execute(rows.values(status="pending", reason=None))  # the mark came late
        await office.tick()
        sums = await office.totals(sent)

    assert sums.by_reason == {"stopped": 3}


async def test_server_errors_are_tried_three_times_more_then_it_has_failed(
    office: PostOffice,
) -> None:
    office.phone.fails = for_some(lambda: Retry("502"), 3)
    await office.town.crowd(9)
    sent = await office.town.announce(1)

    async with office.open():
        sums = await office.all_is_sent(sent, seconds=10)

    assert sums.by_status == {"sent": 6, "failed": 3}
    assert office.phone.calls == 6 + 3 * 4
    async with office.engine.begin() as conn:
        query = select(broadcast_recipients.c.error, broadcast_recipients.c.attempts)
        failed = await conn.execute(query.where(broadcast_recipients.c.status == "failed"))
        assert set(map(tuple, failed)) == {("502", 4)}


async def test_our_own_mistake_is_not_repeated(office: PostOffice) -> None:
    office.phone.fails = for_some(lambda: Rejected("bad"), 3)
    await office.town.crowd(9)
    sent = await office.town.announce(1)

    async with office.open():
        sums = await office.all_is_sent(sent)

    assert sums.by_status == {"sent": 6, "failed": 3}
    assert office.phone.calls == 9


async def test_who_blocked_us_is_stopped_and_counts_as_left(office: PostOffice) -> None:
    office.phone.fails = for_some(lambda: ChatGone("blocked"), 10)
    await office.town.crowd(100)
    sent = await office.town.announce(1)

    async with office.open():
        sums = await office.all_is_sent(sent)

    assert sums.by_status == {"sent": 90, "skipped": 10}
    assert sums.by_reason == {"left": 10}
    async with office.engine.begin() as conn:
        query = select(chats.c.id).where(chats.c.status == "stopped")
        assert len((await conn.execute(query)).all()) == 10


async def test_who_left_or_turned_it_down_since_is_not_written_to(office: PostOffice) -> None:
    lan, hoa, nam = [await office.town.person("telegram") for _ in range(3)]
    sent = await office.town.announce(lan)
    await office.town.leaves(hoa)
    async with office.engine.begin() as conn:
        await choose(conn, nam, Kind.NEWS, office.town.now, wanted=False)

    async with office.open():
        sums = await office.all_is_sent(sent)

    assert sums.by_status == {"sent": 1, "skipped": 2}
    assert sums.by_reason == {"left": 1, "muted": 1}


async def test_asked_for_patience_the_whole_channel_is_quiet(office: PostOffice) -> None:
    asked: list[float] = []

    def fails(_chat_key: str, call: int) -> SendError | None:
        if call != 3:
            return None
        asked.append(asyncio.get_running_loop().time())
        return Retry("429", after_s=0.4, whole_channel=True)

    office.phone.fails = fails
    office.phone.latency_s = 0.001
    await office.town.crowd(3000)
    sent = await office.town.announce(1)

    async with office.open():
        await office.until(sent, lambda sums: sums.by_status["sent"] > 100, seconds=0.01)

    # What was in flight when the platform asked may still arrive.
    late = [at for at in office.phone.at if asked[0] + 0.05 < at < asked[0] + 0.39]
    assert late == []


async def test_without_a_connection_nobody_counts_as_tried(office: PostOffice) -> None:
    office.phone.fails = lambda _chat_key, call: Unreachable("none") if call < 30 else None
    await office.town.crowd(10)
    sent = await office.town.announce(1)

    async with office.open():
        sums = await office.all_is_sent(sent)

    assert sums.by_status == {"sent": 10}


async def test_what_may_have_arrived_is_in_doubt_and_sent_again_only_when_told_to(
    office: PostOffice,
) -> None:
    office.phone.fails = for_some(lambda: Uncertain("time-out"), 5)
    await office.town.crowd(20)
    sent = await office.town.announce(1)

    async with office.open():
        sums = await office.all_is_sent(sent)
        await office.tick(minutes=5)
        office.phone.fails = lambda _chat_key, _call: None
        assert office.phone.calls == 20
        async with office.engine.begin() as conn:
            assert len(await list_unknown(conn, sent)) == 4
            until = office.clock.now() + timedelta(hours=1)
            assert await resend_unknown(conn, sent, office.clock.now(), until) == 4
            assert await resend_unknown(conn, sent, office.clock.now(), until) == 0
        again = await office.all_is_sent(sent)

    assert sums.by_status == {"sent": 16, "unknown": 4}
    assert again.by_status == {"sent": 20}
    assert again.resent == 4


async def test_what_died_with_its_sender_is_in_doubt_and_nothing_else_is(
    office: PostOffice,
) -> None:
    office.phone.latency_s = 0.05
    await office.town.crowd(400)
    sent = await office.town.announce(1)

    async with office.open("first", dies=True):
        await office.until(sent, lambda sums: sums.by_status["sent"] >= 50)
    await office.starts_again()
    broken = await office.totals(sent)
    async with office.open("second"):
        sums = await office.all_is_sent(sent)

    assert broken.by_status["unknown"] > 0
    assert sums.by_status["unknown"] == broken.by_status["unknown"]
    assert sums.by_status["sent"] + sums.by_status["unknown"] == 400
    assert set(office.phone.copies().values()) == {1}


async def test_where_a_resend_shows_nothing_twice_nothing_is_in_doubt(
    sqlite_engine: AsyncEngine, now: datetime
) -> None:
    phone = Phone("web", idempotent=True, latency_s=0.02)
    office = PostOffice(sqlite_engine, now, phone)
    await office.town.crowd(400, "web")
    sent = await office.town.announce(1)

    async with office.open("first", dies=True):
        await office.until(sent, lambda sums: sums.by_status["sent"] >= 50)
    await office.starts_again()
    async with office.open("second"):
        sums = await office.all_is_sent(sent)

    assert sums.by_status == {"sent": 400}
    assert set(phone.copies().values()) == {1}


async def test_a_sender_that_stops_in_good_order_leaves_nothing_in_doubt(slow: PostOffice) -> None:
    await slow.town.crowd(100)
    sent = await slow.town.announce(1)

    async with slow.open("first"):
        await slow.until(sent, lambda sums: sums.by_status["sent"] >= 20)
    async with slow.open("second"):
        sums = await slow.all_is_sent(sent)

    assert sums.by_status == {"sent": 100}
    assert set(slow.phone.copies().values()) == {1}


# --- when ---------------------------------------------------------------------------------


async def test_at_night_news_waits_for_the_morning(engine: AsyncEngine) -> None:
    office = PostOffice(engine, NIGHT)
    await office.town.crowd(5)
    sent = await office.town.announce(1)

    async with office.open():
        await asyncio.sleep(0.2)
        at_night = await office.totals(sent)
        office.clock.set(NIGHT + timedelta(hours=9, minutes=59))
        await asyncio.sleep(1.2)  # a look at the ledger every second
        before_seven = await office.totals(sent)
        office.clock.set(NIGHT + timedelta(hours=10))
        sums = await office.all_is_sent(sent)

    assert at_night.by_status == before_seven.by_status == {"pending": 5}
    assert sums.by_status == {"sent": 5}


async def test_an_emergency_wakes_people_up(engine: AsyncEngine) -> None:
    office = PostOffice(engine, NIGHT)
    await office.town.crowd(5)
    sent = await office.town.announce_to_all(1, 2, kind=Kind.EMERGENCY)

    async with office.open():
        sums = await office.all_is_sent(sent)

    assert sums.by_status == {"sent": 5}


async def test_an_emergency_overtakes_what_is_going_out(slow: PostOffice) -> None:
    await slow.town.crowd(200)
    news = await slow.town.announce(1)

    async with slow.open():
        await slow.until(news, lambda sums: sums.by_status["sent"] >= 20)
        flood = await slow.town.announce_to_all(1, 2, kind=Kind.EMERGENCY)
        await slow.all_is_sent(flood)
        left = await slow.totals(news)

    assert left.waiting > 100


async def test_news_of_a_small_unit_does_not_wait_for_that_of_the_city(slow: PostOffice) -> None:
    await slow.town.crowd(300)
    city = await slow.town.announce_to_all(1, 2)
    team = await slow.town.team()
    leader = await slow.town.person("telegram", team=team)

    async with slow.open():
        await slow.until(city, lambda sums: sums.by_status["sent"] >= 10)
        small = await slow.town.announce(leader, unit=None, team=team)
        await slow.all_is_sent(small)
        left = await slow.totals(city)

    assert left.waiting > 200


async def test_whoever_has_not_got_it_by_its_expiry_never_will(slow: PostOffice) -> None:
    await slow.town.crowd(200)
    sent = await slow.town.announce(1, expires_at=slow.town.now + timedelta(hours=1))

    async with slow.open():
        await slow.until(sent, lambda sums: sums.by_status["sent"] >= 20)
        await slow.tick(hours=1)
        sums = await slow.all_is_sent(sent)
        await slow.tick()

    assert sums.by_status["sent"] + sums.by_reason["expired"] == sums.all == 200
    assert sums.by_reason["expired"] > 100
    assert await slow.town.state(sent) == "done"


# --- corrections --------------------------------------------------------------------------


async def test_a_correction_changes_the_message_on_the_screens_of_those_who_got_it(
    office: PostOffice,
) -> None:
    await office.town.crowd(4)
    sent = await office.town.announce(1)
    async with office.open():
        await office.all_is_sent(sent)
        await office.town.person("telegram")  # came later, and never saw what was wrong
        async with office.engine.begin() as conn:
            mended = await create_draft(
                conn, code="TBX", kind=Kind.NEWS, author_id=1, commune_code=DAI_LOC,
                team_id=None, now=office.town.now, corrects=sent,
            )  # fmt: skip
            assert await confirm(conn, mended, 1, {"text": "On Friday."}, office.town.now)
        sums = await office.all_is_sent(mended)

    assert sums.by_status == {"sent": 4}
    edits = [message.edits for message in office.phone.sent if message.text == "On Friday."]
    assert sorted(edits) == ["1001", "1002", "1003", "1004"]


# --- two workers --------------------------------------------------------------------------


async def test_two_workers_on_one_announcement_send_nothing_twice(
    postgresql_engine: AsyncEngine, now: datetime
) -> None:
    office = PostOffice(postgresql_engine, now, Phone(latency_s=0.002))
    await office.town.crowd(2000)
    sent = await office.town.announce(1)

    async with office.open("one"), office.open("two"):
        sums = await office.all_is_sent(sent)

    assert sums.by_status == {"sent": 2000}
    assert set(office.phone.copies().values()) == {1}


async def test_two_workers_together_keep_the_rate(
    postgresql_engine: AsyncEngine, now: datetime
) -> None:
    office = PostOffice(postgresql_engine, now, Phone(per_second=100.0))
    await office.town.crowd(120)
    sent = await office.town.announce(1)

    async with office.open("one"), office.open("two"):
        await office.all_is_sent(sent)

    spent = office.phone.at[-1] - office.phone.at[0]
    assert spent >= (120 - 10 - 1) / 80.0


async def test_when_one_worker_dies_the_other_goes_on(
    postgresql_engine: AsyncEngine, now: datetime
) -> None:
    office = PostOffice(postgresql_engine, now, Phone(per_second=400.0))
    await office.town.crowd(300)
    sent = await office.town.announce(1)

    async with office.open("one", dies=True):
        await office.until(sent, lambda sums: sums.by_status["sent"] >= 50)
    async with office.open("two") as (sender,):
        await office.tick(seconds=2 * LEASE.total_seconds())
        await sender.settle()
        sums = await office.all_is_sent(sent)

    assert sums.by_status["sent"] + sums.by_status["unknown"] == 300
    assert set(office.phone.copies().values()) == {1}
