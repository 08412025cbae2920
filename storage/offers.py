"""Requests put to members: to whom, how far away they are, and what each did with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.schema import memberships, offers


@dataclass(frozen=True, slots=True)
class Offer:
    """A request put to one member."""

    id: int
    request_id: int
    membership_id: int
    person_id: int | None
    distance_km: float | None
    status: str


_OFFER = select(
    offers.c.id,
    offers.c.request_id,
    offers.c.membership_id,
    memberships.c.person_id,
    offers.c.distance_km,
    offers.c.status,
).join(memberships, memberships.c.id == offers.c.membership_id)


async def add_offers(
    conn: AsyncConnection,
    request_id: int,
    rung: int,
    distances: dict[int, float | None],
    now: datetime,
) -> None:
    """Put a request to members, by membership id; one who had it before is asked anew."""
    rows = [
        {
            "request_id": request_id,
            "membership_id": membership_id,
            "rung": rung,
            "distance_km": distance_km,
            "status": "offered",
            "offered_at": now,
        }
        for membership_id, distance_km in distances.items()
    ]
    query = insert_for(conn, offers).values(rows)
    renewed = {"status": "offered", "offered_at": now, "rung": rung}
    await conn.execute(
        query.on_conflict_do_update(index_elements=["request_id", "membership_id"], set_=renewed)
    )


async def list_offers(
    conn: AsyncConnection, request_id: int, statuses: Collection[str] = ("offered",)
) -> list[Offer]:
    """To whom this request was put, and what became of it."""
    query = _OFFER.where(offers.c.request_id == request_id, offers.c.status.in_(statuses))
    return [Offer(*row) for row in await conn.execute(query.order_by(offers.c.id))]


async def find_offer(conn: AsyncConnection, request_id: int, person_id: int) -> Offer | None:
    """The offer of this request to this person, under a role that they still have."""
    query = _OFFER.where(
        offers.c.request_id == request_id,
        memberships.c.person_id == person_id,
        memberships.c.removed_at.is_(None),
    )
    row = (await conn.execute(query.order_by(offers.c.id.desc()))).first()
    return Offer(*row) if row else None


async def set_offer(conn: AsyncConnection, offer_id: int, status: str) -> None:
    """Keep what a member did with an offer."""
    await conn.execute(update(offers).where(offers.c.id == offer_id).values(status=status))


async def lapse_offers(conn: AsyncConnection, request_id: int) -> None:
    """Nobody needs to answer any more."""
    where = and_(offers.c.request_id == request_id, offers.c.status == "offered")
    await conn.execute(update(offers).where(where).values(status="lapsed"))
