"""The web chat: who may ask and how often, the demo's phones, and the page itself."""

import asyncio
import re
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.channels.base import ChatGone
from storage import web_chats
from tests.channels.web_probe import PNG, Browser, Web, browser, chat_key, serve, web

__all__ = ["browser", "chat_key", "web"]  # fixtures

STATIC = Path(__file__).parents[2] / "bot" / "channels" / "web" / "static"

# --- who may ask ----------------------------------------------------------------------------


async def test_requests_from_another_site_are_refused(web: Web, browser: Browser) -> None:
    browser.http.headers["Origin"] = "https://evil.example"

    message = await browser.posts("a1", text="hi")
    upload = await browser.uploads(PNG)
    session = await browser.http.post("/api/session")

    assert [message.status_code, upload.status_code, session.status_code] == [403, 403, 403]
    assert web.received == []


async def test_a_websocket_from_another_site_is_refused(browser: Browser) -> None:
    with pytest.raises(InvalidStatus, match="403"):
        async with browser.live(origin="https://evil.example"):
            pass


async def test_a_request_without_any_origin_is_refused(browser: Browser) -> None:
    del browser.http.headers["Origin"]

    assert (await browser.posts("a1", text="hi")).status_code == 403


async def test_an_old_browser_is_known_by_its_referer(web: Web, browser: Browser) -> None:
    del browser.http.headers["Origin"]
    browser.http.headers["Referer"] = web.address + "/"

    assert (await browser.posts("a1", text="hi")).status_code == 200


async def test_the_public_address_is_an_origin_too(tmp_path: Path) -> None:
    async with serve(tmp_path, public_url="https://ngoso.example") as web:
        browser = Browser(web, origin="https://ngoso.example")
        answer = await browser.http.post("/api/session")

    assert answer.status_code == 200
    assert "Secure" in answer.headers["set-cookie"]


async def test_the_cookie_can_not_be_read_or_sent_by_others(browser: Browser) -> None:
    cookie = (await browser.http.post("/api/session")).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


async def test_without_a_session_nothing_is_shown(web: Web) -> None:
    stranger = Browser(web)
    assert (await stranger.posts("a1", text="hi")).status_code == 401
    assert (await stranger.http.get("/api/messages")).status_code == 401
    assert (await stranger.uploads(PNG)).status_code == 401

    async with stranger.live() as socket:
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd
    assert closed.value.rcvd.code == 4401


async def test_opening_the_page_again_keeps_the_session(browser: Browser) -> None:
    before = browser.cookie

    assert await browser.opens() == before


async def test_a_made_up_cookie_is_replaced(web: Web) -> None:
    browser = Browser(web)
    browser.http.cookies.set("ngoso", "made-up-made-up-made-up", domain="127.0.0.1", path="/")

    answer = await browser.http.post("/api/session")

    assert "unguessable-" in answer.headers["set-cookie"]


async def test_the_database_never_holds_the_cookie(web: Web, browser: Browser) -> None:
    await browser.posts("a1", text="hi")

    files = await asyncio.to_thread(
        lambda: [path.read_bytes() for path in _folder(web).glob("web.db*")]
    )
    assert all(browser.cookie.encode() not in content for content in files)


async def test_a_chat_that_writes_too_fast_is_asked_to_wait(tmp_path: Path) -> None:
    async with serve(tmp_path, messages_per_minute=3) as web:
        browser = Browser(web)
        await browser.opens()
        answers = [await browser.posts(f"a{i}", text="hi") for i in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[3].headers["retry-after"]) <= 60
    assert "Please wait" in answers[3].json()["error"]
    assert len(web.received) == 3


