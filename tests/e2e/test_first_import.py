"""From the sign-in to people on a list, as the shop owner goes."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.e2e.screens import Configuration, Integrations, Mapping, SignIn

NUMBER = re.compile(r"(\d+) z \d+ kontaktów")


def test_a_shop_is_connected_configured_mapped_and_imported_while_the_numbers_move(page, shops, owner):
    SignIn(page).sign_in(owner)
    screen = Integrations(page).open()
    screen.connect("bukowina", "demo-client-bukowina", "zły klucz")
    expect(page.get_by_text("Sklep odrzucił klucz")).to_be_visible()
    expect(page.get_by_label("Tajny klucz klienta")).to_be_focused()
    expect(page.get_by_label("Domena sklepu")).to_have_value("bukowina.myshopify.com")

    screen.connect_demo()
    expect(page.get_by_role("heading", name="Skonfiguruj cykliczne importy")).to_be_visible()
    Configuration(page).next()
    expect(page.get_by_label("Lista", exact=True)).to_be_focused()
    Configuration(page).fill("Klienci sklepu").confirm().next()

    expect(page.get_by_role("heading", name="Przypisz pola dodatkowe")).to_be_visible()
    expect(page.get_by_label("Przypisz pole: E-mail", exact=True)).to_have_value("email")
    Mapping(page).start()
    expect(page.get_by_text("Przypisz pole albo pomiń kolumnę").first).to_be_visible()
    shops.tell(fault="latency", ms=700)
    Mapping(page).skip_unknown().start()

    expect(page.get_by_role("heading", name="Integracje")).to_be_visible()
    progress = screen.import_of("Klienci sklepu")
    seen = watch(progress)
    assert len(seen) >= 3 and seen == sorted(seen)
    shops.tell(path="/control/reset")
    expect(progress.get_by_text("Zakończony dziś o")).to_be_visible(timeout=30_000)
    expect(progress).to_contain_text("+81 nowych")

    page.get_by_role("link", name="Listy").click()
    page.get_by_role("link", name="Klienci sklepu").click()
    expect(page.get_by_role("heading", name="Klienci sklepu")).to_be_visible()
    expect(page.get_by_text("81 aktywnych")).to_be_visible()
    page.get_by_label("Szukaj po imieniu, nazwisku lub adresie").fill("lukasz")
    page.get_by_role("button", name="Szukaj").click()
    expect(page.get_by_role("link", name="Łukasz").first).to_be_visible()


def watch(progress) -> list[int]:
    """The different numbers of people done that the row has shown, in their order, until the import is over."""
    seen: list[int] = []
    for _ in range(200):
        text = progress.inner_text().replace("\u00a0", " ")
        if "Zakończony" in text or len(seen) >= 5:
            break
        found = NUMBER.search(text)
        if found and int(found[1]) not in seen:
            seen.append(int(found[1]))
        progress.page.wait_for_timeout(150)
    return seen


def test_a_second_list_is_fed_from_the_same_integration_and_the_clock_does_it_by_itself(page, shops, owner):
    SignIn(page).sign_in(owner)
    screen = Integrations(page).open()
    screen.connect_demo()
    Configuration(page).fill("Klienci sklepu").confirm().next()
    Mapping(page).skip_unknown().start()
    expect(screen.import_of("Klienci sklepu").get_by_text("Zakończony dziś o")).to_be_visible(timeout=30_000)
    soon = datetime.now(ZoneInfo("Europe/Warsaw")) + timedelta(seconds=75)
    screen.configure()
    Configuration(page).fill("VIP 2026", hour=f"{soon:%H:%M}").confirm().next()
    Mapping(page).skip_unknown().start()
    row = screen.import_of("VIP 2026")
    expect(row.get_by_text("Zakończony dziś o")).to_be_visible(timeout=30_000)
    expect(row).to_contain_text(f"dziś o {soon.hour}:{soon:%M}")
    page.goto("/historia")
    expect(page.get_by_text("według harmonogramu")).to_have_count(0)
    page.wait_for_timeout(max(0, (soon.replace(second=0) - datetime.now(soon.tzinfo)).total_seconds() * 1000))
    Integrations(page).open()
    row = screen.import_of("VIP 2026")
    expect(row).to_contain_text("jutro o", timeout=40_000)
    expect(row).to_contain_text("+0 nowych", timeout=40_000)
