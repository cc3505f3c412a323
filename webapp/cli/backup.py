"""`flask backup`: a copy of the SQLite database in one file, while everything goes on."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from webapp.extensions import db


@click.command(
    "backup", help="Zapisuje kopię bazy SQLite w nowym pliku, także w czasie pracy. Dla PostgreSQL jest pg_dump."
)
@click.argument("file", type=click.Path(path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    if db.engine.dialect.name != "sqlite":
        raise click.ClickException(_("The database is PostgreSQL. Make its backup with pg_dump."))
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        copy(Path(db.engine.url.database), file)
    except FileExistsError:
        raise click.ClickException(_("The file %(file)s is there already. Name another one.", file=file)) from None
    except (OSError, sqlite3.Error) as error:
        raise click.ClickException(_("The backup could not be written: %(why)s", why=error)) from None
    click.echo(_("The backup is in %(file)s.", file=file))


def copy(database: Path, file: Path) -> None:
    """One moment of the database, however much is written meanwhile."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(file)) as target:
        source.backup(target)
