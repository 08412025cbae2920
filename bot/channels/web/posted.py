"""What the page posts: read within limits, checked, and turned into an update."""

import json
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from bot.channels.web import words
from bot.channels.web.sessions import Denied
from bot.texts import Words, clean
from bot.types import Incoming, Media, Place

# JSON may write one character as twelve ("\\ud83d\\ude00").
_BYTES_PER_CHAR = 12
_ENVELOPE_BYTES = 4096


class _Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PostedPlace(_Checked):
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class PostedMedia(_Checked):
    ref: Annotated[str, Field(pattern=r"^store:[A-Za-z0-9_-]{16,64}$")]

    @property
    def key(self) -> str:
        return self.ref.removeprefix("store:")


class Posted(_Checked):
    """One message of the page; `id` is the page's own and stays the same when it tries again."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
    text: str = ""
    button: Annotated[str, Field(max_length=200)] | None = None
    label: Annotated[str, Field(max_length=200)] = ""
    message_id: Annotated[str, Field(pattern=r"^[0-9]{0,18}$")] = ""
    place: PostedPlace | None = None
    media: PostedMedia | None = None

    def update(self, chat_key: str, media: Media | None) -> Incoming:
        """The update for the dispatcher; a press says which button, not what was on it."""
        return Incoming(
            channel="web",
            update_id=f"{chat_key}:{self.id}",
            chat_key=chat_key,
            text="" if self.button is not None else clean(self.text),
            button=self.button,
            place=Place(self.place.lat, self.place.lon) if self.place else None,
            media=media,
            message_id=self.message_id,
        )

    def body(self, media: Media | None, mask: Callable[[str], str]) -> dict[str, Any]:
        """What the history keeps: secrets masked, and never where somebody is."""
        if self.button is not None:
            return {"text": mask(clean(self.label)), "button": self.button, "to": self.message_id}
        body: dict[str, Any] = {"text": mask(clean(self.text))}
        if self.place:
            body["place"] = True
        if media:
            body["media"] = media_body(media)
        return body


def media_body(media: Media) -> dict[str, str]:
    """How a "store:" media stands in the body of a message."""
    return {"key": media.ref.removeprefix("store:"), "kind": media.kind, "mime": media.mime}


async def read_posted(request: Request, *, max_chars: int) -> Posted:
    """The message in a request. Raises Denied with what the person can do about it."""
    raw = await read_body(
        request, _ENVELOPE_BYTES + max_chars * _BYTES_PER_CHAR, words.too_long(max_chars)
    )
    try:
        posted = Posted.model_validate(json.loads(raw))
    except (ValueError, ValidationError, RecursionError):
        raise Denied(400, words.NOT_UNDERSTOOD) from None
    if len(clean(posted.text)) > max_chars:
        raise Denied(413, words.too_long(max_chars))
    if posted.button is None and not (posted.place or posted.media or clean(posted.text)):
        raise Denied(400, words.EMPTY)
    return posted


async def read_body(request: Request, max_bytes: int, reason: Words) -> bytes:
    """The body of a request, given up as soon as it is too large. Raises Denied."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > max_bytes:
            raise Denied(413, reason)
    return bytes(content)
