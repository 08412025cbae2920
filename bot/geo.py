"""Distances and areas on the globe, in plain Python. Degrees WGS 84, kilometres."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.types import Place

EARTH_RADIUS_KM = 6371.0088
KM_PER_DEGREE = math.pi * EARTH_RADIUS_KM / 180

# GeoJSON order: longitude first; a polygon is its outer ring and then its holes.
Ring = Sequence[Sequence[float]]
Polygon = Sequence[Ring]


@dataclass(frozen=True, slots=True)
class Box:
    """South, west, north, east."""

    south: float
    west: float
    north: float
    east: float

    def contains(self, place: Place) -> bool:
        return self.south <= place.lat <= self.north and self.west <= place.lon <= self.east


@dataclass(frozen=True, slots=True)
class Area:
    """One or more polygons with the box around them, which rules most points out at once."""

    polygons: Sequence[Polygon]
    box: Box

    @classmethod
    def of(cls, polygons: Sequence[Polygon]) -> "Area":
        points = [point for polygon in polygons for point in polygon[0]]
        lons, lats = [point[0] for point in points], [point[1] for point in points]
        return cls(polygons, Box(min(lats), min(lons), max(lats), max(lons)))

    def contains(self, place: Place) -> bool:
        return self.box.contains(place) and any(
            _in_ring(place, polygon[0]) and not any(_in_ring(place, hole) for hole in polygon[1:])
            for polygon in self.polygons
        )


def distance_km(a: Place, b: Place) -> float:
    """The great-circle distance (haversine)."""
    lat_a, lat_b = math.radians(a.lat), math.radians(b.lat)
    half_lat = (lat_b - lat_a) / 2
    half_lon = math.radians(b.lon - a.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_a) * math.cos(lat_b) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(chord)))


def box_around(place: Place, radius_km: float) -> Box:
    """A box that holds every point within the radius (and the corners beyond)."""
    lat = radius_km / KM_PER_DEGREE
    # Meridians come closer towards the pole: the widest needed is at the far edge of the box.
    narrow = max(0.01, math.cos(math.radians(min(89.0, abs(place.lat) + lat))))
    lon = lat / narrow
    return Box(place.lat - lat, place.lon - lon, place.lat + lat, place.lon + lon)


def moved(place: Place, north_km: float, east_km: float) -> Place:
    """The point that lies so far north and east; exact enough for tens of kilometres."""
    lat = place.lat + north_km / KM_PER_DEGREE
    lon = place.lon + east_km / (KM_PER_DEGREE * math.cos(math.radians(place.lat)))
    return Place(lat, lon)


def find_area(place: Place, areas: Mapping[str, Area]) -> str | None:
    """The key of the area that the point lies in."""
    return next((key for key, area in areas.items() if area.contains(place)), None)


def _in_ring(place: Place, ring: Ring) -> bool:
    """Even-odd rule: a ray to the east crosses the ring an odd number of times."""
    inside = False
    lon_b, lat_b = ring[-1][0], ring[-1][1]
    for point in ring:
        lon_a, lat_a = point[0], point[1]
        if (lat_a > place.lat) != (lat_b > place.lat):
            crossing = lon_a + (place.lat - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
            if place.lon < crossing:
                inside = not inside
        lon_b, lat_b = lon_a, lat_a
    return inside
