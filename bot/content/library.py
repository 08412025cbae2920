"""All guides and courses of a language, read from their files and checked."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, TypeAdapter, ValidationError

from bot.content.guide import Guide, Line, Slug, Step
from bot.content.lesson import Course, Lesson
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

    Courses are by id, in the order in which they are best learnt; `local` is by the code of
    the commune; pictures of steps lie in the folder `pictures`.
    """

    guides: Mapping[str, Guide]
    courses: Mapping[str, Course]
    categories: Mapping[str, Category]
    rates: Rates
    local: Mapping[str, Local]
    pictures: Path

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read guides, lessons, categories, rates and local offices of a language's folder.

        A file that can't be read raises pydantic's ValidationError or tomllib's; run
        `python -m bot check` for all faults at once with their reasons.
        """
        shelves = _read_categories(folder)
        guides = [_read_guide(file) for file in sorted((folder / "guides").glob("*.toml"))]
        order = list(shelves)
        guides.sort(key=lambda guide: (order.index(guide.category), guide.title))
        courses = [_read_course(file) for file in sorted((folder / "lessons").glob("*.toml"))]
        courses.sort(key=lambda course: course.order)
        return cls(
            {guide.id: guide for guide in guides},
            {course.id: course for course in courses},
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

    def find_lesson(self, lesson_id: str) -> tuple[Course, Lesson] | None:
        """A lesson with its course; None when there is none (any more)."""
        course = self.courses.get(lesson_id.rpartition("-")[0])
        lessons = course.lessons if course else ()
        return next(((course, it) for it in lessons if course and it.id == lesson_id), None)

    def courses_about(self, guide_id: str) -> list[Course]:
        """The courses for somebody who keeps asking for this guide."""
        return [course for course in self.courses.values() if guide_id in course.offered_for]

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


def _read_course(file: Path) -> Course:
    return Course.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class _Known:
    """What files may refer to."""

    rates: Rates
    categories: Mapping[str, Category]
    guides: frozenset[str]
    courses: frozenset[str]
    today: date


def list_content_faults(folder: Path, today: date) -> Iterator[str]:
    """Every fault of every file: file, field, reason."""
    guides, lessons = folder / "guides", folder / "lessons"
    known = _Known(
        Rates.load(folder / "rates.toml"),
        _read_categories(folder),
        frozenset(file.stem for file in guides.glob("*.toml")),
        frozenset(file.stem for file in lessons.glob("*.toml")),
        today,
    )
    for file in sorted(guides.glob("*.toml")):
        yield from (f"guides/{file.name}: {fault}" for fault in _faults_of(file, known))
    for file in sorted(lessons.glob("*.toml")):
        yield from (f"lessons/{file.name}: {fault}" for fault in _faults_of(file, known))


def _faults_of(file: Path, known: _Known) -> Iterator[str]:
    is_guide = file.parent.name == "guides"
    try:
        piece = _read_guide(file) if is_guide else _read_course(file)
    except tomllib.TOMLDecodeError as error:
        yield str(error)
        return
    except ValidationError as error:
        for fault in error.errors():
            yield f"{'.'.join(str(part) for part in fault['loc']) or 'file'}: {fault['msg']}"
        return
    if piece.id != file.stem:
        yield f"id: {piece.id!r} must be the file's name"
    if isinstance(piece, Guide):
        yield from _guide_faults(piece, file.parent, known)
    else:
        yield from _course_faults(piece, known)
    yield from _rate_faults(piece, known)
    yield from list_language_faults(piece)


def _guide_faults(guide: Guide, folder: Path, known: _Known) -> Iterator[str]:
    if guide.category not in known.categories:
        yield f"category: {guide.category!r} is none of {', '.join(known.categories)}"
    for slug in guide.related:
        if slug not in known.guides:
            yield f"related: no guide {slug!r}"
    for index, step in enumerate(guide.steps, 1):
        if step.picture and not (folder / PICTURES / step.picture).exists():
            yield f"steps[{index}].picture: there is no guides/{PICTURES}/{step.picture}"


def _course_faults(course: Course, known: _Known) -> Iterator[str]:
    named = [("offered_for", slug) for slug in course.offered_for]
    named += [("stuck_guide", course.stuck_guide)] if course.stuck_guide else []
    named += [(f"{it.id}.guides", slug) for it in course.lessons for slug in it.guides]
    yield from (f"{field}: no guide {slug!r}" for field, slug in named if slug not in known.guides)
    yield from (f"after: no course {slug!r}" for slug in course.after if slug not in known.courses)


def _rate_faults(piece: Guide | Course, known: _Known) -> Iterator[str]:
    texts = list(piece.readable_texts())
    if isinstance(piece, Guide):
        texts += [
            (f"fees[{index}].amount", f"{{{fee.amount}}}")
            for index, fee in enumerate(piece.fees, 1)
            if isinstance(fee.amount, str)
        ]
    for field, text in texts:
        try:
            known.rates.fill(text, known.today)
        except RateError as error:
            yield f"{field}: {error}"


def list_reviews(folder: Path, today: date) -> Iterator[tuple[date, str]]:
    """Guides and courses past or near their `review_by`, the most overdue first."""
    pieces: list[Guide | Course] = [_read_guide(it) for it in (folder / "guides").glob("*.toml")]
    pieces += [_read_course(it) for it in (folder / "lessons").glob("*.toml")]
    yield from sorted(
        (piece.review_by, piece.id)
        for piece in pieces
        if (piece.review_by - today).days <= REVIEW_SOON_DAYS
    )


__all__ = ["Category", "Library", "Slug", "list_content_faults", "list_reviews"]
