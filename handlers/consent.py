"""Consent as other dialogues need it: the question itself stands in `handlers.start`."""

from bot.dialogue import Done, Link, Turn
from bot.texts import _


def has_consent(turn: Turn) -> bool:
    """Whether this person agreed to the wording that is in force."""
    return turn.person.consent_version == turn.services.settings.privacy.consent_version


def consent_needed(turn: Turn, then: str) -> Done | None:
    """What to say instead, when somebody wants what can't be done without keeping data.

    `then` is the action that they wanted: who agrees goes on with it.
    """
    if has_consent(turn):
        return None
    words = _("Before I can do that, I need your agreement to keep a few things.")
    return Done(words, [Link(_("Read and decide"), f"consent:{then}")])
