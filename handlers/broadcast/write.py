"""Writing: in whose name, the text, a picture or a file. The draft is a row from its first word."""

from bot.dialogue import Ask, AskAgain, Choice, NotAllowed, Reply, Turn
from bot.texts import Text, Words, _, join
from handlers.broadcast.base import Office, dialogue, need_offices, own_draft
from handlers.broadcast.flow import go_on, question
from handlers.broadcast.words import CODE_CHARS
from handlers.words import ROLES, area, commune_name
from storage.broadcasts import change_draft, create_draft
from storage.subscriptions import Kind

# Beside a picture Telegram takes 1,024 characters, sender and code included; and nobody reads
# more than this on a small phone.
MAX_CHARS = 800
SENDABLE = ("photo", "file")


@dialogue.action("bnew")
async def begin(turn: Turn) -> Reply:
    """Whoever holds several offices says in whose name."""
    offices = await need_offices(turn)
    turn.data = {}
    if len(offices) == 1:
        start_for(turn, offices[0])
        return ask_text(turn)
    choices = [Choice(await _office_label(turn, o), str(o.member.id)) for o in offices[:5]]
    return Ask(_("In whose name do you announce?"), choices, then=hear_office)


async def _office_label(turn: Turn, office: Office) -> Words:
    where: Words = _("the city of Đà Nẵng")
    if office.team_id is not None:
        where = await area(turn, office.commune_code or "", office.team_id)
    elif office.commune_code is not None:
        where = commune_name(turn.services.region, office.commune_code)
    return join(ROLES[office.member.role], where, between=", ")


@dialogue.step
async def hear_office(turn: Turn) -> Reply:
    offices = {str(o.member.id): o for o in await need_offices(turn)}
    chosen = turn.choice(offices, otherwise=_("Please press one of these."))
    start_for(turn, offices[chosen])
    return ask_text(turn)


def start_for(turn: Turn, office: Office) -> None:
    """Begin an announcement in the name of this office; there is no draft before the text."""
    turn.data = {"member": office.member.id}


# --- the text -----------------------------------------------------------------------------


def ask_text(turn: Turn) -> Ask:
    """Ask for the words of a new announcement."""
    kind = Kind(turn.data.get("kind", Kind.NEWS))
    if kind is Kind.EMERGENCY:
        words = _(
            "An emergency reaches everybody, also at night, and nobody can turn it down.\n"
            "A second officer has to agree. Please write it:"
        )
        return Ask(words, [Choice(_("It is no emergency"), Kind.NEWS)], then=hear_text)
    words = _(
        "Please write the announcement: what, for whom, when, where. The shorter, the better.\n"
        "A picture may come along."
    )
    return Ask(words, [Choice(_("It is an emergency"), Kind.EMERGENCY)], then=hear_text)


@question("text")
async def ask_text_again(turn: Turn) -> Reply:
    draft, _office = await own_draft(turn)
    words = _("It says now:\n%(text)s\n\nPlease write it anew, all of it.", text=draft.text)
    return Ask(words, then=hear_text)


@dialogue.dictation
async def hear_text(turn: Turn) -> Reply:
    if turn.answer in (Kind.NEWS, Kind.EMERGENCY):
        turn.data["kind"] = turn.answer
        return ask_text(turn)
    return await take_text(turn, checked_text(turn, turn.text))


async def take_text(turn: Turn, text: str, **more: object) -> Reply:
    """Keep the text: in the draft that is being changed, or as the beginning of one."""
    if "draft" not in turn.data:
        await _create(turn, await _office(turn))
    draft, _its_office = await own_draft(turn)
    await change_draft(turn.conn, draft.id, turn.person.id, text=text, **more)
    if turn.media is not None and turn.media.kind in SENDABLE:
        await _keep_media(turn)
        turn.data["answered"] = [*turn.data.get("answered", []), "media"]
    return await go_on(turn, "text")


def checked_text(turn: Turn, text: str) -> str:
    """The text, when it may be sent. Raises AskAgain with every reason why not."""
    if not text:
        raise AskAgain(_("Please write the announcement in words."))
    if len(text) > MAX_CHARS:
        raise AskAgain(
            _(
                "That is %(length)s characters; people read %(most)s at most. Please shorten it.",
                length=len(text),
                most=MAX_CHARS,
            )
        )
    faults = turn.services.announcement_checks.find_faults(text)
    if faults:
        raise AskAgain(
            join(
                _("I can't send this, because people would take it for a fraud:"),
                *(_("• %(reason)s", reason=fault) for fault in faults),
                _("Please write it differently."),
                between="\n",
            )
        )
    return text


async def _office(turn: Turn) -> Office:
    """The office that was chosen, if it is still held. Raises NotAllowed."""
    member = turn.data.get("member")
    held = (o for o in await need_offices(turn) if o.member.id == member)
    found = next(held, None)
    if found is None:
        raise NotAllowed(_("You don't hold this office any more."))
    return found


async def _create(turn: Turn, office: Office) -> None:
    turn.data["draft"] = await create_draft(
        turn.conn,
        code=turn.services.new_code(CODE_CHARS),
        kind=Kind(turn.data.get("kind", Kind.NEWS)),
        author_id=turn.person.id,
        commune_code=office.commune_code,
        team_id=office.team_id,
        now=turn.now,
    )


# --- a picture or a file ------------------------------------------------------------------

_MEDIA_HINT: Text = _("Please send a picture or a file, or press “Without”.")


@question("media")
async def ask_media(turn: Turn) -> Reply:
    return Ask(
        _("A picture or a file with it? Send it now."),
        [Choice(_("Without"), "none")],
        then=hear_media,
    )


@dialogue.step
async def hear_media(turn: Turn) -> Reply:
    draft, _office = await own_draft(turn)
    if turn.media is not None and turn.media.kind in SENDABLE:
        await _keep_media(turn)
    else:
        turn.choice(("none",), otherwise=_MEDIA_HINT)
        await change_draft(turn.conn, draft.id, turn.person.id, media=None)
    return await go_on(turn, "media")


async def _keep_media(turn: Turn) -> None:
    media = turn.media
    if media is not None:
        kept = [media.kind, media.ref, media.mime]
        await change_draft(turn.conn, turn.data["draft"], turn.person.id, media=kept)
