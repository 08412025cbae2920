"""Distances and areas."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.geo import Area, box_around, distance_km, find_area, moved
from bot.types import Place

DRAGON_BRIDGE = Place(16.0612, 108.2270)
HOI_AN = Place(15.8794, 108.3350)
SQUARE = [[[108.0, 16.0], [109.0, 16.0], [109.0, 17.0], [108.0, 17.0], [108.0, 16.0]]]
HOLE = [[108.4, 16.4], [108.6, 16.4], [108.6, 16.6], [108.4, 16.6], [108.4, 16.4]]
places = st.builds(
    Place, st.floats(min_value=14, max_value=17), st.floats(min_value=107, max_value=109)
)


def test_the_dragon_bridge_is_23_km_from_hoi_an() -> None:
    assert distance_km(DRAGON_BRIDGE, HOI_AN) == pytest.approx(23.3, abs=0.1)


def test_half_way_around_the_globe_is_20015_km() -> None:
    assert distance_km(Place(0, 0), Place(0, 180)) == pytest.approx(20015.1, abs=0.1)


@given(places, places)
def test_there_is_as_far_as_back(a: Place, b: Place) -> None:
    assert distance_km(a, b) == pytest.approx(distance_km(b, a))


@given(places, st.floats(min_value=0.1, max_value=60), st.floats(min_value=0, max_value=6.28))
def test_a_box_holds_everything_within_the_radius(
    center: Place, radius_km: float, angle: float
) -> None:
    away = radius_km * 0.999
    point = moved(center, away * math.sin(angle), away * math.cos(angle))

    assert distance_km(center, point) > radius_km or box_around(center, radius_km).contains(point)


def test_a_point_in_a_hole_is_outside() -> None:
    area = Area.of([[*SQUARE, HOLE]])

    assert area.contains(Place(16.2, 108.2))
    assert not area.contains(Place(16.5, 108.5))
    assert not area.contains(Place(15.9, 108.5))


def test_an_island_belongs_to_its_area() -> None:
    island = [[[110.0, 16.0], [110.1, 16.0], [110.1, 16.1], [110.0, 16.0]]]
    areas = {"a": Area.of([SQUARE, island]), "b": Area.of([[HOLE]])}

    assert find_area(Place(16.02, 110.09), areas) == "a"
    assert find_area(Place(16.02, 111.0), areas) is None
