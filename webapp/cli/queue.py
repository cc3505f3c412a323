"""`flask queue`: what waits in Redis. The database is the truth: what is dropped here is queued again by the tick."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import ngettext
from redis.exceptions import RedisError
from rq import Queue

from jobs.queue import QUEUES, connection

queue = AppGroup("queue", help="Kolejki zadań.")


@queue.command("list", help="Pokazuje, ile zadań czeka w każdej kolejce.")
def show() -> None:
    with reachable():
        for each in queues():
            total = each.count
            click.echo(ngettext("%(name)s: %(num)s job waits", "%(name)s: %(num)s jobs wait", total, name=each.name))


@queue.command(
    "drain", help="Usuwa z kolejek czekające zadania. Importy wrócą do kolejki same, najdalej po kilku minutach."
)
@click.confirmation_option("--yes", prompt="Usunąć czekające zadania ze wszystkich kolejek?", help="Nie pytaj.")
def drain() -> None:
    with reachable():
        dropped = sum(each.empty() for each in queues())
    click.echo(ngettext("Removed %(num)s job.", "Removed %(num)s jobs.", dropped))


def queues() -> list[Queue]:
    return [Queue(name, connection=connection()) for name in QUEUES]


@contextmanager
def reachable() -> Iterator[None]:
    """Says in a sentence that Redis is away."""
    try:
        yield
    except RedisError:
        raise click.ClickException(_("Redis does not answer. Check REDIS_URL and the Redis server.")) from None
