"""The city's announcements and emergencies need a second officer, who is one at that moment."""

from storage.broadcasts import State
from storage.members import Role
from tests.handlers.broadcasting import (
    CITY,
    NEWS,
    TEAM,
    WARD,
    every,
    forge,
    remove,
    second_officer,
    sums,
    the_one,
    write,
    write_emergency,
)
from tests.world import Person, World

LEFT = (State.SENDING, State.DONE)
AGREE, REFUSE = "I agree, send it", "No, not like this"


async def _asked(ward: World, quan: Person) -> str:
    """Mai has asked; the action of the button by which Quân agrees."""
    await write(ward.mai, to=CITY)
    await ward.mai.presses("Ask a second officer")
    return (await quan.messages())[-1].action(AGREE) or ""


async def test_the_second_officer_is_shown_the_message_and_asked(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)

    shown, question = (await quan.messages())[-2:]
    assert shown.text.startswith(f"📢 the city of Đà Nẵng · Mai, city officer\n\n{NEWS}")
    assert "Mai, city officer asks you to agree to this announcement" in question.text
    assert "To: everybody in the city of Đà Nẵng" in question.text
    assert (await the_one(ward)).status is State.WAITING


async def test_agreed_it_leaves_and_the_author_knows(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)
    await quan.presses(AGREE)

    sent = await the_one(ward)
    assert sent.status in LEFT
    assert sent.approved_by == await ward.person_id(quan)
    assert await ward.mai.sees(f"Announcement {sent.code}: is being sent")


async def test_the_audience_is_frozen_when_the_officer_agrees(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)
    await ward.add_person("Ông Mới")
    await quan.presses(AGREE)
    await ward.add_person("Bà Muộn")

    assert (await sums(ward, await the_one(ward))).all == 9  # the eight, and ông Mới


async def test_a_replayed_agreement_does_nothing(ward: World) -> None:
    quan = await second_officer(ward)
    agree = await _asked(ward, quan)
    await quan.presses(AGREE)
    before = await the_one(ward)

    await quan.presses_forged(agree)

    assert await quan.sees("That has been decided already:")
    after = await the_one(ward)
    assert (after.frozen_at, after.audience_count) == (before.frozen_at, before.audience_count)
    assert (await sums(ward, after)).all == before.audience_count


async def test_who_agreed_to_one_text_has_not_agreed_to_another(ward: World) -> None:
    quan = await second_officer(ward)
    agree = await _asked(ward, quan)
    await ward.mai.presses("Take it back")
    await ward.mai.presses("Change it")
    await ward.mai.presses("Change the text")
    await ward.mai.says("Mai nghỉ làm cả thành phố.")
    await ward.mai.presses("Ask a second officer")
    await quan.new()

    await quan.presses_forged(agree)

    assert (await the_one(ward)).status is State.WAITING
    changed, shown, _question = await quan.new()
    assert changed.startswith("It was changed since you were asked.")
    assert "Mai nghỉ làm cả thành phố." in shown


async def test_of_two_officers_the_first_decides(ward: World) -> None:
    quan = await second_officer(ward)
    hanh = await ward.add_member("Hạnh", Role.CITY_OFFICER)
    await _asked(ward, quan)
    await quan.presses(REFUSE)
    await quan.says("Thiếu địa chỉ nhà văn hóa.")
    await hanh.presses(AGREE)

    assert (await the_one(ward)).status is State.DRAFT
    assert await hanh.last_read() == "That has been decided already: draft."


async def test_refused_the_author_gets_the_reason_and_the_draft(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)
    await quan.presses(REFUSE)
    await quan.says("Thiếu địa chỉ nhà văn hóa.")

    assert "They say: Thiếu địa chỉ nhà văn hóa." in await ward.mai.last_read()
    await ward.mai.presses("Change it")
    assert (await ward.mai.last_read()).startswith("This is how it arrives.")


async def test_the_author_can_take_it_back_while_nobody_has_decided(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)
    await ward.mai.presses("Take it back")
    await quan.presses(AGREE)

    assert (await the_one(ward)).status is State.DRAFT


async def test_without_a_second_officer_nothing_is_sent(ward: World) -> None:
    await write(ward.mai, to=CITY)
    await ward.mai.presses("Ask a second officer")

    assert "There is no second city officer to agree." in await ward.mai.last_read()
    assert (await the_one(ward)).status is State.DRAFT


async def test_an_emergency_of_a_ward_or_a_team_needs_a_second_officer_too(ward: World) -> None:
    await write_emergency(ward.thu, to=WARD)
    await ward.thu.presses("Ask a second officer")
    await write_emergency(ward.binh, to=TEAM)
    await ward.binh.presses("Ask a second officer")

    assert [b.status for b in await every(ward)] == [State.WAITING, State.WAITING]
    assert "🚨 EMERGENCY" in (await ward.mai.messages())[-2].text


async def test_what_waits_can_be_looked_at_later(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)
    await quan.says("/thongbao")
    await quan.presses("Waiting for my approval")
    await quan.presses(NEWS)
    await quan.presses(AGREE)

    assert (await the_one(ward)).status in LEFT


async def test_the_author_can_not_agree_alone(ward: World) -> None:
    quan = await second_officer(ward)
    agree = await _asked(ward, quan)
    await ward.mai.presses_forged(agree)

    assert await ward.mai.last_read() == "Somebody else has to agree, not who wrote it."
    assert (await the_one(ward)).status is State.WAITING


async def test_nobody_else_can_agree(ward: World) -> None:
    quan = await second_officer(ward)
    agree = await _asked(ward, quan)

    for action in (agree, f"bno:{(await the_one(ward)).id}"):
        for person in (ward.binh, ward.thu):
            assert await forge(person, action) == "Only the city's officers can agree to this."
        for person in (ward.lan, ward.tuan):
            said = await forge(person, action)
            assert said == "Announcements are made by team leaders and officers."
    assert (await the_one(ward)).status is State.WAITING


async def test_an_officer_removed_meanwhile_can_not_agree(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)
    await remove(ward, "Quân")
    await quan.presses(AGREE)

    assert (await the_one(ward)).status is State.WAITING
    assert await quan.last_read() == "Announcements are made by team leaders and officers."


async def test_what_a_removed_officer_wrote_is_not_sent(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)
    await remove(ward, "Mai")
    await quan.presses(AGREE)

    assert (await the_one(ward)).status is State.WAITING
    assert await quan.last_read() == "Who wrote it does not hold this office any more."


async def test_after_its_end_it_is_too_late_to_agree(ward: World) -> None:
    quan = await second_officer(ward)
    await _asked(ward, quan)
    await ward.time_passes(days=1)
    await quan.presses(AGREE)

    assert (await the_one(ward)).status is State.WAITING
    assert "It is too late" in await quan.last_read()
