"""The whole journey as people live it: phones in a browser, the bot in its own process."""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, FrameLocator, Page, expect

from tests.running import RunningBot

SCREENSHOTS = os.environ.get("SCREENSHOTS")


async def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody can look at it, if they asked for it."""
    if SCREENSHOTS:
        await page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png")


class Phone:
    """One phone of the demo page."""

    def __init__(self, page: Page, key: str) -> None:
        self.frame: FrameLocator = page.frame_locator(f'iframe[src*="as={key}"]')

    async def types(self, text: str) -> None:
        await self.frame.locator("#text").fill(text)
        await self.frame.locator("#send").click()

    async def presses(self, label: str) -> None:
        await self.frame.get_by_role("button", name=re.compile(label)).last.click()

    async def reads(self, text: str) -> None:
        await expect(self.frame.locator("#log")).to_contain_text(text, timeout=10_000)


async def ask_for_help(resident: Phone) -> None:
    await resident.reads("Chào bác! Đây là Ngõ Số")
    await resident.presses("Tôi đồng ý")
    await resident.presses("Nhờ giúp")
    await resident.presses("Bảo hiểm y tế")
    await resident.types("thẻ bảo hiểm của tôi hết hạn rồi")
    await resident.presses("Cho tôi")
    await resident.types("xa dai loc")
    await resident.reads("Vậy là ở xã Đại Lộc")


async def choose_the_first_team(resident: Phone, team: str) -> None:
    await resident.types(team)
    await resident.presses("Tới giúp tận nơi")
    await resident.types("12 đường Hùng Vương")
    await resident.presses("Càng sớm càng tốt")
    await resident.types("bà Sáu")
    await resident.reads("Ngõ Số nhắc lại")
    await resident.presses("Đúng, gửi đi")


@pytest.mark.parametrize(("width", "height"), [(1600, 1000), (390, 844)])
async def test_a_resident_is_helped_by_the_nearest_team(
    browser: Browser, demo: RunningBot, width: int, height: int
) -> None:
    page = await browser.new_page(viewport={"width": width, "height": height})
    await page.goto(demo.address)
    resident, tuan, hoa = (Phone(page, key) for key in ("resident", "tuan", "hoa"))
    team = await name_of_the_team(tuan)
    await move_to_daytime(page)

    await ask_for_help(resident)
    await choose_the_first_team(resident, team)
    await resident.reads("Yêu cầu của bác đã gửi")
    await tuan.reads("Có người gần anh chị cần giúp")
    await shoot(page, f"journey_{width}_offer")
    await tuan.presses("Tôi nhận giúp")
    await hoa.reads("Đã có người khác nhận giúp")
    await resident.reads("nhận giúp bác rồi")
    await resident.presses("Nhắn cho người giúp")
    await resident.types("chừng nào cháu tới?")
    await tuan.reads("chừng nào cháu tới?")
    await shoot(page, f"journey_{width}_relay")
    await tuan.types("Chiều nay cháu tới bác nhé")
    await resident.reads("Chiều nay cháu tới bác nhé")
    await tuan.presses("Đã giúp xong")
    await tuan.presses("Xong, dùng được rồi")
    await resident.presses("Được rồi, cảm ơn")
    await resident.presses("Rất tốt")

    await resident.reads("Khi nào cần, bác cứ nhắn Ngõ Số nhé")
    await shoot(page, f"journey_{width}_end")


async def name_of_the_team(member: Phone) -> str:
    await member.types("/to")
    await member.reads("Anh chị là")
    text = await member.frame.locator("#log").inner_text()
    found = re.search(r"thành viên tổ, ([^,\n]+), xã", text)
    assert found, text
    return found.group(1)


async def move_to_daytime(page: Page) -> None:
    """The bot lives on real time: at night, and on a holiday's evening, move on to the morning."""
    clock = await page.locator("#time").inner_text()
    found = re.search(r"(\d{1,2})[:.](\d{2})", clock)
    assert found, clock
    hour = int(found.group(1))
    for _ in range(-(-((8 - hour) % 24) // 4) if hour >= 18 or hour < 7 else 0):
        await page.get_by_role("button", name="+4 giờ").click()
        await expect(page.locator("#said")).to_contain_text("Đã chỉnh giờ")


async def test_the_connection_is_cut_in_the_middle_and_nothing_is_lost_or_doubled(
    browser: Browser, demo: RunningBot
) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844})
    page = await context.new_page()
    await page.goto(f"{demo.address}/phone?as=resident")
    await expect(page.locator("#log")).to_contain_text("Chào bác! Đây là Ngõ Số")
    await page.get_by_role("button", name=re.compile("Tôi đồng ý")).last.click()
    await page.get_by_role("button", name=re.compile("Nhờ giúp")).last.click()
    await expect(page.locator("#log")).to_contain_text("Bác cần giúp việc gì")
    await context.set_offline(True)
    await page.locator("#text").fill("con tôi mới sinh, cần làm khai sinh")
    await page.locator("#send").click()
    await expect(page.locator("#state")).to_contain_text("Mất mạng")
    await shoot(page, "journey_offline")
    await context.set_offline(False)

    await expect(page.locator("#log")).to_contain_text("Giúp cho ai", timeout=15_000)
    text = await page.locator("#log").inner_text()
    assert text.count("con tôi mới sinh, cần làm khai sinh") == 1
    assert text.count("Giúp cho ai") == 1
    await context.close()


async def test_a_killed_bot_goes_on_where_the_conversation_was(
    browser: Browser, demo: RunningBot, tmp_path: Path
) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.goto(f"{demo.address}/phone?as=resident")
    await page.get_by_role("button", name=re.compile("Tôi đồng ý")).last.click()
    await page.get_by_role("button", name=re.compile("Nhờ giúp")).last.click()
    await expect(page.locator("#log")).to_contain_text("Bác cần giúp việc gì")
    await demo.kill()
    again = RunningBot(tmp_path, WEB__PORT=demo.address.rsplit(":", 1)[1])
    await again.start()

    await expect(page.locator("#state")).to_contain_text("Đã kết nối", timeout=30_000)
    await page.locator("#text").fill("1")
    await page.locator("#send").click()
    await expect(page.locator("#log")).to_contain_text("Cụ thể bác bị vướng chỗ nào")
    assert await again.stop() == 0
