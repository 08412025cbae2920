"""`ask` for programs and people; `questions` for whoever writes the next guide."""

import io
import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.commands import questions
from bot.commands.questions import group_alike
from bot.config import load
from storage.engine import open_engine
from storage.migrate import migrate
from storage.questions import Question, add_question, set_outcome


def test_ask_answers_json_lines_in_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [
        "làm khai sinh",
        "lamf giaays khai sinh",
        "kể chuyện cười nghe",
        "cháy nhà rồi cứu với",
    ]
    lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))

    assert main(["ask"]) == 0

    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["text"] for answer in answers] == texts
    assert [answer["decision"] for answer in answers[2:]] == ["none", "danger"]
    for answer in answers[:2]:
        assert answer["decision"] in ("open", "choose")
        assert answer["guides"][0]["id"] in ("khai-sinh", "lien-thong-khai-sinh")
        assert 0 < answer["guides"][0]["score"] <= 1
        assert answer["ms"] > 0


def test_ask_prints_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "mất", "thẻ", "bảo", "hiểm", "y", "tế"]) == 0

    assert "cap-lai-bhyt" in capsys.readouterr().out


def test_ask_says_what_is_wrong_with_a_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"words": "x"}\n'))

    assert main(["ask"]) == 1
    assert 'the form {"text": "..."}' in capsys.readouterr().err


def test_alike_questions_are_counted_together() -> None:
    said = ["xin phép nuôi chim yến", "xin phép nuôi chim yến ở đâu", "thuê xe hoa đám cưới"]
    asked = [Question(n, text, "none", [], "") for n, text in enumerate(said)]

    assert [len(group) for group in group_alike(asked)] == [2, 1]


async def test_questions_lists_what_was_asked_in_vain_and_what_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    monkeypatch.setenv("NGOSO_DATABASE__URL", url)
    engine = open_engine(url)
    await migrate(engine)
    now = datetime.now(UTC)
    async with engine.begin() as conn:
        await add_question(conn, "xin phép nuôi chim yến", "none", [], now)
        await add_question(conn, "xin phép nuôi chim yến ở đâu", "none", [], now)
        wrong = await add_question(conn, "đổi bằng lái", "open", ["cap-lai-gplx"], now)
        await set_outcome(conn, wrong, "doi-gplx")
        await add_question(conn, "làm khai sinh", "open", ["khai-sinh"], now)
    await engine.dispose()

    parser = ArgumentParser()
    questions.configure(parser)
    assert await questions.run(parser.parse_args([]), load()) == 0

    told = capsys.readouterr().out
    assert told.splitlines()[0].split() == ["2", "xin", "phép", "nuôi", "chim", "yến"]
    assert "shown cap-lai-gplx, meant doi-gplx" in told
    assert "làm khai sinh" not in told
