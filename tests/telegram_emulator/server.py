"""HTTP of the emulator: reads any of the three body encodings, lets things go wrong, answers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.helpers import parse_mimetype
from multidict import MultiDictProxy

from tests.telegram_emulator.checks import number, structure
from tests.telegram_emulator.faults import Kind
from tests.telegram_emulator.methods import Methods, find
from tests.telegram_emulator.model import Call, Json, Refusal, bad
from tests.telegram_emulator.updates import DEFAULT_KINDS
from tests.telegram_emulator.world import World

MAX_BODY = 50 * 1024 * 1024
BAD_GATEWAY = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
Control = Callable[[str, Json], Awaitable[Any]]


class Server:
    """Answers what a bot asks. `control` serves a driver in another process, under /control/."""

    def __init__(self, world: World, token: str, journal: Callable[[Call], None]) -> None:
        self._world = world
        self._methods = Methods(world)
        self._prefix = f"/bot{token}/"
        self._files = f"/file/bot{token}/"
        self._journal = journal
        self.control: Control | None = None
        # A server without router and middleware, so that the emulator is never the slow part.
        self._server = web.Server(self._answer, access_log=None)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=0.1)

    async def start(self, port: int = 0) -> int:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.path
        try:
            if path.startswith(self._prefix):
                return await self._call(request, path.removeprefix(self._prefix))
            if path.startswith(self._files):
                return self._file(path.removeprefix(self._files))
            if path.startswith("/control/") and self.control:
                params = await _read(request)
                return _ok(await self.control(path.removeprefix("/control/"), params))
            refusal = Refusal(401, "Unauthorized") if path.startswith("/bot") else None
            raise refusal or Refusal(404, "Not Found")
        except Refusal as refusal:
            return _json(json.dumps(refusal.body()), refusal.code)

    def _file(self, path: str) -> web.Response:
        for file in self._world.files.values():
            if file.path == path:
                return web.Response(body=file.content)
        raise Refusal(404, "Not Found")

    async def _call(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        params = await _read(request)
        call = Call(method, params)
        self._journal(call)
        fault = self._world.faults.pick(method)
        if self._world.faults.latency_s:
            await asyncio.sleep(self._world.faults.latency_s)
        try:
            if fault and (broken := await self._before(fault, request)):
                call.status = broken.status
                return broken
            result = await self._result(method, params)
        except Refusal as refusal:
            call.status, call.error = refusal.code, refusal.description
            raise
        if fault == "reset_after":
            return _cut(request)
        call.status = 200
        return _json(f'{{"ok":true,"result":{result}}}')

    async def _before(self, fault: Kind, request: web.BaseRequest) -> web.Response | None:
        """The answer that takes the place of the call's own, if the fault has one."""
        if fault == "error_500":
            return _json('{"ok":false,"error_code":500,"description":"Internal Server Error"}', 500)
        if fault == "html_502":
            return web.Response(body=BAD_GATEWAY, status=502, content_type="text/html")
        if fault == "garbage":
            return web.Response(body=b"<html>a hotel's log-in page</html>")
        if fault == "reset_before":
            return _cut(request)
        if fault == "hang":
            await asyncio.Event().wait()
        if fault == "slow":
            await asyncio.sleep(self._world.faults.slowness_s())
        return None

    async def _result(self, method: str, params: Json) -> str:
        if method.lower() != "getupdates":
            return json.dumps(find(self._methods, method)(params))
        updates = self._world.updates
        if "allowed_updates" in params:
            updates.kinds = frozenset(structure(params, "allowed_updates")) or DEFAULT_KINDS
        offset, limit = number(params, "offset", 0), number(params, "limit", 100)
        return await updates.poll(offset, limit, float(params.get("timeout", 0)))


async def _read(request: web.BaseRequest) -> Json:
    params: Json = dict(request.query) if request.query_string else {}
    if not request.can_read_body:
        return params
    kind = parse_mimetype(request.headers.get("Content-Type", "")).subtype
    if kind == "json":
        return {**params, **_object(await request.read())}
    request._client_max_size = MAX_BODY
    return {**params, **_fields(await request.post())}


def _object(body: bytes) -> Json:
    try:
        params = json.loads(body)
    except ValueError:
        raise bad("can't parse request JSON object") from None
    if not isinstance(params, dict):
        raise bad("object expected as request")
    return params


def _fields(form: MultiDictProxy[Any]) -> Json:
    return {
        name: value.file.read() if isinstance(value, web.FileField) else value
        for name, value in form.items()
    }


def _cut(request: web.BaseRequest) -> web.Response:
    """Reset the connection, so that the caller never learns what happened."""
    if request.transport:
        request.transport.abort()
    return web.Response(status=599)


def _ok(result: Any) -> web.Response:
    return _json(json.dumps({"ok": True, "result": result}))


def _json(text: str, status: int = 200) -> web.Response:
    return web.Response(body=text.encode(), status=status, content_type="application/json")
