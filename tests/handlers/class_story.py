"""What happens in most stories about classes."""

from typing import Any

from sqlalchemy import select, update

from bot.texts import LOCAL_ZONE
from storage.classes import Meeting, find_meeting
from storage.media import StoredMedia, get_media
from storage.schema import chats, class_dues, class_meetings, class_signups, outbox, persons
from tests.world import DAI_LOC, Person, World

SOON = "Your class is soon:"
NOW = "Your class begins in a little while:"
THANKS = "Thank you for coming to"
WEEKLY = "thứ bảy hằng tuần 8 giờ"


async def lives_here(ward: World, *people: Person, team: int | None = None) -> None:
    """They told the bot once in which thôn they live."""
    for person in people:
        await ward.execute(
            update(persons)
            .where(persons.c.id == await ward.person_id(person))
            .values(commune_code=DAI_LOC, team_id=team or ward.team)
        )


async def makes_class(
    ward: World,
    *,
    host: Person | None = None,
    topic: str = "Dùng Zalo",
    when: str = "thứ bảy 8 giờ",
    where: str = "Nhà văn hóa thôn",
    seats: str = "10 chỗ",
) -> None:
    """Five answers, and the invitations are on their way."""
    host = host or ward.binh
    await host.presses_forged("cnew")
    for answer in (topic, when, where, seats):
        await host.says(answer)
    await host.presses("Yes, invite them")


async def holds_class(ward: World, *people: Person, **how: Any) -> None:
    """A class that these residents were invited to."""
    await lives_here(ward, *people)
    await makes_class(ward, **how)
    await ward.time_passes(minutes=1)


async def meeting(ward: World, number: int = 1) -> Meeting:
    async with ward.app.engine.begin() as conn:
        found = await find_meeting(conn, number)
    assert found is not None
    return found


async def goes_to(ward: World, number: int = 1, *, minutes: float = 0) -> None:
    """The clock stands so many minutes after the beginning of a meeting; all is said."""
    at = (await meeting(ward, number)).starts_at
    await ward.time_passes(seconds=(at - ward.clock.now()).total_seconds() + minutes * 60)


async def seats(ward: World, number: int = 1) -> list[str]:
    query = select(class_signups.c.status).where(class_signups.c.meeting_id == number)
    return [row[0] for row in await ward.execute(query.order_by(class_signups.c.id))]


async def dues(ward: World, number: int = 1) -> dict[str, str]:
    """What became of each thing to be said about a meeting."""
    query = select(class_dues.c.kind, class_dues.c.status).where(class_dues.c.meeting_id == number)
    return {row[0]: row[1] for row in await ward.execute(query)}


async def statuses(ward: World) -> list[str]:
    query = select(class_meetings.c.status).order_by(class_meetings.c.id)
    return [row[0] for row in await ward.execute(query)]


async def last_file(ward: World) -> StoredMedia:
    """The newest file that was sent to anybody."""
    rows: list[Any] = await ward.execute(select(outbox.c.body).order_by(outbox.c.id.desc()))
    ref = next(row[0]["media"][1] for row in rows if "media" in row[0])
    async with ward.app.engine.begin() as conn:
        return await get_media(conn, ref)


async def heard(ward: World, person: Person) -> list[tuple[str, str]]:
    """What was ever written to somebody: when it might leave, and its first line."""
    query = (
        select(outbox.c.not_before, outbox.c.body)
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(chats.c.chat_key == person.chat_key)
        .order_by(outbox.c.id)
    )
    rows = await ward.execute(query)
    return [
        (f"{row[0].astimezone(LOCAL_ZONE):%a %H:%M}", row[1]["text"].split("\n")[0]) for row in rows
    ]


async def reminders_of(ward: World, person: Person) -> list[tuple[str, str]]:
    return [(at, text) for at, text in await heard(ward, person) if text in (SOON, NOW)]


async def hours_pass(ward: World, hours: int) -> None:
    """With a look at the tables every hour, as on any day."""
    for _hour in range(hours):
        await ward.time_passes(hours=1)


async def signs_up(ward: World, *people: Person, **how: str) -> None:
    await holds_class(ward, *people, **how)
    for person in people:
        await person.presses("I will come")
