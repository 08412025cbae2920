"""The pages of a guide: cover, papers to get ready, steps one by one, and everything at once."""

from hashlib import sha256

from bot.content.reading import Reading
from bot.dialogue import Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import Words, _, join
from bot.types import Media
from handlers.guide.base import (
    START_PREFIX,
    dialogue,
    help_link,
    keep,
    local_day,
    reading_of,
    step_number,
)
from handlers.guide.ending import ask_whether_done
from handlers.lessons.offer import offer_course
from storage.guides import Progress, count_open, find_progress
from storage.media import keep_media
from storage.members import list_roles

# Four papers and the way on make five choices.
PAPERS_A_PAGE = 4


@dialogue.action("g", browsing=True)
async def open_cover(turn: Turn, guide_id: str) -> Reply:
    return await cover(turn, guide_id)


async def cover(turn: Turn, guide_id: str, *, question_id: int | None = None) -> Reply:
    """The first page; with a question, also the way to what else it may have meant."""
    reading = reading_of(turn, guide_id)
    await count_open(turn.conn, guide_id, local_day(turn))
    progress = await find_progress(turn.conn, turn.person.id, guide_id)
    links = _cover_links(reading, progress)
    if question_id is not None:
        links = [*links, Link(_("Not this? See others"), f"gother:{question_id}")]
    where: Words = ""
    if progress is not None and _is_under_way(reading, progress):
        where = _(
            "You are at step %(number)s/%(count)s. Shall we go on?",
            number=progress.step,
            count=reading.steps,
        )
    turn.chat.state = None
    await offer_course(turn, guide_id)
    return Done(join(reading.cover(), where), links)


def _is_under_way(reading: Reading, progress: Progress) -> bool:
    return progress.status == "reading" and 1 <= progress.step <= reading.steps


def _cover_links(reading: Reading, progress: Progress | None) -> list[Link]:
    guide_id = reading.guide.id
    papers = Link(
        _("Get the papers ready"), f"gdocs:{guide_id}:{progress.ticks if progress else 0}"
    )
    first = [papers] if reading.guide.documents else []
    if progress is not None and _is_under_way(reading, progress):
        go_on = Link(_("Go on with step %(number)s", number=progress.step),
                     f"gs:{guide_id}:{progress.step}")  # fmt: skip
        first = [go_on, *first]
    else:
        first = [*first, Link(_("See the steps"), f"gs:{guide_id}:1")]
    return [*first, Link(_("Cost, place, what to beware of"), f"ginfo:{guide_id}"),
            help_link(guide_id, 0)]  # fmt: skip


# --- papers -------------------------------------------------------------------------------


@dialogue.action("gdocs", browsing=True)
async def papers(turn: Turn, guide_id: str, ticks: str, page: str = "0") -> Reply:
    """The checklist. Its ticks travel in the buttons too, for readers who keep nothing here."""
    reading = reading_of(turn, guide_id)
    return Done(*_checklist(reading, _ticks(reading, ticks), read_id(page) or 0))


