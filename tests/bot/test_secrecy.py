"""What looks like a secret is covered; what does not is left alone."""

import pytest

from bot.secrecy import Secret, mask

SECRETS = [
    ("123456", Secret.OTP, "123456"),
    ("mã OTP là 482913", Secret.OTP, "482913"),
    ("ma xac thuc 4829", Secret.OTP, "4829"),
    ("mật khẩu vneid là Abc@1234", Secret.PASSWORD, "Abc@1234"),
    ("mk: hoahong99", Secret.PASSWORD, "hoahong99"),
    ("pass la 12345678", Secret.PASSWORD, "12345678"),
    ("4111 1111 1111 1111", Secret.CARD, "1111"),
    ("cccd của tôi 048060012345", Secret.ID, "048060012345"),
    ("048 060 012 345", Secret.ID, "048"),
    ("cmnd 201234567", Secret.ID, "201234567"),
    ("thẻ bhyt 4820123456", Secret.ID, "4820123456"),
]


@pytest.mark.parametrize(("text", "kind", "secret"), SECRETS)
def test_a_secret_is_covered(text: str, kind: Secret, secret: str) -> None:
    masked = mask(text)

    assert secret not in masked.text
    assert kind in masked.found


HARMLESS = [
    "0905 123 456",
    "+84 905 123 456",
    "gọi 1900 0368 hoặc 1022",
    "số nhà 12/34 đường 2 tháng 9",
    "sinh ngày 20/11/1959",
    "tôi cần 1500000 đồng",
    "quên mật khẩu vneid là làm sao",
    "mật khẩu là gì",
    "tổ 12 thôn Phú Sơn",
    "năm 2026",
    "thẻ bảo hiểm của tôi hết hạn 31/12/2026",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask(text).text == text
