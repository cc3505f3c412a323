"""The fields of Contacts and Leads, as settings/fields shows them and as records hold them."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..names import SIZES
from ..people import Person, draw
from .moments import shown
from .orgs import LEADS, Org, record_id

Read = Callable[[Person], Any]
JSON_TYPES = {
    "multiselectpicklist": "jsonarray",
    "lookup": "jsonobject",
    "ownerlookup": "jsonobject",
    "boolean": "boolean",
    "integer": "integer",
    "currency": "double",
}
PARENTS = {"Account_Name": "Accounts"}
SOURCES = (("Web", "Strona www"), ("Trade Show", "Targi"), ("Referral", "Polecenie"))


class Entry(NamedTuple):
    """One field. `values` are pairs of actual and displayed value."""

    name: str
    label: str
    kind: str
    read: Read
    values: tuple[tuple[str, str], ...] = ()
    custom: bool = False


def _source(person: Person) -> str:
    return SOURCES[draw(person.seed, person.index, 6001, len(SOURCES))][0]


def _owner(person: Person) -> dict[str, str]:
    return {"name": "Jan Kowalski", "id": "4150860000000225013", "email": "jan@example.com"}


def _interests(person: Person) -> list[str]:
    return [name for place, name in enumerate(("Góry", "Rowery", "Narty")) if person.index >> place & 1]


def _tags(person: Person) -> list[dict[str, Any]]:
    return [{"name": tag, "id": f"41508{n}", "color_code": None} for n, tag in enumerate(person.tags)]


def _account(person: Person) -> dict[str, str] | None:
    return person.company and {"name": person.company, "id": "415086800000062"}


def opted_out(person: Person) -> bool:
    return person.consent == "unsubscribed"


NAMES = (
    Entry("First_Name", "Imię", "text", lambda person: person.first_name),
    Entry("Last_Name", "Nazwisko", "text", lambda person: person.last_name),
    Entry(
        "Full_Name", "Imię i nazwisko", "text", lambda p: " ".join(filter(None, (p.first_name, p.last_name))) or None
    ),
    Entry("Email", "E-mail", "email", lambda person: person.email),
    Entry("Phone", "Telefon", "phone", lambda person: person.phone),
    Entry("Mobile", "Telefon komórkowy", "phone", lambda person: person.address_phone),
)
COMMON = (
    Entry("Lead_Source", "Źródło pozyskania", "picklist", _source, SOURCES),
    Entry("Description", "Opis", "textarea", lambda person: person.note),
    Entry("Tag", "Tag", "text", _tags),
    Entry("Owner", "Właściciel", "ownerlookup", _owner),
    Entry("Email_Opt_Out", "Rezygnacja z e-maili", "boolean", opted_out),
    Entry("Created_Time", "Utworzono", "datetime", lambda person: shown(person.created_at)),
    Entry("Modified_Time", "Zmieniono", "datetime", lambda person: shown(person.updated_at)),
    Entry("Rozmiar", "Rozmiar", "picklist", lambda person: person.size, tuple((one, one) for one in SIZES), True),
    Entry(
        "Zainteresowania",
        "Zainteresowania",
        "multiselectpicklist",
        _interests,
        (("Góry", "Góry"), ("Rowery", "Rowery"), ("Narty", "Narty")),
        True,
    ),
    Entry("Punkty", "Punkty", "integer", lambda person: person.points, custom=True),
    Entry("Wydano", "Wydano łącznie", "currency", lambda person: float(person.spent), custom=True),
)
CONTACT_FIELDS = (
    *NAMES,
    Entry("Date_of_Birth", "Data urodzenia", "date", lambda person: person.birthday and person.birthday.isoformat()),
    Entry("Account_Name", "Firma", "lookup", _account),
    Entry("Mailing_Street", "Ulica", "text", lambda person: person.street if person.has_address else None),
    Entry("Mailing_City", "Miasto", "text", lambda person: person.city.name if person.has_address else None),
    Entry("Mailing_State", "Województwo", "text", lambda person: person.city.province if person.has_address else None),
    Entry("Mailing_Zip", "Kod pocztowy", "text", lambda person: person.zip if person.has_address else None),
    Entry("Mailing_Country", "Kraj", "text", lambda person: "Polska" if person.has_address else None),
    Entry("Record_Image", "Zdjęcie", "profileimage", lambda person: None),
    *COMMON,
)
LEAD_FIELDS = (
    *NAMES,
    Entry("Company", "Firma", "text", lambda person: person.company or "Nieznana"),
    Entry(
        "Lead_Status", "Stan", "picklist", lambda person: "Contacted", (("Contacted", "Po kontakcie"), ("New", "Nowy"))
    ),
    Entry("City", "Miasto", "text", lambda person: person.city.name if person.has_address else None),
    Entry("Website", "Strona", "website", lambda person: None),
    *COMMON,
)


def entries(org: Org, module: str) -> dict[str, Entry]:
    """The fields that this organisation has, by API name; many are its own where a test asks for them."""
    own = LEAD_FIELDS if module == LEADS else CONTACT_FIELDS
    found = {entry.name: entry for entry in own}
    extra = {
        f"Pole_{n}": Entry(f"Pole_{n}", f"Pole {n}", "text", _numbered(n), custom=True) for n in range(org.extra_fields)
    }
    return found | extra


def is_hidden(org: Org, entry: Entry) -> bool:
    """Whether the profile of who signed in does not show this field: it is listed all the same, but no record has it."""
    return entry.name == "Email_Opt_Out" and not org.profile.opt_out


def _numbered(number: int) -> Read:
    return lambda person: f"{number}/{person.index}"


def described(place: int, entry: Entry, *, hidden: bool) -> dict[str, Any]:
    """One entry of settings/fields."""
    return {
        "id": f"41508600000000{place:05}",
        "api_name": entry.name,
        "field_label": entry.label,
        "display_label": entry.label,
        "data_type": entry.kind,
        "json_type": JSON_TYPES.get(entry.kind, "string"),
        "length": 255,
        "custom_field": entry.custom,
        "visible": not hidden,
        "read_only": False,
        "system_mandatory": entry.name == "Last_Name",
        "view_type": {"view": not hidden, "edit": not hidden, "create": True, "quick_create": False},
        "pick_list_values": [
            {
                "id": f"4150{place}{n}",
                "display_value": label,
                "actual_value": value,
                "sequence_number": n + 1,
                "type": "used",
            }
            for n, (value, label) in enumerate(entry.values)
        ],
        "lookup": {"module": {"api_name": PARENTS[entry.name], "id": "4150860000000002177"}}
        if entry.name in PARENTS
        else {},
    }


def record(org: Org, person: Person, wanted: list[Entry]) -> dict[str, Any]:
    """One record: its id and what was asked for; what is not known is null."""
    shown = {entry.name: entry.read(person) for entry in wanted if not is_hidden(org, entry)}
    return {"id": record_id(person)} | shown
