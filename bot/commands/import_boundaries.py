"""`import-boundaries`: take in the boundaries of the communes, so that a shared place decides."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.communes import Region, load_region
from bot.config import Settings
from bot.geo import Polygon
from storage.boundaries import replace_boundaries
from storage.engine import open_engine
from storage.migrate import migrate

DETAILS = """\
FILE is a GeoJSON FeatureCollection in WGS 84. Each feature is a Polygon or MultiPolygon with the
property "code" (official code) or "name" (such as Phường Hải Châu). What was imported before is
replaced. Without boundaries the bot offers the nearest communes and asks."""


class BoundariesError(Exception):
    """The file can't be used; the message says why."""


def configure(parser: ArgumentParser) -> None:
    parser.epilog = DETAILS
    parser.add_argument("file", type=Path, metavar="FILE", help="a .geojson file")


async def run(args: Namespace, settings: Settings) -> int:
    """1 when the file can't be used: then nothing is imported."""
    region = load_region(settings.region.data)
    try:
        found = dict(_read(json.loads(args.file.read_text(encoding="utf-8")), region))
    except (BoundariesError, OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        print(f"{args.file.name}: {reason}; nothing was imported.", file=sys.stderr)
        return 1
    engine = open_engine(settings.database.url)
    await migrate(engine)
    try:
        async with engine.begin() as conn:
            await replace_boundaries(conn, found)
    finally:
        await engine.dispose()
    missing = [commune.title for commune in region.communes if commune.code not in found]
    print(f"Boundaries of {len(found)} communes imported.")
    if missing:
        print(f"Without a boundary: {', '.join(missing)}")
    return 0


def _read(document: Any, region: Region) -> Iterator[tuple[str, list[Polygon]]]:
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise BoundariesError("not a GeoJSON FeatureCollection")
    for number, feature in enumerate(document["features"], start=1):
        try:
            properties, geometry = feature["properties"], feature["geometry"]
            polygons = _polygons(geometry["type"], geometry["coordinates"])
            label = str(properties.get("code") or properties.get("name") or "")
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            raise BoundariesError(f"feature {number} has no usable polygon") from None
        commune = region.find(label)
        if commune is None:
            raise BoundariesError(f"feature {number}: “{label}” is no commune of the region")
        yield commune.code, polygons


def _polygons(kind: str, coordinates: Any) -> list[Polygon]:
    """Numbers only; an elevation is dropped."""
    if kind not in ("Polygon", "MultiPolygon"):
        raise ValueError
    several = [coordinates] if kind == "Polygon" else coordinates
    polygons: list[Polygon] = [
        [[[float(point[0]), float(point[1])] for point in ring] for ring in polygon]
        for polygon in several
    ]
    if not polygons or any(len(ring) < 4 for polygon in polygons for ring in polygon):
        raise ValueError
    return polygons
