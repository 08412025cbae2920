"""What goes wrong on purpose: by chance, with a seeded generator, or once, for a test."""

import random
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from tests.telegram_emulator.model import Json

Kind = Literal["error_500", "html_502", "reset_before", "reset_after", "slow", "hang", "garbage"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(slots=True)
class Faults:
    """`rates[method][kind]` is a probability; method "*" stands for all.

    error_500, html_502 and garbage (200 without JSON): not taken. reset_before: cut before the
    call is taken; reset_after: taken, then cut. slow: answered after `slow_s`. hang: taken by
    nobody, never answered.
    """

    seed: int = 1
    rates: dict[str, dict[Kind, float]] = field(default_factory=dict)
    slow_s: tuple[float, float] = (0.05, 0.2)
    # Every answer takes at least this long, as on a real network.
    latency_s: float = 0.0
    duplicate_updates: float = 0.0
    reorder_updates: float = 0.0
    unknown_fields: float = 0.0
    missing_fields: float = 0.0
    _rng: random.Random = field(init=False)
    _once: dict[str, deque[Kind | None]] = field(default_factory=lambda: defaultdict(deque))

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)

    def once(self, method: str, kind: Kind, *, after: int = 0) -> None:
        """The next call of a method goes wrong, or a later one, `after` good ones."""
        self._once[method].extend([*[None] * after, kind])

    def pick(self, method: str) -> Kind | None:
        """What happens to this call."""
        waiting = self._once.get(method)
        if waiting:
            return waiting.popleft()
        rates = self.rates.get(method) or self.rates.get("*")
        if not rates:
            return None
        chance = self._rng.random()
        for kind, rate in rates.items():
            chance -= rate
            if chance < 0:
                return kind
        return None

    def slowness_s(self) -> float:
        return self._rng.uniform(*self.slow_s)

    def spoil(self, update: Json) -> list[Json]:
        """What is delivered instead of an update: fields added or lost, or the update twice."""
        if self._happens(self.unknown_fields):
            update = _with_unknown(update)
        if self._happens(self.missing_fields):
            update = _with_missing(update, self._rng)
        return [update, update] if self._happens(self.duplicate_updates) else [update]

    def shuffle(self, batch: list[Any]) -> None:
        if len(batch) > 1 and self._happens(self.reorder_updates):
            self._rng.shuffle(batch)

    def _happens(self, rate: float) -> bool:
        return rate > 0 and self._rng.random() < rate


def _with_unknown(update: Json) -> Json:
    spoilt = {**update, "from_the_future": {"level": 9}}
    if "message" in spoilt:
        spoilt["message"] = {**spoilt["message"], "hologram": {"id": "h"}}
    return spoilt


def _with_missing(update: Json, rng: random.Random) -> Json:
    kind = next((name for name in ("message", "callback_query") if name in update), "")
    if not kind:
        return update
    body = dict(update[kind])
    body.pop(rng.choice(sorted(body)))
    return {**update, kind: body}
