"""Figures for Prometheus, without personal data: how much, how fast, how long it waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.channels.base import Receive
from bot.types import Incoming
from storage.health import Lateness

ANSWER_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(slots=True)
class Tally:
    """What is looked up anew for every scrape."""

    database: bool
    oldest_unsent_s: float | None = None
    oldest_broadcast_s: float | None = None
    oldest_unclaimed_s: float | None = None
    last_poll_s: float | None = None
    poll_restarts: int | None = None
    # By channel and status; by status.
    messages: Mapping[tuple[str, str], int] = field(default_factory=dict)
    requests: Mapping[str, int] = field(default_factory=dict)
    # What was to be said of classes, by kind and status.
    class_dues: Mapping[tuple[str, str], int] = field(default_factory=dict)
    # Messages about lessons of the last day, by status, and how late reminders left.
    lessons: Mapping[str, int] = field(default_factory=dict)
    lateness: Lateness | None = None


class Metrics:
    """The figures of one bot, in a registry of its own."""

    def __init__(self, failed: Mapping[str, int]) -> None:
        self._registry = CollectorRegistry()
        self._handled = Counter(
            "ngoso_updates_handled",
            "Updates that were dealt with, repeated deliveries included.",
            ["channel"],
            registry=self._registry,
        )
        self._answer_s = Histogram(
            "ngoso_answer_seconds",
            "From an update's arrival until its answers are committed to the outbox.",
            ["channel"],
            buckets=ANSWER_BUCKETS_S,
            registry=self._registry,
        )
        self._latest = _Latest(failed)
        self._registry.register(self._latest)

    def counted(self, receive: Receive) -> Receive:
        async def count(incoming: Incoming) -> None:
            with self._answer_s.labels(incoming.channel).time():
                await receive(incoming)
            self._handled.labels(incoming.channel).inc()

        return count

    def registry_with(self, tally: Tally) -> CollectorRegistry:
        """What to show; to be written out before anything else happens in this loop."""
        self._latest.tally = tally
        return self._registry


class _Latest(Collector):
    """Everything that others count: the dispatcher, the tables, Telegram's poller."""

    def __init__(self, failed: Mapping[str, int]) -> None:
        self._failed = failed
        self.tally = Tally(database=False)

    def collect(self) -> Iterator[Metric]:
        yield self._failures()
        yield GaugeMetricFamily(
            "ngoso_database_up", "1 when the database answers.", value=self.tally.database
        )
        if self.tally.database:
            yield from self._tables()
        if self.tally.poll_restarts is not None:
            yield from self._polls(self.tally.poll_restarts)

    def _failures(self) -> Metric:
        family = CounterMetricFamily(
            "ngoso_updates_failed", "Updates that got an apology or nothing.", labels=["channel"]
        )
        for channel, count in self._failed.items():
            family.add_metric([channel], count)
        return family

    def _tables(self) -> Iterator[Metric]:
        messages = GaugeMetricFamily(
            "ngoso_messages", "Rows of the outbox.", labels=["channel", "status"]
        )
        for labels, count in self.tally.messages.items():
            messages.add_metric(labels, count)
        yield messages
        requests = GaugeMetricFamily("ngoso_requests", "Requests for help.", labels=["status"])
        for status, count in self.tally.requests.items():
            requests.add_metric([status], count)
        yield requests
        dues = GaugeMetricFamily(
            "ngoso_class_notices",
            "What was to be said of classes; missed: too late to be of use.",
            labels=["kind", "status"],
        )
        for labels, count in self.tally.class_dues.items():
            dues.add_metric(labels, count)
        yield dues
        yield from self._reminders()
        for what, seconds in (
            ("unsent", self.tally.oldest_unsent_s),
            ("broadcast", self.tally.oldest_broadcast_s),
            ("unclaimed", self.tally.oldest_unclaimed_s),
        ):
            about = f"How long the oldest {_WAITS[what]} has waited; 0 when none waits."
            yield GaugeMetricFamily(f"ngoso_oldest_{what}_seconds", about, value=seconds or 0)

    def _reminders(self) -> Iterator[Metric]:
        about = "Messages about lessons of the last day; missed: too late to be of use."
        lessons = GaugeMetricFamily("ngoso_lesson_messages", about, labels=["status"])
        for status, count in self.tally.lessons.items():
            lessons.add_metric([status], count)
        yield lessons
        late = GaugeMetricFamily(
            "ngoso_reminder_late_seconds",
            "How much later than promised the reminders of the last day left.",
            labels=["which"],
        )
        if self.tally.lateness is not None:
            late.add_metric(["mean"], self.tally.lateness.mean_s)
            late.add_metric(["most"], self.tally.lateness.most_s)
        yield late

    def _polls(self, restarts: int) -> Iterator[Metric]:
        about = "How often polling Telegram fell silent and was started anew."
        yield CounterMetricFamily("ngoso_telegram_poll_restarts", about, value=restarts)
        if self.tally.last_poll_s is not None:
            about = "Since Telegram last answered a poll."
            yield GaugeMetricFamily(
                "ngoso_telegram_last_poll_seconds", about, value=self.tally.last_poll_s
            )


_WAITS = {
    "unsent": "message that is due (broadcasts apart)",
    "broadcast": "broadcast message",
    "unclaimed": "request that nobody has",
}
