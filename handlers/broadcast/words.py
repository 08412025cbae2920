"""Words and figures about announcements: states, how many on which channel, how long, how far."""

from collections.abc import Mapping
from datetime import timedelta

from bot.config import SenderSettings
from bot.texts import Text, Words, _, join, n_
from storage.broadcast_ledger import AudienceCount, Totals
from storage.broadcasts import Broadcast, State
from storage.outbox import Status
from storage.subscriptions import Kind

STATES: dict[State, Text] = {
    State.DRAFT: _("draft"),
    State.WAITING: _("waits for a second officer"),
    State.SCHEDULED: _("will be sent"),
    State.SENDING: _("is being sent"),
    State.PAUSED: _("paused"),
    State.STOPPED: _("stopped"),
    State.DONE: _("finished"),
    State.WITHDRAWN: _("withdrawn"),
}

KINDS: dict[Kind, Text] = {
    Kind.NEWS: _("news of your neighbourhood and the city"),
    Kind.LESSONS: _("lessons"),
    Kind.EMERGENCY: _("emergencies"),
}

# How platforms are called on screen; one that is not here is called by its own name.
CHANNELS: Mapping[str, Words] = {"web": _("web chat"), "telegram": "Telegram", "zalo": "Zalo"}

_FATES: dict[Status, Text] = {
    Status.FAILED: _("failed %(number)s"),
    Status.UNKNOWN: _("not known %(number)s"),
}
# Why somebody of the audience got nothing.
SKIPPED: dict[str, Text] = {
    "left": _("blocked or gone %(number)s"),
    "muted": _("did not want it %(number)s"),
    "expired": _("too late %(number)s"),
    "stopped": _("stopped before %(number)s"),
}

EVERY: dict[str, Text] = {"weekly": _("every week"), "monthly": _("every month")}

# Of the code by which anybody can check an announcement.
CODE_CHARS = 6
BAR_CELLS = 10
EXCERPT_CHARS = 60


def with_number(words: Text, number: int) -> Text:
    """A text that says how many, with the number in it."""
    return Text(words.msgid, {"number": number})


def channel_name(channel: str) -> Words:
    return CHANNELS.get(channel, channel)


def people(count: int) -> Text:
    return n_("%(count)s person", "%(count)s people", count=count)


def excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_CHARS else f"{line[:EXCERPT_CHARS].rstrip()}…"


# --- before sending -----------------------------------------------------------------------


def time_needed(by_channel: Mapping[str, int], settings: SenderSettings) -> timedelta:
    """How long it takes at the rate that bulk may use; channels work side by side."""
    seconds = (count / settings.bulk_per_second(name) for name, count in by_channel.items())
    return timedelta(seconds=max(seconds, default=0.0))


def how_long(needed: timedelta) -> Text:
    """Rounded up to whole minutes, or hours when it is long."""
    minutes = -(-int(needed.total_seconds()) // 60)
    if minutes <= 1:
        return _("about a minute")
    if minutes < 120:
        return n_("about %(count)s minute", "about %(count)s minutes", count=minutes)
    return _("about %(hours)s hours", hours=round(minutes / 60, 1))


def reach(count: AudienceCount, settings: SenderSettings) -> Words:
    """ "24.303 người, khoảng 17 phút", then how many on each channel and who is left out."""
    total = _(
        "%(people)s, %(time)s",
        people=people(count.reached),
        time=how_long(time_needed(count.by_channel, settings)),
    )
    channels = [
        _("%(channel)s: %(number)s", channel=channel_name(name), number=number)
        for name, number in sorted(count.by_channel.items())
    ]
    return join(total, join(*channels, between=" · "), _left_out(count), between="\n")


def _left_out(count: AudienceCount) -> Words:
    if not count.muted and not count.left:
        return ""
    return _(
        "Not counted: %(muted)s who don't want such messages, %(left)s who left.",
        muted=count.muted,
        left=count.left,
    )


# --- while it runs ------------------------------------------------------------------------


def bar(done: int, of: int) -> str:
    """Ten cells; full only when everybody is dealt with."""
    filled = BAR_CELLS if done >= of else done * BAR_CELLS // of
    return "▓" * filled + "░" * (BAR_CELLS - filled)


def progress(broadcast: Broadcast, sums: Totals, left: timedelta | None) -> Words:
    """How far it is; the same words while nothing changes. `left`: time that it still needs."""
    done = sums.all - sums.waiting
    heading = _(
        "Announcement %(code)s: %(state)s", code=broadcast.code, state=STATES[broadcast.status]
    )
    percent = 100 if done >= sums.all else done * 100 // sums.all
    return join(
        heading,
        _("%(bar)s %(percent)s %%", bar=bar(done, sums.all), percent=percent),
        figures(sums),
        _("Left: %(time)s", time=how_long(left)) if left is not None and sums.waiting else "",
        between="\n",
    )


def figures(sums: Totals) -> Words:
    """ "Sent 20 · failed 1 · blocked 2 · still to send 3", without what is nought."""
    sent = _("sent %(number)s", number=sums.by_status[Status.SENT])
    others = [
        with_number(words, count)
        for words, count in (
            *((_FATES[status], sums.by_status[status]) for status in _FATES),
            *((SKIPPED[reason], sums.by_reason[reason]) for reason in SKIPPED),
            (_("still to send %(number)s"), sums.waiting),
        )
        if count
    ]
    return join(sent, *others, between=" · ")
