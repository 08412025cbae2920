"""Whom it is for: conditions put together with "or", "and" and "except", counted at each step."""

from collections.abc import Sequence

from bot.dialogue import MAX_CHOICES, Ask, AskAgain, Choice, Reply, Turn
from bot.texts import Text, _, join
from handlers.broadcast.base import Office, dialogue, own_draft
from handlers.broadcast.flow import go_on, question
from handlers.broadcast.parts import PARTS, describe
from handlers.broadcast.words import reach
from storage.audience import EVERYONE, MAX_PARTS, AllOf, AnyOf, Audience, But, Is
from storage.broadcast_ledger import AudienceCount, count_audience
from storage.broadcasts import Broadcast, change_draft

MORE = "more"
_PRESS = _("Please press one of these.")
_ADDING: dict[str, Text] = {
    "any": _("Who else shall get it?"),
    "all": _("Only those of them who are also …"),
    "but": _("Who of them shall not get it?"),
}


@question("audience")
async def ask_audience(turn: Turn) -> Reply:
    """What is chosen so far, counted; at first what there is to choose from."""
    draft, office = await own_draft(turn)
    if draft.audience is None:
        return _ask_part(turn, office)
    return await _show(turn, draft)


def _ask_part(turn: Turn, office: Office, page: int = 0) -> Ask:
    """What there is to choose from; everybody only at first: more than that nobody can add."""
    how = turn.data.get("how")
    choices = [Choice(part.label, name) for name, part in PARTS.items() if part.fits(office)]
    if how is None:
        choices.insert(0, Choice(_everyone(office), "everyone"))
    turn.data["page"] = page
    words = _ADDING[how] if how else _("Who shall get it?")
    return Ask(words, a_page(choices, page), then=hear_part)


def a_page(choices: Sequence[Choice], page: int) -> list[Choice]:
    """Five choices at most: four and the way to the next ones, round and round."""
    if len(choices) <= MAX_CHOICES:
        return list(choices)
    pages = -(-len(choices) // (MAX_CHOICES - 1))
    first = page % pages * (MAX_CHOICES - 1)
    return [*choices[first : first + MAX_CHOICES - 1], Choice(_("More"), MORE)]


def _everyone(office: Office) -> Text:
    if office.whole_city:
        return _("The whole city")
    return _("The whole neighbourhood") if office.team_id else _("The whole phường or xã")


@dialogue.step
async def hear_part(turn: Turn) -> Reply:
    _draft, office = await own_draft(turn)
    name = turn.choice((*PARTS, "everyone", MORE), otherwise=_PRESS)
    if name == MORE:
        return _ask_part(turn, office, int(turn.data["page"]) + 1)
    if name == "everyone":
        return await _take(turn, EVERYONE)
    part = PARTS[name]
    turn.data["part"] = name
    choices = await part.find(turn, office) if part.listed else ()
    return Ask(part.question, choices, then=hear_value)


@dialogue.step
async def hear_value(turn: Turn) -> Reply:
    _draft, office = await own_draft(turn)
    name = str(turn.data["part"])
    if turn.answer is not None:
        return await _take(turn, Is(condition=name, value=turn.answer))
    choices = await PARTS[name].find(turn, office)
    if PARTS[name].listed:
        raise AskAgain(_PRESS)
    if len(choices) == 1:
        return await _take(turn, Is(condition=name, value=choices[0].value))
    return Ask(_("Which of them is meant?"), choices, then=hear_value)


async def _take(turn: Turn, part: Is) -> Reply:
    draft, _office = await own_draft(turn)
    how = turn.data.pop("how", None)
    chosen = _put_together(draft.readers, part, how) if draft.audience and how else part
    await change_draft(turn.conn, draft.id, turn.person.id, audience=chosen)
    return await ask_audience(turn)


def _put_together(chosen: Audience, part: Is, how: str) -> Audience:
    """Raises AskAgain when there are more conditions than anybody can oversee."""
    if how == "any":
        either = chosen.any if isinstance(chosen, AnyOf) else (chosen,)
        _check_length(either)
        return AnyOf(any=(*either, part))
    both = chosen.all if isinstance(chosen, AllOf) else (chosen,)
    _check_length(both)
    return AllOf(all=(*both, But(but=part) if how == "but" else part))


def _check_length(parts: tuple[Audience, ...]) -> None:
    if len(parts) >= MAX_PARTS:
        raise AskAgain(_("These are too many conditions. Please begin again."))


async def count(turn: Turn, draft: Broadcast) -> AudienceCount:
    """The audience as it is now."""
    return await count_audience(
        turn.conn,
        draft.readers,
        kind=draft.kind,
        commune_code=draft.commune_code,
        team_id=draft.team_id,
    )


async def _show(turn: Turn, draft: Broadcast) -> Ask:
    counted = await count(turn, draft)
    words = join(
        _("It goes to: %(who)s.", who=await describe(turn, draft, draft.readers)),
        reach(counted, turn.services.settings.sender),
        between="\n",
    )
    choices = [
        Choice(_("That is right"), "right"),
        Choice(_("Others too"), "any"),
        Choice(_("Only some of them"), "all"),
        Choice(_("All except …"), "but"),
        Choice(_("Begin again"), "over"),
    ]
    return Ask(words, choices, then=hear_audience)


@dialogue.step
async def hear_audience(turn: Turn) -> Reply:
    draft, office = await own_draft(turn)
    answer = turn.choice(("right", "over", *_ADDING), otherwise=_PRESS)
    if answer == "right":
        if not (await count(turn, draft)).reached:
            raise AskAgain(_("Nobody would get it. Please choose others."))
        return await go_on(turn, "audience")
    if answer == "over":
        turn.data.pop("how", None)
        return _ask_part(turn, office)
    turn.data["how"] = answer
    return _ask_part(turn, office)
