"""`make bench`: how fast and how big the bot is, beside bare echo bots, on this machine."""
