"""All guides of a language, read from their files and checked."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, TypeAdapter, ValidationError

from bot.content.guide import Guide, Line, Slug, Step
from bot.content.plain_language import list_language_faults
from bot.content.rates import Content, RateError, Rates

REVIEW_SOON_DAYS = 30
PICTURES = "pictures"


class Category(Content):
    """A shelf of the library, in the order that people use it."""

    title: Line
    icon: Annotated[str, Field(max_length=4)]


class Local(Content):
    """What a ward says of its own office, shown wherever a guide says where to go."""

    office: Line
    address: Line | None = None
    hours: Line | None = None
    phone: Line | None = None
    checked_on: date


@dataclass(frozen=True, slots=True)
class Library:
    """Guides by id, in the order of their titles within the order of the categories.

    `local` is by the code of the commune; pictures of steps lie in the folder `pictures`.
    """

    guides: Mapping[str, Guide]
    categories: Mapping[str, Category]
    rates: Rates
    local: Mapping[str, Local]
    pictures: Path

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read `guides/`, `categories.toml`, `rates.toml` and `local.toml` of a language's folder.

        A guide that can't be read raises pydantic's ValidationError or tomllib's; run
        `python -m bot check` for all faults at once with their reasons.
        """
        shelves = _read_categories(folder)
        guides = [_read_guide(file) for file in sorted((folder / "guides").glob("*.toml"))]
        order = list(shelves)
        guides.sort(key=lambda guide: (order.index(guide.category), guide.title))
        return cls(
            {guide.id: guide for guide in guides},
            shelves,
            Rates.load(folder / "rates.toml"),
            _read_local(folder),
            folder / "guides" / PICTURES,
        )

    def picture(self, step: Step) -> tuple[bytes, str] | None:
        """The content and MIME type of a step's picture; None for a step without one."""
        if step.picture is None:
            return None
        mime = "image/png" if step.picture.endswith(".png") else "image/jpeg"
        return (self.pictures / step.picture).read_bytes(), mime

    def in_category(self, category: str) -> list[Guide]:
        return [guide for guide in self.guides.values() if guide.category == category]


def _read_categories(folder: Path) -> dict[str, Category]:
    data = tomllib.loads((folder / "categories.toml").read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Category]).validate_python(data)


def _read_local(folder: Path) -> dict[str, Local]:
    data = tomllib.loads((folder / "local.toml").read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Local]).validate_python(data)


def _read_guide(file: Path) -> Guide:
    return Guide.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


def list_content_faults(folder: Path, today: date) -> Iterator[str]:
    """Every fault of every file: file, field, reason."""
    rates = Rates.load(folder / "rates.toml")
    categories = _read_categories(folder)
    known = {file.stem for file in (folder / "guides").glob("*.toml")}
    for file in sorted((folder / "guides").glob("*.toml")):
        for fault in _faults_of(file, rates, categories, known, today):
            yield f"guides/{file.name}: {fault}"


def _faults_of(
    file: Path, rates: Rates, categories: Mapping[str, Category], known: set[str], today: date
) -> Iterator[str]:
    try:
        guide = _read_guide(file)
    except tomllib.TOMLDecodeError as error:
        yield str(error)
        return
    except ValidationError as error:
        for fault in error.errors():
            yield f"{'.'.join(str(part) for part in fault['loc']) or 'guide'}: {fault['msg']}"
        return
    if guide.id != file.stem:
        yield f"id: {guide.id!r} must be the file's name"
    if guide.category not in categories:
        yield f"category: {guide.category!r} is none of {', '.join(categories)}"
    yield from (f"related: no guide {slug!r}" for slug in guide.related if slug not in known)
    for index, step in enumerate(guide.steps, 1):
        if step.picture and not (file.parent / PICTURES / step.picture).exists():
            yield f"steps[{index}].picture: there is no guides/{PICTURES}/{step.picture}"
    yield from _rate_faults(guide, rates, today)
    yield from list_language_faults(guide)


def _rate_faults(guide: Guide, rates: Rates, today: date) -> Iterator[str]:
    texts = list(guide.readable_texts())
    texts += [
        (f"fees[{index}].amount", f"{{{fee.amount}}}")
        for index, fee in enumerate(guide.fees, 1)
        if isinstance(fee.amount, str)
    ]
    for field, text in texts:
        try:
            rates.fill(text, today)
        except RateError as error:
            yield f"{field}: {error}"


def list_reviews(folder: Path, today: date) -> Iterator[tuple[date, str]]:
    """Guides past or near their `review_by`, the most overdue first."""
    due = []
    for file in (folder / "guides").glob("*.toml"):
        guide = _read_guide(file)
        if (guide.review_by - today).days <= REVIEW_SOON_DAYS:
            due.append((guide.review_by, guide.id))
    yield from sorted(due)


__all__ = ["Category", "Library", "Slug", "list_content_faults", "list_reviews"]
