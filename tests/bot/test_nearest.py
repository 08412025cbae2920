"""The commands that an operator types, each as a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent.parent
HEAD = "Mã tổ,Phường/xã,Tên tổ,Tên cũ,Vĩ độ,Kinh độ,Họ tên,Vai trò,Điện thoại\n"
SQUARE = [[[108.15, 15.9], [108.3, 15.9], [108.3, 16.1], [108.15, 16.1], [108.15, 15.9]]]
HOA_XUAN = {"lat": 15.99, "lon": 108.21}


class Console:
    """A fresh checkout with its own empty database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {name: v for name, v in os.environ.items() if not name.startswith("NGOSO_")}
        # Compiled once for all the processes of this module, and not into the checkout.
        self.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        self.environ["PYTHONPYCACHEPREFIX"] = str(folder.parent / "pycache")
        self.environ["NGOSO_DATABASE__URL"] = f"sqlite:///{folder / 'ngoso.db'}"

    def run(self, *args: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *args],
            cwd=ROOT, env=self.environ, input=stdin, capture_output=True, encoding="utf-8",
            check=False,
        )  # fmt: skip

    def nearest(self, *asked: Any) -> list[dict[str, Any]]:
        lines = "".join(f"{json.dumps(line)}\n" for line in asked)
        return [json.loads(line) for line in self.run("nearest", stdin=lines).stdout.splitlines()]

    def file(self, name: str, content: str) -> str:
        (self.folder / name).write_text(content, encoding="utf-8")
        return str(self.folder / name)


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


@pytest.fixture(scope="module")
def ward_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Without demo data, with one ward's roster."""
    console = Console(tmp_path_factory.mktemp("ward"))
    console.environ["NGOSO_DEMO"] = "false"
    rows = "A,20314,Tổ 1,Tổ 59,15.99,108.211,Lê Tuấn,,\nB,20314,Tổ 2,,16.0,108.2,,,\n"
    console.run("import-teams", console.file("ward.csv", HEAD + rows)).check_returncode()
    return (console.folder / "ngoso.db").read_bytes()


@pytest.fixture
def real(console: Console, ward_database: bytes) -> Console:
    """A ward that has imported its roster."""
    console.environ["NGOSO_DEMO"] = "false"
    (console.folder / "ngoso.db").write_bytes(ward_database)
    return console


def test_a_fresh_checkout_answers_at_once_with_a_commune_and_a_demo_team(
    console: Console,
) -> None:
    sure, named, place = console.nearest(
        {"text": "p. hoa xuan da nang"}, {"text": "tdp 12 hoa xuan"}, HOA_XUAN
    )

    candidate = {"commune_code": "20314", "commune": "Phường Hòa Xuân"}
    assert (sure["commune_code"], sure["sure"], sure["candidates"]) == ("20314", True, [candidate])
    assert sure["team"].startswith("Tổ dân phố ")
    assert named["team"] == "Tổ dân phố 12"
    assert place["distance_km"] < 3
    assert candidate in place["candidates"]


def test_what_is_ambiguous_or_elsewhere_is_not_sure(real: Console) -> None:
    district, away, nothing, far = real.nearest(
        {"text": "quận Hải Châu"},
        {"text": "phường Hải Châu, Thanh Hóa"},
        {"text": "chào bạn"},
        {"lat": 21.03, "lon": 105.85},
    )

    assert [c["commune_code"] for c in district["candidates"]] == ["20242", "20257"]
    assert [line["sure"] for line in (district, away, nothing, far)] == [False] * 4
    for line in (nothing, far):
        assert (line["commune_code"], line["team"], line["candidates"]) == (None, None, [])


def test_a_team_is_found_by_its_former_name_and_an_unknown_one_is_null(real: Console) -> None:
    former, unknown, elsewhere = real.nearest(
        {"text": "tổ 59 cũ, hòa xuân"}, {"text": "tổ 77 hòa xuân"}, {"text": "xã Đại Lộc"}
    )

    assert former["team"] == "Tổ 1"
    assert (unknown["team"], unknown["sure"]) == (None, True)
    assert (elsewhere["team"], elsewhere["sure"]) == (None, True)


