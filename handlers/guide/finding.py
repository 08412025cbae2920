"""Free text is a question: danger first, then the guide that is meant, else what to try."""

from bot.dialogue import Done, Link, NotAllowed, Reply, Stay, Turn, read_id
from bot.search import Finding
from bot.secrecy import nameless
from bot.texts import Text, Words, _
from handlers.guide.base import dialogue
from handlers.guide.pages import cover
from handlers.relay import pass_on
from storage.outbox import list_said
from storage.questions import Question, add_question, find_question, set_outcome

MAX_CHOICES = 4
SCAM_GUIDE = "bi-lua-dao"

DANGERS: dict[str, Text] = {
    "fire": _(
        "🔥 Fire: call 114 now.\n"
        "Get everyone out first, close doors behind you, don't use the lift."
    ),
    "medical": _("🚑 Call 115 now.\nSay what happened, where you are, and stay on the line."),
    "violence": _(
        "🚨 Call 113 now. Go where other people are, if you can.\nA child in danger: 111."
    ),
    "child": _("🚨 A child in danger: call 111, day and night. At once in danger: 113."),
    "scam": _(
        "🛑 Stop: don't transfer anything, don't give any code.\n"
        "Money has gone already? Call your bank now: the number is on the back of your card.\n"
        "Threatened? Call 113."
    ),
}

_UNKNOWN = (
    _("I have no guide about that yet. Could you say it in other words?"),
    _("I know about papers, insurance, VNeID, allowances and safety. Is it one of these?"),
    _("I didn't find anything for that. Perhaps you find it on the shelves below."),
    _("That is beyond me, I am sorry. Please try a few other words."),
)  # fmt: skip


@dialogue.action("danger")
async def warn_of_danger(turn: Turn, kind: str) -> Reply:
    """The number to call, before anything else; what was written still reaches a helper."""
    if kind not in DANGERS:
        raise NotAllowed(_("That button does not belong to me. Type 0 to see what I can do."))
    words = DANGERS[kind]
    if turn.chat.state is not None:
        return Stay(words, _danger_links(turn, kind))
    passed = await pass_on(turn)
    if passed is None:
        return Done(words, _danger_links(turn, kind))
    turn.say(words)
    return passed


def _danger_links(turn: Turn, kind: str) -> list[Link]:
    if kind == "scam" and SCAM_GUIDE in turn.services.library.guides:
        return [Link(_("What to do when cheated"), f"g:{SCAM_GUIDE}")]
    return []


async def answer_question(turn: Turn) -> Reply | None:
    """The guide, or up to four to choose from; None when it is about nothing that we know."""
    finding = turn.services.finder.find(turn.text)
    question_id = await add_question(
        turn.conn,
        nameless(turn.text),
        finding.decision,
        [hit.id for hit in finding.hits],
        turn.now,
    )
    if finding.decision == "none" or not finding.hits:
        return None
    if finding.decision == "choose":
        return _choose(turn, _ids(finding), question_id)
    return await cover(turn, finding.hits[0].id, question_id=question_id)


def _ids(finding: Finding) -> list[str]:
    return [hit.id for hit in finding.hits[:MAX_CHOICES]]


def _choose(turn: Turn, guide_ids: list[str], question_id: int) -> Done:
    guides = turn.services.library.guides
    links = [
        Link(guides[guide_id].title, f"gmeant:{question_id}:{index}")
        for index, guide_id in enumerate(guide_ids)
        if guide_id in guides
    ]
    links.append(Link(_("None of these"), f"gnone:{question_id}"))
    return Done(_("Which of these do you mean?"), links)


async def _question(turn: Turn, question_id: str) -> Question | None:
    known = read_id(question_id)
    return await find_question(turn.conn, known) if known is not None else None


@dialogue.action("gmeant")
async def meant(turn: Turn, question_id: str, index: str) -> Reply:
    """This one it was; choosing another than the first teaches something."""
    question, place = await _question(turn, question_id), read_id(index)
    if question is None or place is None or place >= len(question.guides):
        raise NotAllowed(_("That question is long ago. Please ask it once more."))
    guide_id = question.guides[place]
    if place:
        await set_outcome(turn.conn, question.id, guide_id)
    return await cover(turn, guide_id)


@dialogue.action("gother")
async def others(turn: Turn, question_id: str) -> Reply:
    """The opened guide was not it: the next ones, or the shelves."""
    question = await _question(turn, question_id)
    if question is None:
        raise NotAllowed(_("That question is long ago. Please ask it once more."))
    await set_outcome(turn.conn, question.id, "wrong")
    guides = turn.services.library.guides
    links = [
        Link(guides[guide_id].title, f"gmeant:{question.id}:{index}")
        for index, guide_id in enumerate(question.guides[: MAX_CHOICES + 1])
        if index and guide_id in guides
    ]
    links.append(Link(_("None of these"), f"gnone:{question.id}"))
    return Done(_("I am sorry. Is it one of these?"), links)


@dialogue.action("gnone")
async def none_of_them(turn: Turn, question_id: str) -> Reply:
    """Kept as a question without an answer, from which the next guide is written."""
    question = await _question(turn, question_id)
    if question is not None:
        await set_outcome(turn.conn, question.id, "wrong")
    return Done(_("I have noted that I could not answer this. What would you like?"), ways_on())


def ways_on() -> list[Link]:
    """What to try when there is no answer."""
    return [
        Link(_("Guides to public services"), "gshelves"),
        Link(_("Ask my team for help"), "help"),
    ]


async def unknown(turn: Turn) -> Words:
    """That nothing was found, never in the same words twice running."""
    said = await list_said(turn.conn, turn.chat.id, len(_UNKNOWN) - 1)
    render = turn.services.texts.render
    return next((words for words in _UNKNOWN if render(words) not in said), _UNKNOWN[0])
