"""`flask prepare`: what has to be done before the processes start, after each installation of a new version."""

import logging

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from webapp.cli.demo import create_demo_account
from webapp.cli.translate import compile_catalogue


@click.command("prepare", help="Przygotowuje bazę danych i teksty. Uruchom po każdej aktualizacji.")
@with_appcontext
def prepare() -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)
    current_app.config["DATA_DIR"].mkdir(mode=0o700, parents=True, exist_ok=True)
    upgrade()
    compile_catalogue()
    if current_app.config["DEMO"]:
        create_demo_account()
