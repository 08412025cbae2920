"""Guides and rates: what the bot knows, as data that anyone can write and a program checks."""
