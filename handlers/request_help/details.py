"""What is wanted, for whom, how, when, and how to call the one who asks."""

from typing import Any

from bot.dialogue import Ask, AskAgain, Choice, Reply, Turn
from bot.texts import _
from handlers.phone import read_phone
from handlers.request_help.form import dialogue, next_question, question
from handlers.times import read_time
from handlers.words import TOPICS, WAYS

MAX_DESCRIPTION = 1500
MAX_ATTACHMENTS = 5


def _by(way: str) -> Any:
    return lambda data: data.get("way") == way


@question("topic")
async def ask_topic(turn: Turn) -> Ask:
    choices = [Choice(label, value) for value, label in TOPICS.items()]
    words = _("What do you need help with?\nPress a choice, or tell it in your own words.")
    return Ask(words, choices, then=hear_topic)


@dialogue.step
async def hear_topic(turn: Turn) -> Reply:
    if turn.answer in TOPICS:
        turn.data["topic"] = turn.answer
        return await next_question(turn)
    if turn.media is not None:
        turn.data["topic"] = "other"
        return await hear_description(turn)
    text = turn.words(
        at_most=MAX_DESCRIPTION, otherwise=_("Please say in a few words what you need.")
    )
    turn.data |= {"topic": "other", "description": text, "attachments": []}
    return await next_question(turn)


@question("description")
async def ask_description(turn: Turn) -> Ask:
    words = _(
        "What exactly is the matter?\n"
        "Write it, or send a voice message or a photo. No one-time codes and no passwords, please."
    )
    choices = [Choice(_("I will tell the helper"), "later")]
    return Ask(words, choices, then=hear_description)


@dialogue.step
async def hear_description(turn: Turn) -> Reply:
    """Take words, voice and pictures, until the resident says that it is all."""
    turn.data.setdefault("attachments", [])
    if turn.answer in ("later", "enough"):
        turn.data["description"] = turn.data.pop("draft", "")
        return await next_question(turn)
    if turn.media is not None:
        return _keep_attachment(turn)
    text = turn.words(
        at_most=MAX_DESCRIPTION,
        otherwise=_("I can keep words, voice messages and photos. Please try one of these."),
    )
    turn.data["description"] = "\n".join(filter(None, (turn.data.pop("draft", ""), text)))
    return await next_question(turn)


def _keep_attachment(turn: Turn) -> Ask:
    media, kept = turn.media, turn.data["attachments"]
    if media is None or len(kept) >= MAX_ATTACHMENTS:
        raise AskAgain(_("That is enough for now. Please press “That is all”."))
    turn.data["attachments"] = [*kept, [media.kind, media.ref, media.mime]]
    turn.data["draft"] = "\n".join(filter(None, (turn.data.get("draft", ""), turn.text)))
    words = _("I have it. Send more, write a few words, or press “That is all”.")
    return Ask(words, [Choice(_("That is all"), "enough")], then=hear_description)


@question("beneficiary")
async def ask_beneficiary(turn: Turn) -> Ask:
    choices = [Choice(_("For myself"), "me"), Choice(_("For somebody else"), "other")]
    return Ask(_("Who needs the help?"), choices, then=hear_beneficiary)


@dialogue.step
async def hear_beneficiary(turn: Turn) -> Reply:
    if turn.answer == "me":
        turn.data["beneficiary"] = ""
        return await next_question(turn)
    if turn.answer == "other":
        words = _(
            "Who is it? For example: my mother, 82 years old; or a neighbour without a phone."
        )
        return Ask(words, then=hear_beneficiary)
    otherwise = _("Please press “For myself” or “For somebody else”, or say who it is.")
    turn.data["beneficiary"] = turn.words(at_most=200, otherwise=otherwise)
    return await next_question(turn)


@question("way")
async def ask_way(turn: Turn) -> Ask:
    choices = [Choice(label, value) for value, label in WAYS.items()]
    return Ask(_("How would you like to be helped?"), choices, then=hear_way)


@dialogue.step
async def hear_way(turn: Turn) -> Reply:
    turn.data["way"] = turn.choice(WAYS, otherwise=_("Please press one of the three ways."))
    return await next_question(turn)


@question("phone", _by("phone"))
async def ask_phone(turn: Turn) -> Ask:
    words = _("Which number may the helper call? Only the one who accepts will see it.")
    known = turn.person.phone
    choices = [Choice(known, "known")] if known else []
    return Ask(words, choices, then=hear_phone, ask_contact=True)


@dialogue.step
async def hear_phone(turn: Turn) -> Reply:
    if turn.answer == "known" and turn.person.phone:
        turn.data["phone"] = turn.person.phone
        return await next_question(turn)
    turn.data["phone"] = read_phone(turn)
    return await next_question(turn)


@question("address", _by("visit"))
async def ask_address(turn: Turn) -> Ask:
    words = _(
        "Where should the helper come to? House number and street, or how to find it.\n"
        "Only the one who accepts will see it."
    )
    choices = [
        Choice(_("At the community house"), "hall"),
        Choice(_("I will tell the helper"), "later"),
    ]
    return Ask(words, choices, then=hear_address)


@dialogue.step
async def hear_address(turn: Turn) -> Reply:
    if turn.answer == "later":
        turn.data["address"] = ""
    elif turn.answer == "hall":
        turn.data["address"] = turn.services.texts.render(_("At the community house"))
    else:
        otherwise = _("Please write the address, or press “I will tell the helper”.")
        turn.data["address"] = turn.words(at_most=300, otherwise=otherwise)
    return await next_question(turn)


@question("when")
async def ask_when(turn: Turn) -> Ask:
    choices = [
        Choice(_("As soon as possible"), "now"),
        Choice(_("Tomorrow morning"), "sáng mai"),
        Choice(_("Tomorrow afternoon"), "chiều mai"),
    ]
    words = _("When suits you?\nYou can also write a day and time, such as: thứ bảy 9 giờ.")
    return Ask(words, choices, then=hear_when)


@dialogue.step
async def hear_when(turn: Turn) -> Reply:
    if turn.answer == "now":
        turn.data["when"] = None
        return await next_question(turn)
    turn.data["when"] = read_time(turn).timestamp()
    return await next_question(turn)


@question("name")
async def ask_name(turn: Turn) -> Ask:
    words = _("How may the helper call you? For example: bác Tư, cô Lan.")
    choices = [Choice(turn.person.display_name, "known")] if turn.person.display_name else []
    return Ask(words, [*choices, Choice(_("No name"), "none")], then=hear_name)


@dialogue.step
async def hear_name(turn: Turn) -> Reply:
    if turn.answer == "known":
        turn.data["name"] = turn.person.display_name or ""
    elif turn.answer == "none":
        turn.data["name"] = ""
    else:
        otherwise = _("Please write a short name, or press “No name”.")
        turn.data["name"] = turn.words(at_most=60, otherwise=otherwise)
    return await next_question(turn)
