"""A message as it stands in the outbox, made into what channels take."""

from typing import Any, get_args

from bot.types import Button, Media, MediaKind, Outgoing, Place


def to_outgoing(body: dict[str, Any]) -> Outgoing:
    """A message as it stands in the outbox, as channels take it."""
    buttons = tuple(
        Button(label, action, number) for number, label, action in body.get("buttons", ())
    )
    media = None
    if "media" in body:
        kind, ref, mime = body["media"]
        kinds: tuple[MediaKind, ...] = get_args(MediaKind)
        media = Media(next(k for k in kinds if k == kind), ref, mime)
    place = Place(*body["place"]) if "place" in body else None
    return Outgoing(
        body["text"],
        buttons,
        media,
        place,
        ask_place=bool(body.get("ask_place")),
        ask_contact=bool(body.get("ask_contact")),
        edits=str(body.get("edits", "")),
    )
