"""Finds the guide that a message is about, however it is typed, without any network."""

from bot.search.finder import Decision, Finding, GuideFinder, Hit

__all__ = ["Decision", "Finding", "GuideFinder", "Hit"]
