"""Who may not announce can't, whatever button they make up."""

import pytest

from storage.broadcasts import State
from storage.members import Role
from tests.handlers.broadcasting import NEWS, WARD, forge, remove, sums, the_one, write
from tests.world import Person, World

STEERING = ("bshow", "bpause", "bresume", "bstop", "breport", "btable", "bdoubt", "bfix", "bvoid",
            "bkeep", "bback", "basked", "bno")  # fmt: skip
REFUSALS = {
    "Announcements are made by team leaders and officers.",
    "This announcement is another office's.",
    "Only who writes an announcement can change it.",
    "Only the city's officers can agree to this.",
}


async def _sent(core: World) -> int:
    await write(core.thu)
    await core.thu.presses("Send it")
    return (await the_one(core)).id


async def _is_kept_out(core: World, stranger: Person) -> None:
    """Every made-up button is refused, and the announcement stays as it was."""
    sent = await _sent(core)
    before = await the_one(core)

    for name in STEERING:
        assert await forge(stranger, f"{name}:{sent}") in REFUSALS, name
    assert await forge(stranger, f"byes:{sent}:0") in REFUSALS

    assert await the_one(core) == before


async def test_a_resident_is_kept_out(core: World) -> None:
    await _is_kept_out(core, core.lan)


async def test_a_volunteer_is_kept_out(core: World) -> None:
    await _is_kept_out(core, core.tuan)


async def test_a_leader_of_the_same_unit_is_kept_out(core: World) -> None:
    await _is_kept_out(core, core.binh)


async def test_an_officer_of_another_unit_is_kept_out(core: World) -> None:
    stranger = await core.add_member("Xa", Role.WARD_OFFICER, commune="20242")

    await _is_kept_out(core, stranger)


async def test_a_removed_officer_is_kept_out(core: World) -> None:
    sent = await _sent(core)
    await remove(core, "Thu")

    for name in STEERING:
        assert await forge(core.thu, f"{name}:{sent}") in REFUSALS, name
    assert (await the_one(core)).status is State.SENDING


@pytest.mark.parametrize("command", ["/thongbao", "bnew", "bhome", "bmine", "btemplates", "bwait"])
async def test_residents_and_volunteers_find_no_way_in(core: World, command: str) -> None:
    for person in (core.lan, core.tuan):
        if command.startswith("/"):
            await person.says(command)
        else:
            await person.presses_forged(command)
        assert await person.last_read() == "Announcements are made by team leaders and officers."


async def test_another_officers_draft_can_not_be_looked_into_or_sent(core: World) -> None:
    await write(core.thu)
    draft = await the_one(core)

    for action in (f"bshow:{draft.id}", f"bback:{draft.id}", f"bkeep:{draft.id}"):
        assert await forge(core.mai, action) == "Only who writes an announcement can change it."


@pytest.mark.parametrize("made_up", ["999", "x", "-1", "1;drop", "99999999999999999999"])
async def test_an_announcement_that_does_not_exist_is_said_to_be_none(
    core: World, made_up: str
) -> None:
    for name in ("bshow", "bpause", "bno", "btable"):
        assert await forge(core.mai, f"{name}:{made_up}") == "There is no such announcement."


async def test_an_answer_to_a_question_that_was_never_asked_changes_nothing(core: World) -> None:
    await write(core.thu)
    await core.thu.presses_forged("a:999:send")
    await core.tuan.presses_forged("a:1:send")

    assert (await the_one(core)).status is State.DRAFT


async def test_an_ordinary_announcement_is_nothing_to_agree_to(core: World) -> None:
    sent = await _sent(core)
    await core.mai.presses_forged(f"byes:{sent}:0")

    assert await core.mai.last_read() == "This announcement needs no second officer."
    assert (await sums(core, await the_one(core))).all == 5


async def test_a_colleague_of_the_office_and_the_city_may_hold_it(core: World) -> None:
    sent = await _sent(core)
    colleague = await core.add_member("Hằng", Role.WARD_OFFICER, commune="20500")

    await colleague.presses_forged(f"bpause:{sent}")
    assert (await the_one(core)).status is State.PAUSED
    await core.mai.presses_forged(f"bresume:{sent}")
    assert (await the_one(core)).status is State.SENDING


async def test_a_colleague_finds_it_in_the_list_and_nobody_else_does(core: World) -> None:
    await _sent(core)
    colleague = await core.add_member("Hằng", Role.WARD_OFFICER, commune="20500")
    stranger = await core.add_member("Xa", Role.WARD_OFFICER, commune="20242")

    await colleague.presses_forged("bmine")
    await stranger.presses_forged("bmine")

    assert f"is being sent: {NEWS}" in await colleague.choices()
    assert await stranger.last_read() == "There is none yet."


async def test_another_officers_draft_is_not_in_the_list(core: World) -> None:
    await write(core.thu)
    await core.mai.presses_forged("bmine")

    assert await core.mai.last_read() == "There is none yet."


async def test_the_texts_of_a_stranger_are_no_announcement(core: World) -> None:
    await core.lan.says(NEWS)

    assert not (await core.lan.last_read()).startswith("A picture")
    assert WARD not in await core.lan.choices()
