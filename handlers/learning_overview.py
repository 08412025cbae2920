"""What leaders see of their team's learners, and officers of their wards: people, and numbers."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from bot.charts import Series, draw_bars
from bot.dialogue import Dialogue, Done, Link, NotAllowed, Reply, Turn
from bot.sheets import MIME, write_sheet
from bot.texts import LOCAL_ZONE, Date, Words, _, join, n_
from handlers.words import commune_name, resident_name
from storage.learning_views import (
    TeamLearner,
    WeekCount,
    count_by_week,
    count_team_learners,
    list_team_learners,
)
from storage.media import keep_media
from storage.members import LEADING, Membership, Role, list_roles
from storage.teams import find_team

dialogue = Dialogue("learning_overview")

# Not seen for so long: time to ask how it goes.
ABSENT = timedelta(days=14)
LISTED = 20
WEEKS = 8
# Fewer people could be recognised (and counted out of the difference).
FEWEST = 10
HIDDEN = f"<{FEWEST}"


@dialogue.command("lop", _("My team's learners"), phrases=["lớp của tổ", "ai đang học"])
async def overview_command(turn: Turn, _argument: str) -> Reply:
    return await overview(turn)


@dialogue.action("llearners", browsing=True)
async def overview(turn: Turn, only: str = "all") -> Reply:
    """Everybody of the team who agreed to be seen; `only` "absent": those not seen lately."""
    roles = await list_roles(turn.conn, turn.person.id)
    teams = [r.team_id for r in roles if r.role in LEADING and r.team_id is not None]
    if not teams:
        if _is_officer(roles):
            return await figures(turn)
        raise NotAllowed(_("Team leaders see here who is learning."))
    parts: list[Words] = []
    for team_id in teams:
        parts.append(await _of_team(turn, team_id, only_absent=only == "absent"))
    other = (
        Link(_("All learners"), "llearners:all")
        if only == "absent"
        else Link(_("Not seen for two weeks"), "llearners:absent")
    )
    links = [other, Link(_("Classes that I hold"), "chosts"), Link(_("My team's work"), "team")]
    return Done(join(*parts), links)


async def _of_team(turn: Turn, team_id: int, *, only_absent: bool) -> Words:
    team = await find_team(turn.conn, team_id)
    seen = await list_team_learners(turn.conn, team_id)
    absent = [it for it in seen if turn.now - it.last_active_at > ABSENT]
    shown = absent if only_absent else seen
    hidden = await count_team_learners(turn.conn, team_id) - len(seen)
    lines = [_line(turn, learner) for learner in shown[:LISTED]]
    more: Words = ""
    if len(shown) > LISTED:
        more = _("… and %(number)s more", number=len(shown) - LISTED)
    private: Words = ""
    if hidden:
        private = n_("%(count)s more person learns without being shown.",
                     "%(count)s more people learn without being shown.", hidden)  # fmt: skip
    head = _("%(team)s: %(number)s learners, %(absent)s not seen for two weeks.",
             team=team.name if team else "", number=len(seen), absent=len(absent))  # fmt: skip
    return join(head, *lines, more, private, between="\n")


def _line(turn: Turn, learner: TeamLearner) -> Words:
    course = turn.services.library.courses.get(learner.course_id or "")
    title: Words = course.title if course else _("all done")
    when = _("last seen %(day)s", day=Date(_local(learner.last_active_at)))
    pause: Words = _("taking a break") if learner.paused_at else ""
    done = n_("%(count)s lesson done", "%(count)s lessons done", learner.done)
    return join(join("•", resident_name(learner.display_name), between=" "), title, done, when,
                pause, between=" · ")  # fmt: skip


def _local(at: datetime) -> date:
    return at.astimezone(LOCAL_ZONE).date()


# --- numbers for officers -----------------------------------------------------------------


@dialogue.command(
    "sohoc", _("Learning in figures"), phrases=["thống kê học tập", "số liệu học tập"]
)
async def figures_command(turn: Turn, _argument: str) -> Reply:
    return await figures(turn)


def _is_officer(roles: Sequence[Membership]) -> bool:
    return any(r.role in (Role.WARD_OFFICER, Role.CITY_OFFICER) for r in roles)


@dialogue.action("lfigures")
async def figures(turn: Turn) -> Reply:
    """Courses started and finished by week, as a picture; the table is one tap away."""
    scope, where = await _scope(turn)
    first = _first_week(turn)
    counts = await count_by_week(turn.conn, first, commune_code=scope)
    started, finished = _by_week(counts)
    render = turn.services.texts.render
    picture = draw_bars(
        render(_("Courses by week: %(where)s", where=where)),
        [f"{_monday(first, week):%d/%m}" for week in range(WEEKS)],
        [
            Series(render(_("started")), [_shown(number) for number in started]),
            Series(render(_("finished")), [_shown(number) for number in finished]),
        ],
        HIDDEN,
    )
    media = await keep_media(
        turn.conn, f"chart-{turn.services.new_code(24)}", "image/png", picture, turn.now
    )
    words = _(
        "Courses of the last %(weeks)s weeks, %(where)s. Fewer than %(fewest)s people are shown "
        "as “%(hidden)s”.",
        weeks=WEEKS, where=where, fewest=FEWEST, hidden=HIDDEN,
    )  # fmt: skip
    return Done(words, [Link(_("As a table (.xlsx)"), "lsheet")], media=media)


async def _scope(turn: Turn) -> tuple[str | None, Words]:
    """The commune whose numbers may be seen, None = all. Raises NotAllowed for others."""
    roles = await list_roles(turn.conn, turn.person.id)
    if any(r.role is Role.CITY_OFFICER for r in roles):
        return None, _("the whole city")
    wards = [r.commune_code for r in roles if r.role is Role.WARD_OFFICER and r.commune_code]
    if not wards:
        raise NotAllowed(_("Officers see these figures."))
    return wards[0], commune_name(turn.services.region, wards[0])


def _first_week(turn: Turn) -> datetime:
    """Monday, midnight in Đà Nẵng, of the first week that is counted."""
    today = turn.now.astimezone(LOCAL_ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday(), weeks=WEEKS - 1)


def _monday(first: datetime, week: int) -> datetime:
    return first + timedelta(weeks=week)


def _shown(number: int) -> int | None:
    """A figure, or None where so few people stand behind it that they could be known."""
    return None if 0 < number < FEWEST else number


def _by_week(counts: Sequence[WeekCount]) -> tuple[list[int], list[int]]:
    started, finished = [0] * WEEKS, [0] * WEEKS
    for count in counts:
        if count.week < WEEKS:
            started[count.week] += count.started
            finished[count.week] += count.finished
    return started, finished


@dialogue.action("lsheet")
async def sheet(turn: Turn) -> Reply:
    """The same by ward, a line a ward and week."""
    scope, _where = await _scope(turn)
    first = _first_week(turn)
    counts = await count_by_week(turn.conn, first, commune_code=scope)
    by_ward: dict[str | None, list[WeekCount]] = defaultdict(list)
    for count in counts:
        by_ward[count.commune_code].append(count)
    render = turn.services.texts.render
    header = [render(it) for it in (_("Commune"), _("Week from"), _("started"), _("finished"))]
    rows = [
        (
            render(_ward(turn, code)),
            f"{_monday(first, count.week):%d/%m/%Y}",
            *(HIDDEN if _shown(n) is None else n for n in (count.started, count.finished)),
        )
        for code, of_ward in by_ward.items()
        for count in of_ward
    ]
    content = write_sheet(render(_("Learning in figures")), header, rows)
    media = await keep_media(
        turn.conn, f"sheet-{turn.services.new_code(24)}", MIME, content, turn.now
    )
    return Done(_("Here is the table."), [Link(_("Learning in figures"), "lfigures")], media=media)


def _ward(turn: Turn, code: str | None) -> Words:
    return commune_name(turn.services.region, code) or _("not told")
