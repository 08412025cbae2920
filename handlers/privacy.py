"""My data: what is kept, all of it as a file, and forgetting it (Law 91/2025/QH15)."""

import json

from bot.dialogue import Ask, Choice, Dialogue, Done, Link, Reply, Turn
from bot.texts import Words, _, join
from handlers.classes import leave_all
from handlers.finish_request import tell_all_cancelled
from handlers.words import area
from storage.media import keep_media
from storage.members import list_roles, record
from storage.personal import collect, erase
from storage.requests import add_event, cancel_request, list_held_by, list_of_person

dialogue = Dialogue("privacy")


@dialogue.command(
    "dulieu", _("My data"), phrases=["dữ liệu của tôi", "xóa dữ liệu", "thông tin của tôi"]
)
async def data_command(turn: Turn, _argument: str) -> Reply:
    return await show(turn)


@dialogue.action("data", browsing=True)
async def show(turn: Turn) -> Reply:
    """What is kept, in words."""
    kept = await collect(turn.conn, turn.person.id)
    person = turn.person
    lines: list[Words] = [
        _("Name: %(name)s", name=person.display_name) if person.display_name else "",
        _("Phone: %(phone)s", phone=person.phone) if person.phone else "",
        _("Neighbourhood: %(area)s", area=await area(turn, person.commune_code, person.team_id))
        if person.commune_code
        else "",
        _("Requests: %(number)s", number=len(kept["requests"])),
    ]
    if person.consent_version is None:
        lines.insert(0, _("You have not agreed to anything being kept."))
    links = [
        Link(_("Send me all of it as a file"), "export"),
        Link(_("What news I get"), "subs"),
        Link(_("Delete it all"), "erase"),
    ]
    return Done(join(_("This is what I keep about you:"), *lines, between="\n"), links)


@dialogue.action("export")
async def export(turn: Turn) -> Reply:
    kept = await collect(turn.conn, turn.person.id)
    content = json.dumps(kept, ensure_ascii=False, indent=2).encode()
    key = turn.services.new_code(32)
    # Its chat's own, so that it goes when everything else goes.
    media = await keep_media(
        turn.conn, key, "application/json", content, turn.now, chat_id=turn.chat.id
    )
    return Done(
        _("Here is everything I keep about you."), [Link(_("My data"), "data")], media=media
    )


@dialogue.action("erase")
async def ask_erase(turn: Turn) -> Reply:
    """Deleting can't be undone, so it is asked once more, with what it means."""
    alive = await list_of_person(turn.conn, turn.person.id)
    words = join(
        _("Delete everything I keep about you? This can't be undone."),
        _("Your open requests will be cancelled.") if alive else "",
        _("You will also leave your team.") if await list_roles(turn.conn, turn.person.id) else "",
        between="\n",
    )
    choices = [Choice(_("Yes, delete it all"), "yes"), Choice(_("No, keep it"), "no")]
    return Ask(words, choices, then=hear_erase)


@dialogue.step
async def hear_erase(turn: Turn) -> Reply:
    answer = turn.choice(("yes", "no"), otherwise=_("Please press “Yes” or “No”."))
    if answer == "no":
        return Done(_("Good, nothing was deleted."))
    if await list_held_by(turn.conn, turn.person.id):
        words = _(
            "Somebody is counting on your help. Please finish or give back your requests first."
        )
        return Done(words, [Link(_("Requests for me"), "jobs")])
    for request in await list_of_person(turn.conn, turn.person.id):
        cancelled = await cancel_request(turn.conn, request.id, turn.now)
        if cancelled is not None:
            await add_event(turn.conn, request.id, "cancelled", turn.now)
            await tell_all_cancelled(turn, cancelled)
    await leave_all(turn, turn.person.id)
    await erase(turn.conn, turn.person.id, turn.now)
    await record(turn.conn, None, "erased", f"person:{turn.person.id}", turn.now)
    person = turn.chat.person
    person.display_name = person.phone = person.commune_code = None
    person.team_id = person.consent_version = None
    return Done(_("Everything about you is deleted. To begin again one day, type /start."))
