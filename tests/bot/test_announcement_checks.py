"""An announcement never asks for a secret or for money, and never leads to a look-alike page."""

import pytest

from bot.announcement_checks import AnnouncementChecks
from bot.texts import LOCALES, Texts

CHECKS = AnnouncementChecks.load(LOCALES / "vi" / "announcements.toml")

ASKS = [
    ("Bà con gửi mã OTP cho tổ để nhận quà Tết.", "one-time code"),
    ("ba con gui ma otp cho to de nhan qua", "one-time code"),
    ("Mã OTP vừa nhận bác đọc lại cho tổ giúp cháu", "one-time code"),
    ("Đừng đọc mã OTP cho ai, trừ cán bộ phường.", "one-time code"),
    ("Cảnh giác lừa đảo! Hãy gửi mã OTP cho chúng tôi để kiểm tra.", "one-time code"),
    ("Để không bị khóa thẻ, bác nhập mã PIN vào trang này.", "one-time code"),
    ("Vui lòng cung cấp mật khẩu VNeID để tổ cập nhật giúp.", "password"),
    ("Bác chụp ảnh căn cước rồi nhắn cho tổ trước thứ sáu.", "papers"),
    ("Mỗi hộ nhắn số CCCD của các thành viên cho tổ trưởng.", "papers"),
    ("Bà con chuyển khoản 200 nghìn tiền quỹ cho anh Tuấn.", "transfer money"),
    ("Đóng góp ủng hộ vùng lũ vào tài khoản của phường.", "transfer money"),
    ("Ủng hộ: STK 0123456789 Vietcombank", "transfer money"),
    ("Không chuyển tiền cho người lạ, nhưng hãy chuyển khoản cho tổ.", "transfer money"),
    ("Xem tại bit.ly/abc", "bit.ly looks like a trap: it is shortened"),
    ("Vào http://192.168.1.9/vneid", "leads to a number"),
    ("Vào dichvucong.gov.vn.xyz để nộp hồ sơ", "only looks like a page of the state"),
    ("Vào https://dichvucong.g0v.vn", "only looks like a page of the state"),
    ("Cập nhật tại vneid-capnhat.com", "only looks like a page of the state"),
    ("Cập nhật tại vneid.gov-vn.com", "only looks like a page of the state"),
    ("Vào https://dichvucong.gov.vn@evil.top/a", "stands before “@”"),
    ("Vào https://xn--vned-8va.gov.vn", "only look like Latin"),
    ("Vào vneіd.gov.vn", "only look like Latin"),  # the first i is Cyrillic
    ("Vào https://đànẵng.vn", "only look like Latin"),
]


@pytest.mark.parametrize(("text", "reason"), ASKS)
def test_it_is_refused_with_the_reason(text: str, reason: str) -> None:
    reasons = [Texts.untranslated().render(fault) for fault in CHECKS.find_faults(text)]

    assert any(reason in why for why in reasons), reasons


MAY_BE_SENT = [
    "Đừng đọc mã OTP cho ai, kể cả người xưng là công an.",
    "dung doc ma otp cho ai",
    "Cán bộ không bao giờ yêu cầu bác đọc mã OTP, mật khẩu, chuyển tiền vào tài khoản.",
    "Nếu có ai hỏi mã OTP thì báo ngay công an xã.",
    "Kẻ gian giả danh công an, bảo người dân gửi số căn cước và chuyển tiền.",
    "Bác đừng bao giờ:\n- đọc mã OTP\n- chuyển khoản cho người lạ\n- gửi ảnh căn cước",
    "Chiều nay 14 giờ tiêm vắc xin tại nhà văn hóa.Bà con mang theo thẻ bảo hiểm và căn cước.",
    "Quên mật khẩu VNeID? Tổ hướng dẫn đặt lại tại nhà văn hóa.",
    "Trợ cấp tháng 12 được chi trả qua tài khoản. Ai chưa có tài khoản thì nhận tại bưu điện.",
    "Nộp hồ sơ tại https://dichvucong.gov.vn hoặc tải VNeID.Bác nào chưa có thì hỏi tổ.",
    "Lịch cúp điện ngày 20.11.2026 từ 8.00 đến 11.30, gọi 1022 hoặc 0236 1022 khi cần.",
    "Đóng bảo hiểm y tế tại Ủy ban phường trước ngày 31/12, mức 1.263.600 đồng.",
    "Xem bài ở baodanang.vn/tin-tuc hoặc danang.gov.vn",
]


@pytest.mark.parametrize("text", MAY_BE_SENT)
def test_a_warning_or_ordinary_news_may_be_sent(text: str) -> None:
    assert CHECKS.find_faults(text) == []


def test_each_reason_is_given_once() -> None:
    text = "Gửi mã OTP cho tổ. Đọc mã OTP cho tổ. Vào bit.ly/a và bit.ly/b, chuyển khoản luôn."

    assert len(CHECKS.find_faults(text)) == 3
