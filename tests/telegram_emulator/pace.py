"""How fast the emulated Telegram lets a bot write before it answers 429."""

import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from tests.telegram_emulator.model import Refusal


@dataclass(frozen=True, slots=True)
class PaceLimits:
    """Figures of https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this"""

    per_second: float = 30.0
    per_chat_per_second: float = 1.0
    chat_burst: int = 3
    per_group_per_minute: float = 20.0


class _Bucket:
    def __init__(self, per_second: float, burst: float, now: float) -> None:
        self.per_second, self.burst = per_second, burst
        self.tokens, self.at = burst, now

    def wait_s(self, now: float) -> float:
        """0 when one more is allowed now."""
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.per_second)
        self.at = now
        return 0.0 if self.tokens >= 1.0 else (1.0 - self.tokens) / self.per_second


class Pace:
    """Counts what is sent. `limits` None = no limits."""

    def __init__(
        self, limits: PaceLimits | None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._all: _Bucket | None = None
        self._chats: dict[int, _Bucket] = {}
        self.refused: dict[int, int] = defaultdict(int)

    def check(self, chat_id: int) -> None:
        """Count one message to this chat, or raise a 429."""
        if self.limits is None:
            return
        now = self._monotonic()
        buckets = (self._whole(self.limits, now), self._chat(self.limits, chat_id, now))
        wait_s = max(bucket.wait_s(now) for bucket in buckets)
        if wait_s > 0:
            self.refused[chat_id] += 1
            seconds = max(1, math.ceil(wait_s))
            reason = f"Too Many Requests: retry after {seconds}"
            raise Refusal(429, reason, retry_after=seconds)
        for bucket in buckets:
            bucket.tokens -= 1

    def _whole(self, limits: PaceLimits, now: float) -> _Bucket:
        if self._all is None:
            self._all = _Bucket(limits.per_second, limits.per_second, now)
        return self._all

    def _chat(self, limits: PaceLimits, chat_id: int, now: float) -> _Bucket:
        bucket = self._chats.get(chat_id)
        if bucket is None:
            if chat_id < 0:
                per_minute = limits.per_group_per_minute
                bucket = _Bucket(per_minute / 60, per_minute, now)
            else:
                bucket = _Bucket(limits.per_chat_per_second, limits.chat_burst, now)
            self._chats[chat_id] = bucket
        return bucket
