"""Announcements: who may be reached, who agrees, and that every change happens once."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.audience import EVERYONE, AllOf, AnyOf, But, Is, read_audience, write_audience
from storage.broadcast_ledger import count_audience
from storage.broadcasts import (
    approve,
    back_to_draft,
    change_draft,
    confirm,
    find_by_code,
    get_broadcast,
    pause,
    resume,
    stop,
    submit,
    withdraw,
)
from storage.chats import change_person, get_person, give_consent, withdraw_consent
from storage.guides import save_progress
from storage.members import Role
from storage.subscriptions import Kind, choose, list_wanted
from tests.storage.announcing import BODY, DAI_LOC, HAI_CHAU, Town


@pytest.fixture
def town(engine: AsyncEngine, now: datetime) -> Town:
    return Town(engine, now)


# --- who it is for ------------------------------------------------------------------------


async def test_an_announcement_goes_once_to_each_person_where_they_were_last(town: Town) -> None:
    officer = await town.person("web", "telegram")
    lan = await town.person("telegram", "web")

    sent = await town.announce(officer)

    assert await town.ledger(sent) == [
        (officer, "telegram", "pending", None),
        (lan, "web", "pending", None),
    ]


async def test_a_ward_officer_reaches_only_their_unit_whatever_the_audience_says(
    town: Town,
) -> None:
    officer = await town.person()
    await town.person(unit=HAI_CHAU)

    sent = await town.announce(officer, audience=AnyOf(any=(EVERYONE, _unit(HAI_CHAU))))

    assert await town.recipients(sent) == [officer]


async def test_a_leader_reaches_only_their_team(town: Town) -> None:
    team = await town.team()
    leader = await town.person(team=team)
    member = await town.person(unit=None, team=team, role=Role.VOLUNTEER)
    await town.person(team=await town.team())

    sent = await town.announce(leader, unit=None, team=team)

    assert await town.recipients(sent) == [leader, member]


async def test_who_serves_in_a_unit_belongs_to_it_wherever_they_live(town: Town) -> None:
    officer = await town.person()
    team = await town.team()
    volunteer = await town.person(unit=HAI_CHAU, team=team, role=Role.VOLUNTEER)

    assert await town.recipients(await town.announce(officer)) == [officer, volunteer]


async def test_conditions_can_be_combined(town: Town) -> None:
    officer = await town.person(role=Role.WARD_OFFICER)
    lan, hoa = await town.person(), await town.person()
    async with town.engine.begin() as conn:
        for person in (officer, lan):
            await save_progress(conn, person, "ho-chieu", town.now, step=1, status="reading")
    asked = Is(condition="guide", value="ho-chieu")
    officers = Is(condition="role", value="ward_officer")

    only = await town.announce(officer, audience=AllOf(all=(asked, But(but=officers))))
    others = await town.announce(officer, audience=But(but=AnyOf(any=(asked, officers))))

    assert await town.recipients(only) == [lan]
    assert await town.recipients(others) == [hoa]


async def test_an_audience_is_kept_as_json_and_read_back() -> None:
    audience = AllOf(all=(_unit(DAI_LOC), But(but=Is(condition="team", value="7"))))

    kept = write_audience(audience)

    assert kept["all"] == [
        {"condition": "unit", "value": "20500"},
        {"but": {"condition": "team", "value": "7"}},
    ]
    assert read_audience(kept) == audience


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        {},
        {"all": []},
        {"condition": "height", "value": "170"},
        {"condition": "team", "value": "seven"},
        {"condition": "role", "value": "king"},
        {"condition": "unit", "value": "20500", "or": 1},
    ],
)
def test_a_condition_that_means_nothing_is_refused(nonsense: object) -> None:
    with pytest.raises(ValidationError):
        read_audience(nonsense)


async def test_who_left_and_who_turned_it_down_are_in_the_ledger_as_skipped(town: Town) -> None:
    officer, lan, hoa = [await town.person() for _ in range(3)]
    await town.leaves(lan)
    async with town.engine.begin() as conn:
        await choose(conn, hoa, Kind.NEWS, town.now, wanted=False)

    sent = await town.announce(officer)

    assert [row[2:] for row in await town.ledger(sent)] == [
        ("pending", None),
        ("skipped", "left"),
        ("skipped", "muted"),
    ]


async def test_nobody_can_turn_an_emergency_down(town: Town) -> None:
    officer, second = await town.person(), await town.person()
    async with town.engine.begin() as conn:
        with pytest.raises(ValueError, match="can't be turned down"):
            await choose(conn, second, Kind.EMERGENCY, town.now, wanted=False)
        await choose(conn, second, Kind.NEWS, town.now, wanted=False)
        assert (await list_wanted(conn, second))[Kind.NEWS] is False

    sent = await town.announce_to_all(officer, second, kind=Kind.EMERGENCY)

    assert await town.recipients(sent) == [officer, second]


async def test_who_asked_to_be_forgotten_is_left_in_peace_but_for_emergencies(town: Town) -> None:
    officer, lan = await town.person(), await town.person()
    async with town.engine.begin() as conn:
        person = await give_consent(conn, await get_person(conn, lan), "v1", town.now)
        await withdraw_consent(conn, person, town.now)

    news = await town.announce_to_all(officer, lan)
    flood = await town.announce_to_all(officer, lan, kind=Kind.EMERGENCY)

    assert lan not in await town.recipients(news)
    assert lan in await town.recipients(flood)


async def test_the_count_before_is_what_is_frozen_after(town: Town) -> None:
    officer = await town.person("telegram")
    await town.person("web")
    await town.leaves(await town.person("web"))
    hoa = await town.person("web")

    async with town.engine.begin() as conn:
        await choose(conn, hoa, Kind.NEWS, town.now, wanted=False)
        counted = await count_audience(
            conn, EVERYONE, kind=Kind.NEWS, commune_code=DAI_LOC, team_id=None
        )
    sent = await town.announce(officer)

    assert counted.by_channel == {"telegram": 1, "web": 1}
    assert (counted.muted, counted.left) == (1, 1)
    assert counted.reached == len(await town.recipients(sent))
    async with town.engine.begin() as conn:
        assert (await get_broadcast(conn, sent)).audience_count == 4


async def test_a_frozen_audience_stays_as_it_was(town: Town) -> None:
    officer = await town.person()
    sent = await town.announce(officer, send_at=town.now + timedelta(hours=2))
    await town.person()
    async with town.engine.begin() as conn:
        await change_person(conn, await get_person(conn, officer), commune_code=HAI_CHAU)

    assert await town.recipients(sent) == [officer]


# --- who agrees ---------------------------------------------------------------------------


async def test_a_second_officer_has_to_agree_to_what_the_whole_city_gets(town: Town) -> None:
    officer, second = await town.person(), await town.person()
    made = await town.draft(officer, unit=None)

    async with town.engine.begin() as conn:
        assert not await confirm(conn, made, officer, BODY, town.now)
        assert not await approve(conn, made, second, BODY, town.now)  # nobody has asked yet
        assert await submit(conn, made, officer, town.now)
        assert not await approve(conn, made, officer, BODY, town.now)  # the author alone
        assert await approve(conn, made, second, BODY, town.now)

    assert await town.state(made) == "sending"


async def test_an_emergency_of_one_unit_needs_a_second_officer_too(town: Town) -> None:
    officer = await town.person()
    made = await town.draft(officer, kind=Kind.EMERGENCY)

    async with town.engine.begin() as conn:
        assert not await confirm(conn, made, officer, BODY, town.now)

    assert await town.state(made) == "draft"


async def test_what_needs_nobody_else_is_not_submitted(town: Town) -> None:
    officer = await town.person()
    made = await town.draft(officer)

    async with town.engine.begin() as conn:
        assert not await submit(conn, made, officer, town.now)


async def test_an_approval_pressed_twice_or_replayed_sends_once(town: Town) -> None:
    officer, second, third = [await town.person() for _ in range(3)]
    made = await town.announce_to_all(officer, second)

    async with town.engine.begin() as conn:
        assert not await approve(conn, made, second, BODY, town.now)
        assert not await approve(conn, made, third, BODY, town.now)

    assert len(await town.ledger(made)) == 3


async def test_two_officers_who_approve_at_the_same_moment_send_once(town: Town) -> None:
    officer, second, third = [await town.person() for _ in range(3)]
    made = await town.draft(officer, unit=None)
    async with town.engine.begin() as conn:
        await submit(conn, made, officer, town.now)

    async def approves(who: int) -> bool:
        async with town.engine.begin() as conn:
            return await approve(conn, made, who, BODY, town.now)

    assert sorted(await asyncio.gather(approves(second), approves(third))) == [False, True]
    assert len(await town.ledger(made)) == 3


async def test_what_waits_for_approval_can_no_longer_be_changed(town: Town) -> None:
    officer = await town.person()
    made = await town.draft(officer, unit=None)

    async with town.engine.begin() as conn:
        await submit(conn, made, officer, town.now)
        assert not await change_draft(conn, made, officer, text="something else")
        assert await back_to_draft(conn, made)
        assert await change_draft(conn, made, officer, text="something else")


async def test_nobody_changes_or_sends_another_ones_draft(town: Town) -> None:
    officer, other = await town.person(), await town.person()
    made = await town.draft(officer)

    async with town.engine.begin() as conn:
        assert not await change_draft(conn, made, other, text="mine now")
        assert not await confirm(conn, made, other, BODY, town.now)


async def test_a_code_is_known_only_once_the_message_is_on_its_way(town: Town) -> None:
    officer = await town.person()
    made = await town.draft(officer)
    async with town.engine.begin() as conn:
        code = (await get_broadcast(conn, made)).code

        assert await find_by_code(conn, code) is None
        await confirm(conn, made, officer, BODY, town.now)
        found = await find_by_code(conn, code)

    assert found is not None
    assert found.id == made


# --- under way ----------------------------------------------------------------------------


async def test_paused_is_held_and_resumed_goes_on(town: Town) -> None:
    officer = await town.person()
    sent = await town.announce(officer)

    async with town.engine.begin() as conn:
        assert await pause(conn, sent)
        assert not await pause(conn, sent)
        assert await resume(conn, sent, town.now)
        assert not await resume(conn, sent, town.now)

    assert await town.state(sent) == "sending"


async def test_what_is_resumed_before_its_time_still_waits_for_it(town: Town) -> None:
    officer = await town.person()
    sent = await town.announce(officer, send_at=town.now + timedelta(hours=1))

    async with town.engine.begin() as conn:
        await pause(conn, sent)
        await resume(conn, sent, town.now)

    assert await town.state(sent) == "scheduled"


async def test_stopped_is_for_good_and_everybody_is_accounted_for(town: Town) -> None:
    officer = await town.person()
    await town.person()
    sent = await town.announce(officer)

    async with town.engine.begin() as conn:
        assert await stop(conn, sent, town.now)
        assert not await resume(conn, sent, town.now)
        assert not await stop(conn, sent, town.now)

    assert [row[2:] for row in await town.ledger(sent)] == [("skipped", "stopped")] * 2


async def test_a_draft_can_be_neither_paused_nor_stopped_nor_withdrawn(town: Town) -> None:
    officer = await town.person()
    made = await town.draft(officer)

    async with town.engine.begin() as conn:
        assert not await pause(conn, made)
        assert not await stop(conn, made, town.now)
        assert not await withdraw(conn, made, town.now)


async def test_a_hundred_thousand_are_put_in_line_by_one_statement_within_three_seconds(
    sqlite_engine: AsyncEngine, now: datetime
) -> None:
    town = Town(sqlite_engine, now)
    await town.crowd(100_000)
    made = await town.draft(1)
    inserts: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO broadcast_recipients"):
            inserts.append(statement)

    event.listen(sqlite_engine.sync_engine, "before_cursor_execute", note)
    begin = time.perf_counter()
    async with sqlite_engine.begin() as conn:
        assert await confirm(conn, made, 1, BODY, now)
    took_s = time.perf_counter() - begin

    async with sqlite_engine.begin() as conn:
        assert (await get_broadcast(conn, made)).audience_count == 100_000
    assert len(inserts) == 1
    assert took_s < 3


def _unit(code: str) -> Is:
    return Is(condition="unit", value=code)
