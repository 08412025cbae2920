"""Long lists, a few choices at a time."""

from collections.abc import Sequence

from bot.dialogue import MAX_CHOICES, Link
from bot.texts import _

# One choice of the five is the way on.
A_PAGE = MAX_CHOICES - 1


def page_of(links: Sequence[Link], page: int, action: str) -> list[Link]:
    """The links of one page and the way to the next; all of them when they fit on one.

    `action` with the number of the page behind it opens that page.
    """
    if len(links) <= MAX_CHOICES:
        return list(links)
    pages = -(-len(links) // A_PAGE)
    page %= pages
    shown = list(links[page * A_PAGE : (page + 1) * A_PAGE])
    label = _("More") if page + 1 < pages else _("From the beginning")
    return [*shown, Link(label, f"{action}:{(page + 1) % pages}")]
