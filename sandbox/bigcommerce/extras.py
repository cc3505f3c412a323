"""What a store adds to its customers: attributes, whose names stand apart, and fields of the sign-up form, which are only names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..people import Person, draw

WORDS = ("Internet", "Znajomi", "Targi w Poznaniu", "")
INTERESTS = ("Góry", "Sery", "Wełna")
CREATED = "2024-02-01T09:00:00Z"


@dataclass(frozen=True)
class Attribute:
    """A customer attribute; its value is always text, or None where the person has none."""

    number: int
    name: str
    type: str
    value: Callable[[Person], Any]

    def record(self) -> dict[str, Any]:
        return {
            "id": self.number,
            "name": self.name,
            "type": self.type,
            "date_created": CREATED,
            "date_modified": CREATED,
        }


def _survey(number: int) -> Callable[[Person], str | None]:
    """Few people filled the survey in; those have more values than a customer's record shows."""
    return lambda person: f"Odpowiedź {number}" if person.index % 20 == 5 else None


ATTRIBUTES = (
    Attribute(1, "Data urodzenia", "date", lambda person: person.birthday),
    Attribute(2, "Rozmiar", "string", lambda person: person.size),
    Attribute(3, "Punkty lojalnościowe", "number", lambda person: person.points),
    *(Attribute(3 + number, f"Ankieta, pytanie {number}", "string", _survey(number)) for number in range(1, 11)),
)


def attribute_values(person: Person) -> list[dict[str, Any]]:
    """All values of one person."""
    found = ((attribute, attribute.value(person)) for attribute in ATTRIBUTES)
    return [
        {
            "id": person.number * 100 + attribute.number,
            "attribute_id": attribute.number,
            "attribute_value": str(value),
            "customer_id": person.number,
            "date_created": CREATED,
            "date_modified": CREATED,
        }
        for attribute, value in found
        if value is not None
    ]


def form_fields(person: Person) -> list[dict[str, Any]]:
    """What the person entered when signing up; several choices are a list."""
    answers: dict[str, Any] = {
        "Skąd nas znasz?": WORDS[draw(person.seed, person.index, 2001, len(WORDS))],
        "Zainteresowania": [word for n, word in enumerate(INTERESTS) if draw(person.seed, person.index, 2010 + n, 2)],
    }
    if person.index % 3 == 0:
        answers["Numer karty"] = 10_000 + person.index
    return [{"name": name, "value": value, "customer_id": person.number} for name, value in answers.items()]


def form_field_rows(person: Person) -> list[dict[str, Any]]:
    """Those, and the fields of the person's address, which belong to the address alone."""
    gate = {"name": "Kod do bramy", "value": "1234", "address_id": person.number * 20}
    return form_fields(person) + ([gate] if person.has_address else [])
