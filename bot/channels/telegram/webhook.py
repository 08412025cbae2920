"""The address that Telegram posts updates to in webhook mode."""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/telegram/webhook"
# https://core.telegram.org/bots/api#setwebhook
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
MAX_BODY = 1024 * 1024

Take = Callable[[Any], Awaitable[None]]


def webhook_route(secret: str, take: Take) -> Route:
    """Answers 200 when `take` has returned; anything else makes Telegram deliver again.

    An empty secret refuses everybody: without one, anyone could speak as anyone.
    """

    async def receive(request: Request) -> Response:
        if not _is_known(request, secret):
            return Response(status_code=401)
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        try:
            update = json.loads(body)
        except ValueError:
            return Response(status_code=400)
        if not isinstance(update, dict):
            return Response(status_code=400)
        return Response(status_code=await _status(take, update))

    return Route(WEBHOOK_PATH, receive, methods=["POST"])


async def _status(take: Take, update: dict[str, Any]) -> int:
    try:
        await take(update)
    except Exception as error:
        kind = type(error).__name__
        log.error("telegram: update %s not kept: %s", update.get("update_id"), kind)
        return 503
    return 200


def _is_known(request: Request, secret: str) -> bool:
    given = request.headers.get(SECRET_HEADER, "").encode()
    return bool(secret) and hmac.compare_digest(given, secret.encode())


async def _read(request: Request) -> bytes | None:
    """The body; None when it is larger than any update can be."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)