@dialogue.action("gtick", browsing=True)
async def tick(turn: Turn, guide_id: str, ticks: str, number: str) -> Reply:
    """Tick a paper off, or take the tick back."""
    reading = reading_of(turn, guide_id)
    index = read_id(number)
    if index is None or index >= len(reading.guide.documents):
        raise NotAllowed(_("This guide has no such paper."))
    now = _ticks(reading, ticks) ^ (1 << index)
    await keep(turn, guide_id, ticks=now)
    return Done(*_checklist(reading, now, index // PAPERS_A_PAGE))


def _ticks(reading: Reading, text: str) -> int:
    """Ticks of papers that there are, whatever a made-up button says."""
    return (read_id(text) or 0) & ((1 << len(reading.guide.documents)) - 1)


def _checklist(reading: Reading, ticks: int, page: int) -> tuple[Words, list[Link]]:
    guide, documents = reading.guide, reading.guide.documents
    pages = -(-len(documents) // PAPERS_A_PAGE)
    page = min(page, pages - 1)
    lines = [f"{_box(ticks, i)} {reading.document(d)}" for i, d in enumerate(documents)]
    words = join(
        _("Papers for: %(title)s", title=guide.title),
        join(*lines, between="\n"),
        _("Press what you have. Ready: %(ready)s/%(count)s", ready=ticks.bit_count(),
          count=len(documents)),
    )  # fmt: skip
    shown = list(enumerate(documents))[page * PAPERS_A_PAGE : (page + 1) * PAPERS_A_PAGE]
    links = [
        Link(f"{_box(ticks, i)} {document.text}", f"gtick:{guide.id}:{ticks}:{i}")
        for i, document in shown
    ]
    if page + 1 < pages:
        links.append(Link(_("More papers"), f"gdocs:{guide.id}:{ticks}:{page + 1}"))
    else:
        links.append(Link(_("Begin with step 1"), f"gs:{guide.id}:1"))
    return words, links


def _box(ticks: int, index: int) -> str:
    return "☑" if ticks >> index & 1 else "☐"


# --- steps --------------------------------------------------------------------------------


@dialogue.action("gs", browsing=True)
async def show_step(turn: Turn, guide_id: str, number: str) -> Reply:
    """One step; after the last one comes the question whether it is done."""
    reading = reading_of(turn, guide_id)
    if number == str(reading.steps + 1):
        return ask_whether_done(reading)
    step = step_number(reading, number)
    await keep(turn, guide_id, step=step, status="reading")
    media = await _picture_of(turn, reading, step)
    return Done(reading.step(step), _step_links(reading, step), media=media)


async def _picture_of(turn: Turn, reading: Reading, number: int) -> Media | None:
    picture = turn.services.library.picture(reading.guide.steps[number - 1])
    if picture is None:
        return None
    content, mime = picture
    key = f"guide-{sha256(content).hexdigest()[:32]}"
    return await keep_media(turn.conn, key, mime, content, turn.now)


@dialogue.action("gagain")
async def say_again(turn: Turn, guide_id: str, number: str) -> Reply:
    """The same step as a new message, with everything that may happen instead."""
    reading = reading_of(turn, guide_id)
    step = step_number(reading, number)
    return Done(reading.step_in_full(step), _step_links(reading, step))


def _step_links(reading: Reading, step: int) -> list[Link]:
    guide_id = reading.guide.id
    onward = _("Next step") if step < reading.steps else _("That was the last step")
    if step > 1:
        back = Link(_("Previous step"), f"gs:{guide_id}:{step - 1}")
    else:
        back = Link(_("Back to the first page"), f"g:{guide_id}")
    return [
        Link(onward, f"gs:{guide_id}:{step + 1}"),
        back,
        Link(_("I am stuck at this step"), f"gstuck:{guide_id}:{step}"),
        Link(_("Say it again"), f"gagain:{guide_id}:{step}"),
        Link(_("More"), f"gmore:{guide_id}:{step}"),
    ]


@dialogue.action("gmore", browsing=True)
async def more(turn: Turn, guide_id: str, number: str) -> Reply:
    """What else can be done with a guide; members can also say that a step is wrong."""
    reading = reading_of(turn, guide_id)
    step = step_number(reading, number)
    links = [
        Link(_("Back to step %(number)s", number=step), f"gs:{guide_id}:{step}"),
        Link(_("See all of it at once"), f"gall:{guide_id}"),
        Link(_("Send it to a relative"), f"gsend:{guide_id}"),
        Link(_("Cost, place, what to beware of"), f"ginfo:{guide_id}"),
    ]
    if await list_roles(turn.conn, turn.person.id):
        links.append(Link(_("This step is wrong"), f"gflag:{guide_id}:{step}"))
    else:
        links.append(Link(_("Remind me later"), f"gremind:{guide_id}:{step}"))
    return Done(_("What else, about “%(title)s”?", title=reading.guide.title), links)


# --- everything else ----------------------------------------------------------------------


@dialogue.action("ginfo")
async def info(turn: Turn, guide_id: str) -> Reply:
    """Where, how much, what goes wrong, what to beware of: a message each."""
    reading = reading_of(turn, guide_id)
    turn.say(reading.places(turn.person.commune_code))
    for words in (reading.fees(), reading.mistakes(), reading.scams()):
        if words:
            turn.say(words)
    closing = reading.doubts() or _("Anything unclear? A neighbour can help.")
    return Done(closing, _after_looking(reading))


@dialogue.action("gall")
async def show_all(turn: Turn, guide_id: str) -> Reply:
    """The whole guide as one text, to keep or to pass on."""
    reading = reading_of(turn, guide_id)
    turn.say(reading.whole(turn.person.commune_code))
    return Done(_("That is all of it. You can keep or forward it."), _after_looking(reading))


@dialogue.action("gsend")
async def send_to_relative(turn: Turn, guide_id: str) -> Reply:
    """Links that open the guide at its beginning, for somebody else's phone."""
    reading = reading_of(turn, guide_id)
    start, links = f"{START_PREFIX}{guide_id}", turn.services.links
    telegram, web = links.telegram(start), links.web(start)
    words = join(
        _("Send this to your relative: “%(title)s”", title=reading.guide.title),
        _("On Telegram: %(link)s", link=telegram) if telegram else "",
        web,
        _("Who knows me already writes to me: %(command)s", command=f"/start {start}"),
        between="\n",
    )
    return Done(words, _after_looking(reading))


def _after_looking(reading: Reading) -> list[Link]:
    guide_id = reading.guide.id
    return [
        Link(_("See the steps"), f"gs:{guide_id}:1"),
        Link(_("Back to the first page"), f"g:{guide_id}"),
        help_link(guide_id, 0),
    ]
