"""The columns of the objects that importers read, as describe shows them and as records hold them."""

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..names import SIZES
from ..people import Person, draw
from .orgs import Org, record_id

Read = Callable[[Person], Any]
SOURCES = ("Web", "Targi", "Polecenie")
INTERESTS = ("Góry", "Rowery", "Narty")


class Column(NamedTuple):
    """One column; `values` are its picklist, `compound` the compound field that it is part of."""

    name: str
    label: str
    kind: str
    read: Read
    values: tuple[str, ...] = ()
    custom: bool = False
    compound: str | None = None


def stamp(seconds: int) -> str:
    """No colon in the offset."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000+0000", time.gmtime(seconds))


def opted_out(person: Person) -> bool:
    return person.consent == "unsubscribed"


def is_converted(person: Person) -> bool:
    return draw(person.seed, person.index, 7001, 8) == 0


def _source(person: Person) -> str:
    return SOURCES[draw(person.seed, person.index, 7002, len(SOURCES))]


def _interests(person: Person) -> str | None:
    return ";".join(name for place, name in enumerate(INTERESTS) if person.index >> place & 1) or None


def _at_home(read: Read) -> Read:
    return lambda person: read(person) if person.has_address else None


def _full_name(person: Person) -> str | None:
    return " ".join(filter(None, (person.first_name, person.last_name))) or None


def _address(part: str) -> tuple[Column, ...]:
    parts: tuple[tuple[str, str, Read], ...] = (
        ("Street", "Ulica", lambda person: person.street),
        ("City", "Miasto", lambda person: person.city.name),
        ("State", "Województwo", lambda person: person.city.province),
        ("PostalCode", "Kod pocztowy", lambda person: person.zip),
        ("Country", "Kraj", lambda person: "Polska"),
    )
    compound = f"{part}Address"
    whole = _at_home(lambda person: {"city": person.city.name, "country": "Polska", "street": person.street})
    return (
        *(Column(part + name, label, "string", _at_home(read), compound=compound) for name, label, read in parts),
        Column(compound, "Adres", "address", whole),
    )


def columns_of(org: Org, entity: str) -> Mapping[str, Column]:
    """By name. What the person's profile hides is not there at all."""
    found = (
        Column("Id", "ID", "id", lambda person: record_id(entity, person)),
        Column("IsDeleted", "Usunięty", "boolean", lambda person: False),
        Column(
            "Salutation",
            "Zwrot",
            "picklist",
            lambda p: "Pani" if p.is_woman else "Pan",
            ("Pani", "Pan"),
            compound="Name",
        ),
        Column("FirstName", "Imię", "string", lambda person: person.first_name, compound="Name"),
        Column("LastName", "Nazwisko", "string", lambda person: person.last_name, compound="Name"),
        Column("Name", "Imię i nazwisko", "string", _full_name),
        Column("Email", "E-mail", "email", lambda person: person.email),
        Column("Phone", "Telefon", "phone", lambda person: person.phone),
        Column("MobilePhone", "Telefon komórkowy", "phone", lambda person: person.address_phone),
        Column("LeadSource", "Źródło", "picklist", _source, SOURCES),
        Column("Description", "Opis", "textarea", lambda person: person.note),
        Column("HasOptedOutOfEmail", "Rezygnacja z e-maili", "boolean", opted_out),
        Column("CreatedDate", "Utworzono", "datetime", lambda person: stamp(person.created_at)),
        Column("LastModifiedDate", "Zmieniono", "datetime", lambda person: stamp(person.updated_at)),
        Column("SystemModstamp", "Znacznik zmiany", "datetime", lambda person: stamp(person.updated_at)),
        Column("OwnerId", "Właściciel", "reference", lambda person: "005RO000001AAAAEA2"),
        Column("PhotoUrl", "Zdjęcie", "url", lambda person: None),
        Column("Uwagi__c", "Uwagi", "textarea", lambda person: person.note, (), True),
        Column("Rozmiar__c", "Rozmiar", "picklist", lambda person: person.size, SIZES, True),
        Column("Zainteresowania__c", "Zainteresowania", "multipicklist", _interests, INTERESTS, True),
        Column("Punkty__c", "Punkty", "double", lambda person: person.points and float(person.points), (), True),
        *(LEAD if entity == "Lead" else CONTACT),
    )
    return {one.name: one for one in found if one.name not in org.hidden}


CONTACT = (
    Column("Birthdate", "Data urodzenia", "date", lambda person: person.birthday and person.birthday.isoformat()),
    Column("Title", "Stanowisko", "string", lambda person: None),
    Column("AccountId", "Firma", "reference", lambda person: person.company and "001RO0000123456AAA"),
    *_address("Mailing"),
)
LEAD = (
    Column("Company", "Firma", "string", lambda person: person.company or "Nieznana"),
    Column("Status", "Stan", "picklist", lambda person: "Nowy", ("Nowy", "W toku")),
    Column("IsConverted", "Przekształcony", "boolean", is_converted),
    Column("Website", "Strona", "url", lambda person: None),
    *_address(""),
)
RELATED: Mapping[str, Read] = {
    "Account.Name": lambda person: person.company,
    "Owner.Name": lambda person: "Jan Kowalski",
}
RELATED_OF = {"Contact": ("Account.Name", "Owner.Name"), "Lead": ("Owner.Name",)}
