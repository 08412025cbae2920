"""Browsing: shelves and their guides, most used first, five choices a screen."""

from collections.abc import Mapping, Sequence

from bot.dialogue import Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import _
from handlers.guide.base import dialogue, local_day
from handlers.lists import page_of
from storage.guides import list_opens


@dialogue.command("huongdan", _("Guides to public services"), phrases=["hướng dẫn", "thủ tục"])
async def shelves_command(turn: Turn, argument: str) -> Reply:
    return await shelves(turn)


@dialogue.action("gshelves", browsing=True)
async def shelves(turn: Turn, page: str = "0") -> Reply:
    """All shelves; the one whose guides are opened most stands first."""
    library = turn.services.library
    opens = await list_opens(turn.conn, local_day(turn))
    used = {key: sum(opens.get(guide.id, 0) for guide in library.in_category(key))
            for key in library.categories}  # fmt: skip
    filled = [key for key in library.categories if library.in_category(key)]
    links = [
        Link(f"{library.categories[key].icon} {library.categories[key].title}", f"gshelf:{key}")
        for key in _by_use(filled, used)
    ]
    return Done(_("What is it about?\nYou can also just write it in your own words."),
                page_of(links, read_id(page) or 0, "gshelves"))  # fmt: skip


@dialogue.action("gshelf", browsing=True)
async def shelf(turn: Turn, category: str, page: str = "0") -> Reply:
    library = turn.services.library
    if category not in library.categories:
        raise NotAllowed(_("I don't have that guide any more. Type 0 to see what I can do."))
    opens = await list_opens(turn.conn, local_day(turn))
    guides = {guide.id: guide for guide in library.in_category(category)}
    links = [Link(guides[key].title, f"g:{key}") for key in _by_use(list(guides), opens)]
    title = library.categories[category].title
    return Done(
        _("%(shelf)s: which one?", shelf=title),
        page_of(links, read_id(page) or 0, f"gshelf:{category}"),
    )


def _by_use(keys: Sequence[str], used: Mapping[str, int]) -> list[str]:
    """Most used first; what is used alike keeps its order."""
    return sorted(keys, key=lambda key: -used.get(key, 0))
