"""An announcement on its way, on the web chat and on Telegram: received, held, stopped, mended."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.sheets import MIME
from storage.broadcasts import State
from storage.schema import broadcast_recipients, chats, media, outbox
from tests.conftest import MORNING
from tests.handlers.broadcasting import (
    CITY,
    NEWS,
    WARD,
    arrived,
    every,
    live,
    second_officer,
    sums,
    the_one,
    write,
)
from tests.platforms import Telegram, Web
from tests.world import DAI_LOC, World, open_world

NIGHT = datetime(2026, 12, 2, 15, 0, tzinfo=UTC)  # 22:00 in Đà Nẵng
NEXT_MORNING = datetime(2026, 12, 3, 1, 0, tzinfo=UTC)
OK = "I have read it"


@pytest.fixture(params=[Web, Telegram], ids=["web", "telegram"])
async def reached(
    request: pytest.FixtureRequest, sqlite_engine: AsyncEngine
) -> AsyncIterator[World]:
    """People whom messages really reach; bà Lan lives where the team works."""
    async with open_world(sqlite_engine, MORNING, request.param()) as world:
        await live(world, world.lan, world.team, DAI_LOC)
        yield world


async def _send(world: World) -> None:
    await write(world.thu)
    await world.thu.presses("Send it")
    await arrived(world)


async def _send_by_night(world: World) -> None:
    """Nobody is woken: it is under way and waits for the morning."""
    world.clock.set(NIGHT)
    await write(world.thu)
    await world.thu.presses("Change when it is sent")
    await world.thu.presses("Now")
    await world.thu.says("hết ngày mai")
    await world.thu.presses("Send it")


async def _morning(world: World) -> None:
    world.clock.set(NEXT_MORNING)
    await world.app.scheduler.run_due()
    await arrived(world)


async def test_everybody_of_the_unit_gets_it_with_its_buttons(reached: World) -> None:
    await _send(reached)

    got = (await reached.lan.messages())[-1]
    assert got.text.startswith(f"📢 xã Đại Lộc · Thu, ward officer\n\n{NEWS}")
    assert [label for _number, label, _action in got.buttons] == [OK]
    assert (await sums(reached, await the_one(reached))).by_status["sent"] == 6


@pytest.mark.parametrize("typed", ["", "21", "Đã rõ", "da ro roi a"])
async def test_who_says_that_they_read_it_is_counted_once(reached: World, typed: str) -> None:
    await _send(reached)
    for _time in range(2):
        await (reached.lan.says(typed) if typed else reached.lan.presses(OK))

    assert await reached.lan.last_read() == "Thank you, that is noted already."
    assert (await sums(reached, await the_one(reached))).acknowledged == 1


async def test_the_city_is_reached_after_a_second_officer_agreed(reached: World) -> None:
    quan = await second_officer(reached)
    await write(reached.mai, to=CITY)
    await reached.mai.presses("Ask a second officer")
    await reached.settled()
    assert not (await reached.lan.last_read()).startswith("📢")

    await quan.presses("I agree, send it")
    await arrived(reached)

    assert (await reached.lan.last_read()).startswith("📢 the city of Đà Nẵng · Mai, city officer")


async def test_one_message_shows_how_far_it_is(reached: World) -> None:
    await _send(reached)
    before = len(await reached.thu.messages())
    await reached.time_passes(seconds=6)

    code = (await the_one(reached)).code
    shown = [m.text for m in await reached.thu.messages()]
    assert f"Announcement {code}: finished\n▓▓▓▓▓▓▓▓▓▓ 100 %\nsent 6" in shown
    if reached.platform.name == "telegram":
        assert len(shown) == before  # changed in its place


async def test_an_unchanged_progress_is_left_alone(reached: World) -> None:
    await _send(reached)
    await reached.time_passes(seconds=6)
    shown = await reached.thu.messages()
    await reached.time_passes(seconds=60)

    assert await reached.thu.messages() == shown


async def test_paused_it_waits_and_resumed_it_goes_on(reached: World) -> None:
    await _send_by_night(reached)
    await reached.thu.presses("Pause")
    await _morning(reached)
    assert not (await reached.lan.last_read()).startswith("📢")

    await reached.thu.presses("Go on")
    await arrived(reached)

    assert (await reached.lan.last_read()).startswith("📢")
    assert (await sums(reached, await the_one(reached))).by_status["sent"] == 6


async def test_stopped_nobody_gets_it_any_more(reached: World) -> None:
    await _send_by_night(reached)
    await reached.thu.presses("Stop for good")
    await reached.thu.presses("Yes, stop it")
    await _morning(reached)

    assert not (await reached.lan.last_read()).startswith("📢")
    assert "stopped before 6" in await reached.thu.last_read()
    assert (await the_one(reached)).status is State.STOPPED


async def test_who_turns_it_down_before_it_leaves_does_not_get_it(reached: World) -> None:
    await _send_by_night(reached)
    await reached.lan.presses_forged("mute:news")
    await _morning(reached)

    assert not (await reached.lan.last_read()).startswith("📢")
    assert (await sums(reached, await the_one(reached))).by_reason["muted"] == 1


async def test_a_correction_takes_the_place_of_what_was_wrong(reached: World) -> None:
    await _send(reached)
    before = len(await reached.lan.messages())
    await reached.time_passes(seconds=6)
    await reached.thu.presses("Report")
    await reached.thu.presses("Correct it")
    await reached.thu.says("Sáng CHỦ NHẬT 8 giờ tiêm vắc xin tại nhà văn hóa.")
    await reached.thu.presses("Send it")
    await arrived(reached)

    first, second = await every(reached)
    assert (second.corrects, second.audience_count) == (first.id, 6)
    assert (await reached.lan.last_read()).startswith("✏️ CORRECTION\nxã Đại Lộc · Thu")
    if reached.platform.name == "telegram":
        assert len(await reached.lan.messages()) == before
    await reached.lan.says(f"/kiemtra {first.code}")
    assert f"It was corrected by announcement {second.code}." in await reached.lan.last_read()


async def test_a_correction_keeps_the_picture(reached: World) -> None:
    await reached.thu.says("/thongbao")
    await reached.thu.presses("Write a new announcement")
    await reached.thu.says(NEWS)
    await reached.thu.sends_photo()
    for choice in ("Without buttons", WARD, "That is right", "Now", "the end of that day"):
        await reached.thu.presses(choice)
    await reached.thu.presses("Send it")
    await arrived(reached)
    await reached.time_passes(seconds=6)
    assert (await reached.lan.messages())[-1].media

    await reached.thu.presses("Report")
    await reached.thu.presses("Correct it")
    await reached.thu.says("Sáng CHỦ NHẬT 8 giờ tiêm vắc xin.")
    await reached.thu.presses("Send it")
    await arrived(reached)

    corrected = (await reached.lan.messages())[-1]
    assert corrected.text.startswith("✏️ CORRECTION")
    assert corrected.media


async def test_what_is_still_leaving_is_stopped_before_it_is_corrected(reached: World) -> None:
    await _send_by_night(reached)
    await reached.thu.presses_forged(f"bfix:{(await the_one(reached)).id}")

    assert "Please stop it first" in await reached.thu.last_read()


async def test_withdrawn_it_is_void_and_who_got_it_is_told(reached: World) -> None:
    await _send(reached)
    await reached.time_passes(seconds=6)
    await reached.thu.presses("Report")
    await reached.thu.presses("Withdraw it")
    await reached.thu.presses("Yes, withdraw it")
    await arrived(reached)

    first, _told = await every(reached)
    assert first.status is State.WITHDRAWN
    assert "is withdrawn. Please disregard it." in await reached.lan.last_read()
    await reached.lan.says(f"/kiemtra {first.code}")
    assert "but it is withdrawn" in await reached.lan.last_read()


async def test_the_report_adds_up_and_names_channels(reached: World) -> None:
    await _send(reached)
    await reached.lan.presses(OK)
    await reached.time_passes(seconds=6)
    await reached.thu.presses("Report")

    channel = {"web": "web chat", "telegram": "Telegram"}[reached.platform.name]
    said = await reached.thu.last_read()
    assert "sent 6\nRead and confirmed: 1" in said
    assert f"{channel}: 6 of 6" in said


async def test_the_ledger_is_a_table_without_names(reached: World) -> None:
    await _send(reached)
    await reached.time_passes(seconds=6)
    await reached.thu.presses("Report")
    await reached.thu.presses("The ledger as a table")

    kept = await reached.execute(select(media.c.content).where(media.c.mime == MIME))
    lines = list(load_workbook(BytesIO(kept[-1][0])).worksheets[0].iter_rows(values_only=True))
    assert len(lines) == 7
    assert lines[1][1] == "xã Đại Lộc"
    assert lines[1][4] == "sent"
    assert not any(name in str(lines) for name in ("Lan", "Tuấn", "Thu", "Bình"))


async def test_those_in_doubt_get_it_again_only_when_an_officer_says_so(reached: World) -> None:
    await _send(reached)
    await reached.time_passes(seconds=6)
    lan = await reached.person_id(reached.lan)
    doubt = update(broadcast_recipients).where(broadcast_recipients.c.person_id == lan)
    await reached.execute(doubt.values(status="unknown"))
    before = len(await reached.lan.messages())
    await reached.thu.presses("Report")
    await reached.thu.presses("Those not known")
    assert "Of 1 person nobody can say" in await reached.thu.last_read()

    await reached.thu.presses("Send it to them again")
    await arrived(reached)

    # Where the platform knows the message again, it is not shown twice.
    twice = 1 if reached.platform.name == "telegram" else 0
    assert len(await reached.lan.messages()) == before + twice
    assert (await sums(reached, await the_one(reached))).resent == 1


# --- without a platform: what is written, and when ----------------------------------------


async def _progress_is_shown(core: World) -> None:
    """As if a platform had taken the progress message, and two had got the announcement."""
    await write(core.thu)
    await core.thu.presses("Send it")
    await core.execute(update(outbox).values(platform_message_id="77"))
    two = select(broadcast_recipients.c.id).limit(2)
    sent = update(broadcast_recipients).where(broadcast_recipients.c.id.in_(two))
    await core.execute(sent.values(status="sent"))


async def _edits(core: World) -> list[str]:
    bodies = await core.execute(select(outbox.c.body).order_by(outbox.c.id))
    return [body["text"] for (body,) in bodies if body.get("edits") == "77"]


async def test_progress_is_changed_only_every_few_seconds(core: World) -> None:
    await _progress_is_shown(core)
    await core.time_passes(seconds=4)
    assert await _edits(core) == []

    await core.time_passes(seconds=1)

    (shown,) = await _edits(core)
    assert "▓▓▓▓░░░░░░ 40 %\nsent 2 · still to send 3\nLeft: about a minute" in shown


async def test_what_stands_still_is_not_counted_over_and_over(core: World) -> None:
    await _progress_is_shown(core)
    await core.thu.presses_forged(f"bpause:{(await the_one(core)).id}")
    assert len(await _edits(core)) == 1

    await core.time_passes(minutes=2)
    await core.execute(update(broadcast_recipients).values(status="sent"))
    await core.time_passes(minutes=2)

    assert len(await _edits(core)) == 1


async def test_the_author_has_the_preview_on_every_channel_of_theirs(core: World) -> None:
    elsewhere = {"channel": "telegram", "chat_key": "4711", "last_seen_at": MORNING}
    person_id = await core.person_id(core.thu)
    await core.execute(insert(chats).values(**elsewhere, person_id=person_id, status="active"))
    await write(core.thu)

    got = select(outbox.c.body).where(outbox.c.channel == "telegram")
    ((body,),) = await core.execute(got)
    assert body["text"] == (await core.thu.messages())[-2].text
    assert "You have it on Telegram too" in await core.thu.last_read()
