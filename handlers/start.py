"""The beginning and the middle: who I am, consent, the menu, a person, and what I don't know."""

from bot.dialogue import (
    MAX_CHOICES,
    Ask,
    AskAgain,
    Choice,
    Dialogue,
    Done,
    Link,
    Reply,
    Stay,
    Turn,
)
from bot.texts import Words, _, fold
from handlers import classes
from handlers.consent import has_consent
from handlers.guide import START_PREFIX, answer_question, cover
from handlers.guide.finding import unknown, ways_on
from handlers.join import join_with
from handlers.relay import pass_on
from handlers.request_help import begin
from handlers.words import hotline
from storage.chats import give_consent
from storage.guides import Progress, find_unfinished
from storage.members import list_roles
from storage.outbox import list_said

dialogue = Dialogue("start")

_GREETINGS = frozenset(
    {"chao", "xin chao", "chao con", "chao chau", "chao em", "hello", "hi", "alo", "a lo"}
)
_THANKS = frozenset(
    {"cam on", "cam on con", "cam on chau", "cam on nhe", "thank you", "thanks", "cam on nhieu"}
)

_AGREED = frozenset({"dong y", "bac dong y", "co", "ok", "u", "uh", "vang", "da", "duoc"})

_HELLO = _(
    "Hello! I am Ngõ Số, an automatic assistant of the community digital technology "
    "teams of Đà Nẵng.\n"
    "I show you public services step by step, and find a neighbour who helps. It costs nothing."
)


@dialogue.command("start", _("Begin"), phrases=["bat dau", "bắt đầu lại"])
async def start(turn: Turn, argument: str) -> Reply:
    """Greet; with a code, take up the invitation that it stands for."""
    if argument.startswith(START_PREFIX):
        return await cover(turn, argument.removeprefix(START_PREFIX))
    if argument.startswith(classes.START_PREFIX):
        return await classes.check_in_with(turn, argument.removeprefix(classes.START_PREFIX))
    if argument:
        return await join_with(turn, argument)
    if has_consent(turn):
        return await menu(turn)
    turn.say(_HELLO)
    return consent_question()


def consent_question() -> Ask:
    """Ask in plain words, before anything about the person is kept."""
    words = _(
        "To help, I keep: how to call you, your neighbourhood, and what you ask for.\n"
        "Only your helper and those in charge see it. You can look at it or delete it any time.\n"
        "Do you agree?"
    )
    choices = [
        Choice(_("I agree"), "yes"),
        Choice(_("What exactly is kept?"), "more"),
        Choice(_("Not now"), "no"),
    ]
    return Ask(words, choices, then=hear_consent)


@dialogue.step
async def hear_consent(turn: Turn) -> Reply:
    if fold(turn.text) in _AGREED:
        turn.answer = "yes"
    if turn.answer is None and turn.text:
        # Who has a question gets the answer first; reading needs no consent.
        turn.chat.state = None
        return await free(turn)
    allowed = ("yes", "more", "no")
    answer = turn.choice(allowed, otherwise=_("Please press “I agree” or “Not now”."))
    if answer == "more":
        turn.say(
            _(
                "I keep your requests and what becomes of them for a year, so that nobody is "
                "forgotten.\n"
                "I never keep one-time codes, passwords or numbers of papers. A place you share "
                "is used once to find your team and then forgotten."
            )
        )
        return consent_question()
    if answer == "no":
        words = _(
            "That is all right. When you need a person, call %(hotline)s.\n"
            "To begin again, type /start.",
            hotline=hotline(turn),
        )
        return Done(words)
    version = turn.services.settings.privacy.consent_version
    turn.chat.person = await give_consent(turn.conn, turn.person, version, turn.now)
    if wanted := turn.data.get("then"):
        return Done(_("Thank you. Now we can go on."), [Link(_("Go on"), wanted)])
    turn.say(_("Thank you."))
    return await menu(turn)


@dialogue.action("consent")
async def consent(turn: Turn, *wanted: str) -> Reply:
    """Ask; who agrees goes on with the action that they wanted."""
    turn.data = {"then": ":".join(wanted)} if wanted else {}
    return consent_question()


@dialogue.command("menu", _("What I can do"))
async def menu_command(turn: Turn, _argument: str) -> Reply:
    return await menu(turn)


