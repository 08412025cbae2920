"""What people want to be told without having asked. Emergencies can't be turned down."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.schema import consents, persons, subscriptions


class Kind(StrEnum):
    """What an announcement is about."""

    NEWS = "news"  # of one's unit, team or the city
    LESSONS = "lessons"
    EMERGENCY = "emergency"  # flood, storm, fraud going round: reaches everybody, also at night


# What one may turn down.
MUTABLE = (Kind.NEWS, Kind.LESSONS)


async def list_wanted(conn: AsyncConnection, person_id: int) -> dict[Kind, bool]:
    """Each kind that can be turned down, and whether this person wants it; at first all."""
    query = select(subscriptions.c.kind, subscriptions.c.wanted).where(
        subscriptions.c.person_id == person_id
    )
    chosen = {Kind(kind): wanted for kind, wanted in await conn.execute(query)}
    return {kind: chosen.get(kind, True) for kind in MUTABLE}


async def choose(
    conn: AsyncConnection, person_id: int, kind: Kind, now: datetime, *, wanted: bool
) -> None:
    """Keep the choice. Raises ValueError for a kind that can't be turned down."""
    if kind not in MUTABLE:
        raise ValueError(f"{kind} can't be turned down")
    row = {"person_id": person_id, "kind": kind, "wanted": wanted, "changed_at": now}
    query = insert_for(conn, subscriptions).values(row)
    query = query.on_conflict_do_update(
        index_elements=["person_id", "kind"], set_={"wanted": wanted, "changed_at": now}
    )
    await conn.execute(query)


def is_muted(kind: Kind) -> ColumnElement[bool]:
    """The condition on `persons`: turned this kind down, or asked to be forgotten."""
    if kind not in MUTABLE:
        return false()
    declined = (
        select(1)
        .where(
            subscriptions.c.person_id == persons.c.id,
            subscriptions.c.kind == kind,
            subscriptions.c.wanted.is_(False),
        )
        .exists()
    )
    withdrew = (
        select(1)
        .where(consents.c.person_id == persons.c.id, consents.c.withdrawn_at.is_not(None))
        .exists()
    )
    return or_(declined, persons.c.consent_version.is_(None) & withdrew)
