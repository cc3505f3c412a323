"""The people that every contestant imports: pages as a vendor sends them, one JSON list a line. Standard library only."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

FIELDS = ("city", "phone", "orders", "birthday", "country")
FIRST_NAMES = ("Anna", "Piotr", "Małgorzata", "Łukasz", "Zofia", "Jan", "Agnieszka", "Stanisław", "Ewa", "Wojciech")
LAST_NAMES = ("Nowak", "Wiśniewska", "Wójcik", "Kowalczyk", "Zielińska", "Szymański", "Dąbrowska", "Krawczyk", "Mazur")
CITIES = ("Warszawa", "Kraków", "Łódź", "Wrocław", "Poznań", "Gdańsk", "Nowy Sącz", "Bielsko-Biała")
COUNTRIES = ("PL", "PL", "PL", "DE", "CZ", "SK")
PLAIN = str.maketrans("ąćęłńóśźżŁ", "acelnoszzL")
BIRTHDAYS = date(1950, 1, 1)


def person(number: int, changed: bool = False) -> dict[str, Any]:
    """One person of the source, always the same for a number; every thousandth has an address that is none.

    A changed one has bought something since.
    """
    mixed = number * 2_654_435_761 % 4_294_967_296
    first, last = FIRST_NAMES[mixed % 10], LAST_NAMES[mixed // 10 % 9]
    local = f"{first}.{last}.{mixed:x}".translate(PLAIN).lower()
    return {
        "id": str(7_000_000_000 + number),
        "email": f"{local}-bez-domeny" if number % 1000 == 999 else f"{local}@poczta{mixed % 50}.example.com",
        "first_name": first,
        "last_name": last,
        "city": CITIES[mixed // 100 % 8],
        "phone": f"+48{600_000_000 + mixed % 90_000_000}",
        "orders": mixed % 40 + changed,
        "birthday": (BIRTHDAYS + timedelta(days=mixed % 20_000)).isoformat(),
        "country": COUNTRIES[mixed % 6],
        "consent": "granted" if mixed % 10 < 7 else "none",
        "updated_at": f"2026-0{2 if changed else 1}-{mixed % 28 + 1:02}T12:00:00Z",
    }


def everyone(count: int) -> Iterator[dict[str, Any]]:
    """The source as a list of nobody meets it."""
    return map(person, range(count))


def half_new(count: int, held: int) -> Iterator[dict[str, Any]]:
    """For a list that holds `held`: every second person is new, and every second of the known ones has changed."""
    for place in range(count // 2):
        yield person(place * held // (count // 2), changed=place % 2 == 0)
        yield person(held + place)


def write_pages(file: Path, people: Iterable[dict[str, Any]], size: int) -> None:
    people = iter(people)
    with file.open("w", encoding="utf-8") as target:
        while page := list(islice(people, size)):
            target.write(json.dumps(page, separators=(",", ":")) + "\n")
