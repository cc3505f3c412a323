"""`flask prepare`: what has to be done before the processes start, after each installation of a new version."""

import logging

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_babel import ngettext

from webapp.cli.demo import create_demo_account
from webapp.cli.translate import compile_catalogue
from webapp.config import ROOT
from webapp.extensions import db
from webapp.importing.erasure import erase_again


@click.command("prepare", help="Przygotowuje bazę danych i teksty. Uruchom po każdej aktualizacji.")
@with_appcontext
def prepare() -> None:
    from flask_migrate import upgrade

    bind_migrations(current_app._get_current_object())
    current_app.config["DATA_DIR"].mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade()
    compile_catalogue()
    if gone := erase_again():
        sentence = ngettext(
            "%(num)s contact was erased again: the database comes from an older backup.",
            "%(num)s contacts were erased again: the database comes from an older backup.",
            gone,
        )
        click.echo(sentence)
    if current_app.config["DEMO"]:
        create_demo_account()


def bind_migrations(app: Flask) -> None:
    """For `flask db` and `flask prepare`. Every worker would carry what migrations need, 12 MB, for nothing."""
    logging.getLogger("alembic").setLevel(logging.WARNING)
    from flask_migrate import Migrate

    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
