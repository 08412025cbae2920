"""Token buckets: how much may leave now, and when the next may."""

from collections.abc import Callable


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
