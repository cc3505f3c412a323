"""Every screen for everybody: without scripts, by keyboard, on a phone, in the dark, and for a screen reader."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.e2e.screens import Configuration, Integrations, Mapping, SignIn


@pytest.fixture
def connected(page, shops, owner):
    """A page on „Skonfiguruj cykliczne importy” of an account with one connected shop."""
    SignIn(page).sign_in(owner)
    Integrations(page).open().connect_demo()
    expect(page.get_by_role("heading", name="Skonfiguruj cykliczne importy")).to_be_visible()
    return page


@pytest.fixture
def pages(connected):
    """Every kind of page there is, with something on each."""
    page, configuration = connected, connected.url
    Configuration(page).fill("Klienci sklepu").confirm().next()
    expect(page.get_by_role("heading", name="Przypisz pola dodatkowe")).to_be_visible()
    mapping = page.url
    Mapping(page).skip_unknown().start()
    expect(Integrations(page).import_of("Klienci sklepu").get_by_text("Zakończony dziś o")).to_be_visible(
        timeout=30_000
    )
    found = {"/", "/integracje?aplikacja=shopify", "/historia", "/listy", "/pola", configuration + "?nowa=1", mapping}
    page.goto("/historia")
    found.add(page.locator("main a[href^='/historia/']").first.get_attribute("href"))
    page.goto("/listy")
    found.add(page.locator("main a[href^='/listy/']").first.get_attribute("href"))
    page.goto(page.locator("main a[href^='/listy/']").first.get_attribute("href"))
    found.add(page.locator("main a[href^='/kontakty/']").first.get_attribute("href"))
    return sorted(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(connected, pages, scheme):
    connected.emulate_media(color_scheme=scheme)
    for path in pages:
        connected.goto(path)
        found = Axe().run(connected, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [
            (fault["id"], [node["html"] for node in fault["nodes"]])
            for fault in found
            if fault["impact"] in ("serious", "critical")
        ]
        assert serious == [], (path, scheme)


@pytest.mark.parametrize("width", [320, 360])
def test_no_page_is_wider_than_a_phone(connected, pages, width):
    connected.set_viewport_size({"width": width, "height": 720})
    for path in pages:
        connected.goto(path)
        assert connected.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_whole_way_works_without_scripts(browser, house, shops, owner):
    context = browser.new_context(base_url=house.url, locale="pl-PL", java_script_enabled=False)
    context.set_default_timeout(15_000)
    page = context.new_page()
    SignIn(page).sign_in(owner)
    page.goto("/integracje")
    page.get_by_role("button", name="Shopify").first.click()
    expect(page).to_have_url(f"{house.url}/integracje?aplikacja=shopify")
    Integrations(page).connect_demo("tatry")
    page.get_by_label("albo utwórz nową listę").fill("Bez skryptów")
    page.get_by_label("Źródło", exact=True).select_option("everyone")
    Configuration(page).confirm().next()
    Mapping(page).skip_unknown().start()
    row = Integrations(page).import_of("Bez skryptów")
    for _ in range(40):
        page.reload()
        if "Zakończony dziś" in row.inner_text():
            break
        page.wait_for_timeout(250)
    expect(row).to_contain_text("Zakończony dziś o")
    context.close()


def test_the_fields_can_be_scrolled_by_keyboard(connected):
    page = connected
    Configuration(page).fill("Klienci sklepu", "subscribers").confirm().next()
    region = page.get_by_role("region", name="Pola źródła")
    region.focus()
    before = region.evaluate("element => element.scrollLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(600)
    assert region.evaluate("element => element.scrollLeft") > before
    page.get_by_label("Szukaj pola").fill("miasto")
    assert page.locator(".col-card:visible").count() <= 2
