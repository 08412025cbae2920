"""Finds the commune that an address as people type it lies in, or the few that it may be.

The rule above all: never guess silently. What is not clear-cut is `sure=False`.
"""

from dataclasses import dataclass
from itertools import zip_longest

from bot.address_reading import Lead, Reading, consistent
from bot.address_vocabulary import DISTRICT_KINDS, UNIT_KINDS
from bot.address_words import Mention
from bot.communes import Commune, Region
from bot.gazetteer import Gazetteer, Level, Name, key_of
from bot.texts import clean

MAX_CHOICES = 5
MAX_TEXT = 300


@dataclass(frozen=True, slots=True)
class Understanding:
    """`communes`: best first, at most five, empty when nothing was recognised.

    `sure` means exactly one; `rest` is the text without it, which may name the team.
    """

    communes: tuple[Commune, ...]
    sure: bool
    rest: str


@dataclass(frozen=True, slots=True)
class _Choice:
    """What one mention may mean. `linked`: a district is said, and agrees."""

    mention: Mention
    names: tuple[Name, ...]
    linked: bool = False
    doubt: bool = False

    @property
    def communes(self) -> tuple[str, ...]:
        ordered = sorted(self.names, key=lambda name: (name.shortened, not name.current))
        return tuple(dict.fromkeys(code for name in ordered for code in name.communes))


class AddressBook:
    """Understands the addresses of one region; immutable, build it once."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self._gazetteer = Gazetteer.of(region)
        # The provinces that the first one has taken in; today's name covers all of them.
        self._joined = frozenset(key_of(province) for province in region.provinces[1:])

    def understand(self, text: str) -> Understanding:
        """The commune of an address, which may use former names, no diacritics, or slips."""
        reading = Reading.of(clean(text)[:MAX_TEXT], self._gazetteer)
        choices = self._choices(reading)
        codes = _in_turn([choice.communes for choice in choices]) or self._aside(reading)
        sure = len(codes) == 1 and bool(choices) and self._clear(choices, reading)
        used = [choice.mention for choice in choices]
        linked = any(choice.linked for choice in choices)
        used += [m for m in reading.places() if m not in used and _is_context(m, linked)]
        used.sort(key=lambda mention: mention.start)
        communes = tuple(self.region.by_code[code] for code in codes[:MAX_CHOICES])
        return Understanding(communes, sure, reading.rest(used))

    def _choices(self, reading: Reading) -> list[_Choice]:
        """The mentions that decide: marked ones before bare ones, linked ones before others."""
        places = reading.places()
        units = [m for m in places if m.reads(Level.UNIT) and m.marker not in DISTRICT_KINDS]
        found = [self._choose(m, places, reading) for m in units]
        marked = [choice for choice in found if choice.mention.marker in UNIT_KINDS]
        linked = [choice for choice in found if choice.linked and not choice.mention.short]
        if marked:
            return marked + self._rivals(marked, found, places)
        if linked:
            return linked + self._rivals(linked, found, places)
        return self._alone(found, places)

    def _alone(self, found: list[_Choice], places: list[Mention]) -> list[_Choice]:
        """Nothing but bare names: each may be the unit or the former district."""
        bare = [c for c in found if not c.mention.short]
        for mention in places:
            districts = mention.reads(Level.DISTRICT)
            if districts and mention.marker not in UNIT_KINDS and not mention.short:
                bare.append(_Choice(mention, districts))
        bare.sort(key=lambda choice: choice.mention.start)
        return bare or [_Choice(c.mention, c.names, doubt=True) for c in found]

    def _rivals(
        self, chosen: list[_Choice], found: list[_Choice], places: list[Mention]
    ) -> list[_Choice]:
        """Bare names after the chosen ones that say something else. Before them stand streets."""
        first = chosen[0].mention.start
        districts = [m for m in places if m.reads(Level.DISTRICT)]
        return [
            choice
            for choice in found
            if choice not in chosen
            and choice.mention.start > first
            and not choice.mention.short
            and choice.mention not in districts
        ]

    def _choose(self, mention: Mention, places: list[Mention], reading: Reading) -> _Choice:
        names, doubt = self._fitting(mention, reading)
        others = [
            m
            for m in places
            if m is not mention
            and m.reads(Level.DISTRICT)
            and m.marker not in UNIT_KINDS
            and (m.marker or not m.short or any(consistent(n, m) for n in names))
        ]
        if any(consistent(name, m) for m in others for name in names):
            return _linked(_Choice(mention, names, doubt=doubt), others, reading)
        names = _without_shortened(names, mention, linked=False)
        names, strange = _by_marks(names, mention, reading)
        clash = any(m.marker or m.start > mention.start for m in others)
        if clash:
            names = (*self._neighbours(mention, others), *names)
        strange_limit = 1 if mention.marker else 0
        return _Choice(mention, names, doubt=doubt or clash or strange > strange_limit)

    def _fitting(self, mention: Mention, reading: Reading) -> tuple[tuple[Name, ...], bool]:
        """The unit names that agree with the kind and the province that are written."""
        names, doubt = mention.reads(Level.UNIT), False
        if mention.marker in UNIT_KINDS:
            fitting = tuple(name for name in names if name.kind == mention.marker)
            doubt = not fitting and self._confusable(mention)
            names = fitting or names
        if said := reading.home() & self._joined:
            fitting = tuple(name for name in names if name.province in said)
            doubt = doubt or not fitting
            names = fitting or names
        return names, doubt

    def _confusable(self, mention: Mention) -> bool:
        """Whether another unit of the kind that is written is one letter off."""
        near = self._gazetteer.near(mention.names[0].key, 1)
        return any(
            name.level is Level.UNIT and name.kind == mention.marker and off for name, off in near
        )

    def _neighbours(self, mention: Mention, districts: list[Mention]) -> tuple[Name, ...]:
        """Units of the district that is said, spelt nearly like the one that is not in it."""
        near = self._gazetteer.near(mention.names[0].key, 2)
        return tuple(
            name
            for name, off in near
            if name.level is Level.UNIT and off and any(consistent(name, m) for m in districts)
        )

    def _aside(self, reading: Reading) -> tuple[str, ...]:
        """Communes named like the street, landmark or team that is all we recognised."""
        asides = [m for m in reading.mentions if reading.lead(m) is not Lead.PLAIN]
        names = [n for m in asides if not m.short and not m.off for n in m.reads(Level.UNIT)]
        return tuple(dict.fromkeys(code for name in names for code in name.communes))

    def _clear(self, choices: list[_Choice], reading: Reading) -> bool:
        """Whether one commune is not only the best but the only reading."""
        if any(choice.doubt for choice in choices) or reading.loose_marker():
            return False
        if self._is_away(choices[-1], reading):
            return False
        return all(self._stands(choice, reading) for choice in choices)

    def _is_away(self, last: _Choice, reading: Reading) -> bool:
        """Whether another province is said, in a place where it is no street."""
        for mention in reading.mentions:
            if not mention.reads(Level.AWAY) or mention is last.mention:
                continue
            if reading.lead(mention) is Lead.STREET or mention.marker in UNIT_KINDS:
                continue
            if len(mention.reads(Level.AWAY)[0].syllables) == 1 and not reading.apart(mention):
                continue
            if reading.extended(mention, longer=True):
                continue  # Điện Biên Phủ
            linked_unit = mention.reads(Level.UNIT) and last.linked
            if not linked_unit and (mention.start > last.mention.start or not reading.home()):
                return True
        return False

    def _stands(self, choice: _Choice, reading: Reading) -> bool:
        """Whether the mention can be trusted where it stands."""
        mention = choice.mention
        supported = choice.linked or bool(reading.home())
        if reading.extended(mention, choice.names[0].key in self._gazetteer.prefixes):
            return False
        if reading.unknown_after(mention) and not supported:
            return False
        if mention.off > 1 and not choice.linked:
            return False
        if mention.short and not (choice.linked and mention.marker):
            return False
        one_word = len(choice.names[0].syllables) == 1
        if mention.marker in UNIT_KINDS:
            return not one_word or choice.linked or not reading.unknown_after(mention)
        return choice.linked or self._bare_stands(choice, reading, one_word)

    def _bare_stands(self, choice: _Choice, reading: Reading, one_word: bool) -> bool:
        mention = choice.mention
        street = choice.names[0].key in self._gazetteer.streets
        if one_word or (street and not reading.home() & self._joined):
            return False
        if mention.reads(Level.AWAY) or reading.follows_street(mention):
            return False
        if mention.off and (len(choice.names[0].key) < 7 or not reading.home()):
            return False
        return reading.unknown_before(mention) == 0 and not reading.near_landmark(mention)


def _in_turn(lists: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The first of each list, then the second of each, ..."""
    turns = (code for turn in zip_longest(*lists) for code in turn if code)
    return tuple(dict.fromkeys(turns))


