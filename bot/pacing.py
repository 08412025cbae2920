"""Token buckets: how much may leave now, and when the next may."""

from collections.abc import Callable
from dataclasses import dataclass, field

from storage.outbox import OutboxRow


class Bucket:
    """Lets `per_second` through on average and `burst` at once. `monotonic` gives seconds."""

    def __init__(self, per_second: float, burst: float, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = max(burst, 1.0)
        self._monotonic = monotonic
        self._tokens = self._burst
        self._at = monotonic()

    def wait_s(self) -> float:
        """Seconds until one more may pass; 0.0 = now."""
        self._refill()
        return max(0.0, (1.0 - self._tokens) / self._per_second)

    def take(self) -> None:
        """One passes. May be called only when `wait_s` is 0."""
        self._tokens -= 1.0

    def is_full(self) -> bool:
        """Whether nothing has passed for so long that the bucket holds no memory."""
        self._refill()
        return self._tokens >= self._burst

    def _refill(self) -> None:
        now = self._monotonic()
        # A hair more, or a wait rounded down would be followed by another of a nanosecond.
        gained = (now - self._at) * self._per_second + 1e-9
        self._tokens = min(self._burst, self._tokens + gained)
        self._at = now


@dataclass(slots=True)
class ChatQueue:
    """What waits for one chat, most urgent first."""

    bucket: Bucket
    # None for a person; a group has a limit of its own.
    minute: Bucket | None = None
    rows: list[tuple[int, int, OutboxRow]] = field(default_factory=list)
    busy: bool = False
    # After a failure the chat waits, so that what follows doesn't overtake.
    quiet_until: float = 0.0

    def wait_s(self, now: float) -> float:
        """Seconds until the next message may go there."""
        group = self.minute.wait_s() if self.minute else 0.0
        return max(self.bucket.wait_s(), group, self.quiet_until - now)

    def take(self) -> None:
        self.bucket.take()
        if self.minute:
            self.minute.take()

    def is_rested(self) -> bool:
        """Whether nothing would be forgotten by forgetting this queue."""
        return self.bucket.is_full() and (self.minute is None or self.minute.is_full())
