"""Links that begin a conversation with something in hand: an invitation, a guide."""


class StartLinks:
    """By every way in that is open. Telegram's is known once the bot has learnt its own name."""

    def __init__(self, *, web_url: str = "", telegram_name: str = "") -> None:
        """`web_url` without a slash at the end; empty when there is no web chat."""
        self._web_url = web_url
        self._telegram_name = telegram_name

    def name_telegram(self, name: str) -> None:
        """The bot's name on Telegram, without @."""
        self._telegram_name = name

    def web(self, start: str) -> str:
        """The web chat's link; empty when there is none."""
        return f"{self._web_url}/?start={start}" if self._web_url else ""

    def telegram(self, start: str) -> str:
        """Telegram's link (https://core.telegram.org/bots/features#deep-linking), or empty."""
        return f"https://t.me/{self._telegram_name}?start={start}" if self._telegram_name else ""
