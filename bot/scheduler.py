"""When things happen: APScheduler is the clock, the tables know what is due.

A tick asks the tables and works off what it finds, a batch in one transaction. Two workers may
tick at once: rows are locked, and what the other one has is skipped.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.clock import Clock
from bot.dialogue import Context
from bot.dispatcher import Outlet, hand_over, write_posts
from bot.services import Services
from bot.texts import LOCAL_ZONE
from storage import web_chats
from storage.chats import forget_updates
from storage.deadlines import forget_past
from storage.learners import forget_nudges
from storage.personal import forget_old
from storage.questions import forget_questions

log = logging.getLogger(__name__)

TICK_S = 5
HOUSEKEEPING_S = 3600
# Telegram keeps an update for 24 hours; twice that is never delivered again.
UPDATES_KEPT = timedelta(hours=48)
# A question whose answer was right teaches nothing; "not this" is pressed at once or never.
ANSWERED_KEPT = timedelta(days=2)
# What expired can be looked up and answered for this long.
DEADLINES_KEPT = timedelta(days=60)
MAX_BATCHES = 1000

DueJob = Callable[[Context], Awaitable[int]]


class Scheduler:
    """Runs due jobs every few seconds, and keeps house every hour."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        services: Services,
        jobs: Sequence[DueJob],
        outlets: Mapping[str, Outlet],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._services = services
        self._jobs = jobs
        self._outlets = outlets
        self._ticks = AsyncIOScheduler(timezone=LOCAL_ZONE)

    def start(self) -> None:
        """Begin to tick. A tick that was missed is not made up for: the next one sees all."""
        calm = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
        self._ticks.add_job(self.run_due, IntervalTrigger(seconds=TICK_S), **calm)
        self._ticks.add_job(self.keep_house, IntervalTrigger(seconds=HOUSEKEEPING_S), **calm)
        self._ticks.start()

    def stop(self) -> None:
        """No more ticks; one that is under way rolls back and is done again after the start."""
        if self._ticks.running:
            self._ticks.shutdown(wait=False)

    async def run_due(self) -> None:
        """Do everything that is due now."""
        for job in self._jobs:
            for _batch in range(MAX_BATCHES):
                try:
                    if not await self._run(job):
                        break
                except Exception as error:
                    # Its text may quote what a person wrote; the kind is enough to look it up.
                    log.error("due job %s failed: %s", job.__name__, type(error).__name__)
                    break

    async def _run(self, job: DueJob) -> int:
        now = self._clock.now()
        async with self._engine.begin() as conn:
            context = Context(conn, now, self._services)
            done = await job(context)
            await write_posts(conn, context.posts, now, self._outlets)
        hand_over(context.posts, self._outlets)
        return done

    async def keep_house(self) -> None:
        """Forget what is kept no longer than promised."""
        now, settings = self._clock.now(), self._services.settings
        history_before = now - timedelta(days=settings.privacy.keep_history_days)
        requests_before = now - timedelta(days=settings.privacy.keep_requests_days)
        async with self._engine.begin() as conn:
            await forget_updates(conn, now - UPDATES_KEPT)
            await forget_questions(
                conn, answered_before=now - ANSWERED_KEPT, all_before=requests_before
            )
            await forget_past(conn, now.date() - DEADLINES_KEPT)
            await forget_nudges(conn, history_before)
            await forget_old(conn, history_before=history_before, requests_before=requests_before)
            await web_chats.prune(
                conn,
                messages_before=history_before,
                # Pictures belong to requests, which are kept longer than the chat's history.
                media_before=requests_before,
                sessions_before=now - timedelta(days=settings.web.session_days),
            )
