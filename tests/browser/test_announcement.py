"""An announcement as the demo shows it: an officer writes, another agrees, bà Sáu reads."""

from playwright.async_api import Browser

from tests.browser.test_journey import Phone, move_to_daytime, shoot
from tests.running import RunningBot

NEWS = "Sáng thứ bảy 8 giờ, tổ công nghệ số hướng dẫn VNeID tại nhà văn hóa."


async def _write(officer: Phone) -> None:
    await officer.types("/thongbao")
    await officer.presses("Soạn thông báo mới")
    await officer.types("Bà con đọc mã OTP cho tổ để cài VNeID.")
    await officer.reads("Tin này chưa gửi được")
    await officer.types(NEWS)
    await officer.presses("Không kèm")
    await officer.presses("Nút “Đã rõ”")
    await officer.presses("Đủ nút rồi")
    await officer.presses("Cả thành phố")
    await officer.reads("6 người, khoảng 1 phút")
    await officer.presses("Đúng rồi")
    await officer.presses("Gửi ngay")
    await officer.presses("Hai ngày")
    await officer.reads("Bà con sẽ nhận tin như trên")


async def test_an_announcement_is_written_approved_read_and_counted(
    browser: Browser, demo: RunningBot
) -> None:
    page = await browser.new_page(viewport={"width": 1600, "height": 1000})
    await page.goto(demo.address)
    officer, second, resident = (Phone(page, key) for key in ("officer", "second", "resident"))
    await resident.presses("Tôi đồng ý")
    await move_to_daytime(page)

    await _write(officer)
    await officer.presses("Nhờ người thứ hai duyệt")
    await second.reads("nhờ anh chị duyệt")
    await shoot(page, "announcement_asked")
    await second.presses("Đồng ý, gửi đi")
    await resident.reads(NEWS)
    await resident.presses("Đã rõ")
    await resident.reads("Cảm ơn bác đã đọc tin")
    await officer.reads("đã gửi 6")
    await shoot(page, "announcement_sent")
    await officer.presses("Báo cáo")
    await officer.reads("Đã bấm “Đã rõ”: 1")
    await officer.presses("Sổ gửi")

    await officer.reads("6 dòng, không ghi tên ai")
    await shoot(page, "announcement_report")
