"""Whom an announcement is for: a small tree of conditions, compiled to SQL.

Kept as JSON: {"condition": "unit", "value": "20500"}, {"all": [...]}, {"any": [...]}, {"but": ...}.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator
from sqlalchemy import ColumnElement, and_, not_, or_, select, true

from storage.members import Role
from storage.schema import enrolments, guide_progress, memberships, persons, teams

# Deeper than anybody builds by pressing buttons.
MAX_PARTS = 20

Compile = Callable[[str], ColumnElement[bool]]


def _has_role(*wanted: ColumnElement[bool]) -> ColumnElement[bool]:
    active = memberships.c.removed_at.is_(None)
    return select(1).where(memberships.c.person_id == persons.c.id, active, *wanted).exists()


def in_unit(commune_code: str) -> ColumnElement[bool]:
    """Lives in a unit, or serves in it or in one of its teams."""
    its_teams = select(teams.c.id).where(teams.c.commune_code == commune_code)
    serves = or_(memberships.c.commune_code == commune_code, memberships.c.team_id.in_(its_teams))
    return or_(persons.c.commune_code == commune_code, _has_role(serves))


def in_team(team_id: int) -> ColumnElement[bool]:
    """Lives where a team works, or is one of its members."""
    return or_(persons.c.team_id == team_id, _has_role(memberships.c.team_id == team_id))


def _asked_about(guide_id: str) -> ColumnElement[bool]:
    query = select(1).where(
        guide_progress.c.person_id == persons.c.id, guide_progress.c.guide_id == guide_id
    )
    return query.exists()


def _learns(course_id: str) -> ColumnElement[bool]:
    query = select(1).where(
        enrolments.c.person_id == persons.c.id,
        enrolments.c.course_id == course_id,
        enrolments.c.status == "active",
    )
    return query.exists()


# What may be asked of a person. One more is one more line here.
CONDITIONS: Mapping[str, Compile] = MappingProxyType(
    {
        "everyone": lambda _value: true(),
        "unit": in_unit,
        "team": lambda value: in_team(int(value)),
        "role": lambda value: _has_role(memberships.c.role == Role(value)),
        "guide": _asked_about,
        "course": _learns,
    }
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Is(_Part):
    """One condition of `CONDITIONS` with its value: a unit's code, a team's id, a role, a guide."""

    condition: str
    value: Annotated[str, Field(max_length=64)] = ""

    @model_validator(mode="after")
    def _can_be_asked(self) -> Self:
        if self.condition not in CONDITIONS:
            raise ValueError(f"condition must be one of {', '.join(CONDITIONS)}")
        # A value that can't be compiled is found here and not while sending.
        CONDITIONS[self.condition](self.value)
        return self


class AllOf(_Part):
    """Everybody for whom each part holds."""

    all: Annotated[tuple["Audience", ...], Field(min_length=1, max_length=MAX_PARTS)]


class AnyOf(_Part):
    """Everybody for whom one of the parts holds."""

    any: Annotated[tuple["Audience", ...], Field(min_length=1, max_length=MAX_PARTS)]


class But(_Part):
    """Everybody for whom the part does not hold."""

    but: "Audience"


Audience = Is | AllOf | AnyOf | But
EVERYONE = Is(condition="everyone")

AllOf.model_rebuild()
AnyOf.model_rebuild()
But.model_rebuild()
_ADAPTER: TypeAdapter[Audience] = TypeAdapter(Audience)


def read_audience(value: object) -> Audience:
    """The tree from its JSON. Raises pydantic.ValidationError (a ValueError) on anything else."""
    return _ADAPTER.validate_python(value)


def write_audience(audience: Audience) -> dict[str, object]:
    """The tree as JSON."""
    return audience.model_dump(mode="json")


def matches(audience: Audience) -> ColumnElement[bool]:
    """The condition on `persons` that the tree stands for."""
    match audience:
        case Is():
            return CONDITIONS[audience.condition](audience.value)
        case AllOf():
            return and_(*(matches(part) for part in audience.all))
        case AnyOf():
            return or_(*(matches(part) for part in audience.any))
        case But():
            return not_(matches(audience.but))


def within(commune_code: str | None, team_id: int | None) -> ColumnElement[bool]:
    """As far as an office reaches: a team, a unit, or (neither given) the city."""
    if team_id is not None:
        return in_team(team_id)
    return in_unit(commune_code) if commune_code is not None else true()
