"""What the bot can talk about, and what it does by itself when the time comes."""

from handlers import (
    accept_request,
    finish_request,
    group,
    join,
    my_requests,
    privacy,
    relay,
    request_help,
    start,
    team,
)
from handlers.escalate import run_due_requests

DIALOGUES = (
    start.dialogue,
    request_help.dialogue,
    my_requests.dialogue,
    accept_request.dialogue,
    relay.dialogue,
    finish_request.dialogue,
    join.dialogue,
    team.dialogue,
    group.dialogue,
    privacy.dialogue,
)

# Jobs that look into the tables for what is due; each returns how much it did.
DUE_JOBS = (run_due_requests,)
