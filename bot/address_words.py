"""Reads an address as typed: its words, and the names of units that are mentioned in them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.address_vocabulary import (
    FILLERS,
    LANDMARKS,
    LONGEST_FIRST,
    MARKERS,
    MAX_NAME_WORDS,
    NOT_AT_FIRST,
    NOT_IN_NAMES,
    PROPER,
    SHORT_MARKERS,
    STREET_WORDS,
    TEAM_WORDS,
)
from bot.gazetteer import Gazetteer, Level, Name, bare, words_of
from bot.syllables import Syllable, decode, is_vni, syllable


@dataclass(frozen=True, slots=True)
class Word:
    """A word; `start` and `end` are its place in the text."""

    start: int
    end: int
    syllable: Syllable
    segment: int

    @property
    def plain(self) -> str:
        return self.syllable.plain

    @property
    def number(self) -> bool:
        return self.plain[0].isdigit()


@dataclass(frozen=True, slots=True)
class Mention:
    """Words `start` to `end` (not included) read as one of `names`."""

    start: int
    end: int
    names: tuple[Name, ...]
    # The kind that is written before it, and where that begins.
    marker: str = ""
    begins: int = 0
    # Letters by which it is misspelt.
    off: int = 0
    # Only an abbreviation.
    short: bool = False

    @property
    def weight(self) -> int:
        """For the best way to cut the words into names: cover much, with few and exact names."""
        words = self.end - self.start
        if words == 1 and not self.marker and len(self.names[0].syllables) == 1:
            return 3
        return 10 * words - 1 + 3 * bool(self.marker) - 9 * self.off - 4 * self.short

    def reads(self, level: Level) -> tuple[Name, ...]:
        return tuple(name for name in self.names if name.level is level)


def split_words(text: str, gazetteer: Gazetteer) -> list[Word]:
    """The words of a text, un-converted keys decoded, "p12" and "phoaxuan" taken apart."""
    found = list(words_of(text))
    vni = any(is_vni(bare(m.group())) and not _numbered(bare(m.group())) for m in found)
    words: list[Word] = []
    segment = 0
    for match in found:
        if words and _separates(text[words[-1].end : match.start()], words[-1], match.group()):
            segment += 1
        for start, end in _parts(bare(match.group()).lower(), gazetteer, vni):
            whole = (start, end) == (0, len(bare(match.group())))
            read = _syllable(bare(match.group())[start:end], gazetteer, vni)
            stop = match.end() if whole else match.start() + end
            words.append(Word(match.start() + start, stop, read, segment))
    return words


def find_mentions(words: list[Word], gazetteer: Gazetteer) -> list[Mention]:
    """The names that best cover the words, none overlapping, in order."""
    found: list[Mention] = []
    last = words[-1].segment if words else -1
    for segment in range(last + 1):
        inside = [i for i, word in enumerate(words) if word.segment == segment]
        found += _tile(list(_spans(words, inside[0], inside[-1] + 1, gazetteer)), inside[-1] + 1)
    return found


def marker_at(words: list[Word], at: int) -> tuple[str, int]:
    """The kind that is written just before word `at`, and its first word; "" if none."""
    for length in (2, 1):
        begins = at - length
        if begins >= 0 and words[begins].segment == words[at].segment:
            key = "".join(word.plain for word in words[begins:at])
            if key in MARKERS and not _is_other_word(words, begins, key):
                return MARKERS[key], begins
    return "", at


def _is_other_word(words: list[Word], at: int, key: str) -> bool:
    proper = PROPER.get(key)
    if proper is None:
        return False
    if not words[at].syllable.marked:
        # Nguyễn Tri Phương is a street in every city.
        return key == "phuong" and at > 0 and words[at - 1].plain == "tri"
    return words[at].syllable != proper


def _numbered(word: str) -> bool:
    head = word.lower().rstrip("0123456789")
    return head != "xa" and (head in MARKERS or head in TEAM_WORDS or head in STREET_WORDS)


def _separates(gap: str, before: Word, after: str) -> bool:
    if re.search(r"[,;\n()\[\]|–—]|\s-\s", gap):
        return True
    if "." in gap:
        return len(before.plain) > 3 and before.plain not in MARKERS
    between_words = not before.number and not after[0].isdigit()
    return between_words and ("/" in gap or "-" in gap)


def _parts(word: str, gazetteer: Gazetteer, vni: bool) -> Iterator[tuple[int, int]]:
    """Where a word is to be cut: after a glued marker, or before a glued number."""
    plain = syllable(word).plain
    whole = (0, len(word))
    if plain in gazetteer.names or plain in gazetteer.syllables:
        yield whole
    elif (
        (cut := re.fullmatch(r"([a-z]+)\d+[a-z]?", plain))
        and _numbered(plain)
        and not (vni and decode(word))
    ):
        yield 0, cut.end(1)
        yield cut.end(1), len(word)
    elif head := _glued_marker(plain, gazetteer):
        yield 0, len(head)
        yield len(head), len(word)
    else:
        yield whole


def _glued_marker(plain: str, gazetteer: Gazetteer) -> str:
    for marker in LONGEST_FIRST:
        rest = plain.removeprefix(marker)
        if rest != plain and len(rest) > 3 and rest in gazetteer.names:
            return marker
    return ""


def _syllable(word: str, gazetteer: Gazetteer, vni: bool) -> Syllable:
    read = syllable(word)
    if read.marked or _known(read.plain, gazetteer):
        return read
    if any(c.isdigit() for c in word) and not vni:
        return read
    return decode(word) or read


def _known(plain: str, gazetteer: Gazetteer) -> bool:
    """Whether a word means something as it is, and so is not Telex."""
    known = (gazetteer.names, gazetteer.syllables, MARKERS, FILLERS, TEAM_WORDS, STREET_WORDS)
    return not plain[-1].isdigit() and any(plain in words for words in known)


def _spans(words: list[Word], first: int, stop: int, gazetteer: Gazetteer) -> Iterator[Mention]:
    for start in range(first, stop):
        marker, begins = marker_at(words, start)
        begins = max(begins, first)
        for end in range(start + 1, min(start + MAX_NAME_WORDS, stop) + 1):
            key = "".join(word.plain for word in words[start:end])
            if end - start > 1 and words[end - 1].plain in SHORT_MARKERS:
                continue  # "tam an h." is not Tam Anh
            if key in gazetteer.names:
                names = tuple(gazetteer.names[key])
                yield Mention(start, end, names, marker, begins)
            elif names := _short_for(words[start:end], gazetteer):
                yield Mention(start, end, names, marker, begins, short=True)
            else:
                yield from _misspelt(words, start, end, marker, begins, gazetteer)


def _short_for(inside: list[Word], gazetteer: Gazetteer) -> tuple[Name, ...]:
    """Abbreviated are "hc" (a district), "h.châu" and "hchau", but "van" is not Việt An."""
    key = "".join(word.plain for word in inside)
    if inside[0].plain in MARKERS:
        return ()
    names = gazetteer.shorts.get(key, ())
    long = len(key) > 4 or len(inside) > 1
    return tuple(name for name in names if long or name.level is Level.DISTRICT)


def _misspelt(
    words: list[Word], start: int, end: int, marker: str, begins: int, gazetteer: Gazetteer
) -> Iterator[Mention]:
    inside = words[start:end]
    key = "".join(word.plain for word in inside)
    if key in LANDMARKS or len(key) < 4 or inside[0].plain in NOT_AT_FIRST:
        return
    if any(word.number or word.plain in NOT_IN_NAMES for word in inside):
        return
    exact = set(_keys_inside(inside))
    near = [
        (name, off)
        for name, off in gazetteer.near(key, 2 if len(key) > 8 else 1)
        if name.key not in exact and len(name.key) > 4
    ]
    best = near[0][1] if near else 0
    names = tuple(name for name, off in near if off == best)
    if not all(name.level is Level.AWAY for name in names):
        yield Mention(start, end, names, marker, begins, off=best)


def _keys_inside(words: list[Word]) -> Iterator[str]:
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            yield "".join(word.plain for word in words[start:end])


def _tile(spans: Iterable[Mention], stop: int) -> list[Mention]:
    """The spans without overlap whose weights add up to most; a marker overlaps nothing either."""
    by_end: dict[int, list[Mention]] = {}
    for span in spans:
        choices = by_end.setdefault(span.end, [])
        choices.append(span)
        if span.marker:
            choices.append(replace(span, marker="", begins=span.start))
    best: list[tuple[int, tuple[Mention, ...]]] = [(0, ())]
    for end in range(1, stop + 1):
        ways = [best[end - 1]]
        for span in by_end.get(end, ()):
            weight, before = best[span.begins]
            ways.append((weight + span.weight, (*before, span)))
        best.append(max(ways, key=lambda way: way[0]))
    return list(best[stop][1])
