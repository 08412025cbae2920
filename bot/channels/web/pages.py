"""The pages themselves, and the controls of the demo."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from bot.channels.web import words
from bot.channels.web.api import Desk
from bot.channels.web.demo import DemoConsole
from bot.channels.web.posted import read_body
from bot.channels.web.sessions import Denied
from bot.texts import Moment, Text

STATIC = Path(__file__).parent / "static"
# A month; beyond it nothing of a demo is left to see.
_MAX_STEP_MINUTES = 31 * 24 * 60


class Pages:
    """One phone for everybody; several side by side for who plays the demo."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        render = desk.texts.render
        values = {
            "name": words.NAME,
            "description": render(words.DESCRIPTION),
            "noscript": render(words.no_script(desk.hotline)),
            "demo": render(words.DEMO["title"]),
        }
        self._phone = _fill("index.html", values)
        self._demo = _fill("demo.html", values)

    async def home(self, request: Request) -> Response:
        """GET /: an invite link opens a single phone, in a demo too."""
        demo = self._desk.sessions.demo_for(request)
        side_by_side = demo is not None and "join" not in request.query_params
        return HTMLResponse(self._demo if side_by_side else self._phone)

    async def phone(self, request: Request) -> Response:
        """GET /phone?as=KEY: the phone of one persona."""
        console = self._console(request)
        known = {persona.key for persona in console.personas()}
        if request.query_params.get("as") not in known:
            raise Denied(404, words.NOT_HERE)
        return HTMLResponse(self._phone)

    async def demo(self, request: Request) -> Response:
        """GET /api/demo: the personas, the words of the demo page and its time."""
        console, render = self._console(request), self._desk.texts.render
        return JSONResponse(
            {
                "personas": [
                    {"key": p.key, "title": render(p.title), "note": render(p.note)}
                    for p in console.personas()
                ],
                "words": words.render_all(words.DEMO, self._desk.texts),
                "time": self._time(console),
            }
        )

    async def move_clock(self, request: Request) -> Response:
        """POST /api/demo/clock: answers when everything that became due has been done."""
        console = self._console(request)
        self._desk.sessions.check_origin(request)
        raw = await read_body(request, 1024, words.NOT_UNDERSTOOD)
        try:
            minutes = json.loads(raw)["minutes"]
        except (ValueError, KeyError, TypeError):
            raise Denied(400, words.NOT_UNDERSTOOD) from None
        if type(minutes) is not int or not 0 < minutes <= _MAX_STEP_MINUTES:
            raise Denied(400, words.NOT_UNDERSTOOD)
        await console.forward(minutes)
        return JSONResponse({"time": self._time(console)})

    def _console(self, request: Request) -> DemoConsole:
        console = self._desk.sessions.demo_for(request)
        if console is None:
            raise Denied(404, words.NOT_HERE)
        return console

    def _time(self, console: DemoConsole) -> str:
        return self._desk.texts.render(Text("%(at)s", {"at": Moment(console.now())}))


def _fill(name: str, values: Mapping[str, str]) -> str:
    page = (STATIC / name).read_text(encoding="utf-8")
    for key, value in values.items():
        page = page.replace("{{" + key + "}}", escape(value))
    return page
