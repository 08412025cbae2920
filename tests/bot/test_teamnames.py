"""Which team of a commune is meant."""

import pytest

from bot.teamnames import match_teams
from bot.types import Place
from storage.teams import Team


def team(number: int, name: str, *former: str) -> Team:
    return Team(number, str(number), "20314", name, Place(16.0, 108.2), former)


WARD = [
    team(1, "Tổ dân phố 1"),
    team(2, "Tổ dân phố 12", "Tổ 58", "Tổ 59"),
    team(3, "Tổ dân phố 21", "Tổ 12"),
    team(4, "Tổ dân phố 120"),
]
VILLAGES = [
    team(5, "Thôn Phú Sơn"),
    team(6, "Thôn Phú Sơn Nam"),
    team(7, "Thôn 3", "Thôn Thạch Nham"),
    team(8, "Thôn Đông Hòa"),
    team(9, "Thôn Đồng Hòa"),
]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("tdp 1", "Tổ dân phố 1"),
        ("Tổ dân phố số 1", "Tổ dân phố 1"),
        ("to 120", "Tổ dân phố 120"),
        ("tổ 59 cũ", "Tổ dân phố 12"),
        ("to 59", "Tổ dân phố 12"),
        ("to 12 cu", "Tổ dân phố 21"),
        ("21", "Tổ dân phố 21"),
        ("toor 1", "Tổ dân phố 1"),
    ],
)
def test_a_number_finds_its_team(text: str, name: str) -> None:
    match = match_teams(text, WARD)

    assert match.sure
    assert match.teams[0].name == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("thon phu son nam", "Thôn Phú Sơn Nam"),
        ("thôn phú sơn", "Thôn Phú Sơn"),
        ("phu son", "Thôn Phú Sơn"),
        ("thôn 3", "Thôn 3"),
        ("thach nham", "Thôn 3"),
        ("thon thach nhamm", "Thôn 3"),
        ("to 5 thon phu son", "Thôn Phú Sơn"),
        ("thôn Đồng Hòa", "Thôn Đồng Hòa"),
    ],
)
def test_a_name_finds_its_team(text: str, name: str) -> None:
    match = match_teams(text, VILLAGES)

    assert match.sure
    assert match.teams[0].name == name


def test_a_number_that_was_another_teams_before_is_asked_about() -> None:
    match = match_teams("tổ 12", WARD)

    assert not match.sure
    assert {found.id for found in match.teams} == {2, 3}


def test_names_alike_without_diacritics_are_asked_about() -> None:
    match = match_teams("thon dong hoa", VILLAGES)

    assert not match.sure
    assert {found.id for found in match.teams} == {8, 9}


@pytest.mark.parametrize("text", ["", "tổ 99", "12 Nguyễn Văn Linh", "thôn Trung Lương"])
def test_what_names_no_team_finds_none(text: str) -> None:
    assert match_teams(text, WARD).teams == ()
