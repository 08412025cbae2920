"""What a course is: a handful of lessons of five minutes, each tried out on the learner's phone."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bot.content.guide import Line, Slug, Source, count_words
from bot.content.rates import Content

MAX_CARD_SIGNS = 320
MAX_LESSON_MINUTES = 5.0
# Slow readers on a small screen; a practised adult reads about 250 words a minute.
WORDS_A_MINUTE = 100
QUESTION_MINUTES = 0.4

LessonId = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*-\d\d$", max_length=24)]
CardLine = Annotated[Line, Field(max_length=MAX_CARD_SIGNS)]
# Codes of the curriculum, to be matched to the list of 757/QĐ-BKHCN without touching a text.
Skill = Literal["K0", "K1", "K2", "K3", "K4", "K5", "K6"]


class Phone(StrEnum):
    """What the learner holds in the hand; steps differ, so it is asked once."""

    ANDROID = "android"
    IPHONE = "iphone"


class Card(Content):
    """One message: one idea or one action, and what differs from phone to phone."""

    text: CardLine
    android: CardLine | None = None
    iphone: CardLine | None = None

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        if (self.android is None) != (self.iphone is None):
            raise ValueError("say it for both kinds of phone or for none")
        longest = max(len(self.text_for(phone)) for phone in Phone)
        if longest > MAX_CARD_SIGNS:
            raise ValueError(f"{longest} signs; a card has at most {MAX_CARD_SIGNS}")
        return self

    def text_for(self, phone: Phone | None) -> str:
        """What this reader sees; both ways, by name, when the kind of phone is not known."""
        if self.android is None or self.iphone is None:
            return self.text
        if phone is None:
            return f"{self.text}\nAndroid: {self.android}\niPhone: {self.iphone}"
        return f"{self.text}\n{self.android if phone is Phone.ANDROID else self.iphone}"


class Practice(Content):
    """What to try on the own phone, how to see that it worked, and how long it takes."""

    do: CardLine
    see: CardLine
    minutes: Annotated[float, Field(ge=0.5, le=3)]


class Option(Content):
    """An answer, and what is said kindly to somebody who gave it."""

    text: Annotated[Line, Field(max_length=60)]
    why: Annotated[Line, Field(max_length=200)]
    right: bool = False


class Question(Content):
    """One question of the quiz with three answers, of which one is right."""

    ask: Annotated[Line, Field(max_length=160)]
    options: Annotated[tuple[Option, ...], Field(min_length=3, max_length=3)]

    @model_validator(mode="after")
    def _has_one_right_answer(self) -> Self:
        if sum(option.right for option in self.options) != 1:
            raise ValueError("exactly one answer is right")
        if len({option.text for option in self.options}) < len(self.options):
            raise ValueError("two answers are the same")
        return self

    @property
    def right_index(self) -> int:
        return next(index for index, option in enumerate(self.options) if option.right)


class Lesson(Content):
    """Five minutes: cards to read, one thing to try, two or three questions."""

    id: LessonId
    title: Annotated[Line, Field(max_length=60)]
    goal: Annotated[Line, Field(max_length=160)]
    skill: Skill
    phone: Literal["both", "android", "iphone"] = "both"
    guides: tuple[Slug, ...] = ()
    cards: Annotated[tuple[Card, ...], Field(min_length=2, max_length=5)]
    practice: Practice
    stuck: CardLine
    questions: Annotated[tuple[Question, ...], Field(min_length=2, max_length=3)]

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        if self.minutes > MAX_LESSON_MINUTES:
            raise ValueError(f"takes {self.minutes:.1f} minutes; at most {MAX_LESSON_MINUTES:.0f}")
        return self

    @property
    def minutes(self) -> float:
        """How long a slow reader takes, on the phone whose texts are longer."""
        words = max(
            sum(count_words(card.text_for(phone)) for card in self.cards) for phone in Phone
        )
        practice = self.practice.minutes + count_words(self.practice.do) / WORDS_A_MINUTE
        return words / WORDS_A_MINUTE + practice + QUESTION_MINUTES * len(self.questions)

    def suits(self, phone: Phone | None) -> bool:
        """Whether it is for this kind of phone."""
        return phone is None or self.phone in ("both", phone.value)

    def readable_texts(self) -> Iterator[tuple[str, str]]:
        """Every text that a learner will see, with the name of its field."""
        yield "title", self.title
        yield "goal", self.goal
        for index, card in enumerate(self.cards, 1):
            yield f"cards[{index}].text", card.text
            if card.android and card.iphone:
                yield f"cards[{index}].android", card.android
                yield f"cards[{index}].iphone", card.iphone
        yield "practice.do", self.practice.do
        yield "practice.see", self.practice.see
        yield "stuck", self.stuck
        for index, question in enumerate(self.questions, 1):
            yield f"questions[{index}].ask", question.ask
            for number, option in enumerate(question.options, 1):
                yield f"questions[{index}].options[{number}].why", option.why


class Course(Content):
    """Lessons in the order in which they are learnt.

    `offered_for` are guides: who opens one of them twice is offered this course, once.
    `after` are courses that are better done before.
    """

    id: Annotated[Slug, Field(max_length=12)]
    order: Annotated[int, Field(ge=1)]
    icon: Annotated[str, Field(max_length=4)]
    title: Annotated[Line, Field(max_length=40)]
    about: Annotated[Line, Field(max_length=160)]
    audience: Annotated[Line, Field(max_length=160)]
    level: Literal["beginner", "everyday", "further"]
    after: tuple[Slug, ...] = ()
    stuck_guide: Slug | None = None
    offered_for: tuple[Slug, ...] = ()
    checked_on: date
    review_by: date
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    lessons: Annotated[tuple[Lesson, ...], Field(min_length=4, max_length=10)]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.review_by <= self.checked_on:
            raise ValueError("review_by must be after checked_on")
        expected = [f"{self.id}-{number:02}" for number in range(1, len(self.lessons) + 1)]
        if [lesson.id for lesson in self.lessons] != expected:
            raise ValueError(f"the lessons must be called {', '.join(expected)}, in this order")
        return self

    def is_past_review(self, today: date) -> bool:
        """Whether its facts should have been looked at again by now."""
        return today > self.review_by

    def lessons_for(self, phone: Phone | None) -> tuple[Lesson, ...]:
        """The lessons that suit this kind of phone, in order."""
        return tuple(lesson for lesson in self.lessons if lesson.suits(phone))

    def readable_texts(self) -> Iterator[tuple[str, str]]:
        """Every text that a learner will see, with the name of its field."""
        for name in ("title", "about", "audience"):
            yield name, getattr(self, name)
        for lesson in self.lessons:
            yield from ((f"{lesson.id}.{field}", text) for field, text in lesson.readable_texts())
