"""Leaders see who learns and agreed to be seen; officers see numbers, never people."""

from datetime import timedelta
from io import BytesIO

from openpyxl import load_workbook
from PIL import Image
from sqlalchemy import insert, select, update

from storage.learning_schema import enrolments
from storage.schema import media, persons
from tests.handlers.test_lessons import begin, course, learn
from tests.world import DAI_LOC, Person, World


async def lives_here(ward: World, who: Person, team: int) -> None:
    values = {"team_id": team, "commune_code": DAI_LOC, "display_name": who.name}
    person = await ward.person_id(who)
    await ward.execute(update(persons).where(persons.c.id == person).values(**values))


async def learns(ward: World, who: Person, *, seen: bool) -> None:
    await lives_here(ward, who, ward.team)
    await begin(ward, who)
    await who.presses("Yes, they may see it" if seen else "No, keep it to myself")
    await learn(ward, who)


async def test_a_leader_sees_who_agreed_and_how_far_they_are(ward: World) -> None:
    await learns(ward, ward.lan, seen=True)
    other = await ward.add_person("Ông Tư")
    await learns(ward, other, seen=False)

    await ward.binh.says("/lop")
    said = await ward.binh.last_read()
    assert f"Bà Lan · {course(ward).title} · 1 lesson done" in said
    assert "Ông Tư" not in said
    assert "1 more person learns without being shown" in said


async def test_who_has_not_been_seen_for_two_weeks_is_named(ward: World) -> None:
    await learns(ward, ward.lan, seen=True)
    ward.clock.forward(days=15)
    other = await ward.add_person("Cô Năm")
    await learns(ward, other, seen=True)

    await ward.binh.says("/lop")
    await ward.binh.presses("Not seen for two weeks")
    said = await ward.binh.last_read()
    assert "Bà Lan" in said
    assert "Cô Năm" not in said


async def test_a_mind_changed_is_heeded_at_once(core: World) -> None:
    await learns(core, core.lan, seen=True)
    await core.lan.presses_forged("lseen")
    await core.lan.presses("No, keep it to myself")
    await core.binh.says("/lop")
    assert "Bà Lan" not in await core.binh.last_read()


async def test_nobody_else_sees_learners(ward: World) -> None:
    await learns(ward, ward.lan, seen=True)
    for who in (ward.tuan, ward.lan, ward.nam):
        await who.presses_forged("llearners")
        assert "Bà Lan" not in await who.last_read()


async def enrol_many(ward: World, count: int, *, days_ago: int, finished: bool = False) -> None:
    at = ward.clock.now() - timedelta(days=days_ago)
    for _number in range(count):
        made = insert(persons).values(commune_code=DAI_LOC, created_at=at).returning(persons.c.id)
        (person,) = (await ward.execute(made))[0]
        await ward.execute(
            insert(enrolments).values(
                person_id=person,
                course_id="may",
                status="done" if finished else "active",
                started_at=at,
                finished_at=at if finished else None,
            )
        )


async def test_an_officer_sees_a_picture_and_a_table(ward: World) -> None:
    await enrol_many(ward, 12, days_ago=8, finished=True)
    await enrol_many(ward, 4, days_ago=1)

    await ward.mai.says("/sohoc")
    assert (await ward.mai.messages())[-1].media
    (picture,) = (await ward.execute(select(media.c.content)))[-1]
    assert Image.open(BytesIO(picture)).size == (760, 640)

    await ward.mai.presses("As a table (.xlsx)")
    (content,) = (await ward.execute(select(media.c.content)))[-1]
    rows = list(load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True))
    assert [row[2:] for row in rows] == [("started", "finished"), (12, 12), ("<10", 0)]


async def test_a_ward_officer_sees_the_own_ward_only(core: World) -> None:
    await enrol_many(core, 12, days_ago=1)
    elsewhere = await core.add_member("Phương", core.members["Thu"].role, commune="20194")
    await elsewhere.presses_forged("lsheet")
    (content,) = (await core.execute(select(media.c.content)))[-1]
    rows = list(load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 1


async def test_figures_are_for_officers(core: World) -> None:
    for who in (core.lan, core.tuan, core.binh):
        for action in ("lfigures", "lsheet"):
            await who.presses_forged(action)
            assert "Officers see these figures" in await who.last_read()
