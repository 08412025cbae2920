"""A helper sends the resident a step of the guide that the request is about, with one tap."""

from bot.content.reading import Reading
from bot.dialogue import Done, Link, NotAllowed, Reply, Stay, Turn, read_id
from bot.texts import _, join
from handlers.accept_request import held_links, held_request, show_life
from handlers.guide.base import dialogue, reading_of, step_number
from storage.requests import HelpRequest

# Four steps and the way to the rest make five.
CARDS_A_PAGE = 4
LABEL_CHARS = 40


@dialogue.action("cards", browsing=True)
async def choose(turn: Turn, request_id: str, page: str = "") -> Reply:
    """The steps to choose from, beginning where the resident got stuck."""
    request, reading = await _held(turn, request_id)
    pages = -(-reading.steps // CARDS_A_PAGE)
    at = read_id(page)
    if at is None:
        at = (max(request.guide_step or 1, 1) - 1) // CARDS_A_PAGE
    at %= pages
    numbers = range(at * CARDS_A_PAGE + 1, min((at + 1) * CARDS_A_PAGE, reading.steps) + 1)
    links = [Link(_label(reading, n), f"card:{request.id}:{n}") for n in numbers]
    if pages > 1:
        links.append(Link(_("More"), f"cards:{request.id}:{(at + 1) % pages}"))
    return Done(_("Which step shall I send for you? (“%(title)s”)", title=reading.guide.title),
                links)  # fmt: skip


def _label(reading: Reading, number: int) -> str:
    text = reading.guide.steps[number - 1].do
    short = text if len(text) <= LABEL_CHARS else text[:LABEL_CHARS].rsplit(" ", 1)[0] + "…"
    return f"{number}/{reading.steps} {short}"


@dialogue.action("card")
async def send(turn: Turn, request_id: str, number: str) -> Reply:
    """Send it; the resident can go on from there."""
    request, reading = await _held(turn, request_id)
    step = step_number(reading, number)
    words = join(_("Your helper sends you this step:"), reading.step_in_full(step))
    links = [
        Link(_("Go on from here"), f"gs:{reading.guide.id}:{step}"),
        Link(_("Write to the helper"), f"talk:{request.id}"),
    ]
    if not await turn.notify([request.person_id], words, links=links, about=request.id):
        return Stay(_("The other side can't be reached just now. Please try a phone call."))
    await show_life(turn, request)
    again = Link(_("Send another step"), f"cards:{request.id}")
    return Done(_("Sent: step %(number)s.", number=step), [again, *held_links(request)[:3]])


async def _held(turn: Turn, request_id: str) -> tuple[HelpRequest, Reading]:
    """The request, held by this person, and its guide. Raises NotAllowed."""
    request, _member = await held_request(turn, request_id)
    if request.guide_id is None:
        raise NotAllowed(_("This request is about no guide."))
    return request, reading_of(turn, request.guide_id)