def _is_context(mention: Mention, linked: bool) -> bool:
    """Whether it says in which district or province, so that it names no team."""
    known = mention.reads(Level.DISTRICT) or mention.reads(Level.HOME)
    return bool(known) and (linked or not mention.short)


def _linked(choice: _Choice, others: list[Mention], reading: Reading) -> _Choice:
    """The names that lie in the districts that are said; doubtful when the diacritics disagree."""
    mention, names = choice.mention, choice.names
    agreeing = [m for m in others if any(consistent(name, m) for name in names)]
    kept = tuple(n for n in names if all(consistent(n, m) for m in agreeing)) or names
    clash = any(m not in agreeing for m in others if m.marker or m.start > mention.start)
    best_spelt, _wrong = _by_marks(names, mention, reading)
    kept, strange = _by_marks(_without_shortened(kept, mention, linked=True), mention, reading)
    if not set(kept) & set(best_spelt):
        return _Choice(mention, (*kept, *best_spelt), linked=not clash, doubt=True)
    doubt = choice.doubt or clash or strange > 1
    return _Choice(mention, kept, linked=not clash, doubt=doubt)


def _without_shortened(
    names: tuple[Name, ...], mention: Mention, *, linked: bool
) -> tuple[Name, ...]:
    """ "phường Hòa Khánh" is the ward of today; "Hòa Khánh, Liên Chiểu" may be three wards."""
    current = any(name.current and not name.shortened for name in names)
    if mention.marker in UNIT_KINDS and current and not linked:
        return tuple(name for name in names if not name.shortened)
    return names


def _by_marks(
    names: tuple[Name, ...], mention: Mention, reading: Reading
) -> tuple[tuple[Name, ...], int]:
    """The names whose diacritics agree best with those typed, and how many disagree."""
    typed = [word.syllable for word in reading.words[mention.start : mention.end]]
    precise = reading.precise()

    def strange(name: Name) -> tuple[int, int]:
        if len(typed) != len(name.syllables) or mention.off:
            return 0, 0
        pairs = list(zip(typed, name.syllables, strict=True))
        wrong = sum(t.marked and t != n for t, n in pairs)
        missing = sum(n.marked and not t.marked for t, n in pairs)
        return wrong, missing if precise else 0

    best = min(map(strange, names))
    return tuple(name for name in names if strange(name) == best), best[0]
