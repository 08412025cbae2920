"""Guides to public services: found, browsed, read step by step, and joined to a person."""

from handlers.guide import cards, ending, finding, flags, pages, shelves, stuck
from handlers.guide.base import START_PREFIX, dialogue
from handlers.guide.finding import answer_question, warn_of_danger
from handlers.guide.pages import cover

__all__ = [
    "START_PREFIX",
    "answer_question",
    "cards",
    "cover",
    "dialogue",
    "ending",
    "finding",
    "flags",
    "pages",
    "shelves",
    "stuck",
    "warn_of_danger",
]
