"""What becomes of a message: opened at once, a choice, nothing of ours."""

import json
from argparse import Namespace
from io import StringIO
from pathlib import Path

import pytest

from bot.app import load_guides
from bot.commands import ask
from bot.config import Settings
from bot.search import GuideFinder
from bot.search.classifier import MOST_LEARNED, learn
from bot.search.features import Features
from bot.search.normalise import words_of
from bot.texts import LOCALES


@pytest.mark.parametrize(
    ("text", "guide"),
    [
        ("làm giấy khai sinh cho con ở đâu", "khai-sinh"),
        ("lam giay khai sinh cho con o dau", "khai-sinh"),
        ("lamf giaays khai sinh cho con owr ddaau", "khai-sinh"),
        ("làm giấy khai xinh cho con ở đâu", "khai-sinh"),
        ("bằng lái hết hạn đổi ở mô rứa", "doi-gplx"),
        ("xin lltp đi nước ngoài", "ly-lich-tu-phap"),
        ("đồng hồ nước nhà tui chạy sai", "tien-nuoc"),
    ],
)
def test_what_is_clear_is_opened(finder: GuideFinder, text: str, guide: str) -> None:
    finding = finder.find(text)

    assert (finding.decision, finding.hits[0].id) == ("open", guide)


@pytest.mark.parametrize("text", ["mất giấy tờ"])
def test_what_several_guides_answer_is_a_choice(finder: GuideFinder, text: str) -> None:
    finding = finder.find(text)

    assert finding.decision == "choose"
    assert 2 <= len(finding.hits) <= 4


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "👍👍", "xin chào", "asdfgh", "0905 123 456", "mai trời mưa không",
        "quán bún chả cá nào ngon", "12 Lê Lợi", "cảm ơn con nghe", "x" * 4_000, "? " * 2_000,
    ],
)  # fmt: skip
def test_what_is_not_ours_is_none(finder: GuideFinder, text: str) -> None:
    assert finder.find(text).decision == "none"


def test_scores_lie_between_nothing_and_one_and_fall(finder: GuideFinder) -> None:
    hits = finder.find("làm giấy khai sinh cho con").hits

    scores = [hit.score for hit in hits]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_what_was_learned_is_kept_and_gives_the_same_answers(tmp_path: Path) -> None:
    library, finder = load_guides()
    kept = tmp_path / "new" / "search.npz"

    learned = GuideFinder.load(library, LOCALES / "vi", learned=kept)
    recalled = GuideFinder.load(library, LOCALES / "vi", learned=kept)

    assert kept.exists()
    question = "thẻ bảo hiểm y tế hết hạn đóng tiếp ở đâu"
    assert learned.find(question) == recalled.find(question) == finder.find(question)


def test_a_broken_file_is_learned_anew(tmp_path: Path) -> None:
    library, finder = load_guides()
    kept = tmp_path / "search.npz"
    kept.write_bytes(b"PK\x03\x04 not what it was")

    again = GuideFinder.load(library, LOCALES / "vi", learned=kept)

    assert again.find("làm hộ chiếu") == finder.find("làm hộ chiếu")


def test_very_many_classes_are_averaged_instead_of_learned() -> None:
    texts = [words_of(f"việc số {number}") for number in range(MOST_LEARNED + 1)]
    features = Features.of(texts)
    vectors = [features.vector(text) for text in texts]

    made = learn(vectors, range(len(texts)), len(features.names), len(texts))

    assert made.scores(features.vector(words_of("việc số 7"))).argmax() == 7


async def test_the_command_answers_each_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = '{"text": "làm hộ chiếu"}\n\n{"text": "xin chào"}\n'
    monkeypatch.setattr("sys.stdin", StringIO(lines))

    code = await ask.run(Namespace(text=[]), Settings())

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert code == 0
    assert [answer["decision"] for answer in answers] == ["open", "none"]
    assert answers[0]["guides"][0]["id"] == "ho-chieu"
    assert set(answers[0]) == {"text", "decision", "guides", "ms"}


async def test_the_command_refuses_what_is_no_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("làm hộ chiếu\n"))

    assert await ask.run(Namespace(text=[]), Settings()) == 1


async def test_the_command_answers_people(capsys: pytest.CaptureFixture[str]) -> None:
    await ask.run(Namespace(text=["làm", "hộ", "chiếu"]), Settings())

    assert "Làm hộ chiếu" in capsys.readouterr().out
