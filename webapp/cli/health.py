"""`flask health`: whether database, Redis and workers are alive. Ends with 1 where something is not."""

import sys
from collections.abc import Iterator
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.health.checks import report
from webapp.health.heartbeats import standing_queues
from webapp.models.scope import everyone


@click.command("health", help="Sprawdza bazę danych, Redis i kolejki. Kończy się kodem 1, gdy coś nie działa.")
@with_appcontext
def health() -> None:
    facts, well = report()
    for fault in faults(facts):
        click.echo(fault, err=True)
    if lost := facts.get("runs_past_their_lease"):
        click.echo(
            ngettext(
                "%(num)s run has lost its worker. It goes on by itself.",
                "%(num)s runs have lost their workers. They go on by themselves.",
                lost,
            )
        )
    if not well:
        sys.exit(1)
    click.echo(_("Everything works."))


def faults(facts: dict[str, Any]) -> Iterator[str]:
    if not facts["database"]:
        yield _("The database does not answer. Check DATABASE_URL and the database server.")
    if not facts["redis"]:
        yield _("Redis does not answer. Check REDIS_URL and the Redis server.")
    if facts["database"]:
        with everyone():
            yield from standing_queues()
