"""Begins, expires and ends announcements when their time has come; senders do the rest."""

from bot.dialogue import Context
from storage.broadcast_queue import expire_due, finish_done, skip_stopped, start_due


async def run_due_broadcasts(ctx: Context) -> int:
    """Do what is due; returns how many announcements and recipients it concerned."""
    done = 0
    for work in (start_due, expire_due, skip_stopped, finish_done):
        done += await work(ctx.conn, ctx.now)
    return done
