"""What stands around the names in an address: house numbers, streets, landmarks, unknown words."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from bot.address_vocabulary import (
    COMPASS,
    DISTRICT_KINDS,
    FILLERS,
    LANDMARKS,
    LOCATING,
    MARKERS,
    PERSONS,
    PROPER,
    STREET_WORDS,
    TEAM_WORDS,
    WANTING,
)
from bot.address_words import Mention, Word, find_mentions, marker_at, split_words
from bot.gazetteer import Gazetteer, Level, Name


class Lead(Enum):
    """What the words just before a name make of it."""

    PLAIN = "plain"
    STREET = "street"
    LANDMARK = "landmark"
    TEAM = "team"


@dataclass(frozen=True)
class Reading:
    """A text, its words and the names in it."""

    text: str
    words: list[Word]
    mentions: list[Mention]

    @classmethod
    def of(cls, text: str, gazetteer: Gazetteer) -> "Reading":
        words = split_words(text, gazetteer)
        return cls(text, words, find_mentions(words, gazetteer))

    @cached_property
    def _covered(self) -> dict[int, Mention]:
        """Which mention (with its marker) each word belongs to; abbreviations prove nothing."""
        full = [m for m in self.mentions if not m.short]
        return {at: m for m in full for at in range(m.begins, m.end)}

    def lead(self, mention: Mention) -> Lead:
        """PLAIN unless a house number, a street word and so on stands at most a word before."""
        if mention.marker:
            return Lead.PLAIN
        if self._number_follows(mention):
            return Lead.STREET
        at, gap = self._back(mention)
        return self._lead_at(at) if gap < 2 else Lead.PLAIN

    def unknown_before(self, mention: Mention) -> int:
        """Words of no known use between the mention and what comes before it."""
        at, gap = self._back(mention)
        introduced = at >= 0 and self._lead_at(at) is not Lead.PLAIN
        # After a street's start, two words or more are its name.
        return 0 if introduced and gap > 1 else gap

    def unknown_after(self, mention: Mention) -> bool:
        """Whether words of no known use follow, here or in the parts after it."""
        led: int | None = None
        for at in range(mention.end, len(self.words)):
            word = self.words[at]
            if word.plain in WANTING and at not in self._covered:
                return False
            if self._lead_at(at) is not Lead.PLAIN or at in self._covered:
                led = word.segment
            elif (word.segment != led or at == mention.end) and not self._means_nothing(word):
                return True
        return False

    def loose_marker(self) -> bool:
        """Whether a phường, xã, quận, ... is named that is not one of ours."""
        strange = any(
            m.marker in DISTRICT_KINDS and not any(n.level is not Level.UNIT for n in m.names)
            for m in self.mentions
        )
        return strange or any(self._is_loose(at) for at in range(1, len(self.words)))

    def follows_street(self, mention: Mention) -> bool:
        """Whether a street's name ends, with no comma, where this mention begins."""
        at = mention.begins - 1
        if at not in self._covered or self.words[at].segment != self.words[at + 1].segment:
            return False
        return self.lead(self._covered[at]) is not Lead.PLAIN

    def near_landmark(self, mention: Mention) -> bool:
        """Whether a school, a market and so on is named before it, with no comma between."""
        segment = self.words[mention.start].segment
        return any(
            self._lead_at(at) is Lead.LANDMARK
            for at in range(mention.begins)
            if self.words[at].segment == segment
        )

    def extended(self, mention: Mention, longer: bool) -> bool:
        """Whether the next word may belong to the name: "Bắc", or any if a `longer` one exists."""
        if mention.end >= len(self.words) or mention.end in self._covered:
            return False
        after = self.words[mention.end]
        same = after.segment == self.words[mention.end - 1].segment
        known = self._means_nothing(after) or self._lead_at(mention.end) is not Lead.PLAIN
        return same and (after.plain in COMPASS or (longer and not known))

    def apart(self, mention: Mention) -> bool:
        """Whether the mention is a part of its own, has a marker, or ends the text after a name."""
        if mention.end == len(self.words) and mention.start - 1 in self._covered:
            return True
        neighbours = self.words[max(mention.start - 1, 0) : mention.start]
        neighbours += self.words[mention.end : mention.end + 1]
        segment = self.words[mention.start].segment
        return bool(mention.marker) or all(word.segment != segment for word in neighbours)

    def precise(self) -> bool:
        """Whether the text is written with its diacritics, so that a missing one tells."""
        plain = {"da", "nang", "quang"} | PROPER.keys()
        marked = any(word.syllable.marked for word in self.words)
        return marked and not any(
            word.plain in plain and not word.syllable.marked for word in self.words
        )

    def places(self) -> list[Mention]:
        """The mentions that are not the name of a street, a landmark or a team."""
        return [m for m in self.mentions if self.lead(m) is Lead.PLAIN]

    def home(self) -> frozenset[str]:
        """Keys of the home provinces that are said."""
        return frozenset(n.key for m in self.places() for n in m.reads(Level.HOME))

    def rest(self, used: list[Mention]) -> str:
        """The text without the units that were understood."""
        kept, last = [], 0
        for mention in used:
            kept.append(self.text[last : self.words[mention.begins].start])
            last = self.words[mention.end - 1].end
        kept.append(self.text[last:])
        parts = (part.strip(" .,;:-\n\t") for part in "".join(kept).split(","))
        return ", ".join(" ".join(part.split()) for part in parts if part)

    @staticmethod
    def _means_nothing(word: Word) -> bool:
        return word.number or word.plain in FILLERS or word.plain in MARKERS

    def _is_loose(self, at: int) -> bool:
        kind, _begins = marker_at(self.words, at)
        word = self.words[at]
        if not kind or any(m.begins <= at < m.end for m in self.mentions):
            return False
        if self.words[at - 1].segment != word.segment or at - 1 in self._covered:
            return False
        if word.number:
            return self.words[at - 1].plain in ("p", "q", "phuong", "quan") and len(word.plain) < 3
        return word.plain not in FILLERS and word.plain not in MARKERS

    def _number_follows(self, mention: Mention) -> bool:
        """ "An Xuân 2" is a street."""
        if mention.end >= len(self.words) or not mention.reads(Level.UNIT):
            return False
        after = self.words[mention.end]
        return after.number and after.segment == self.words[mention.end - 1].segment

    def _back(self, mention: Mention) -> tuple[int, int]:
        """The nearest word before that is a lead or part of a name (-1: none); words between."""
        at, gap = mention.begins - 1, 0
        segment = self.words[mention.start].segment
        while at >= 0 and self.words[at].segment == segment:
            if at in self._covered or self._lead_at(at) is not Lead.PLAIN:
                return at, gap
            if self.words[at].plain in LOCATING:
                return -1, gap
            if self._is_team_number(at):
                return -1, gap
            gap += self.words[at].plain not in FILLERS
            at -= 1
        return -1, gap

    def _lead_at(self, at: int) -> Lead:
        if at < 0 or at in self._covered:
            return Lead.PLAIN
        one = self.words[at].plain
        same = at > 0 and self.words[at - 1].segment == self.words[at].segment
        two = self.words[at - 1].plain + one if same else ""
        if one in TEAM_WORDS or two in TEAM_WORDS:
            return Lead.TEAM
        if two in LANDMARKS or one in LANDMARKS or one in PERSONS:
            return Lead.LANDMARK
        if one in STREET_WORDS or (self.words[at].number and not self._is_team_number(at)):
            return Lead.STREET
        return Lead.PLAIN

    def _is_team_number(self, at: int) -> bool:
        """ "12" in "tổ 12", "tổ dân phố số 12" or "thôn 3"."""
        if not self.words[at].number:
            return False
        before = at - 1
        while before >= 0 and (self.words[before].number or self.words[before].plain == "so"):
            before -= 1
        return before >= 0 and self._lead_at(before) is Lead.TEAM


def consistent(name: Name, district: Mention) -> bool:
    """Whether the unit lay in the district that is mentioned."""
    return any(d.key in name.districts for d in district.reads(Level.DISTRICT))
