"""What people do with an import once it runs, and what goes wrong meanwhile."""

import pytest
from playwright.sync_api import expect

from tests.e2e.screens import Configuration, Integrations, Mapping, SignIn

LIST = "Newsletter"


@pytest.fixture
def screen(page, shops, owner) -> Integrations:
    """Signed in, with an import of everyone into „Newsletter” that has run."""
    SignIn(page).sign_in(owner)
    screen = Integrations(page).open()
    screen.connect_demo()
    Configuration(page).fill(LIST).confirm().next()
    Mapping(page).skip_unknown().start()
    expect(screen.import_of(LIST).get_by_text("Zakończony dziś o")).to_be_visible(timeout=30_000)
    return screen


def test_imports_are_stopped_resumed_run_by_hand_and_broken_off(screen, page, shops):
    screen.act(LIST, "Zatrzymaj importy")
    expect(screen.import_of(LIST)).to_contain_text("Zatrzymany")
    screen.act(LIST, "Wznów importy")
    expect(screen.import_of(LIST)).to_contain_text("o 6:15")
    shops.tell(fault="latency", ms=1000)
    screen.act(LIST, "Importuj teraz")
    expect(screen.import_of(LIST).locator("progress, .status.run").first).to_be_visible()
    screen.act(LIST, "Importuj teraz")
    expect(page.get_by_text("Import już trwa").first).to_be_visible()
    screen.act(LIST, "Przerwij import")
    expect(screen.import_of(LIST)).to_contain_text("Przerwany", timeout=20_000)


def test_settings_are_edited_and_the_next_import_reads_everyone(screen, page, shops):
    screen.act(LIST, "Edytuj ustawienia")
    expect(page.get_by_label("Tylko osoby ze zgodą marketingową")).to_be_checked()
    Configuration(page).next()
    expect(page.get_by_role("heading", name="Przypisz pola dodatkowe")).to_be_visible()
    Mapping(page).assign("Notatka", "Pomiń").assign("Nazwisko", "Pomiń")
    page.get_by_role("button", name="Zapisz zmiany").click()
    screen.act(LIST, "Importuj teraz")
    row = screen.import_of(LIST)
    expect(row.get_by_text("Zakończony dziś o")).to_be_visible(timeout=30_000)
    expect(row).to_contain_text("bez zmian", timeout=10_000)


def test_going_back_from_the_fields_loses_nothing(screen, page, shops):
    screen.configure()
    Configuration(page).fill("Klienci sklepu", "subscribers").confirm().next()
    Mapping(page).assign("Firma", "Nazwisko").assign("Nazwisko", "Pomiń")
    page.get_by_role("button", name="Wróć do ustawień").click()
    expect(page.get_by_label("Źródło", exact=True)).to_have_value("subscribers")
    page.get_by_role("button", name="Dalej").click()
    expect(page.get_by_label("Przypisz pole: Firma", exact=True).locator("option:checked")).to_have_text("Nazwisko")
    page.goto("/integracje?aplikacja=shopify")
    page.get_by_role("row").filter(has_text="Subskrybenci e-mail").get_by_role("button", name="Usuń").click()
    expect(page.get_by_text("Dokończ konfigurację")).to_have_count(0)


def test_somebody_who_signed_out_elsewhere_meets_the_sign_in_page_once(screen, page, context, shops):
    shops.tell(fault="latency", ms=1000)
    screen.act(LIST, "Importuj teraz")
    other = context.new_page()
    other.goto("/")
    other.get_by_role("button", name="Sklep Bukowina").click()
    other.get_by_role("button", name="Wyloguj się").click()
    page.wait_for_url("**/logowanie**", timeout=20_000)
    expect(page.get_by_role("heading", name="Zaloguj się")).to_have_count(1)


def test_a_double_click_on_import_makes_one_run(screen, page, shops):
    screen.act(LIST, "Edytuj ustawienia")
    Configuration(page).next()
    shops.tell(fault="latency", ms=300)
    page.get_by_role("button", name="Import", exact=True).dblclick()
    expect(screen.import_of(LIST).get_by_text("Zakończony dziś o")).to_be_visible(timeout=40_000)
    page.goto("/historia")
    expect(page.locator("main tbody tr")).to_have_count(2)


def test_disconnecting_says_what_will_happen_and_connecting_again_offers_to_resume(screen, page, shops):
    screen.disconnect()
    expect(page.get_by_text("historia").first).to_be_visible()
    page.get_by_role("button", name="Rozłącz", exact=True).click()
    expect(page.get_by_role("button", name="Shopify").first).to_contain_text("Niepołączone")
    Integrations(page).open()
    page.get_by_role("button", name="Połącz ponownie").or_(
        page.get_by_role("link", name="Połącz ponownie")
    ).first.click()
    screen.connect_demo()
    page.get_by_role("button", name="Wznów importy").first.click()
    expect(screen.import_of(LIST)).to_contain_text("o 6:15")
