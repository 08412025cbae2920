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


async def _sent(ward: World) -> int:
    """Thu has an announcement that leaves tomorrow."""
    await write(ward.thu)
    await ward.thu.presses("Change when it is sent")
    await ward.thu.presses("Tomorrow morning")
    await ward.thu.presses("two days")
    await ward.thu.presses("Send it")
    return (await the_one(ward)).id


async def _is_kept_out(ward: World, stranger: Person) -> None:
    """Every made-up button is refused and shows nothing; the announcement stays as it was."""
    sent = await _sent(ward)
    await _gets_nowhere(ward, stranger, sent)


async def _gets_nowhere(ward: World, stranger: Person, sent: int) -> None:
    before = await the_one(ward)
    await stranger.new()

    for action in (*(f"{name}:{sent}" for name in STEERING), f"byes:{sent}:0"):
        await stranger.presses_forged(action)

    said = await stranger.new()
    assert said[0].partition("\n\n")[0] in REFUSALS
    assert not any(NEWS in text or before.code in text for text in said)
    assert await the_one(ward) == before


async def test_a_resident_is_kept_out(ward: World) -> None:
    await _is_kept_out(ward, ward.lan)


async def test_a_volunteer_is_kept_out(ward: World) -> None:
    await _is_kept_out(ward, ward.tuan)


async def test_a_leader_of_the_same_unit_is_kept_out(ward: World) -> None:
    await _is_kept_out(ward, ward.binh)


async def test_an_officer_of_another_unit_is_kept_out(ward: World) -> None:
    stranger = await ward.add_member("Xa", Role.WARD_OFFICER, commune="20242")

    await _is_kept_out(ward, stranger)


async def test_a_removed_officer_is_kept_out(ward: World) -> None:
    sent = await _sent(ward)
    await remove(ward, "Thu")

    await _gets_nowhere(ward, ward.thu, sent)


@pytest.mark.parametrize("command", ["/thongbao", "bnew", "bhome", "bmine", "btemplates", "bwait"])
async def test_residents_and_volunteers_find_no_way_in(ward: World, command: str) -> None:
    for person in (ward.lan, ward.tuan):
        if command.startswith("/"):
            await person.says(command)
        else:
            await person.presses_forged(command)
        assert await person.last_read() == "Announcements are made by team leaders and officers."


async def test_another_officers_draft_can_not_be_looked_into_or_sent(ward: World) -> None:
    await write(ward.thu)
    draft = await the_one(ward)

    for action in (f"bshow:{draft.id}", f"bback:{draft.id}", f"bkeep:{draft.id}"):
        assert await forge(ward.mai, action) == "Only who writes an announcement can change it."


@pytest.mark.parametrize("made_up", ["999", "x", "-1", "1;drop", "99999999999999999999"])
async def test_an_announcement_that_does_not_exist_is_said_to_be_none(
    ward: World, made_up: str
) -> None:
    for name in ("bshow", "bpause", "bno", "btable"):
        assert await forge(ward.mai, f"{name}:{made_up}") == "There is no such announcement."


async def test_an_answer_to_a_question_that_was_never_asked_changes_nothing(ward: World) -> None:
    await write(ward.thu)
    await ward.thu.presses_forged("a:999:send")
    await ward.tuan.presses_forged("a:1:send")

    assert (await the_one(ward)).status is State.DRAFT


async def test_an_ordinary_announcement_is_nothing_to_agree_to(ward: World) -> None:
    sent = await _sent(ward)
    await ward.mai.presses_forged(f"byes:{sent}:0")

    assert await ward.mai.last_read() == "This announcement needs no second officer."
    assert (await sums(ward, await the_one(ward))).all == 5


async def test_a_colleague_of_the_office_and_the_city_may_hold_it(ward: World) -> None:
    sent = await _sent(ward)
    colleague = await ward.add_member("Hằng", Role.WARD_OFFICER, commune="20500")

    await colleague.presses_forged(f"bpause:{sent}")
    assert (await the_one(ward)).status is State.PAUSED
    await ward.mai.presses_forged(f"bresume:{sent}")
    assert (await the_one(ward)).status is State.SCHEDULED


async def test_a_colleague_finds_it_in_the_list_and_nobody_else_does(ward: World) -> None:
    await _sent(ward)
    colleague = await ward.add_member("Hằng", Role.WARD_OFFICER, commune="20500")
    stranger = await ward.add_member("Xa", Role.WARD_OFFICER, commune="20242")

    await colleague.presses_forged("bmine")
    await stranger.presses_forged("bmine")

    assert f"will be sent: {NEWS}" in await colleague.choices()
    assert await stranger.last_read() == "There is none yet."


async def test_another_officers_draft_is_not_in_the_list(ward: World) -> None:
    await write(ward.thu)
    await ward.mai.presses_forged("bmine")

    assert await ward.mai.last_read() == "There is none yet."


async def test_the_texts_of_a_stranger_are_no_announcement(ward: World) -> None:
    await ward.lan.says(NEWS)

    assert not (await ward.lan.last_read()).startswith("A picture")
    assert WARD not in await ward.lan.choices()