async def test_one_address_opens_only_so_many_chats_an_hour(tmp_path: Path) -> None:
    async with serve(tmp_path, new_chats_per_hour=2) as web:
        answers = [await Browser(web).http.post("/api/session") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


async def test_who_has_no_session_any_more_is_not_written_to(web: Web) -> None:
    with pytest.raises(ChatGone):
        await web.say("0" * 64, "Hello?")


async def test_erasing_a_chat_leaves_no_message_and_no_photo(
    web: Web, browser: Browser, chat_key: str
) -> None:
    ref = (await browser.uploads(PNG)).json()["ref"]
    await browser.posts("a1", media={"ref": ref})

    async with web.engine.begin() as conn:
        await web_chats.delete_chat(conn, chat_key)
    await web.say(chat_key, "Goodbye")

    assert await browser.texts() == ["Goodbye"]
    assert (await browser.http.get(f"/api/media/{ref[6:]}")).status_code == 404


# --- the demo -------------------------------------------------------------------------------


async def test_personas_are_not_there_outside_a_demo(web: Web, browser: Browser) -> None:
    for path in ("/phone?as=lan", "/api/demo", "/api/messages?phone=lan"):
        assert (await browser.http.get(path)).status_code == 404
    clock = await browser.http.post("/api/demo/clock", json={"minutes": 30})

    assert clock.status_code == 404
    assert "phones" not in (await browser.http.get("/")).text


@pytest.mark.parametrize(
    "headers", [{"X-Forwarded-For": "203.0.113.9"}, {"Host": "ngoso.example:8080"}]
)
async def test_personas_are_not_there_for_who_is_elsewhere(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    async with serve(tmp_path, demo=True) as web:
        http = Browser(web).http
        answers = [
            await http.get(path, headers=headers)
            for path in ("/phone?as=lan", "/api/demo", "/api/messages?phone=lan")
        ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


async def test_personas_are_not_there_when_the_server_is_open_to_others(tmp_path: Path) -> None:
    async with serve(tmp_path, demo=True, host="0.0.0.0") as web:
        answer = await Browser(web).http.get("/api/demo")

    assert answer.status_code == 404


async def test_a_demo_phone_is_a_chat_without_a_cookie(tmp_path: Path) -> None:
    async with serve(tmp_path, demo=True) as web:
        lan, tuan = Browser(web, phone="lan"), Browser(web, phone="tuan")
        await lan.posts("a1", text="hello")

        assert web.received[0].chat_key == "demo-lan"
        assert await lan.texts() == ["hello", "You said hello"]
        assert await tuan.rows() == []
        assert (await Browser(web, phone="mallory").posts("a", text="x")).status_code == 404


async def test_the_demo_shows_its_phones_and_moves_its_clock(tmp_path: Path) -> None:
    async with serve(tmp_path, demo=True) as web:
        http = Browser(web).http
        demo = (await http.get("/api/demo")).json()
        moved = await http.post("/api/demo/clock", json={"minutes": 1440})
        back = await http.post("/api/demo/clock", json={"minutes": -5})

        assert [persona["key"] for persona in demo["personas"]] == ["lan", "tuan"]
        assert moved.json()["time"] != demo["time"]
        assert back.status_code == 400
        assert 'id="phones"' in (await http.get("/")).text


async def test_an_invite_link_opens_one_phone_in_a_demo_too(tmp_path: Path) -> None:
    async with serve(tmp_path, demo=True) as web:
        page = await Browser(web).http.get("/?join=ABC123")

    assert 'id="composer"' in page.text


# --- the page -------------------------------------------------------------------------------


def test_the_page_is_under_60_kb_in_all() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < 60_000


def test_the_page_holds_no_words_of_its_own() -> None:
    vietnamese = set("ạảãàáâậầấẩẫăắằặẳẵđẹẻẽèéêệềếểễịỉĩìíọỏõòóôộồốổỗơợờớởỡụủũùúưựừứửữỵỷỹỳý")

    for path in STATIC.iterdir():
        assert not vietnamese & set(path.read_text().lower()), path.name


def test_the_scripts_run_on_old_browsers() -> None:
    for path in STATIC.glob("*.js"):
        script = path.read_text()
        for newer in ("?.", "??", "...", ".finally(", ".flat(", "replaceAll", "async *"):
            assert newer not in script.replace("'…'", ""), (path.name, newer)


async def test_every_word_that_the_script_uses_is_on_the_server(browser: Browser) -> None:
    known = (await browser.http.get("/api/words")).json()["words"]

    used = set(re.findall(r"\bwords\.([a-z_]+)", (STATIC / "app.js").read_text()))
    assert used - set(known) == set()


async def test_the_page_comes_with_strict_headers(browser: Browser) -> None:
    answer = await browser.http.get("/")

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "{{" not in answer.text


async def test_the_scripts_come_with_strict_headers_too(browser: Browser) -> None:
    answer = await browser.http.get("/static/app.js")

    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"


def _folder(web: Web) -> Path:
    return Path(str(web.engine.url.database)).parent
