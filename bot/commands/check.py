"""`check`: the doctor. Each line says ok, or what to do."""

from argparse import ArgumentParser, Namespace
from datetime import datetime

from sqlalchemy import func, select

from bot.catalogue import list_faults
from bot.communes import load_region
from bot.config import Settings
from bot.content.library import list_content_faults, list_reviews
from bot.content.rates import Rates
from bot.texts import LOCAL_ZONE, LOCALES
from storage.engine import open_engine
from storage.members import Role, has_officer
from storage.migrate import is_current
from storage.schema import memberships, teams

Finding = tuple[bool, str]


def configure(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--content-only",
        action="store_true",
        help="only what is in the code's own files: wording and region data",
    )


async def run(args: Namespace, settings: Settings) -> int:
    """Print every finding; 1 when anything needs doing."""
    findings = [*_check_catalogue(), *_check_content(), _check_region(settings)]
    if not args.content_only:
        findings = [(True, "settings: all keys known and in range"), *findings]
        findings += await _check_database(settings)
        findings += _check_channels(settings)
    for fine, line in findings:
        print(f"{'ok  ' if fine else 'TODO'} {line}")
    return 0 if all(fine for fine, _line in findings) else 1


def _check_catalogue() -> list[Finding]:
    faults = list_faults()
    if not faults:
        return [(True, "wording: the Vietnamese catalogue is complete")]
    return [(False, f"wording: {fault}; run make messages and translate") for fault in faults]


def _check_content() -> list[Finding]:
    """Faults are to be mended; a review that is due is only said, or every build would fail."""
    folder, today = LOCALES / "vi", datetime.now(LOCAL_ZONE).date()
    faults = list(list_content_faults(folder, today))
    if faults:
        return [(False, f"content: {fault}") for fault in faults]
    findings: list[Finding] = []
    for kind in ("guides", "lessons"):
        count = len(list((folder / kind).glob("*.toml")))
        findings.append((True, f"{kind}: {count} files are complete and plain"))
    for day, name in list_reviews(folder, today):
        findings.append((True, f"content: {name} is to be reviewed by {day}"))
    for name, rate in Rates.load(folder / "rates.toml").items():
        if rate.on(today) is None:
            findings.append((True, f"guides: {name} in rates.toml has no value for today"))
    return findings


def _check_region(settings: Settings) -> Finding:
    region = load_region(settings.region.data)
    return True, f"region: {settings.region.data} with {len(region.communes)} communes"


async def _check_database(settings: Settings) -> list[Finding]:
    engine = open_engine(settings.database.url)
    try:
        if not await is_current(engine):
            return [(False, "database: run python -m bot migrate (or just start the bot)")]
        async with engine.begin() as conn:
            count = (
                await conn.execute(
                    select(func.count()).select_from(teams).where(teams.c.valid_to.is_(None))
                )
            ).scalar_one()
            joined = (
                await conn.execute(
                    select(func.count())
                    .select_from(memberships)
                    .where(memberships.c.person_id.is_not(None), memberships.c.removed_at.is_(None))
                )
            ).scalar_one()
            officer = await has_officer(conn, Role.CITY_OFFICER)
    except Exception as error:
        return [(False, f"database: can't be opened ({type(error).__name__}); see database.url")]
    finally:
        await engine.dispose()
    return [
        (True, "database: opens, migrations done"),
        (count > 0, f"roster: {count} teams" if count else "roster: no team; import-teams FILE"),
        (
            joined > 0,
            f"members: {joined} have joined" if joined else "members: nobody has joined yet",
        ),
        (
            officer,
            "officers: the city has one" if officer else "officers: none; start the bot for a code",
        ),
    ]


def _check_channels(settings: Settings) -> list[Finding]:
    findings: list[Finding] = []
    web = settings.web
    if web.enabled:
        local = web.host in ("127.0.0.1", "::1", "localhost")
        safe = local or web.public_url.startswith("https://")
        line = f"web chat: {web.public_url}"
        findings.append((safe, line if safe else f"{line}: set an https address (web.public_url)"))
    if settings.telegram.token is None:
        findings.append((web.enabled, "telegram: no token, so it is off"))
    else:
        findings.append((True, "telegram: a token is set"))
    return findings
