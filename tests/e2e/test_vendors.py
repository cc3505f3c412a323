"""The four other applications as their users go: refused once, then accepted, configured, mapped, imported, and looked at."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screens import Configuration, Integrations, Mapping, SignIn


@dataclass(frozen=True)
class Journey:
    """What is typed for one application; `wrong` is refused with `refusal`. Whoever signs in presses buttons at the vendor."""

    application: str
    form: dict[str, str]
    wrong: dict[str, str]
    refusal: str
    source: str = "everyone"
    signs_in: bool = False


JOURNEYS = {
    "magento": Journey(
        "Magento",
        {
            "Adres sklepu": "{vendors}/magento/bukowina",
            "Klucz konsumenta": "demo-consumer-bukowina",
            "Sekret konsumenta": "demo-consumer-secret-bukowina",
            "Token dostępu": "demo-token-bukowina",
            "Sekret tokenu": "demo-token-secret-bukowina",
        },
        {"Sekret konsumenta": "zły"},
        "nie przyjmuje tych kluczy",
    ),
    "bigcommerce": Journey(
        "BigCommerce",
        {"Identyfikator sklepu": "bukowina", "Token dostępu": "demo-token-bukowina"},
        {"Token dostępu": "zły"},
        "Sklep odrzucił token",
    ),
    "zoho": Journey("Zoho CRM", {}, {}, "nie udzielono zgody na dostęp", signs_in=True),
    "salesforce": Journey("Salesforce", {}, {}, "nie udzielono zgody na dostęp", signs_in=True),
}


def fill(page: Page, values: dict[str, str], vendors: str) -> None:
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value.replace("{vendors}", vendors))


def decide(page: Page, decision: str) -> None:
    """At the vendor: choose the organisation, and agree or not."""
    page.get_by_role("combobox").select_option("bukowina")
    page.get_by_role("button", name=decision).click()


def connect(page: Page, journey: Journey, vendors: str) -> None:
    screen = Integrations(page).open(journey.application)
    button = page.get_by_role("button", name="Połącz", exact=True)
    fill(page, journey.form | journey.wrong, vendors)
    button.click()
    if journey.signs_in:
        decide(page, "Odmów")
    expect(page.get_by_text(re.compile(journey.refusal))).to_be_visible()
    screen.open(journey.application)
    fill(page, journey.form, vendors)
    button.click()
    if journey.signs_in:
        decide(page, "Zezwól")


@pytest.mark.parametrize("vendor", JOURNEYS)
def test_it_is_refused_then_connected_configured_mapped_and_imported(page, house, owner, vendor):
    journey = JOURNEYS[vendor]
    SignIn(page).sign_in(owner)
    connect(page, journey, house.vendors)
    expect(page.get_by_role("heading", name="Skonfiguruj cykliczne importy")).to_be_visible()
    Configuration(page).fill(f"Osoby z {vendor}", journey.source).confirm().next()

    expect(page.get_by_role("heading", name="Przypisz pola dodatkowe")).to_be_visible()
    Mapping(page).skip_unknown().start()
    row = Integrations(page).import_of(f"Osoby z {vendor}")
    expect(row.get_by_text("Zakończony dziś o")).to_be_visible(timeout=30_000)

    truth = house.ask(f"/control/truth?vendor={vendor}&shop=bukowina")
    page.get_by_role("link", name="Listy").click()
    page.get_by_role("link", name=f"Osoby z {vendor}").click()
    expect(page.get_by_text(re.compile(r"^\d+ aktywn")).first).to_be_visible()
    someone = next(one for one in truth if one["consent"] in AGREED and is_plain(one["email"]))
    page.get_by_label("Szukaj po imieniu, nazwisku lub adresie").fill(someone["email"])
    page.get_by_role("button", name="Szukaj").click()
    page.get_by_role("row").filter(has_text=someone["email"]).get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(someone["email"])  # a first and a last name
    expect(page.get_by_text("aktywny", exact=True)).to_be_visible()
    source = page.get_by_role("row").filter(has_text=journey.application)
    expect(source).to_contain_text("udzielona")
    expect(source).to_contain_text(someone["id"])


AGREED = {"subscribed", "opted_in", "marketing_newsletter"}


def is_plain(email: str | None) -> bool:
    return bool(re.fullmatch(r"[a-z]+\.[a-z]+\d+@[a-z.]+", email or ""))
