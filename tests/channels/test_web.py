"""The web chat over real HTTP: exactly once, live, and kind when it can't take something."""

import asyncio
import json
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from bot.channels.base import Rejected
from bot.channels.web.sessions import hash_token
from bot.channels.web.uploads import judge, without_whereabouts
from bot.types import Button, Media, Outgoing, Place
from tests.channels.web_probe import (
    JPEG,
    MENU,
    PNG,
    WEBM,
    Browser,
    Web,
    browser,
    chat_key,
    next_rows,
    serve,
    web,
)

__all__ = ["browser", "chat_key", "web"]  # fixtures

# --- exactly once ---------------------------------------------------------------------------


async def test_a_message_comes_in_cleaned_and_under_its_own_id(web: Web, browser: Browser) -> None:
    await browser.posts("a1", text="  me\u0323 to\u0302i\x07 ")

    update = web.received[0]
    assert update.text == "mẹ tôi"
    assert update.update_id == f"{update.chat_key}:a1"
    assert len(update.update_id) <= 128
    assert update.chat_key == hash_token(browser.cookie)


async def test_the_same_client_id_twice_is_handled_and_shown_once(
    web: Web, browser: Browser
) -> None:
    first = await browser.posts("a1", text="hello")
    second = await browser.posts("a1", text="hello")

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["id"] == second.json()["id"]
    assert len(web.received) == 1
    assert await browser.texts() == ["hello", "You said hello"]


async def test_the_same_client_id_at_the_same_moment_is_shown_once(
    web: Web, browser: Browser
) -> None:
    await asyncio.gather(*(browser.posts("a1", text="hello") for _ in range(5)))

    assert (await browser.texts()).count("hello") == 1


async def test_an_update_that_was_not_handled_is_offered_again(web: Web, browser: Browser) -> None:
    await web.channel.stop()
    refused = await browser.posts("a1", text="hello")
    await web.channel.start(web.receive)
    await browser.posts("a1", text="hello")

    assert refused.status_code == 503
    assert [update.text for update in web.received] == ["hello"]


async def test_a_message_sent_twice_under_one_id_is_kept_once(
    web: Web, browser: Browser, chat_key: str
) -> None:
    first = await web.channel.send(chat_key, Outgoing("Hi"), message_id="77")
    second = await web.channel.send(chat_key, Outgoing("Hi"), message_id="77")

    assert first == second
    assert await browser.texts() == ["Hi"]


# --- what a message can be ------------------------------------------------------------------


async def test_a_press_says_which_button_of_which_message(web: Web, browser: Browser) -> None:
    await browser.posts("a1", button="accept:1", label="Accept", message_id="12")

    update = web.received[0]
    assert (update.button, update.message_id, update.text) == ("accept:1", "12", "")
    assert (await browser.texts())[0] == "Accept"


async def test_a_place_reaches_the_receiver_and_not_the_history(web: Web, browser: Browser) -> None:
    await browser.posts("a1", place={"lat": 15.88, "lon": 108.11})

    rows = await browser.rows()
    assert web.received[0].place == Place(15.88, 108.11)
    assert rows[0]["body"] == {"text": "", "place": True}


@pytest.mark.parametrize("lat", [91, "NaN", None])
async def test_a_place_that_is_not_on_earth_is_refused(browser: Browser, lat: object) -> None:
    answer = await browser.posts("a1", place={"lat": lat, "lon": 108})

    assert answer.status_code == 400


async def test_what_looks_like_a_secret_is_masked_in_the_history_only(
    web: Web, browser: Browser
) -> None:
    await browser.posts("a1", text="my OTP is 123456")

    assert web.received[0].text == "my OTP is 123456"
    assert (await browser.texts())[0] == "my OTP is ••••••"


async def test_buttons_and_requests_are_shown_with_their_message(
    web: Web, browser: Browser, chat_key: str
) -> None:
    await web.say(chat_key, "Where?", buttons=MENU, ask_place=True, ask_contact=True)

    body = (await browser.rows())[0]["body"]
    assert body["buttons"][0] == {"number": "1", "label": "Accept", "action": "accept:1"}
    assert body["ask_place"]
    assert body["ask_contact"]


@pytest.mark.parametrize(
    "payload",
    [
        {"text": "no id"},
        {"id": "a b", "text": "space"},
        {"id": "x" * 61, "text": "long id"},
        {"id": "a1"},
        {"id": "a1", "text": " \x00 "},
        {"id": "a1", "text": "hi", "chat_key": "somebody"},
        {"id": "a1", "media": {"ref": "telegram:1"}},
        {"id": "a1", "media": {"ref": "store:unknown-unknown-1"}},
        ["not", "an", "object"],
    ],
)
async def test_a_malformed_message_is_refused(
    web: Web, browser: Browser, payload: dict[str, object]
) -> None:
    answer = await browser.http.post("/api/messages", json=payload)

    assert answer.status_code == 400
    assert answer.json()["error"]
    assert web.received == []


