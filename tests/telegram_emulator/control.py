"""Drives the emulator's people over HTTP, for a person at a shell or another process."""

from typing import TYPE_CHECKING, Any

from tests.telegram_emulator.model import Json, Received, bad
from tests.telegram_emulator.people import User

if TYPE_CHECKING:
    from tests.telegram_emulator.api import BotApi


class Console:
    """POST /control/ACTION with JSON such as {"user": 7, "text": "xin chào"}."""

    def __init__(self, api: "BotApi") -> None:
        self._api = api

    async def run(self, action: str, params: Json) -> Any:
        if action == "calls":
            return [[call.method, call.params, call.status] for call in self._api.calls]
        user = self._api.user(int(params.get("user", 1)), str(params.get("name", "Lan")))
        if action == "read":
            return [_shown(message) for message in user.read]
        if action == "wait":
            found = await user.wait_for(str(params.get("text", "")), params.get("timeout_s", 5.0))
            return _shown(found)
        return await _act(user, action, params)


async def _act(user: User, action: str, params: Json) -> Any:
    if action == "says":
        return await user.says(str(params["text"]))
    if action == "presses":
        try:
            return (await user.presses(str(params["text"]))).id
        except LookupError as error:
            raise bad(str(error)) from None
    if action == "place":
        return await user.shares_place(float(params["lat"]), float(params["lon"]))
    simple = {
        "photo": user.sends_photo,
        "voice": user.sends_voice,
        "sticker": user.sends_sticker,
        "blocks": user.blocks,
        "unblocks": user.unblocks,
    }
    if action not in simple:
        raise bad(f"no such action; there are says, presses, place, read, wait, {list(simple)}")
    return await simple[action]()


def _shown(message: Received) -> Json:
    return {
        "message_id": message.message_id,
        "kind": message.kind,
        "text": message.text,
        "buttons": message.labels,
    }
