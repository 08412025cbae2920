"""Cuts a long text into messages that Telegram takes, where a reader would pause."""

import re
import unicodedata

# https://core.telegram.org/bots/api#sendmessage; counted in UTF-16 code units.
TEXT_UNITS = 4096
CAPTION_UNITS = 1024

# Where to cut, best first: between paragraphs, lines, sentences, words.
_PAUSES = tuple(re.compile(p) for p in (r"\n\s*\n", r"\n", r"[.!?…:;]['\"”’)]*\s", r"\s"))
_ZWJ = "\u200d"
_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")


def units(text: str) -> int:
    """Length as Telegram counts it."""
    if text.isascii():
        return len(text)
    return len(text) + sum(c > "\uffff" for c in text)


def split(text: str, limit: int = TEXT_UNITS) -> list[str]:
    """Parts of at most `limit` units, none of them empty; no character is torn apart."""
    parts = []
    # Every character is one or two units, so a short text needs no counting.
    while len(text) * 2 > limit and units(text) > limit:
        cut = _cut(text, _fitting(text, limit))
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [part for part in (*parts, text) if part]


def _fitting(text: str, limit: int) -> int:
    """How many characters from the start fit."""
    used = 0
    for index, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > limit:
            return index
    return len(text)


def _cut(text: str, end: int) -> int:
    # A pause in the first half would leave a stump of a message.
    for pause in _PAUSES:
        found = [match.end() for match in pause.finditer(text, end // 2, end)]
        if found:
            return found[-1]
    cut = end
    while cut > 1 and _is_inside_character(text, cut):
        cut -= 1
    return cut if cut > 1 else end


def _is_inside_character(text: str, cut: int) -> bool:
    """Whether what people see as one character goes on across this place."""
    before, after = text[cut - 1], text[cut]
    if unicodedata.category(after) in ("Mn", "Me", "Mc") or _ZWJ in (before, after):
        return True
    if "\U0001f3fb" <= after <= "\U0001f3ff":  # a skin colour
        return True
    # A flag is two letters of a kind; an odd number before means that one waits for its other.
    return bool(_FLAG_LETTER.match(after)) and len(_flag_letters_before(text, cut)) % 2 == 1


def _flag_letters_before(text: str, cut: int) -> str:
    start = cut
    while start > 0 and _FLAG_LETTER.match(text[start - 1]):
        start -= 1
    return text[start:cut]
