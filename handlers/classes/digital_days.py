"""28 August and 10 October: two weeks before, leaders are asked whether they hold a class."""

from datetime import date, timedelta

from bot.dialogue import Context, Link
from bot.texts import LOCAL_ZONE, Date, Text, _
from storage.class_people import add_suggestions, list_unreminded_leaders
from storage.outbox import Priority

# Month, day: the city's day of digital transformation, and the nation's.
DAYS: dict[tuple[int, int], Text] = {
    (8, 28): _("the digital transformation day of Đà Nẵng"),
    (10, 10): _("the national digital transformation day"),
}
AHEAD = timedelta(days=14)
# Later than a week before, there is no time left to invite anybody.
TOO_LATE = timedelta(days=7)
BATCH = 200


async def suggest_digital_days(ctx: Context) -> int:
    """Suggest a class to leaders who have not been asked for that day; returns to how many."""
    coming = _coming(ctx)
    if coming is None or not ctx.services.calendar.is_daytime(ctx.now):
        return 0
    day, name = coming
    leaders = await list_unreminded_leaders(ctx.conn, day, BATCH)
    fresh = await add_suggestions(ctx.conn, day, leaders)
    words = _(
        "%(day)s is %(name)s, when the whole city learns.\n"
        "Would your team like to hold a class for its residents? It takes a minute to make one.",
        day=Date(day),
        name=name,
    )
    links = [Link(_("Hold a class that day"), f"cnew:{day.isoformat()}")]
    await ctx.notify(fresh, words, links=links, priority=Priority.REMINDER)
    return len(leaders)


def _coming(ctx: Context) -> tuple[date, Text] | None:
    """The day that is to be suggested now."""
    today = ctx.now.astimezone(LOCAL_ZONE).date()
    for (month, day), name in DAYS.items():
        ahead = date(today.year, month, day) - today
        if TOO_LATE <= ahead <= AHEAD:
            return date(today.year, month, day), name
    return None