async def test_a_text_over_the_limit_is_refused_kindly(tmp_path: Path) -> None:
    async with serve(tmp_path, max_text_chars=100) as web:
        browser = Browser(web)
        await browser.opens()
        too_long = await browser.posts("a1", text="a" * 101)
        far_too_long = await browser.posts("a2", text="a" * 100_000)
        fits = await browser.posts("a3", text="ạ" * 100)

    assert [too_long.status_code, far_too_long.status_code, fits.status_code] == [413, 413, 200]
    assert "at most 100 characters" in too_long.json()["error"]


# --- history and news -----------------------------------------------------------------------


async def test_the_history_is_there_after_a_reload(web: Web, browser: Browser) -> None:
    await browser.posts("a1", text="hello")

    again = Browser(web)
    again.http.cookies = browser.http.cookies
    assert await again.texts() == ["hello", "You said hello"]


async def test_older_messages_come_page_by_page(web: Web, browser: Browser, chat_key: str) -> None:
    for number in range(70):
        await web.say(chat_key, str(number))

    last = await browser.rows()
    older = await browser.rows(before=last[0]["id"])

    texts = [row["body"]["text"] for row in older + last]
    assert texts == [str(number) for number in range(70)]


async def test_one_chat_never_sees_another(web: Web, browser: Browser) -> None:
    stranger = Browser(web)
    await stranger.opens()

    await browser.posts("a1", text="private")

    assert await stranger.rows() == []


async def test_a_long_poll_wakes_up_when_something_is_said(
    web: Web, browser: Browser, chat_key: str
) -> None:
    waiting = asyncio.create_task(browser.rows(after=0, wait=20))
    await web.until_somebody_waits(chat_key)
    await web.say(chat_key, "Good news")

    rows = await asyncio.wait_for(waiting, 5)
    assert [row["body"]["text"] for row in rows] == ["Good news"]


async def test_a_poll_without_waiting_answers_at_once(browser: Browser) -> None:
    assert await browser.rows(after=0) == []


async def test_the_websocket_pushes_what_is_said(web: Web, browser: Browser, chat_key: str) -> None:
    async with browser.live() as socket:
        await socket.recv()
        await web.say(chat_key, "Good news", buttons=MENU)
        rows = await next_rows(socket)

    assert rows[0]["body"]["text"] == "Good news"
    assert rows[0]["body"]["buttons"][0]["label"] == "Accept"


async def test_the_websocket_begins_after_what_the_page_has(
    web: Web, browser: Browser, chat_key: str
) -> None:
    first = await web.say(chat_key, "old")
    await web.say(chat_key, "new")

    async with browser.live(after=int(first)) as socket:
        rows = await next_rows(socket)

    assert [row["body"]["text"] for row in rows] == ["new"]


async def test_the_websocket_says_that_an_answer_is_being_written(
    web: Web, browser: Browser
) -> None:
    async with browser.live() as socket:
        await socket.recv()
        await browser.posts("a1", text="be quiet")
        pushed = json.loads(await socket.recv())

    assert pushed["typing"]


async def test_stopping_lets_waiting_browsers_go(web: Web, browser: Browser, chat_key: str) -> None:
    async with browser.live() as socket:
        await socket.recv()
        await web.channel.stop()
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)


async def test_an_edit_changes_the_message_and_tells_the_page(
    web: Web, browser: Browser, chat_key: str
) -> None:
    first = await web.say(chat_key, "Page 1", buttons=MENU)
    async with browser.live(after=int(first)) as socket:
        await socket.recv()
        edited = await web.say(chat_key, "Page 2", buttons=(Button("Up", "up"),), edits=first)
        rows = await next_rows(socket)

    assert edited == first
    assert (rows[0]["body"]["edits"], rows[0]["body"]["text"]) == (int(first), "Page 2")
    assert (await browser.rows())[0]["body"]["text"] == "Page 2"


async def test_an_edit_tried_again_changes_nothing_more(
    web: Web, browser: Browser, chat_key: str
) -> None:
    first = await web.say(chat_key, "Page 1")
    edit = Outgoing("Page 2", edits=first)
    ids = [await web.channel.send(chat_key, edit, message_id="e1") for _ in range(2)]

    assert ids == [first, first]
    assert len(await browser.rows()) == 2


