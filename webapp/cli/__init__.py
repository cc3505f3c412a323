"""`flask …`: commands for the administrator, in Polish; and those that keep the catalogue."""

import os

from flask import Flask

from webapp.cli import account, backup, demo, health, keys, prepare, queue, translate

COMMANDS = (
    account.account,
    backup.backup,
    demo.demo,
    health.health,
    keys.keys,
    prepare.prepare,
    queue.queue,
    translate.translate,
)


def init_app(app: Flask) -> None:
    for command in COMMANDS:
        app.cli.add_command(command)
    if os.environ.get("FLASK_RUN_FROM_CLI") == "true":  # Flask's own sign for its commands
        prepare.bind_migrations(app)
