"""Checks that every text of the code has a complete and sound translation."""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot.config import ROOT
from bot.texts import LOCALES

_METHODS = [("bot/**.py", "python"), ("handlers/**.py", "python")]
_KEYWORDS = {"_": None, "n_": (1, 2)}
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def list_faults(locale: str = "vi", *, root: Path = ROOT, folder: Path = LOCALES) -> list[str]:
    """What is missing or broken in a language, one line each; empty when all is well."""
    with (folder / locale / "LC_MESSAGES" / "messages.po").open("rb") as po:
        catalogue = read_po(po, locale=locale)
    used = set(_source_strings(root))
    faults = [f"not translated: {msgid!r}" for msgid in sorted(used) if not _has(catalogue, msgid)]
    faults += [f"no longer used: {m.id!r}" for m in catalogue if m.id and _key(m) not in used]
    return faults + [fault for m in catalogue if m.id for fault in _broken(m)]


def _source_strings(root: Path) -> Iterator[str]:
    for _file, _line, message, _comments, _context in extract_from_dir(
        root, _METHODS, keywords=_KEYWORDS
    ):
        yield message if isinstance(message, str) else message[0]


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _has(catalogue: Catalog, msgid: str) -> bool:
    found = catalogue.get(msgid)
    return found is not None and all(_strings(found))


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _broken(message: Message) -> Iterator[str]:
    if message.fuzzy:
        yield f"marked fuzzy: {_key(message)!r}"
    wanted = set(_PLACEHOLDER.findall(_key(message)))
    for text in _strings(message):
        if text and set(_PLACEHOLDER.findall(text)) != wanted:
            yield f"other placeholders than the source: {_key(message)!r}"
        if "%" in _PLACEHOLDER.sub("", text).replace("%%", ""):
            yield f"a stray percent sign: {_key(message)!r}"
