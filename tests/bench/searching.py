"""How often the search finds the right guide, and how long it takes."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace

from bot.app import load_guides
from bot.content.guide import Guide
from bot.content.library import Library
from bot.search import GuideFinder
from bot.texts import LOCALES
from tests.bench.load import percentile
from tests.search.measuring import (
    EVERYDAY,
    HELD_OUT,
    TUNED_ON,
    Message,
    fts5,
    markdown,
    measure,
    ours,
    rapidfuzz,
    read_messages,
)

MANY = 2_000
SYLLABLES = 8


def quality() -> str:
    """Tables for the messages that were tuned on and for those that were not."""
    library, finder = load_guides()
    guides = list(library.guides.values())
    methods = {
        "Ngõ Số": ours(finder),
        "SQLite FTS5": fts5(guides),
        "rapidfuzz": rapidfuzz(guides),
    }
    parts = []
    for title, file in (("everyday", EVERYDAY), ("tuned on", TUNED_ON), ("held out", HELD_OUT)):
        if file.exists():
            messages = read_messages(file)
            reports = {name: measure(method, messages) for name, method in methods.items()}
            parts.append(f"Search, messages {title}\n\n{markdown(reports)}")
    return "\n\n".join(parts)


def finders() -> dict[str, GuideFinder]:
    """With the guides as they are, and with many made up from the same syllables."""
    library, finder = load_guides()
    many = _many(library)
    return {
        f"{len(library.guides)} guides": finder,
        f"{MANY:,} guides": GuideFinder.load(many, LOCALES / "vi", learned=None),
    }


def _many(library: Library) -> Library:
    rng = random.Random(3)
    models = list(library.guides.values())
    syllables = sorted(
        {s for guide in models for text in guide.search.phrasings for s in text.split()}
    )
    made = (_made_up(models[n % len(models)], n, rng, syllables) for n in range(MANY))
    return replace(library, guides={guide.id: guide for guide in made})


def _made_up(model: Guide, number: int, rng: random.Random, syllables: Sequence[str]) -> Guide:
    """As many phrasings as the model has, each half the model's and half of any syllables."""
    phrasings = tuple(
        " ".join([*text.split()[:SYLLABLES], *rng.sample(syllables, SYLLABLES)])
        for text in model.search.phrasings[:30]
    )
    search = model.search.model_copy(update={"phrasings": phrasings})
    return model.model_copy(update={"id": f"{model.id}-{number}", "search": search})


def time_finding(finder: GuideFinder, times: int) -> tuple[float, float]:
    """Milliseconds, p50 and p99, of one message."""
    messages: list[Message] = read_messages(EVERYDAY)
    took = []
    for index in range(times):
        text = messages[index % len(messages)].text
        began = time.perf_counter()
        finder.find(text)
        took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 0.5), percentile(took, 0.99)