@dialogue.action("menu", browsing=True)
async def menu(turn: Turn) -> Reply:
    """What one can do here; entries that do not concern the reader are left out."""
    links = [
        Link(_("Guides to public services"), "gshelves"),
        Link(_("Ask for help"), "help"),
        Link(_("Learn: lessons of five minutes"), "learn"),
        Link(_("My affairs"), "affairs"),
    ]
    if await list_roles(turn.conn, turn.person.id):
        links.insert(0, Link(_("My team's work"), "team"))
    words: Words = _("What can I do for you?")
    unfinished = await find_unfinished(turn.conn, turn.person.id, turn.now)
    if unfinished is not None and unfinished.guide_id in turn.services.library.guides:
        go_on, words = _go_on(turn, unfinished)
        # What is rarest gives way, so that there are never more than five.
        links = [go_on, *links][:MAX_CHOICES]
    return Done(words, links)


@dialogue.action("affairs", browsing=True)
async def affairs(turn: Turn) -> Reply:
    """What is kept for the reader: requests, reminders, data."""
    links = [
        Link(_("My requests"), "mine"),
        Link(_("What I remind you of"), "reminders"),
        Link(_("My classes"), "cmine"),
        Link(_("My data"), "data"),
    ]
    return Done(_("What would you like to see?"), links)


def _go_on(turn: Turn, progress: Progress) -> tuple[Link, Words]:
    guide = turn.services.library.guides[progress.guide_id]
    step = min(progress.step, len(guide.steps))
    words = _(
        "You are at step %(number)s/%(count)s of “%(title)s”. Shall we go on?",
        number=step,
        count=len(guide.steps),
        title=guide.title,
    )
    return Link(_("Go on with step %(number)s", number=step), f"gs:{guide.id}:{step}"), words


@dialogue.command("gapnguoi", _("Reach a person"))
async def person_command(turn: Turn, _argument: str) -> Reply:
    return await person(turn)


@dialogue.action("person")
async def person(turn: Turn) -> Reply:
    """Two ways to a human being, wherever one is."""
    words = _(
        "A person answers at %(hotline)s (or %(long)s).\n"
        "Or let me ask your neighbourhood team to come or call.",
        hotline=hotline(turn),
        long=turn.services.settings.contacts.hotline_long,
    )
    if turn.chat.state is not None:
        return Stay(words)
    return Done(words, [Link(_("Ask my team for help"), "help")])


@dialogue.action("free")
async def free(turn: Turn) -> Reply:
    """Something outside any task: for a helper if there is one, else small talk or a question."""
    passed = await pass_on(turn)
    if passed is not None:
        return passed
    folded = fold(turn.text)
    newcomer = not has_consent(turn) and not await list_said(turn.conn, turn.chat.id, 1)
    if newcomer and (not folded or folded in _GREETINGS):
        return await start(turn, "")
    if folded in _GREETINGS:
        return await _small_talk(turn, _("Hello! It is good to hear from you."))
    if folded in _THANKS:
        return await _small_talk(turn, _("You are welcome. It is a pleasure."))
    if not folded:
        raise AskAgain(_not_understood(turn))
    return await _answer(turn, newcomer=newcomer)


async def _answer(turn: Turn, *, newcomer: bool) -> Reply:
    """The guide that was asked for; a second question without an answer goes to a person."""
    found = await answer_question(turn)
    if found is not None:
        if newcomer:
            turn.say(_HELLO)
        return found
    if newcomer:
        return await start(turn, "")
    if turn.chat.misses and len(turn.text.split()) > 1 and has_consent(turn):
        return _maybe_a_request(turn)
    raise AskAgain(await unknown(turn), ways_on())


async def _small_talk(turn: Turn, words: Words) -> Reply:
    turn.say(words)
    return await menu(turn)


def _not_understood(turn: Turn) -> Words:
    if turn.media is not None:
        return _(
            "Thank you for the picture or recording.\n"
            "To send it to a helper, press “Menu”, then “Ask for help”."
        )
    if turn.place is not None:
        return _("Thank you. I use a place only while you ask for help. Press “Menu” to begin.")
    if turn.incoming.other:
        return _("I can't read stickers and files yet. Please write to me in a few words.")
    return _("I did not understand that. Please type 0 to see what I can do.")


def _maybe_a_request(turn: Turn) -> Ask:
    turn.data = {"text": turn.text[:1000]}
    choices = [Choice(_("Yes, ask my team"), "yes"), Choice(_("No, thank you"), "no")]
    words = _("I can't answer that myself. Shall I ask your neighbourhood team to help with it?")
    return Ask(words, choices, then=hear_whether_request)


@dialogue.step
async def hear_whether_request(turn: Turn) -> Reply:
    """A yes opens a request that already says what was typed; other words are a new question."""
    if turn.answer is None and turn.text:
        turn.chat.state = None
        return await free(turn)
    answer = turn.choice(("yes", "no"), otherwise=_("Please press “Yes” or “No”."))
    if answer == "no":
        return await menu(turn)
    return await begin(turn, description=turn.data["text"])
