"""What the bot can talk about, and what it does by itself when the time comes."""

from handlers import (
    accept_request,
    broadcast,
    classes,
    deadlines,
    finish_request,
    group,
    guide,
    join,
    learning_overview,
    lessons,
    my_requests,
    privacy,
    relay,
    reminders,
    request_help,
    start,
    stopping,
    team,
)
from handlers.broadcast import repeat_due, update_progress
from handlers.classes import run_due_classes, suggest_digital_days
from handlers.escalate import run_due_requests
from handlers.lessons import nudge_due
from handlers.reminders import remind_due
from handlers.run_broadcasts import run_due_broadcasts

DIALOGUES = (
    start.dialogue,
    guide.dialogue,
    request_help.dialogue,
    my_requests.dialogue,
    accept_request.dialogue,
    relay.dialogue,
    finish_request.dialogue,
    join.dialogue,
    team.dialogue,
    group.dialogue,
    classes.dialogue,
    reminders.dialogue,
    broadcast.dialogue,
    stopping.dialogue,
    deadlines.dialogue,
    lessons.dialogue,
    learning_overview.dialogue,
    privacy.dialogue,
)

# Jobs that look into the tables for what is due; each returns how much it did.
DUE_JOBS = (
    run_due_requests,
    repeat_due,
    run_due_broadcasts,
    remind_due,
    nudge_due,
    run_due_classes,
    suggest_digital_days,
    update_progress,
)
