"""Announcements used again: templates with blanks, and those that come every week or month."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.broadcasts import (
    DEFAULT_LIFE,
    FROZEN,
    Broadcast,
    State,
    get_broadcast,
    write_ledger,
)
from storage.schema import broadcast_recurrences, broadcast_templates, broadcasts


@dataclass(frozen=True, slots=True)
class Template:
    """A text with blanks; for a team, a unit, or (neither) everybody who may announce."""

    id: int
    name: str
    text: str
    buttons: list[Any]
    commune_code: str | None
    team_id: int | None


_TEMPLATE = tuple(broadcast_templates.c[f.name] for f in fields(Template))


async def add_template(conn: AsyncConnection, created_by: int, now: datetime, **values: Any) -> int:
    """Keep a template (name, text, buttons, commune_code, team_id); returns its id."""
    query = insert(broadcast_templates).values(created_by=created_by, created_at=now, **values)
    return int((await conn.execute(query.returning(broadcast_templates.c.id))).scalar_one())


async def list_templates(
    conn: AsyncConnection, *, commune_code: str | None, team_id: int | None
) -> list[Template]:
    """What somebody of this unit or team may use: their own, and everybody's."""
    columns = broadcast_templates.c
    for_all = and_(columns.commune_code.is_(None), columns.team_id.is_(None))
    own = and_(
        columns.commune_code.is_not_distinct_from(commune_code),
        columns.team_id.is_not_distinct_from(team_id),
    )
    query = (
        select(*_TEMPLATE)
        .where(columns.removed_at.is_(None), or_(for_all, own))
        .order_by(columns.name)
    )
    return [Template(*row) for row in await conn.execute(query)]


async def find_template(conn: AsyncConnection, template_id: int) -> Template | None:
    """The template, as long as it has not been removed."""
    columns = broadcast_templates.c
    query = select(*_TEMPLATE).where(columns.id == template_id, columns.removed_at.is_(None))
    row = (await conn.execute(query)).one_or_none()
    return Template(*row) if row else None


async def remove_template(conn: AsyncConnection, template_id: int, now: datetime) -> bool:
    """Nobody is offered it any more; False when that was so already."""
    columns = broadcast_templates.c
    query = update(broadcast_templates).where(
        columns.id == template_id, columns.removed_at.is_(None)
    )
    return (await conn.execute(query.values(removed_at=now))).rowcount == 1


# --- every week, every month --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Recurrence:
    """An announcement that comes again; `every` is "weekly" or "monthly"."""

    id: int
    broadcast_id: int
    every: str
    next_at: datetime
    until: datetime | None


_RECURRENCE = tuple(broadcast_recurrences.c[f.name] for f in fields(Recurrence))


async def add_recurrence(
    conn: AsyncConnection,
    broadcast_id: int,
    every: str,
    next_at: datetime,
    now: datetime,
    *,
    until: datetime | None = None,
) -> int:
    """Repeat an announcement. Raises IntegrityError when it is repeated already."""
    query = insert(broadcast_recurrences).values(
        broadcast_id=broadcast_id, every=every, next_at=next_at, until=until, created_at=now
    )
    return int((await conn.execute(query.returning(broadcast_recurrences.c.id))).scalar_one())


async def lock_due_recurrences(
    conn: AsyncConnection, now: datetime, limit: int
) -> list[Recurrence]:
    """Those whose time has come, earliest first; another worker doesn't get them meanwhile."""
    columns = broadcast_recurrences.c
    query = (
        select(*_RECURRENCE)
        .where(columns.stopped_at.is_(None), columns.next_at <= now)
        .order_by(columns.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Recurrence(*row) for row in await conn.execute(query)]


async def list_recurrences(conn: AsyncConnection, author_id: int) -> list[Recurrence]:
    """What this person has announced to come again, soonest first."""
    columns = broadcast_recurrences.c
    query = (
        select(*_RECURRENCE)
        .join(broadcasts, broadcasts.c.id == columns.broadcast_id)
        .where(broadcasts.c.author_id == author_id, columns.stopped_at.is_(None))
        .order_by(columns.next_at)
    )
    return [Recurrence(*row) for row in await conn.execute(query)]


async def move_recurrence(conn: AsyncConnection, recurrence_id: int, next_at: datetime) -> None:
    """The next time. Times missed while nobody was there are not made up for: name a future one."""
    query = update(broadcast_recurrences).where(broadcast_recurrences.c.id == recurrence_id)
    await conn.execute(query.values(next_at=next_at))


async def stop_recurrence(conn: AsyncConnection, recurrence_id: int, now: datetime) -> bool:
    """It does not come again; False when that was so already."""
    columns = broadcast_recurrences.c
    query = update(broadcast_recurrences).where(
        columns.id == recurrence_id, columns.stopped_at.is_(None)
    )
    return (await conn.execute(query.values(stopped_at=now))).rowcount == 1


async def repeat(
    conn: AsyncConnection,
    model: Broadcast,
    *,
    code: str,
    body: dict[str, Any],
    send_at: datetime,
    now: datetime,
) -> Broadcast:
    """The same once more, to whoever belongs to its audience now; schedules and freezes it.

    Raises ValueError when the model was never confirmed or approved, or has been withdrawn.
    """
    if model.status not in FROZEN or model.status is State.WITHDRAWN:
        raise ValueError(f"announcement {model.id} is {model.status}")
    copied = (
        "kind", "author_id", "commune_code", "team_id", "text", "media", "buttons", "audience",
        "approved_by",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(model, name) for name in copied}
    query = insert(broadcasts).values(
        **values,
        code=code,
        status=State.SCHEDULED,
        body=body,
        audience_count=0,
        send_at=send_at,
        expires_at=send_at + _life(model),
        created_at=now,
        frozen_at=now,
        repeats=model.repeats or model.id,
    )
    made = (await conn.execute(query.returning(broadcasts.c.id))).scalar_one()
    await write_ledger(conn, await get_broadcast(conn, made))
    return await get_broadcast(conn, made)


def _life(model: Broadcast) -> timedelta:
    begin = model.send_at or model.frozen_at
    return model.expires_at - begin if model.expires_at and begin else DEFAULT_LIFE
