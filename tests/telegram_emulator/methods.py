"""The Bot API's methods, as strict as the real ones. Each takes parameters, returns a result."""

import re
from collections.abc import Callable
from typing import Any

from tests.telegram_emulator.checks import (
    check_caption,
    check_keyboard,
    check_text,
    number,
    structure,
)
from tests.telegram_emulator.model import Chat, Json, Received, Refusal, bad
from tests.telegram_emulator.updates import DEFAULT_KINDS
from tests.telegram_emulator.world import World

Method = Callable[[Json], Any]

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
_SUFFIX = {"photo": ".jpg", "voice": ".oga", "audio": ".mp3", "document": ""}


class Methods:
    """`table` finds a method by its name in lower case; the real ones don't mind case either."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.table: dict[str, Method] = {
            "getme": lambda _params: world.bot,
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
            "sendmessage": self._send_message,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_keyboard,
            "deletemessage": self._delete_message,
            "answercallbackquery": self._answer_press,
            "sendphoto": lambda params: self._send_file("photo", params),
            "sendvoice": lambda params: self._send_file("voice", params),
            "sendaudio": lambda params: self._send_file("audio", params),
            "senddocument": lambda params: self._send_file("document", params),
            "sendlocation": self._send_location,
            "sendchataction": self._chat_action,
            "setmycommands": self._set_commands,
            "getmycommands": lambda _params: world.commands,
            "getfile": self._get_file,
        }

    # --- messages --------------------------------------------------------------------------

    def _send_message(self, params: Json) -> Json:
        text, markup = check_text(params), check_keyboard(params)
        chat = self._open(params)
        return self._show(chat, Received(0, chat.id, "text", text), markup, text=text)

    def _open(self, params: Json) -> Chat:
        """The chat to write to, if it may be written to now."""
        chat = self._world.chat_for(params)
        _check_reply_to(chat, params)
        self._world.pace.check(chat.id)
        return chat

    def _show(self, chat: Chat, message: Received, markup: Json, **more: Any) -> Json:
        message.message_id = chat.next_message_id()
        message.inline = markup.get("inline_keyboard", [])
        message.keyboard = [
            [{"text": b} if isinstance(b, str) else b for b in row]
            for row in markup.get("keyboard", [])
        ]
        if message.keyboard and chat.id < 0 and _asks_for_private_things(message):
            raise bad("phone number can be requested in private chats only")
        self._world.show(chat, message)
        return self._world.message_json(chat, message, **more)

    def _edit_text(self, params: Json) -> Json:
        text, markup = check_text(params), check_keyboard(params)
        chat = self._world.chat_for(params)
        message = self._editable(chat, params)
        if message.kind != "text":
            raise bad("there is no text in the message to edit")
        inline = markup.get("inline_keyboard", [])
        if (message.text, message.inline) == (text, inline):
            raise bad(NOT_MODIFIED)
        self._world.pace.check(chat.id)
        message.text, message.inline = text, inline
        self._world.changed(message)
        return self._world.message_json(chat, message, text=text)

    def _edit_keyboard(self, params: Json) -> Json:
        markup = check_keyboard(params)
        chat = self._world.chat_for(params)
        message = self._editable(chat, params)
        inline = markup.get("inline_keyboard", [])
        if message.inline == inline:
            raise bad(NOT_MODIFIED)
        message.inline = inline
        self._world.changed(message)
        return self._world.message_json(chat, message, text=message.text)

    def _editable(self, chat: Chat, params: Json) -> Received:
        message_id = number(params, "message_id")
        message = self._world.sent(chat.id, message_id, "message to edit not found")
        if message.keyboard:
            raise bad("message can't be edited")
        return message

    def _delete_message(self, params: Json) -> bool:
        chat = self._world.chat_for(params)
        message_id = number(params, "message_id")
        if message_id not in chat.messages:
            raise bad("message to delete not found")
        del chat.messages[message_id]
        return True

    def _answer_press(self, params: Json) -> bool:
        press = self._world.presses.get(str(params.get("callback_query_id", "")))
        if press is None or press.answered:
            raise bad(TOO_OLD)
        if len(str(params.get("text", ""))) > 200:
            raise bad("MESSAGE_TOO_LONG")
        press.answered, press.text = True, str(params.get("text", ""))
        return True

    # --- files and places ------------------------------------------------------------------

    def _send_file(self, kind: str, params: Json) -> Json:
        caption, markup = check_caption(params), check_keyboard(params)
        file_id = self._file_of(kind, params)
        chat = self._open(params)
        file: Any = {"file_id": file_id, "file_unique_id": f"u-{file_id}"}
        if kind == "photo":
            file = [{**file, "width": 90, "height": 60}, {**file, "width": 900, "height": 600}]
        elif kind in ("voice", "audio"):
            file = {**file, "duration": 3}
        more = {kind: file, **({"caption": caption} if caption else {})}
        message = Received(0, chat.id, kind, caption, file_id=file_id)
        return self._show(chat, message, markup, **more)

    def _file_of(self, kind: str, params: Json) -> str:
        given = params.get(kind)
        if isinstance(given, str) and given.startswith("attach://"):
            given = params.get(given.removeprefix("attach://"))
        if isinstance(given, bytes):
            if not given:
                raise bad("file must be non-empty")
            return self._world.add_file(kind, given, _SUFFIX[kind]).file_id
        file = self._world.files.get(str(given))
        if file is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if file.kind != kind:
            kinds = f"{file.kind.capitalize()} as {kind.capitalize()}"
            raise bad(f"can't use file of type {kinds}")
        return file.file_id

    def _get_file(self, params: Json) -> Json:
        file = self._world.files.get(str(params.get("file_id")))
        if file is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(file.content) > MAX_DOWNLOAD_BYTES:
            raise bad("file is too big")
        return {
            "file_id": file.file_id,
            "file_unique_id": f"u-{file.file_id}",
            "file_size": len(file.content),
            "file_path": file.path,
        }

    def _send_location(self, params: Json) -> Json:
        markup = check_keyboard(params)
        try:
            lat, lon = float(params["latitude"]), float(params["longitude"])
        except (KeyError, TypeError, ValueError):
            raise bad("longitude and latitude must be specified") from None
        chat = self._open(params)
        place = {"latitude": lat, "longitude": lon}
        return self._show(chat, Received(0, chat.id, "location"), markup, location=place)

    def _chat_action(self, params: Json) -> bool:
        self._world.chat_for(params)
        if not params.get("action"):
            raise bad("wrong parameter action in request")
        return True

    # --- the bot itself --------------------------------------------------------------------

    def _set_commands(self, params: Json) -> bool:
        commands = structure(params, "commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        for command in commands:
            if not _COMMAND.fullmatch(str(command.get("command", ""))):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(str(command.get("description", ""))) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self._world.commands = commands
        return True

    def _set_webhook(self, params: Json) -> bool:
        secret = str(params.get("secret_token", ""))
        if secret and not _SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        kinds = structure(params, "allowed_updates")
        updates = self._world.updates
        updates.kinds = frozenset(kinds) if kinds else DEFAULT_KINDS
        if params.get("drop_pending_updates") in (True, "true", "True"):
            updates.drop_pending()
        updates.set_webhook({"url": str(params.get("url", "")), "secret_token": secret})
        return True

    def _delete_webhook(self, params: Json) -> bool:
        return self._set_webhook({**params, "url": ""})

    def _webhook_info(self, _params: Json) -> Json:
        updates = self._world.updates
        shown = {name: value for name, value in updates.webhook.items() if name != "secret_token"}
        info = {"has_custom_certificate": False, "pending_update_count": updates.pending()}
        return {**shown, **info}


def _check_reply_to(chat: Chat, params: Json) -> None:
    reply = structure(params, "reply_parameters") or {}
    message_id = reply.get("message_id", params.get("reply_to_message_id"))
    if message_id is None or reply.get("allow_sending_without_reply"):
        return
    if int(message_id) not in chat.messages:
        raise bad("message to be replied not found")


def _asks_for_private_things(message: Received) -> bool:
    return any(
        button.get("request_contact") or button.get("request_location")
        for row in message.keyboard
        for button in row
    )


def find(methods: Methods, name: str) -> Method:
    """Raises the 404 of an unknown method."""
    try:
        return methods.table[name.lower()]
    except KeyError:
        raise Refusal(404, "Not Found: method not found") from None
