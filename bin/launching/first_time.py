"""`bin/run --init`: from the demo to an installation with its own keys and its own owner."""

import getpass
import os
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from launching import CannotStart, settings
from launching.commands import flask


@dataclass(frozen=True)
class Answers:
    address: str
    account: str
    email: str
    password: str


def ask(given: Namespace) -> Answers:
    """What was not given as an argument (or OWNER_PASSWORD) is asked for."""
    if settings.ENV_FILE.exists():
        raise CannotStart("Ta instalacja ma już plik .env. Aby zacząć od nowa, przenieś go w inne miejsce.")
    address = given.address or question("Adres, pod którym Dopływ będzie dostępny (np. https://doplyw.twojafirma.pl)")
    require_address(address)
    return Answers(
        address.rstrip("/"),
        given.account or question("Nazwa konta (np. nazwa firmy)"),
        given.email or question("Adres e-mail właściciela konta"),
        os.environ.get("OWNER_PASSWORD") or question("Hasło właściciela (co najmniej 12 znaków)", getpass.getpass),
    )


def question(text: str, how: Callable[[str], str] = input) -> str:
    if not sys.stdin.isatty():
        raise CannotStart(
            "Nie ma kogo zapytać. Podaj --address, --account i --email oraz hasło w zmiennej OWNER_PASSWORD."
        )
    answer = ""
    while not answer:
        answer = how(f"{text}: ").strip()
    return answer


def require_address(address: str) -> None:
    parts = urlsplit(address)
    local = parts.scheme == "http" and parts.hostname in settings.LOOPBACK
    if not parts.hostname or not (parts.scheme == "https" or local):
        raise CannotStart(f"Adres musi zaczynać się od https:// (albo http://127.0.0.1 do prób), a jest: {address}")


def create(answers: Answers, environment: dict[str, str]) -> None:
    """The account with its owner; raises CannotStart."""
    secret = environment | {"OWNER_PASSWORD": answers.password}
    if flask(secret, "account", "create", "--name", answers.account, "--email", answers.email):
        raise CannotStart("Konto nie powstało. Popraw dane i uruchom bin/run --init ponownie.")
