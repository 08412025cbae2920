"""Which address leads where, with the security headers and the answers to refused requests."""

import re
from collections.abc import Awaitable, Callable

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.web.api import Api, Desk
from bot.channels.web.pages import STATIC, Pages
from bot.channels.web.sessions import Denied
from bot.texts import Texts

Endpoint = Callable[[Request], Awaitable[Response]]


def build_routes(desk: Desk) -> list[BaseRoute]:
    """Everything that the web chat serves."""
    api, pages = Api(desk), Pages(desk)
    secure = [Middleware(SecureHeaders)]

    def route(path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        answered = _answering(endpoint, desk.texts)
        return Route(path, answered, methods=[method], middleware=secure)

    return [
        route("/", pages.home),
        route("/phone", pages.phone),
        route("/api/words", api.words),
        route("/api/session", api.session, "POST"),
        route("/api/messages", api.get_messages),
        route("/api/messages", api.post_message, "POST"),
        route("/api/media", api.post_media, "POST"),
        route("/api/media/{key}", api.get_media),
        route("/api/demo", pages.demo),
        route("/api/demo/clock", pages.move_clock, "POST"),
        WebSocketRoute("/api/live", api.live),
        Mount("/static", StaticFiles(directory=STATIC), name="static", middleware=secure),
    ]


def _answering(endpoint: Endpoint, texts: Texts) -> Endpoint:
    """Say in the reader's language why a request was refused."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Denied as denied:
            headers = {"Retry-After": str(denied.retry_after_s)} if denied.retry_after_s else {}
            content = {"error": texts.render(denied.reason), "retry_after_s": denied.retry_after_s}
            return JSONResponse(content, denied.status, headers)

    return answered


class SecureHeaders:
    """Only our own script runs, nothing is framed elsewhere, nothing is guessed or leaked."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        policy = _content_policy(dict(scope["headers"]).get(b"host", b"").decode("latin-1"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _secure(MutableHeaders(scope=message), policy)
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _secure(headers: MutableHeaders, policy: str) -> None:
    headers["Content-Security-Policy"] = policy
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers["Referrer-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "geolocation=(self), microphone=(self), camera=(self)"
    headers.setdefault("Cache-Control", "no-cache")


def _content_policy(host: str) -> str:
    """Browsers before 2022 don't count our own WebSocket as 'self', so it is named."""
    known = re.fullmatch(r"[A-Za-z0-9.\-:\[\]]+", host)
    sockets = f" ws://{host} wss://{host}" if known else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        f"media-src 'self' blob: data:; connect-src 'self'{sockets}; frame-src 'self'; "
        "frame-ancestors 'self'; form-action 'self'; base-uri 'none'; manifest-src 'self'"
    )
