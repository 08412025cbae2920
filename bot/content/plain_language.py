"""Whether a text can be read by somebody of 67 without asking what a word means."""

import re
from collections.abc import Iterator
from typing import Protocol

from bot.content.guide import count_words

MAX_SENTENCE_WORDS = 30

# Words of the trade. One may stand when it is explained on the spot, in brackets or after
# "tức là", or when it is quoted because the screen says so.
_JARGON = (
    "xác thực",
    "otp",
    "tích hợp",
    "định danh",
    "passcode",
    "sinh trắc học",
    "liên thông",
    "trích lục",
    "nfc",
    "captcha",
    "apk",
    "tố giác",
    "thụ hưởng",
    "phi địa giới",
    "ekyc",
    "token",
)
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"")
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
# Amounts of money belong into `fees` or rates.toml, where they have a source and an end.
_MONEY = re.compile(r"\d[\d.,]*\s*(đồng|nghìn|ngàn|triệu|tỷ)|\d[\d.,]{2,}\s*đ\b|\d{1,3}(\.\d{3})+")
_SECRET = re.compile(
    r"(gửi|đọc|cho|đưa|cung cấp|nhắn|nói|báo)\b[^.,;]{0,40}"
    r"(otp|mật khẩu|passcode|mã pin|mã xác nhận|số thẻ)",
    re.IGNORECASE,
)
_REFUSAL = re.compile(r"\b(không|đừng|chớ|tuyệt đối|đòi|xin|hỏi|kẻ|ai|máy)\b", re.IGNORECASE)


class Readable(Protocol):
    """A guide, a course: anything that can list the texts which its reader will see."""

    def readable_texts(self) -> Iterator[tuple[str, str]]: ...


def list_language_faults(piece: Readable) -> Iterator[str]:
    """Each text that is too hard, too long or asks for a secret, with its field."""
    for field, text in piece.readable_texts():
        # Titles of guides and of laws are names; nobody can choose other words for them.
        is_name = field == "title" or field.startswith("laws")
        yield from (f"{field}: {fault}" for fault in _faults_of(text, is_name=is_name))


def _faults_of(text: str, *, is_name: bool) -> Iterator[str]:
    for sentence in _SENTENCE_END.split(text):
        if not is_name and count_words(sentence) > MAX_SENTENCE_WORDS:
            yield f"a sentence of {count_words(sentence)} words, at most {MAX_SENTENCE_WORDS}"
        if _SECRET.search(sentence) and not _REFUSAL.search(sentence):
            yield f"seems to ask for a secret: {sentence!r}"
    if not is_name:
        yield from (f"{word!r} needs an explanation in brackets" for word in _unexplained(text))
    if money := _MONEY.search(_QUOTED.sub("", text)):
        yield f"an amount of money in a text ({money[0]}); put it into fees or rates.toml"


def _unexplained(text: str) -> Iterator[str]:
    spoken = _QUOTED.sub("", text).lower()
    for word in _JARGON:
        pattern = rf"\b{re.escape(word)}\b"
        if re.search(pattern, spoken) and not re.search(
            rf"{pattern}[^.;()]{{0,30}}(\(|, tức là|, nghĩa là)|\([^()]*{pattern}[^()]*\)", spoken
        ):
            yield word
