"""Try it, import it, take it back: the list is empty again at the end."""

from playwright.sync_api import expect

from tests.e2e.screens import Configuration, Integrations, Mapping, SignIn


def test_what_was_tried_is_imported_and_what_was_imported_can_be_undone(page, shops, owner):
    SignIn(page).sign_in(owner)
    screen = Integrations(page).open()
    screen.connect_demo()
    Configuration(page).fill("Klienci sklepu").confirm().next()
    Mapping(page).skip_unknown()
    page.get_by_role("button", name="Próba bez zapisu").click()
    added = page.get_by_role("group").filter(has_text="do dodania")
    expect(added).to_contain_text("81", timeout=30_000)
    page.get_by_text("do dodania").click()
    expect(page.get_by_role("row")).to_have_count(11)

    page.get_by_role("button", name="Import", exact=True).click()
    done = screen.import_of("Klienci sklepu").get_by_role("link", name="Zakończony dziś o")
    expect(done).to_be_visible(timeout=30_000)
    done.click()
    page.get_by_role("link", name="Cofnij import").click()
    expect(page.get_by_text("Kto się wypisał, pozostanie wypisany")).to_be_visible()
    page.get_by_role("button", name="Cofnij import").click()
    expect(page.get_by_text("Cofnęliśmy ten import")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Listy").click()
    page.get_by_role("link", name="Klienci sklepu").click()
    expect(page.get_by_text("Na tej liście nie ma jeszcze nikogo")).to_be_visible()
