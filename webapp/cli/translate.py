"""`flask translate`: the Polish catalogue. Its own messages do not pass through it: it may be what is broken."""

import sys
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import BaseError, CommandLineInterface
from babel.messages.pofile import read_po
from flask.cli import AppGroup

from webapp.config import ROOT

FOLDER = ROOT / "translations"
CATALOGUE = FOLDER / "pl" / "LC_MESSAGES" / "messages.po"
TEMPLATE = FOLDER / "messages.pot"
LAYOUT = ("--no-location", "--no-wrap", "--sort-output")

translate = AppGroup("translate", help="Teksty aplikacji.")


@translate.command(
    "extract", help="Zbiera teksty z kodu i szablonów do translations/messages.pot.", with_appcontext=False
)
def extract() -> None:
    extract_to(TEMPLATE)


@translate.command("update", help="Dodaje nowe teksty do katalogu i usuwa z niego nieużywane.", with_appcontext=False)
def update() -> None:
    extract_to(TEMPLATE)
    if not CATALOGUE.exists():
        babel("init", "-i", TEMPLATE, "-d", FOLDER, "-l", "pl", "--no-wrap")
    options = ("--no-fuzzy-matching", "--ignore-obsolete", "--no-wrap", "--ignore-pot-creation-date")
    babel("update", "-i", TEMPLATE, "-d", FOLDER, "-l", "pl", *options)


@translate.command("compile", help="Tworzy z katalogu plik, z którego czyta aplikacja.", with_appcontext=False)
def compile_() -> None:
    compile_catalogue()


@translate.command("check", help="Sprawdza, czy katalog jest pełny i aktualny.", with_appcontext=False)
def check() -> None:
    found = faults()
    for fault in found:
        click.echo(fault, err=True)
    if found:
        sys.exit(1)
    click.echo("Katalog tekstów jest pełny i aktualny.")


def compile_catalogue() -> None:
    """Unless the compiled file is newer already."""
    compiled = CATALOGUE.with_suffix(".mo")
    if not compiled.exists() or compiled.stat().st_mtime <= CATALOGUE.stat().st_mtime:
        babel("compile", "-d", FOLDER)


def extract_to(template: Path) -> None:
    options = ("--keyword", "N_", "--copyright-holder", "Dopływ", "--project", "Dopływ", "--version", "1")
    babel("extract", "-F", ROOT / "pyproject.toml", *options, *LAYOUT, "-o", template, ROOT)


def babel(*arguments: str | Path) -> None:
    """Babel's own command, quiet unless it fails."""
    said = StringIO()
    with redirect_stderr(said):
        try:
            failed = CommandLineInterface().run(["pybabel", "--quiet", *map(str, arguments)])
        except BaseError as error:
            raise click.ClickException(str(error)) from None
    if failed:
        raise click.ClickException(said.getvalue())


def faults() -> list[str]:
    """What is wrong with the catalogue, compared with the texts in code and templates."""
    with TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        extract_to(template)
        wanted = read(template)
    return list(compare(wanted, read(CATALOGUE)))


def read(file: Path) -> Catalog:
    with file.open("rb") as stream:
        return read_po(stream, locale="pl")


def compare(wanted: Catalog, present: Catalog) -> Iterator[str]:
    for message in filter(named, wanted):
        if (found := present.get(message.id, message.context)) is None:
            yield f"Brak w katalogu: {message.id}"
        elif not complete(found):
            yield f"Bez tłumaczenia albo niepewny: {message.id}"
        else:
            yield from (f"{error}: {message.id}" for error in found.check(present))
    for message in filter(named, present):
        if wanted.get(message.id, message.context) is None:
            yield f"Nieużywany: {message.id}"


def named(message: Message) -> bool:
    """Every message but the head of the file."""
    return bool(message.id)


def complete(message: Message) -> bool:
    forms = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return all(forms) and not message.fuzzy
