"""What happens in most stories about announcements."""

import asyncio
import itertools

from sqlalchemy import select, update

from storage.broadcast_ledger import Totals, totals
from storage.broadcasts import Broadcast, State, list_in_state
from storage.members import Role, add_membership
from storage.schema import broadcast_recipients, broadcasts, memberships, persons
from tests.world import Person, World

NEWS = "Sáng thứ bảy 8 giờ tiêm vắc xin tại nhà văn hóa."
WARD = "The whole phường or xã"
CITY = "The whole city"
TEAM = "The whole neighbourhood"


async def write(officer: Person, text: str = NEWS, *, to: str = WARD, read: bool = True) -> None:
    """From the command to the preview: without a picture, now, until the end of the day."""
    await officer.says("/thongbao")
    await officer.presses("Write a new announcement")
    await officer.says(text)
    await finish_writing(officer, to=to, read=read)


async def finish_writing(officer: Person, *, to: str, read: bool = True) -> None:
    await officer.presses("Without")
    if read:
        await officer.presses("“I have read it”, to be counted")
    await officer.presses("No more buttons" if read else "Without buttons")
    await officer.presses(to)
    await officer.presses("That is right")
    await officer.presses("Now")
    await officer.presses("the end of that day")


async def write_emergency(officer: Person, *, to: str) -> None:
    await officer.says("/thongbao")
    await officer.presses("Write a new announcement")
    await officer.presses("It is an emergency")
    await officer.says("Nước sông lên nhanh. Bà con lên chỗ cao ngay.")
    await finish_writing(officer, to=to, read=False)


async def forge(person: Person, action: str) -> str:
    """Press a button that nobody showed; returns what is said about it, in the first words."""
    await person.says("/menu")  # who errs again and again is told other things
    await person.presses_forged(action)
    return await person.last_read()


async def second_officer(world: World) -> Person:
    """Mai is the first of the city's officers; Quân is asked to agree."""
    return await world.add_member("Quân", Role.CITY_OFFICER)


async def every(world: World) -> list[Broadcast]:
    """All announcements, oldest first."""
    async with world.app.engine.begin() as conn:
        return await list_in_state(conn, *State)


async def the_one(world: World) -> Broadcast:
    """The only announcement that there is."""
    (found,) = await every(world)
    return found


async def sums(world: World, broadcast: Broadcast) -> Totals:
    async with world.app.engine.begin() as conn:
        return await totals(conn, broadcast.id)


async def live(world: World, person: Person, team: int, commune: str) -> None:
    """This person lives where the team works."""
    person_id = await world.person_id(person)
    query = update(persons).where(persons.c.id == person_id)
    await world.execute(query.values(team_id=team, commune_code=commune))


async def add_role(world: World, person: Person, role: Role, team: int) -> None:
    """One more role for somebody who has one."""
    person_id = await world.person_id(person)
    async with world.app.engine.begin() as conn:
        await add_membership(
            conn,
            role=role,
            person_id=person_id,
            display_name=person.name,
            team_id=team,
            commune_code=None,
            granted_by=None,
            now=world.clock.now(),
        )


async def remove(world: World, name: str) -> None:
    """Somebody loses their role."""
    query = update(memberships).where(memberships.c.id == world.members[name].id)
    await world.execute(query.values(removed_at=world.clock.now()))


async def arrived(world: World) -> None:
    """Return when everybody has been sent what may be sent to them now."""
    held = (State.PAUSED, State.SCHEDULED)
    waiting = (
        select(broadcast_recipients.c.id)
        .join(broadcasts, broadcasts.c.id == broadcast_recipients.c.broadcast_id)
        .where(
            broadcast_recipients.c.status.in_(("pending", "leased")),
            broadcasts.c.status.not_in(held),
        )
    )
    async with asyncio.timeout(20):
        for look in itertools.count(1):
            if not await world.execute(waiting):
                break
            await asyncio.sleep(0.02)
            if look % 50 == 0:
                # Somebody's chat was busy with something else, and they come a little later.
                world.clock.forward(seconds=6)
    await world.settled()
