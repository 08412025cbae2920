"""How requests end: done, confirmed, rated, reopened, cancelled; and looked at meanwhile."""

from sqlalchemy import select

from storage.schema import help_requests
from tests.world import World


async def _done(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.tuan.presses("It is done")
    await ward.tuan.presses("Done, it works")


async def test_the_resident_confirms_and_rates(ward: World) -> None:
    await _done(ward)
    await ward.lan.presses("Yes, thank you")
    await ward.lan.presses("Very good")

    row = (await ward.execute(select(help_requests)))[0]
    assert (row.status, row.rating, row.outcome) == ("closed", 5, "solved")
    assert "the resident says that all is well" in await ward.tuan.last_read()


async def test_a_resident_who_is_not_content_opens_it_again(ward: World) -> None:
    await _done(ward)
    await ward.hoa.new()

    await ward.lan.presses("No, I still need help")

    assert await ward.lan.sees("I am sorry that it is not done yet.")
    assert "needs help" in await ward.hoa.last_read()


async def test_silence_after_done_closes_it_and_it_can_still_be_opened(ward: World) -> None:
    await _done(ward)

    await ward.time_passes(days=4)

    assert "is settled" in await ward.lan.last_read()
    await ward.lan.presses("Open it again")
    assert (await ward.execute(select(help_requests.c.status)))[0][0] == "open"


async def test_only_the_helper_can_say_that_it_is_done(ward: World) -> None:
    await ward.tuan_accepts()

    for other in (ward.hoa, ward.lan, ward.mai):
        await other.presses_forged("finish:1")
        assert "You don't have this request." in await other.last_read()


async def test_only_the_resident_can_confirm_cancel_or_reopen(ward: World) -> None:
    await _done(ward)

    for action in ("confirm:1", "cancel:1", "reopen:1", "show:1"):
        await ward.hoa.presses_forged(action)
        assert "can't find such a request of yours" in " ".join(
            await ward.hoa.new()
        ) or "person" in (await ward.hoa.last_read())
    assert (await ward.execute(select(help_requests.c.status)))[0][0] == "done"


async def test_cancelling_tells_the_helper(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.says("/yeucau")
    await ward.lan.presses("Cancel it")
    await ward.lan.presses("Yes, cancel it")

    assert "does not need this any more" in await ward.tuan.last_read()
    assert (await ward.execute(select(help_requests.c.status)))[0][0] == "cancelled"


async def test_a_request_cancelled_meanwhile_leaves_the_helper_no_dead_question(
    ward: World,
) -> None:
    await ward.tuan_accepts()
    await ward.tuan.presses("It is done")
    await ward.lan.says("/yeucau")
    await ward.lan.presses("Cancel it")
    await ward.lan.presses("Yes, cancel it")

    await ward.tuan.presses("Done, it works")

    assert await ward.tuan.last_read() == "You don't have this request."
    assert await ward.tuan.choices() == ["Menu"]


async def test_a_cancellation_can_be_thought_over(ward: World) -> None:
    await ward.lan_asks()
    await ward.lan.presses("Cancel it")

    await ward.lan.presses("No, keep it")

    assert "Good, it stays." in await ward.lan.last_read()


async def test_the_state_can_be_seen_at_any_moment(ward: World) -> None:
    await ward.lan.says("/yeucau")
    assert "not asked for anything yet" in await ward.lan.last_read()

    await ward.tuan_accepts()
    await ward.lan.says("yeu cau cua toi")
    assert "has a helper" in await ward.lan.last_read()
    assert "Helper: Tuấn" in await ward.lan.last_read()


# --- the code at the door -----------------------------------------------------------------


async def _code(ward: World) -> str:
    return str((await ward.execute(select(help_requests.c.verification_code)))[0][0])


async def test_the_right_code_names_the_helper(ward: World) -> None:
    await ward.tuan_accepts()

    await ward.lan.says(f"/kiemtra {(await _code(ward)).lower()}")

    assert "The code is right. This is Tuấn" in await ward.lan.last_read()


async def test_a_wrong_code_is_a_warning(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.says("kiểm tra")

    await ward.lan.says("ABCD")

    assert "Don't let the person in" in await ward.lan.last_read()


async def test_a_code_tells_nobody_else_who_the_helper_is(ward: World) -> None:
    await ward.tuan_accepts()

    await ward.nam.says(f"/kiemtra {await _code(ward)}")

    assert "Tuấn" not in await ward.nam.last_read()


async def test_an_old_code_is_no_longer_good(ward: World) -> None:
    await ward.tuan_accepts()
    old = await _code(ward)
    await ward.tuan.presses("I can't, give it to others")

    await ward.lan.says(f"/kiemtra {old}")

    assert "not the code of a helper" in await ward.lan.last_read()