def test_a_place_is_asked_about_until_there_are_boundaries(real: Console) -> None:
    feature = {
        "type": "Feature",
        "properties": {"code": "20314"},
        "geometry": {"type": "Polygon", "coordinates": SQUARE},
    }
    geojson = json.dumps({"type": "FeatureCollection", "features": [feature]})

    (before,) = real.nearest(HOA_XUAN)
    imported = real.run("import-boundaries", real.file("b.geojson", geojson))
    inside, outside = real.nearest(HOA_XUAN, {"lat": 16.06, "lon": 108.05})

    assert imported.returncode == 0
    assert (before["sure"], inside["sure"], outside["sure"]) == (False, True, False)
    assert (inside["team"], inside["distance_km"]) == ("Tổ 1", 0.107)


@pytest.mark.parametrize("content", ["{", '{"features": [{"properties": {}}]}'])
def test_unusable_boundaries_change_nothing(console: Console, content: str) -> None:
    done = console.run("import-boundaries", console.file("b.geojson", content))

    assert done.returncode == 1
    assert "nothing was imported" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_line_is_answered_and_the_next_one_too(real: Console) -> None:
    lines = 'x\n[]\n{"lat": "a"}\n{"lat": 91, "lon": 0}\n\n{"text": "xa dai loc"}\n'

    answers = [json.loads(line) for line in real.run("nearest", stdin=lines).stdout.splitlines()]

    assert ["error" in answer for answer in answers] == [True] * 4 + [False]
    assert answers[4]["commune_code"] == "20500"


def test_one_bad_row_and_nothing_is_imported(real: Console) -> None:
    path = real.file("bad.csv", f"{HEAD}C,20314,Tổ 3,,,,,,\nD,Hòa Liên,Tổ 4,,,,,,\n")

    done = real.run("import-teams", path)

    assert done.returncode == 1
    assert done.stdout.startswith("row 3: “Hòa Liên” is not clearly")
    assert real.nearest({"text": "tổ 3 hòa xuân"})[0]["team"] is None


def test_a_dry_run_says_what_would_change_and_changes_nothing(real: Console) -> None:
    path = real.file("more.csv", f"{HEAD}A,20314,Tổ 1,,,,Lê Tuấn,,\nC,20314,Tổ 3,,,,,,\n")

    done = real.run("import-teams", path, "--dry-run")

    assert done.returncode == 0
    assert "teams: 1 would be added, 0 would be changed, 1 would be ended" in done.stdout
    assert real.nearest({"text": "tổ 2 hòa xuân"})[0]["team"] == "Tổ 2"


def test_a_code_of_another_ward_is_refused_with_its_row(real: Console) -> None:
    done = real.run("import-teams", real.file("x.csv", f"{HEAD}A,20500,Thôn 1,,,,,,\n"))

    assert done.returncode == 1
    assert "row 2: the code A belongs to a team of another ward" in done.stdout


def test_the_demo_does_not_mix_with_real_teams(real: Console) -> None:
    done = real.run("demo-roster")

    assert done.returncode == 1
    assert "real teams" in done.stderr


def test_the_demo_roster_twice_changes_nothing(console: Console) -> None:
    first = console.run("demo-roster", "--seed", "3", "--teams", "400")
    second = console.run("demo-roster", "--seed", "3", "--teams", "400")

    assert "400 demo teams in 93 communes: 400 added" in first.stdout
    assert "0 added, 0 changed, 0 ended; members: 0 added" in second.stdout


def test_the_help_names_the_headings(console: Console) -> None:
    shown = console.run("import-teams", "--help").stdout

    assert "Mã tổ, Phường/xã, Tên tổ, Tên cũ, Vĩ độ, Kinh độ, Họ tên, Vai trò" in shown
