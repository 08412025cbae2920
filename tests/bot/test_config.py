"""Settings: what may be set, where, and how a mistake is told."""

import os
import tomllib

import pytest

from bot.config import PREFIX, ROOT, SECRETS, SettingsError, keys, load


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: "os.PathLike[str]") -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_token_it_is_a_demo() -> None:
    assert load().is_demo


def test_with_a_token_it_is_no_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NGOSO_TELEGRAM__TOKEN", "1:abc")

    assert not load().is_demo


def test_any_key_can_be_set_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NGOSO_WEB__PORT", "9000")
    monkeypatch.setenv("NGOSO_DATABASE__URL", "postgresql://localhost/ngoso")

    settings = load()

    assert settings.web.port == 9000
    assert settings.database.url == "postgresql://localhost/ngoso"


def test_a_dotenv_file_is_read(tmp_path: "os.PathLike[str]") -> None:
    with open(os.path.join(tmp_path, ".env"), "w") as file:
        file.write("NGOSO_WEB__PORT=9001\n")

    assert load().web.port == 9001


MISTAKES = [
    ("NGOSO_WEB__PORT", "many", "web.port"),
    ("NGOSO_WEB__PORTT", "1", "NGOSO_WEB__PORTT: no such setting"),
    ("NGOSO_HELP__DAY_STARTS", "30", "help.day_starts"),
    ("NGOSO_DATABASE__URL", "mysql://x", "must start with sqlite:/// or postgresql://"),
    ("NGOSO_REGION__DATA", "hue", "must be one of danang"),
    ("NGOSO_HELP__RUNG_MINUTES", "[600,600,600,600,600]", "add up to at most 1440"),
]


@pytest.mark.parametrize(("name", "value", "told"), MISTAKES)
def test_a_mistake_names_the_key_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=None) as caught:
        load()

    assert told in str(caught.value)


def test_config_toml_has_every_key_that_is_no_secret_with_a_comment() -> None:
    text = (ROOT / "config.toml").read_text()
    values = tomllib.loads(text)
    secrets = {*SECRETS, ("demo",)}

    for path in set(keys()) - secrets:
        assert path[1] in values[path[0]], path
        before = text.split(f"\n{path[1]} = ")[0].rsplit("\n", 1)[1]
        assert before.startswith("#") or "(" in path[1], path
