"""From a dry run that says what does not fit, over the value table, to an import in which everything fits."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.screens import Configuration, Integrations, Mapping, SignIn, ValueTable

LIST = "Klienci sklepu"


@pytest.fixture
def tried(page: Page, shops, owner) -> Page:
    """A dry run of an import whose account states go to a choice with one option of the same name."""
    SignIn(page).sign_in(owner)
    make_field(page, "Stan klienta", "Konto aktywne")
    Integrations(page).open().connect_demo()
    Configuration(page).fill(LIST).confirm().next()
    Mapping(page).assign("Stan konta", "Stan klienta (wybór z listy)").skip_unknown()
    page.get_by_role("button", name="Próba bez zapisu").click()
    expect(page.get_by_text("nie pasuje i zostałoby pominiętych")).to_be_visible(timeout=30_000)
    return page


def make_field(page: Page, name: str, options: str) -> None:
    page.goto("/pola")
    page.get_by_label("Nazwa pola").fill(name)
    page.get_by_label("Typ pola").select_option("choice")
    page.get_by_label("Opcje, każda w osobnym wierszu").fill(options)
    page.get_by_role("button", name="Utwórz pole").click()


def serious(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")]


def test_values_that_did_not_fit_get_their_options_and_everybody_has_one_afterwards(tried):
    page, table = tried, ValueTable(tried)
    page.get_by_text("Które wartości").click()
    expect(page.get_by_text("DISABLED")).to_be_visible()
    page.get_by_role("link", name="Przypisz wartości do opcji").click()
    expect(table.option_of("ENABLED")).to_have_value("=Konto aktywne")
    table.option_of("INVITED").select_option("Pomiń tę wartość")
    table.add_option("Brak konta")
    expect(table.option_of("DISABLED")).to_have_value("=Brak konta")
    expect(table.option_of("DISABLED")).to_be_focused()
    expect(table.option_of("INVITED")).to_have_value("leave")
    table.save()

    expect(page.get_by_role("heading", name="Przypisz pola dodatkowe")).to_be_visible()
    Mapping(page).start()
    done = Integrations(page).import_of(LIST).get_by_role("link", name="Zakończony dziś o")
    expect(done).to_be_visible(timeout=30_000)
    done.click()
    expect(page.get_by_text("DECLINED")).to_be_attached()
    expect(page.get_by_text("DISABLED")).to_have_count(0)

    page.get_by_role("link", name="Przypisz wartości do opcji").click()
    table.type_in("DECLINED", "Nie chce konta")
    table.save()
    expect(page.get_by_text("Następny import odczyta wszystkich od nowa")).to_be_visible()
    Integrations(page).act(LIST, "Importuj teraz")
    expect(Integrations(page).import_of(LIST).get_by_text(re.compile("zaktualizowan"))).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_table_fits_a_phone_and_a_screen_reader(tried, scheme):
    page = tried
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 720})
    page.get_by_text("Które wartości").click()
    assert serious(page) == []
    page.get_by_role("link", name="Przypisz wartości do opcji").click()
    expect(ValueTable(page).option_of("DISABLED")).to_be_visible()
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_table_is_filled_by_keyboard_alone(tried):
    page, table = tried, ValueTable(tried)
    page.get_by_role("link", name="Przypisz wartości do opcji").press("Enter")
    table.option_of("DISABLED").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(table.option_of("DISABLED")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(table.option_of("INVITED")).to_have_value("leave")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Zapisz").press("Enter")
    expect(page.get_by_text("Zapisano")).to_be_visible()
