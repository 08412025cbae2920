"""Finds the function behind a command, a phrase, a code, a button or a waiting step."""

import re
from collections.abc import Iterable

from bot.dialogue import Action, Dialogue, Step
from bot.texts import Words, fold


class Registry:
    """All dialogues, looked up by what a person sends. Raises ValueError on a name used twice."""

    def __init__(self, dialogues: Iterable[Dialogue]) -> None:
        self._commands: dict[str, tuple[Action, Words | None]] = {}
        self._phrases: dict[str, Action] = {}
        self._actions: dict[str, Action] = {}
        self._browsing: set[str] = {"nav"}
        self._patterns: list[tuple[re.Pattern[str], Action]] = []
        self._steps: dict[str, Step] = {}
        self._for_others: set[Step] = set()
        for dialogue in dialogues:
            _join(self._commands, dialogue.commands)
            _join(self._phrases, dialogue.phrases)
            _join(self._actions, dialogue.actions)
            _join(self._steps, dialogue.steps)
            self._patterns += dialogue.patterns
            self._browsing |= dialogue.browsing
            self._for_others |= dialogue.for_others
        self._step_names = {step: name for name, step in self._steps.items()}

    def command(self, name: str) -> Action | None:
        """The beginning of a dialogue; `name` without the slash, in any case, diacritics or not."""
        found = self._commands.get(fold(name).replace(" ", "_"))
        return found[0] if found else None

    def described_commands(self) -> list[tuple[str, Words]]:
        """Commands for the platform's list, with what each does, in the order of the menu."""
        return [(name, about) for name, (_, about) in self._commands.items() if about is not None]

    def phrase(self, text: str) -> Action | None:
        """What a whole message such as "yêu cầu của tôi" begins, however it is typed."""
        return self._phrases.get(fold(text))

    def pattern(self, text: str) -> Action | None:
        """What a message that is exactly a code begins."""
        matching = (action for pattern, action in self._patterns if pattern.fullmatch(text))
        return next(matching, None)

    def action(self, name: str) -> Action | None:
        """What a button does, by the part of its action before the first colon."""
        return self._actions.get(name)

    def is_browsing(self, action: str | None) -> bool:
        """Whether a button only leads to something to look at."""
        return action is not None and action.partition(":")[0] in self._browsing

    def step(self, name: str) -> Step | None:
        """The step that waits; None when this version of the bot has no such step any more."""
        return self._steps.get(name)

    def is_for_others(self, step: Step) -> bool:
        """Whether what is written there is meant for other people."""
        return step in self._for_others

    def name_of(self, step: Step) -> str:
        """The stable name of a step. Raises KeyError for a function that is no step."""
        return self._step_names[step]


def _join(into: dict[str, object] | dict, more: dict) -> None:  # type: ignore[type-arg]
    twice = into.keys() & more.keys()
    if twice:
        raise ValueError(f"defined by two dialogues: {', '.join(sorted(twice))}")
    into.update(more)
