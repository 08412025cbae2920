"""Which syllables sound alike, so that one is found when the other was written."""

import re
from collections.abc import Container
from functools import lru_cache

# What people of Quảng Nam and Đà Nẵng hear as one sound, and so write for each other.
_ALIKE = (
    (re.compile(r"^(?:tr|ch)"), "c"),
    (re.compile(r"^(?:gi|[drvjz])(?=[aeiouy])"), "z"),
    (re.compile(r"^x"), "s"),
    (re.compile(r"^ngh?"), "n"),
    (re.compile(r"^l(?=[aeiouy])"), "n"),
    (re.compile(r"^(?:qu|hw|w|hu)(?=[aeoiy])"), "w"),
    (re.compile(r"^[kq]"), "c"),
    (re.compile(r"^gh"), "g"),
    (re.compile(r"^(?:ph|f)"), "f"),
    (re.compile(r"(?:ng|nh|n)$"), "n"),
    (re.compile(r"(?:ch|[ctp])$"), "t"),
    (re.compile(r"uo|oo"), "o"),
    (re.compile(r"ie|ye"), "e"),
    (re.compile(r"y"), "i"),
)


@lru_cache(maxsize=20_000)
def sound(folded: str) -> str:
    """The same for all spellings of a sound: "xinh" and "sin", "han" and "hang"."""
    for pattern, letters in _ALIKE:
        folded = pattern.sub(letters, folded)
    return folded


def split_joined(folded: str, known: Container[str]) -> tuple[str, ...]:
    """The two syllables that were written as one, "khaisinh"; empty when it isn't that."""
    for place in range(2, len(folded) - 1):
        parts = folded[:place], folded[place:]
        if all(part in known for part in parts):
            return parts
    return ()