@pytest.mark.parametrize("message_id", ["999", "telegram-7"])
async def test_an_edit_of_an_unknown_message_is_our_fault(
    web: Web, chat_key: str, message_id: str
) -> None:
    with pytest.raises(Rejected):
        await web.say(chat_key, "Page 2", edits=message_id)


# --- photos and voice notes -----------------------------------------------------------------


async def test_a_photo_is_kept_and_reaches_the_receiver(web: Web, browser: Browser) -> None:
    kept = (await browser.uploads(PNG)).json()
    await browser.posts("a1", media={"ref": kept["ref"]})

    media = web.received[0].media
    assert media == Media("photo", kept["ref"], "image/png")
    assert await web.channel.fetch(media) == (PNG, "image/png")


async def test_an_upload_of_another_type_is_refused(browser: Browser) -> None:
    for content in (b"MZ\x90\x00 program", b"<html><script>", b"%PDF-1.7", b""):
        answer = await browser.uploads(content)
        assert answer.status_code == 415
        assert answer.json()["error"]


async def test_an_upload_over_the_limit_is_refused(tmp_path: Path) -> None:
    async with serve(tmp_path, max_upload_mb=1) as web:
        browser = Browser(web)
        await browser.opens()
        answer = await browser.uploads(JPEG + bytes(1_000_001))

    assert answer.status_code == 413
    assert "1 megabytes" in answer.json()["error"]


async def test_a_photo_comes_back_as_what_it_is(web: Web, browser: Browser) -> None:
    key = (await browser.uploads(PNG)).json()["ref"].removeprefix("store:")

    answer = await browser.http.get(f"/api/media/{key}")

    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await browser.http.get("/api/media/guessed")).status_code == 404


async def test_a_player_can_ask_for_a_part_of_a_voice_note(browser: Browser) -> None:
    key = (await browser.uploads(WEBM)).json()["ref"].removeprefix("store:")

    part = await browser.http.get(f"/api/media/{key}", headers={"Range": "bytes=4-9"})

    assert (part.status_code, part.content) == (206, WEBM[4:10])
    assert part.headers["content-range"] == f"bytes 4-9/{len(WEBM)}"


async def test_a_file_of_another_platform_is_copied_and_downloaded(
    web: Web, browser: Browser, chat_key: str
) -> None:
    async def fetch(media: Media) -> tuple[bytes, str]:
        return b"BEGIN:VCALENDAR", "text/calendar"

    web.channel.fetch_media = fetch
    await web.say(chat_key, "A date", media=Media("file", "telegram:1"))
    media = (await browser.rows())[0]["body"]["media"]
    answer = await browser.http.get(f"/api/media/{media['key']}")

    assert (media["kind"], answer.content) == ("file", b"BEGIN:VCALENDAR")
    assert answer.headers["content-disposition"].startswith("attachment")


async def test_lost_media_leaves_the_text(web: Web, browser: Browser, chat_key: str) -> None:
    await web.say(chat_key, "A photo", media=Media("photo", "telegram:1"))

    assert (await browser.rows())[0]["body"] == {"text": "A photo"}


@pytest.mark.parametrize(
    ("content", "judged"),
    [
        (JPEG, ("photo", "image/jpeg")),
        (PNG, ("photo", "image/png")),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(20), ("photo", "image/webp")),
        (b"OggS\x00\x02" + bytes(22) + b"OpusHead", ("voice", "audio/ogg")),
        (WEBM, ("voice", "audio/webm")),
        (b"\x00\x00\x00\x1cftypM4A \x00\x00\x02\x00" + bytes(20), ("voice", "audio/mp4")),
        (b"\x00\x00\x00\x1cftypiso5\x00\x00\x02\x00" + bytes(20), ("voice", "audio/mp4")),
        (WEBM + b"V_VP9", None),
        (b"\x00\x00\x00\x1cftypiso5" + bytes(20) + b"hdlr\x00\x00vide", None),
        (b"GIF89a" + bytes(40), None),
    ],
)
def test_the_content_tells_what_a_file_is(content: bytes, judged: tuple[str, str] | None) -> None:
    assert judge(content) == judged


def test_a_photo_loses_where_it_was_taken() -> None:
    exif = b"\xff\xe1\x00\x0cExif\x00\x00GPS!"
    rest = b"\xff\xdb\x00\x04\x01\x02\xff\xda\x00\x02pixels\xff\xd9"

    assert without_whereabouts(JPEG[:20] + exif + rest, "image/jpeg") == JPEG[:20] + rest
    assert without_whereabouts(exif, "image/png") == exif
