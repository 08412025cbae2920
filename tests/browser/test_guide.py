"""A woman of 67 types what she needs on a small phone, and reads until it is done."""

import re

from playwright.async_api import Browser, expect

from tests.browser.test_journey import shoot
from tests.running import RunningBot


async def test_a_question_typed_without_marks_ends_with_the_thing_done(
    browser: Browser, demo: RunningBot
) -> None:
    page = await browser.new_page(viewport={"width": 390, "height": 844})
    await page.goto(f"{demo.address}/phone?as=resident")
    log = page.locator("#log")
    await expect(log).to_contain_text("Đây là Ngõ Số")

    async def press(label: str) -> None:
        await page.get_by_role("button", name=re.compile(label)).last.click()

    await page.locator("#text").fill("lam the bao hiem cho chau")
    await page.locator("#send").click()
    await expect(log).to_contain_text("Khai sinh, thường trú")
    await shoot(page, "guide_cover")
    await press("Chuẩn bị giấy tờ")
    await expect(log).to_contain_text("Đã có: 0/")
    await press("☐ ")
    await expect(log).to_contain_text("Đã có: 1/")
    await shoot(page, "guide_papers")
    await press("Bắt đầu từ Bước 1")
    await expect(log).to_contain_text("Bước 1/")
    await shoot(page, "guide_step")
    steps = int((await log.inner_text()).rsplit("Bước 1/", 1)[1].split(" ")[0])
    for number in range(2, steps + 1):
        await press("Xong, bước tiếp")
        await expect(log).to_contain_text(f"Bước {number}/{steps}")
    await press("Xong bước cuối")
    await press("Xong rồi")
    await press("Dễ hiểu")

    await expect(log).to_contain_text("Cảm ơn bác, nhờ vậy chúng tôi viết dễ hiểu hơn")
    await shoot(page, "guide_end")
    await page.close()
