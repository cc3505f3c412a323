"""What a person does on each screen, in the words that stand there. No asserts: those are the journeys'."""

from typing import Any

from playwright.sync_api import Locator, Page

PASSWORD = "poprawny koń bateria zszywka"


class SignIn:
    def __init__(self, page: Page):
        self.page = page

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        self.page.goto("/logowanie")
        self.page.get_by_label("Adres e-mail").fill(email)
        self.page.get_by_label("Hasło").fill(password)
        self.page.get_by_role("button", name="Zaloguj się").click()


class Integrations:
    def __init__(self, page: Page):
        self.page = page

    def open(self, application: str = "Shopify") -> "Integrations":
        self.page.goto("/integracje")
        row = self.row(application)
        if row.get_attribute("aria-expanded") == "false":
            row.click()
        self.page.locator("button[aria-expanded=true]").wait_for()
        return self

    def row(self, application: str) -> Locator:
        return self.page.get_by_role("button", name=application).first

    def connect(self, domain: str, client_id: str, secret: str) -> None:
        self.page.get_by_label("Domena sklepu").fill(domain)
        self.page.get_by_label("Identyfikator klienta").fill(client_id)
        self.page.get_by_label("Tajny klucz klienta").fill(secret)
        self.page.get_by_role("button", name="Połącz", exact=True).click()

    def connect_demo(self, shop: str = "bukowina") -> None:
        self.connect(shop, f"demo-client-{shop}", f"demo-secret-{shop}")

    def configure(self) -> None:
        self.page.get_by_role("button", name="Skonfiguruj importy").first.click()

    def import_of(self, list_name: str) -> Locator:
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("cell", name=list_name, exact=True))

    def act(self, list_name: str, action: str) -> None:
        self.import_of(list_name).get_by_role("button", name="Akcje").click()
        self.page.locator("[popover]:popover-open").get_by_text(action, exact=True).click()

    def disconnect(self) -> None:
        self.page.get_by_role("button", name="Rozłącz", exact=True).first.click()


class Configuration:
    def __init__(self, page: Page):
        self.page = page

    def fill(self, list_name: str, source: str = "everyone", **values: Any) -> "Configuration":
        self.page.get_by_label("albo utwórz nową listę").fill(list_name)
        self.page.get_by_label("Źródło", exact=True).select_option(source)
        if "hour" in values:
            self.page.get_by_label("Godzina importu").fill(values["hour"])
        if values.get("everyone"):
            self.page.get_by_label("Tylko osoby ze zgodą marketingową").uncheck()
        return self

    def confirm(self) -> "Configuration":
        self.page.get_by_label("Potwierdzam, że mam pozwolenie").check()
        return self

    def next(self) -> None:
        self.page.get_by_role("button", name="Dalej").click()


class Mapping:
    def __init__(self, page: Page):
        self.page = page

    def skip_unknown(self) -> "Mapping":
        self.page.get_by_label("Pomiń kolumny ze znakiem").check()
        return self

    def assign(self, column: str, target: str) -> "Mapping":
        self.page.get_by_label(f"Przypisz pole: {column}", exact=True).select_option(label=target)
        return self

    def start(self) -> None:
        self.page.get_by_role("button", name="Import", exact=True).click()


class ValueTable:
    def __init__(self, page: Page):
        self.page = page

    def option_of(self, value: str) -> Locator:
        return self.page.get_by_label(value, exact=True)

    def add_option(self, name: str) -> None:
        self.page.get_by_role("button", name=f"Dodaj opcję „{name}”").click()

    def type_in(self, value: str, new_option: str) -> None:
        """A value that may not be listed, and an option that there is not yet."""
        self.page.get_by_label("Inna wartość w źródle").fill(value)
        self.page.get_by_label("Nowa opcja pola").fill(new_option)
        self.page.get_by_role("button", name="Dodaj opcję", exact=True).click()
        self.page.get_by_text(f"Pole ma już opcję „{new_option}”").wait_for()

    def save(self) -> None:
        self.page.get_by_role("button", name="Zapisz").click()
