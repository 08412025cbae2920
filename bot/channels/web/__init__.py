"""The web chat: a page that any browser can open, and the requests that it makes."""

from bot.channels.web.channel import WebChannel
from bot.channels.web.demo import DemoConsole, Persona

__all__ = ["DemoConsole", "Persona", "WebChannel"]
