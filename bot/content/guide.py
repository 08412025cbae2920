"""What a guide is: one public service, step by step, with where each fact is from."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from bot.content.rates import Certainty, Content

MAX_STEP_WORDS = 60
MAX_COVER_WORDS = 60


def count_words(text: str) -> int:
    """Words as Vietnamese counts them: what stands between spaces."""
    return len(text.split())


def _one_line(text: str) -> str:
    if text != text.strip() or "\n" in text:
        raise ValueError("must be one line without spaces around it")
    return text


Line = Annotated[str, Field(min_length=2, max_length=400), AfterValidator(_one_line)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=40)]
# Facts are often known to the year or the month only.
Since = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")]


class Cover(Content):
    """The first screen: for whom, how much, how long, where; 60 words with the title."""

    for_whom: Line
    cost: Line
    time: Line
    where: Line


class Document(Content):
    """One thing to have ready, ticked off by itself; `when` says who needs it if not everybody."""

    text: Line
    when: Line | None = None


class Fee(Content):
    """What something costs. Without an amount, the reader is told to ask.

    `amount` is in đồng or a reference to rates.toml; `certainty` is "unverified" when nobody
    could confirm it, and then there is no amount.
    """

    what: Line
    amount: Annotated[int, Field(ge=0)] | str | None = None
    condition: Line | None = None
    certainty: Certainty | Annotated[str, Field(pattern="^unverified$")]

    @model_validator(mode="after")
    def _unverified_has_no_figure(self) -> Self:
        if self.certainty == "unverified" and self.amount is not None:
            raise ValueError("an unverified fee must not state an amount")
        if self.certainty != "unverified" and self.amount is None:
            raise ValueError("say the amount, or certainty = 'unverified'")
        return self


class Branch(Content):
    """What may happen instead, and what to do then."""

    when: Line
    do: Line


class Step(Content):
    """One action: what to do and where to tap, then what will be seen."""

    do: Line
    see: Line | None = None
    picture: Annotated[str, Field(pattern=r"^[a-z0-9-]+\.(png|jpg)$")] | None = None
    branches: tuple[Branch, ...] = ()

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        words = count_words(f"{self.do} {self.see or ''}")
        if words > MAX_STEP_WORDS:
            raise ValueError(f"{words} words; a step has at most {MAX_STEP_WORDS}")
        return self


class Law(Content):
    """A legal text that the guide rests on."""

    number: Line
    since: Since | None = None


class Source(Content):
    """A page that a fact is from, and when it was written, as far as known."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$")]
    written: Since | None = None


class Contact(Content):
    """Whom to ring or where to look."""

    name: Line
    reach: Line


class Search(Content):
    """How people ask: names they use, and whole messages as they would type them."""

    aliases: Annotated[tuple[Line, ...], Field(min_length=3)]
    phrasings: Annotated[tuple[Line, ...], Field(min_length=20)]


class Guide(Content):
    """One guide as its file holds it; `unsure` lists what readers are told to ask an officer."""

    id: Slug
    title: Line
    category: Slug
    cover: Cover
    authority: Line
    online: Line | None = None
    in_person: Line | None = None
    unsure: tuple[Line, ...] = ()
    mistakes: Annotated[tuple[Line, ...], Field(min_length=1)]
    scams: Annotated[tuple[Line, ...], Field(min_length=1)]
    related: tuple[Slug, ...] = ()
    checked_on: date
    review_by: date
    documents: tuple[Document, ...] = ()
    fees: tuple[Fee, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=2, max_length=12)]
    contacts: tuple[Contact, ...] = ()
    laws: tuple[Law, ...] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    search: Search

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.review_by <= self.checked_on:
            raise ValueError("review_by must be after checked_on")
        if self.online is None and self.in_person is None:
            raise ValueError("say where it is done: online, in_person or both")
        cover = self.cover
        words = count_words(
            f"{self.title} {cover.for_whom} {cover.cost} {cover.time} {cover.where}"
        )
        # The four labels take eight more.
        if words + 8 > MAX_COVER_WORDS:
            raise ValueError(f"title and cover have {words} words; at most {MAX_COVER_WORDS - 8}")
        return self

    def is_past_review(self, today: date) -> bool:
        """Whether its facts should have been looked at again by now."""
        return today > self.review_by

    def readable_texts(self) -> Iterator[tuple[str, str]]:
        """Every text that a reader will see, with the name of its field."""
        for name in ("for_whom", "cost", "time", "where"):
            yield f"cover.{name}", getattr(self.cover, name)
        for name in ("title", "authority", "online", "in_person"):
            if getattr(self, name):
                yield name, getattr(self, name)
        for name in ("unsure", "mistakes", "scams"):
            for index, text in enumerate(getattr(self, name), 1):
                yield f"{name}[{index}]", text
        yield from self._document_texts()
        yield from self._step_texts()
        for index, law in enumerate(self.laws, 1):
            yield f"laws[{index}]", law.number
        for index, contact in enumerate(self.contacts, 1):
            yield f"contacts[{index}]", f"{contact.name}: {contact.reach}"

    def _document_texts(self) -> Iterator[tuple[str, str]]:
        for index, document in enumerate(self.documents, 1):
            yield f"documents[{index}]", f"{document.text}. {document.when or ''}".strip()
        for index, fee in enumerate(self.fees, 1):
            yield f"fees[{index}]", f"{fee.what}. {fee.condition or ''}".strip()

    def _step_texts(self) -> Iterator[tuple[str, str]]:
        for index, step in enumerate(self.steps, 1):
            yield f"steps[{index}]", f"{step.do} {step.see or ''}".strip()
            for number, branch in enumerate(step.branches, 1):
                yield f"steps[{index}].branches[{number}]", f"{branch.when}. {branch.do}"
