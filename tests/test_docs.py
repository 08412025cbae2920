"""The README knows every command and every setting."""

from bot.__main__ import COMMANDS
from bot.config import ROOT, keys
from bot.registry import Registry
from handlers import DIALOGUES

README = (ROOT / "README.md").read_text()


def test_every_command_of_the_terminal_is_explained() -> None:
    missing = [name for name in COMMANDS if f"| `{name}" not in README]

    assert missing == []


def test_every_command_of_the_chat_is_explained() -> None:
    described = [name for name, _about in Registry(DIALOGUES).described_commands()]

    assert [name for name in described if f"| `/{name}` |" not in README] == []


def test_no_command_is_explained_that_does_not_exist() -> None:
    registry = Registry(DIALOGUES)
    told = [line.split("`")[1][1:] for line in README.splitlines() if line.startswith("| `/")]

    assert [name for name in told if registry.command(name) is None] == []


def test_every_setting_is_named() -> None:
    rows = [line for line in README.splitlines() if line.startswith("| ")]
    missing = [
        path
        for path in keys()
        if not any(f"`{path[-1]}`" in row and path[0] in row for row in rows)
    ]

    assert [p for p in missing if p != ("demo",)] == []
