"""The boundaries of the communes, where somebody has imported them; without them a place asks."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.geo import Area, Polygon
from storage.schema import boundaries


async def replace_boundaries(
    conn: AsyncConnection, polygons: Mapping[str, Sequence[Polygon]]
) -> None:
    """Forget all boundaries and keep these, by commune code; polygons in GeoJSON order."""
    await conn.execute(delete(boundaries))
    rows = [{"commune_code": code, "polygons": found} for code, found in polygons.items()]
    if rows:
        await conn.execute(insert(boundaries), rows)


async def load_boundaries(conn: AsyncConnection) -> dict[str, Area]:
    """All boundaries by commune code, empty without an import."""
    rows = await conn.execute(select(boundaries.c.commune_code, boundaries.c.polygons))
    return {code: Area.of(polygons) for code, polygons in rows}
