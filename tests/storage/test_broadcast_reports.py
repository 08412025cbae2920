"""What an announcement's ledger tells afterwards, and what is announced again."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.broadcast_ledger import (
    acknowledge,
    list_ledger,
    resend_unknown,
    totals,
    totals_by_unit,
)
from storage.broadcast_templates import (
    add_recurrence,
    add_template,
    find_template,
    list_recurrences,
    list_templates,
    lock_due_recurrences,
    move_recurrence,
    remove_template,
    repeat,
    stop_recurrence,
)
from storage.broadcasts import State, get_broadcast, list_by_author, stop, withdraw
from storage.health import count_messages, find_waiting
from storage.personal import collect, erase, forget_old
from storage.schema import broadcast_recipients, broadcasts
from storage.subscriptions import Kind, choose, list_wanted
from tests.storage.announcing import BODY, DAI_LOC, HAI_CHAU, Town

rows = broadcast_recipients.c


@pytest.fixture
def town(engine: AsyncEngine, now: datetime) -> Town:
    return Town(engine, now)


async def is_sent(town: Town, broadcast: int, *persons: int, status: str = "sent") -> None:
    """A sender has said so of these persons."""
    query = update(broadcast_recipients).where(
        rows.broadcast_id == broadcast, rows.person_id.in_(persons)
    )
    async with town.engine.begin() as conn:
        await conn.execute(query.values(status=status, sent_at=town.now))


async def test_the_report_counts_by_unit_and_channel(town: Town) -> None:
    officer, second = await town.person("telegram"), await town.person("web", unit=HAI_CHAU)
    lan = await town.person("telegram")
    sent = await town.announce_to_all(officer, second)
    await is_sent(town, sent, officer, second)

    async with town.engine.begin() as conn:
        assert await acknowledge(conn, sent, officer, town.now)
        found = await totals_by_unit(conn, sent)

    assert [(t.commune_code, t.channel, t.status, t.count, t.acknowledged) for t in found] == [
        (HAI_CHAU, "web", "sent", 1, 0),
        (DAI_LOC, "telegram", "pending", 1, 0),
        (DAI_LOC, "telegram", "sent", 1, 1),
    ]
    assert lan


async def test_read_is_said_once_and_only_by_whom_it_was_sent_to(town: Town) -> None:
    officer, lan, stranger = await town.person(), await town.person(), await town.person(unit=None)
    sent = await town.announce(officer)
    await is_sent(town, sent, officer)

    async with town.engine.begin() as conn:
        assert await acknowledge(conn, sent, officer, town.now)
        assert not await acknowledge(conn, sent, officer, town.now)
        assert not await acknowledge(conn, sent, lan, town.now)  # has not got it yet
        assert not await acknowledge(conn, sent, stranger, town.now)
        assert (await totals(conn, sent)).acknowledged == 1


async def test_the_ledger_is_read_in_pages_and_names_nobody(town: Town) -> None:
    people = [await town.person() for _ in range(5)]
    sent = await town.announce(people[0])

    async with town.engine.begin() as conn:
        first = await list_ledger(conn, sent, limit=3)
        rest = await list_ledger(conn, sent, after=first[-1].id, limit=3)

    assert len(first + rest) == 5
    assert not {"person_id", "chat_id"} & set(type(first[0]).__slots__)


@pytest.mark.parametrize("ended", [stop, withdraw])
async def test_what_was_stopped_or_withdrawn_is_not_sent_again_to_those_in_doubt(
    town: Town, ended: object
) -> None:
    officer = await town.person()
    sent = await town.announce(officer)
    await is_sent(town, sent, officer, status="unknown")

    async with town.engine.begin() as conn:
        await ended(conn, sent, town.now)  # type: ignore[operator]
        later = town.now + timedelta(hours=1)
        assert await resend_unknown(conn, sent, town.now, later) == 0

    assert await town.recipients(sent) == []


async def test_health_and_figures_know_of_announcements(town: Town) -> None:
    officer = await town.person("telegram")
    await town.announce(officer)

    async with town.engine.begin() as conn:
        assert (await find_waiting(conn, town.now)).broadcast_since == town.now
        assert await count_messages(conn) == {("telegram", "pending"): 1}


# --- used again ---------------------------------------------------------------------------


async def test_a_template_is_offered_to_its_unit_and_a_general_one_to_all(town: Town) -> None:
    officer = await town.person()
    async with town.engine.begin() as conn:
        for name, unit in (("water", DAI_LOC), ("power", HAI_CHAU), ("storm", None)):
            await add_template(
                conn, officer, town.now, name=name, text="…", buttons=[], commune_code=unit,
                team_id=None,
            )  # fmt: skip
        offered = await list_templates(conn, commune_code=DAI_LOC, team_id=None)

        assert [template.name for template in offered] == ["storm", "water"]
        assert await remove_template(conn, offered[1].id, town.now)
        assert not await remove_template(conn, offered[1].id, town.now)
        assert await find_template(conn, offered[1].id) is None


async def test_what_comes_again_goes_to_whoever_belongs_to_its_audience_by_then(
    town: Town,
) -> None:
    officer = await town.person()
    first = await town.announce(officer, expires_at=town.now + timedelta(hours=3))
    lan = await town.person()
    week = town.now + timedelta(days=7)

    async with town.engine.begin() as conn:
        model = await get_broadcast(conn, first)
        again = await repeat(conn, model, code="TBY", body=BODY, send_at=week, now=town.now)

    assert await town.recipients(first) == [officer]
    assert await town.recipients(again.id) == [officer, lan]
    assert (again.status, again.repeats) == (State.SCHEDULED, first)
    assert again.expires_at == week + timedelta(hours=3)
    assert again.audience_count == 2


async def test_what_was_withdrawn_or_never_confirmed_does_not_come_again(town: Town) -> None:
    officer = await town.person()
    draft, gone = await town.draft(officer), await town.announce(officer)

    async with town.engine.begin() as conn:
        await withdraw(conn, gone, town.now)
        for broadcast in (draft, gone):
            model = await get_broadcast(conn, broadcast)
            with pytest.raises(ValueError, match="announcement"):
                await repeat(conn, model, code="X", body=BODY, send_at=town.now, now=town.now)


async def test_a_recurrence_is_due_at_its_time_until_it_is_stopped(town: Town) -> None:
    officer = await town.person()
    sent = await town.announce(officer)
    week = timedelta(days=7)

    async with town.engine.begin() as conn:
        rule = await add_recurrence(conn, sent, "weekly", town.now + week, town.now)
        assert await lock_due_recurrences(conn, town.now, 10) == []
        due = await lock_due_recurrences(conn, town.now + week, 10)
        assert [found.id for found in due] == [rule]
        await move_recurrence(conn, rule, town.now + 2 * week)
        assert await lock_due_recurrences(conn, town.now + week, 10) == []
        assert [found.id for found in await list_recurrences(conn, officer)] == [rule]
        assert await stop_recurrence(conn, rule, town.now)
        assert not await stop_recurrence(conn, rule, town.now)
        assert await lock_due_recurrences(conn, town.now + 3 * week, 10) == []


async def test_an_announcement_has_one_rule_at_most(town: Town) -> None:
    officer = await town.person()
    sent = await town.announce(officer)
    async with town.engine.begin() as conn:
        await add_recurrence(conn, sent, "weekly", town.now, town.now)

    with pytest.raises(IntegrityError):
        async with town.engine.begin() as conn:
            await add_recurrence(conn, sent, "monthly", town.now, town.now)


# --- what is kept about a person ----------------------------------------------------------


async def test_what_somebody_was_sent_and_chose_is_handed_out(town: Town) -> None:
    officer, lan = await town.person("telegram"), await town.person("web")
    sent = await town.announce(officer)
    await is_sent(town, sent, lan)

    async with town.engine.begin() as conn:
        await choose(conn, lan, Kind.LESSONS, town.now, wanted=False)
        kept = await collect(conn, lan)
        of_office = await collect(conn, officer)

    assert [(a["channel"], a["status"]) for a in kept["announcements"]] == [("web", "sent")]
    assert [(s["kind"], s["wanted"]) for s in kept["subscriptions"]] == [("lessons", False)]
    assert [a["text"] for a in of_office["announced"]] == ["x"]


async def test_who_is_forgotten_stays_a_figure_and_gets_nothing_more(town: Town) -> None:
    officer, lan = await town.person(), await town.person()
    sent = await town.announce(officer)
    draft = await town.draft(lan)
    async with town.engine.begin() as conn:
        await choose(conn, lan, Kind.LESSONS, town.now, wanted=False)
        await erase(conn, lan, town.now)
        sums = await totals(conn, sent)

        assert sums.by_status == {"pending": 1, "skipped": 1}
        assert sums.all == (await get_broadcast(conn, sent)).audience_count
        assert draft not in [found.id for found in await list_by_author(conn, lan, 9)]
        assert (await list_wanted(conn, lan))[Kind.LESSONS] is True
    assert lan not in [row[0] for row in await town.ledger(sent)]


async def test_after_the_time_for_which_history_is_kept_only_figures_are_left(town: Town) -> None:
    officer = await town.person()
    old, new = await town.announce(officer), await town.announce(officer)
    async with town.engine.begin() as conn:
        ended = update(broadcasts).values(status="done", ended_at=town.now)
        await conn.execute(ended.where(broadcasts.c.id == old))
        later = town.now + timedelta(days=1)
        await forget_old(conn, history_before=later, requests_before=later)
        people = select(rows.person_id, rows.chat_id).where(rows.broadcast_id == old)

        assert (await conn.execute(people)).all() == [(None, None)]
        assert (await totals(conn, old)).all == 1
    assert await town.recipients(new) == [officer]
