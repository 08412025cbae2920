"""What people get: who says it, what is said, how to check it and how to stop such messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogue import ANNOUNCED_NUMBERS_FROM, Context, Link, number
from bot.texts import Text, Words, _, join
from handlers.broadcast.base import list_offices, office_for
from handlers.words import ROLES, area, commune_name
from storage.broadcasts import Broadcast
from storage.subscriptions import Kind

ACKNOWLEDGE = "ack"
GUIDE = "guide"
CLASS = "class"


@dataclass(frozen=True, slots=True)
class Button:
    """A button of an announcement as its draft keeps it; `value` is an id, or nothing."""

    kind: str
    value: str = ""


def read_buttons(kept: Sequence[Any]) -> list[Button]:
    """The buttons of a draft or a template."""
    return [Button(str(kind), str(value)) for kind, value in kept]


def write_buttons(buttons: Sequence[Button]) -> list[list[str]]:
    return [[button.kind, button.value] for button in buttons]


def button_link(ctx: Context, button: Button, code: str) -> Link | None:
    """What the button does; None when what it opens is gone."""
    if button.kind == ACKNOWLEDGE:
        return Link(_("I have read it"), f"bok:{code}")
    if button.kind == CLASS:
        return Link(_("Sign up for the class"), f"csign:{button.value}")
    guide = ctx.services.library.guides.get(button.value) if button.kind == GUIDE else None
    return Link(guide.title, f"g:{guide.id}") if guide else None


async def scope_name(ctx: Context, broadcast: Broadcast) -> Words:
    """As far as its office reaches: a team, a unit, or the city."""
    if broadcast.team_id is not None:
        return await area(ctx, broadcast.commune_code or "", broadcast.team_id)
    return commune_name(ctx.services.region, broadcast.commune_code) or _("the city of Đà Nẵng")


async def sender_name(ctx: Context, broadcast: Broadcast) -> Words:
    """Name and role of the author, as long as they hold the office."""
    if broadcast.author_id is None:
        return ""
    office = office_for(await list_offices(ctx, broadcast.author_id), broadcast)
    if office is None:
        return ""
    return join(office.member.display_name, ROLES[office.member.role], between=", ")


async def message_body(ctx: Context, broadcast: Broadcast) -> dict[str, Any]:
    """The message as the outbox keeps one, the same for everybody who gets it."""
    words = join(await _heading(ctx, broadcast), broadcast.text, _footing(broadcast))
    links = [button_link(ctx, b, broadcast.code) for b in read_buttons(broadcast.buttons)]
    kept = [link for link in links if link is not None]
    body = ctx.body(words, number(ctx.services, kept, ANNOUNCED_NUMBERS_FROM))
    if broadcast.media:
        body["media"] = list(broadcast.media)
    return body


async def _heading(ctx: Context, broadcast: Broadcast) -> Words:
    from_whom = join(
        await scope_name(ctx, broadcast), await sender_name(ctx, broadcast), between=" · "
    )
    if broadcast.corrects is not None:
        return _("✏️ CORRECTION\n%(sender)s", sender=from_whom)
    if broadcast.kind is Kind.EMERGENCY:
        return _("🚨 EMERGENCY\n%(sender)s", sender=from_whom)
    return _("📢 %(sender)s", sender=from_whom)


def _footing(broadcast: Broadcast) -> Words:
    return join(
        _("Is it genuine? Type /kiemtra %(code)s", code=broadcast.code),
        _how_to_stop(broadcast.kind),
        between="\n",
    )


def _how_to_stop(kind: Kind) -> Text:
    if kind is Kind.EMERGENCY:
        return _("Everybody gets emergencies. Choose the rest: /nhantin")
    return _("No more of these? Type /nhantin")
