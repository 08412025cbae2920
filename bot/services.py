"""What dialogues may use besides the database, built once in `bot.app` and handed to all."""

import random
from dataclasses import dataclass

from bot.addresses import AddressBook
from bot.announcement_checks import AnnouncementChecks
from bot.communes import Region
from bot.config import Settings
from bot.content.library import Library
from bot.links import StartLinks
from bot.search import GuideFinder
from bot.texts import Texts
from bot.worktime import WorkCalendar

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B: codes are read over the phone and from paper.
CODE_ALPHABET = "3467ACDEFGHJKMNPQRTUVWXY"


@dataclass(frozen=True, slots=True)
class Services:
    """Shared and unchanging. `rng` is a SystemRandom outside tests: codes must not be guessed."""

    settings: Settings
    texts: Texts
    rng: random.Random
    region: Region
    addresses: AddressBook
    calendar: WorkCalendar
    library: Library
    finder: GuideFinder
    announcement_checks: AnnouncementChecks
    links: StartLinks

    def new_code(self, length: int) -> str:
        """A code of letters and digits that can't be confused, at least one of them a letter."""
        while True:
            code = "".join(self.rng.choices(CODE_ALPHABET, k=length))
            if not code.isdigit():
                return code
