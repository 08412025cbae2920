"""Every word that the web page shows, and what it answers when it can't take something."""

from collections.abc import Mapping

from bot.texts import Text, Texts, Words, _

# The name of the service, the same in every language.
NAME = "Ngõ Số"

PAGE: Mapping[str, Words] = {
    "name": NAME,
    # The state line
    "connecting": _("Connecting…"),
    "connected": _("Connected"),
    "offline": _("No network. Your message will be sent when the network is back."),
    "typing": _("Ngõ Số is writing an answer…"),
    # The fate of an own message
    "sending": _("sending"),
    "sent": _("sent"),
    "waiting": _("waiting for the network"),
    "failed": _("not sent"),
    "retry": _("Send again"),
    # The conversation
    "log": _("Messages"),
    "you": _("You:"),
    "older": _("See older messages"),
    "newer": _("New message below"),
    "chosen": _("you chose this"),
    "choices": _("Choices"),
    # The composer
    "write": _("Write here…"),
    "send": _("Send"),
    "photo": _("Photo"),
    "voice": _("Voice"),
    "place": _("Location"),
    "close": _("Close"),
    # Photo
    "photo_sent": _("Photo"),
    "photo_large": _("View the photo larger"),
    "file": _("Open the attached file"),
    # Voice
    "recording": _("Recording. Speak now."),
    "voice_cancel": _("Discard"),
    "voice_send": _("Send voice"),
    "voice_sent": _("Voice message"),
    "voice_denied": _("The microphone is not allowed. You can write instead."),
    # Location
    "place_ask": _("Send my location"),
    "place_finding": _("Finding where you are…"),
    "place_sent": _("Location sent"),
    "place_denied": _("The location is not available. You can write your address instead."),
    # Phone number
    "contact_label": _("Your phone number"),
    "contact_send": _("Send this number"),
}

DEMO: Mapping[str, Words] = {
    "title": _("Ngõ Số demo: one person plays everybody"),
    "clock": _("Time in the demo"),
    "plus_30": _("+30 minutes"),
    "plus_240": _("+4 hours"),
    "plus_1440": _("+1 day"),
    "moving": _("Moving the clock…"),
    "moved": _("The clock has been moved."),
    "broken": _("That did not work. Please try again."),
    "phones": _("Phones"),
    "news": _("new message"),
}

DESCRIPTION = _("Ask the community digital technology team of your neighbourhood in Đà Nẵng.")
ELSEWHERE = _("This message did not come from our page. Please open the page again.")
NO_SESSION = _("Please open this page again to go on.")
NOT_HERE = _("There is nothing here.")
NOT_READY = _("We are just starting. Your message will be sent in a moment.")
NOT_UNDERSTOOD = _("The page sent something that we can't read. Please open it again.")
EMPTY = _("The message is empty. Please write something.")
WRONG_TYPE = _("We can only take photos and voice messages here.")
TOO_MANY_PAGES = _("This chat is open on too many pages. Please close some of them.")


def no_script(hotline: str) -> Text:
    return _(
        "This page needs JavaScript, which is switched off. "
        "Please switch it on, or call %(hotline)s.",
        hotline=hotline,
    )


def too_long(chars: int) -> Text:
    return _(
        "That is a little too long. Please split it: at most %(chars)s characters each.",
        chars=chars,
    )


def too_large(megabytes: int) -> Text:
    return _(
        "This file is too large. The most we can take is %(megabytes)s megabytes.",
        megabytes=megabytes,
    )


def too_fast(seconds: int) -> Text:
    return _(
        "You are writing very fast. Please wait %(seconds)s seconds, then go on.", seconds=seconds
    )


def too_many_chats(_seconds: int) -> Text:
    return _("Many people have just come from your network. Please try again in an hour.")


def render_all(words: Mapping[str, Words], texts: Texts) -> dict[str, str]:
    """The words of a page in the reader's language."""
    return {name: texts.render(value) for name, value in words.items()}
