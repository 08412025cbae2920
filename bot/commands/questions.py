"""`questions`: what people asked in vain most often, to write the next guide from."""

from argparse import ArgumentParser, Namespace
from collections import defaultdict
from datetime import timedelta

from bot.clock import SystemClock
from bot.config import Settings
from bot.texts import fold
from storage.engine import open_engine
from storage.questions import Question, list_to_learn_from

ALIKE = 0.5


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--days", type=int, default=90, help="how far back (default: 90)")
    parser.add_argument("--top", type=int, default=30, help="how many groups (default: 30)")


async def run(args: Namespace, settings: Settings) -> int:
    """Print groups of alike questions, the commonest first; always 0."""
    engine = open_engine(settings.database.url)
    try:
        async with engine.begin() as conn:
            since = SystemClock().now() - timedelta(days=args.days)
            found = await list_to_learn_from(conn, since)
    finally:
        await engine.dispose()
    groups = sorted(group_alike(found), key=len, reverse=True)
    if not groups:
        print("No question without an answer.")
    for group in groups[: args.top]:
        print(f"{len(group):4}  {group[0].said}")
        print(f"      {_answers(group)}")
    return 0


def group_alike(questions: list[Question]) -> list[list[Question]]:
    """Questions that share at least half of their words, each in the first group that fits."""
    groups: list[tuple[set[str], list[Question]]] = []
    by_word: dict[str, list[int]] = defaultdict(list)
    for question in questions:
        words = set(fold(question.said).split())
        near = {index for word in words for index in by_word[word]}
        fitting = (i for i in sorted(near) if _is_alike(words, groups[i][0]))
        index = next(fitting, None)
        if index is None:
            for word in words:
                by_word[word].append(len(groups))
            groups.append((words, [question]))
        else:
            groups[index][1].append(question)
    return [group for _words, group in groups]


def _is_alike(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)


def _answers(group: list[Question]) -> str:
    """What became of them: no guide, a wrong one, or the one that was meant."""
    counts: dict[str, int] = defaultdict(int)
    for question in group:
        shown = question.guides[0] if question.guides else "nothing"
        meant = question.outcome if question.outcome not in ("", "wrong") else ""
        counts[f"shown {shown}" + (f", meant {meant}" if meant else "")] += 1
    return "; ".join(f"{what} ({count})" for what, count in counts.items())
