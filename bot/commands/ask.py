"""`ask`: which guide is meant by a message, for people and, as JSON lines, for programs."""

import json
import sys
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

from bot.config import Settings
from bot.content.library import Library
from bot.search import Finding, GuideFinder
from bot.texts import LOCALES

DETAILS = """\
With a text, the answer is printed for people. Without one, each line of standard input is
{"text": "..."} and each line of output {"text", "decision", "guides": [{"id", "score"}], "ms"}.
decision: open = the first guide at once; choose = up to four to choose from; none = about nothing
that we know; danger = an emergency number first. No database and no network is used.
"""


def configure(parser: ArgumentParser) -> None:
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = DETAILS
    parser.add_argument("text", nargs="*", help="what somebody may write")


async def run(args: Namespace, settings: Settings) -> int:
    """Answer the text, or every line of standard input; 1 when a line can't be read."""
    library = Library.load(LOCALES / "vi")
    finder = GuideFinder.load(library, LOCALES / "vi")
    if args.text:
        _print_for_people(finder.find(" ".join(args.text)), library)
        return 0
    for line in sys.stdin:
        if line.strip() and not _answer_line(finder, line):
            return 1
    return 0


def _answer_line(finder: GuideFinder, line: str) -> bool:
    try:
        text = str(json.loads(line)["text"])
    except (ValueError, TypeError, KeyError):
        print('Not a line of the form {"text": "..."}', file=sys.stderr)
        return False
    began = time.perf_counter()
    found = finder.find(text)
    took = (time.perf_counter() - began) * 1000
    guides = [{"id": hit.id, "score": hit.score} for hit in found.hits]
    answer = {"text": text, "decision": found.decision, "guides": guides, "ms": round(took, 3)}
    print(json.dumps(answer, ensure_ascii=False), flush=True)
    return True


def _print_for_people(found: Finding, library: Library) -> None:
    print(found.decision + (f" ({found.danger})" if found.danger else ""))
    for hit in found.hits:
        print(f"{hit.score:6.2f}  {hit.id:28} {library.guides[hit.id].title}")
