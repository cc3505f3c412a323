"""Jak czytać wartości: the value table of a choice, and the choices for dates, numbers and phones."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from tests import factories
from tests.web.test_mapping import EMAIL, active, address, again, body, draft, mark_of, text  # noqa: F401 - fixtures
from tests.web.world import HOSTILE
from webapp.extensions import db
from webapp.models import CustomField, ImportRun, RecurringImport, RunStatus
from webapp.values.fields import FieldType

NOTE, STATE = "note", "state"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def field(account) -> CustomField:
    return factories.make_custom_field("Rodzaj klienta", "rodzaj", FieldType.CHOICE, options=["Firma", "Osoba"])


@pytest.fixture
def choosing(field) -> RecurringImport:
    """Notes go to a choice; the last run dropped some of them."""
    row = factories.make_recurring_import(columns={EMAIL: "email", NOTE: "field:rodzaj"})
    values = {
        "hurt": {"count": 7, "id": "1"},
        "det": {"count": 9, "id": "2"},
        "a•••@example.com": {"count": 1, "id": "3"},
    }
    factories.make_run(
        row, status=RunStatus.DONE, dropped={NOTE: 17}, unfit={NOTE: {"type": "choice", "values": values}}
    )
    return row


def place(row: RecurringImport, column: str = NOTE) -> str:
    return f"/importy/{row.id}/pola/wartosci?kolumna={column}"


def lines_of(page: str) -> dict[str, str]:
    """What is chosen for each value on the page."""
    rows = re.findall(r'name="value" value="([^"]+)".*?<select[^>]*name="option"[^>]*>(.*?)</select>', page, re.S)
    return {unescape(value): unescape(chosen_of(options)) for value, options in rows}


def chosen_of(options: str) -> str:
    found = re.search(r'value="([^"]*)"[^>]* selected', options)
    return found[1] if found else ""


def sent(client, row: RecurringImport, said: dict[str, str], **changes) -> dict:
    """The form as a browser sends it: the lines, and the empty one for a value that is typed."""
    values = [*said, changes.pop("typed", "")]
    return {
        "mark": mark_of(text(client.get(place(row)))),
        "column": NOTE,
        "value": values,
        "label": [""] * len(values),
        "count": ["0"] * len(values),
        "option": [*said.values(), changes.pop("typed_option", "")],
        "new_option": "",
    } | changes


def post(client, row: RecurringImport, said: dict[str, str], headers: dict | None = None, **changes):
    return client.post(f"/importy/{row.id}/pola/wartosci", data=sent(client, row, said, **changes), headers=headers)


def table(row: RecurringImport) -> dict[str, str]:
    return again(row).mappings[1].reading.get("table", {})


def options() -> list[str]:
    db.session.expire_all()
    return db.session.scalar(select(CustomField.options).where(CustomField.key == "rodzaj"))


def test_it_lists_what_earlier_runs_dropped_the_most_frequent_first(client, choosing):
    page = text(client.get(place(choosing)))
    assert list(lines_of(page))[:2] == ["det", "hurt"] and "nie pasowała 9 razy" in page
    assert "•••@" not in page


def test_it_lists_what_people_have_and_says_what_becomes_of_it(client, choosing, vendors):
    vendors.tell(action="mutate", index=1, changes={"note": "FIRMA"})
    page = text(client.get(place(choosing)))
    assert lines_of(page)["FIRMA"] == "" and "sama trafia do: Firma" in page


def test_it_lists_what_the_source_declares_with_the_option_of_the_same_name_proposed(client, field):
    field.options = ["Konto aktywne", "Inne"]
    db.session.commit()
    row = factories.make_recurring_import(columns={EMAIL: "email", STATE: "field:rodzaj"})
    page = text(client.get(place(row, STATE)))
    assert lines_of(page)["ENABLED"] == "=Konto aktywne" and "propozycja" in page
    assert lines_of(page)["DISABLED"] == ""


def test_what_was_said_is_there_even_when_the_vendor_does_not_answer(client, choosing, vendors):
    choosing.mappings[1].reading = {"table": {"H": "Firma", "test": ""}}
    db.session.commit()
    vendors.tell(fault="status", code=503, times=50)
    page = text(client.get(place(choosing)))
    assert lines_of(page) == {"H": "=Firma", "test": "leave", "det": "", "hurt": ""}
    assert "Widzisz wartości, które już znamy" in page


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_saving_puts_the_table_into_force(client, choosing, headers):
    answer = post(client, choosing, {"hurt": "=Firma", "det": "leave", "inne": ""}, headers)
    assert (answer.status_code, answer.location) == (
        303,
        f"/integracje?aplikacja=shopify#recurringimport-{choosing.id}",
    )
    assert table(choosing) == {"hurt": "Firma", "det": ""} and again(choosing).version == 2
    assert "odczyta wszystkich od nowa" in text(client.get("/integracje"))


def test_a_value_that_is_typed_is_taken_too(client, choosing):
    post(client, choosing, {"hurt": ""}, typed="  nowa  wartość ", typed_option="=Osoba")
    assert table(choosing) == {"nowa wartość": "Osoba"}


def test_a_value_that_is_typed_needs_an_option(client, choosing):
    answer = post(client, choosing, {"hurt": "=Firma"}, typed="nowa")
    assert answer.status_code == 422 and "Wybierz opcję dla tej wartości" in text(answer)
    assert lines_of(text(answer)) == {"hurt": "=Firma", "nowa": ""} and table(choosing) == {}


def test_the_same_once_more_makes_no_full_run(client, choosing):
    for _ in range(2):
        post(client, choosing, {"hurt": "=Firma"})
    assert again(choosing).version == 2


def test_emptied_it_is_gone(client, choosing):
    post(client, choosing, {"hurt": "=Firma"})
    post(client, choosing, {"hurt": ""})
    assert again(choosing).mappings[1].reading == {} and again(choosing).version == 3


def test_an_option_may_be_called_like_a_word_of_the_form(client, choosing, field):
    field.options = ["leave", "=x", ""]
    db.session.commit()
    post(client, choosing, {"hurt": "=leave", "det": "==x"})
    assert table(choosing) == {"hurt": "leave", "det": "=x"}


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_an_option_is_created_on_the_spot_and_chosen(client, choosing, headers):
    answer = post(client, choosing, {"hurt": "leave", "det": ""}, headers, add="1")
    page = text(answer)
    assert answer.status_code == 200 and options() == ["Firma", "Osoba", "det"]
    assert lines_of(page) == {"hurt": "leave", "det": "=det"} and page.count(">det</option>") == 3
    assert ("<html" in page) is (headers is None) and "autofocus" in page
    assert table(choosing) == {}


@pytest.mark.parametrize("headers", [None, HTMX], ids=["page", "htmx"])
def test_an_option_of_another_name_is_created_too(client, choosing, headers):
    answer = post(client, choosing, {"hurt": ""}, headers, add="new", new_option=" Partner ")
    assert options() == ["Firma", "Osoba", "Partner"] and "Pole ma już opcję „Partner”" in text(answer)
    assert lines_of(text(answer)) == {"hurt": ""}


def test_it_is_chosen_for_the_value_that_was_typed_beside_it(client, choosing):
    answer = post(client, choosing, {"hurt": ""}, add="new", new_option="Partner", typed="P")
    assert lines_of(text(answer)) == {"hurt": "", "P": "=Partner"}


def test_a_value_that_is_typed_although_it_is_listed_has_one_line(client, choosing):
    answer = post(client, choosing, {"hurt": "", "det": "leave"}, add="new", new_option="Partner", typed=" HURT")
    assert lines_of(text(answer)) == {"hurt": "=Partner", "det": "leave"}
    post(client, choosing, {"hurt": "", "det": "leave"}, typed="DET", typed_option="=Firma")
    assert table(choosing) == {"det": "Firma"}


def test_an_option_that_is_there_is_not_created_twice(client, choosing):
    answer = post(client, choosing, {"FIRMA": "", "hurt": ""}, add="new", new_option="firma")
    assert options() == ["Firma", "Osoba"] and answer.status_code == 200


@pytest.mark.parametrize(("name", "sentence"), [(" ", "Wpisz nazwę nowej opcji"), ("Nowa", "najwyżej 500 opcji")])
def test_what_cannot_be_an_option_is_said_and_nothing_is_lost(client, choosing, field, name, sentence):
    field.options = [f"Opcja {number}" for number in range(500)]
    db.session.commit()
    answer = post(client, choosing, {"hurt": "leave"}, HTMX, add="new", new_option=name)
    assert answer.status_code == 422 and sentence in text(answer)
    assert lines_of(text(answer)) == {"hurt": "leave"} and len(options()) == 500


def test_an_option_that_somebody_removed_meanwhile_is_said(client, choosing):
    answer = post(client, choosing, {"hurt": "=Skasowana"})
    assert answer.status_code == 422 and "Tej opcji już nie ma" in text(answer)
    assert table(choosing) == {}


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(client, choosing):
    assert post(client, choosing, {"hurt": "=Firma"}, mark="0" * 16).status_code == 409
    assert table(choosing) == {}


@pytest.mark.parametrize("broken", [{"value": ["a", "b", "c"]}, {"count": ["x", "0"]}], ids=str)
def test_a_form_that_is_not_ours_is_refused(client, choosing, broken):
    assert post(client, choosing, {"hurt": "=Firma"}, **broken).status_code == 400


@pytest.mark.parametrize("column", ["nie-ma", EMAIL, "", "lastName"])
def test_a_column_without_such_a_field_leads_to_where_it_is_assigned(client, choosing, column):
    factories.make_custom_field("Opis", "opis")
    answer = client.get(place(choosing, column))
    assert (answer.status_code, answer.location) == (303, f"/importy/{choosing.id}/pola")


@pytest.mark.parametrize("count", [0, 3, 200])
def test_it_works_with_any_number_of_values(client, choosing, field, count):
    choosing.mappings[1].reading = {"table": {f"wartość {number}": "Firma" for number in range(count)}}
    field.options = ["Firma", *(f"Opcja {number}" for number in range(60))]
    db.session.commit()
    page = text(client.get(place(choosing)))
    said = {value: option for value, option in lines_of(page).items() if value.startswith("wartość")}
    assert said == {f"wartość {number}": "=Firma" for number in range(count)}
    lazy = 'data-from="options"' in page
    assert lazy is (count == 200) and page.count("<option") < 4000
    if lazy:
        whole = text(client.get(place(choosing) + "&pelne=1"))
        assert "pelne=1" in page and 'data-from="options"' not in whole
    post(client, choosing, said)
    assert len(table(choosing)) == count


def test_nothing_known_yet_is_said(client, field, vendors):
    row = factories.make_recurring_import(columns={EMAIL: "email", "metafields.custom.none": "field:rodzaj"})
    assert "Nie znamy jeszcze żadnych wartości" in text(client.get(place(row, "metafields.custom.none")))


def test_the_button_of_a_card_loses_nothing_that_was_chosen(client, draft, field):  # noqa: F811
    targets = {EMAIL: "email", NOTE: "field:rodzaj", "firstName": "skip"}
    answer = client.post(address(draft, "/wartosci/kolumna"), data=body(client, draft, targets, read="1"))
    assert (answer.status_code, answer.location) == (303, place(draft))
    kept = again(draft).draft["columns"]
    assert {column: entry["target"] for column, entry in kept.items()} == targets


def test_what_was_said_before_the_first_import_goes_with_it(client, draft, field):  # noqa: F811
    targets = {EMAIL: "email", NOTE: "field:rodzaj"}
    client.post(address(draft, "/wartosci/kolumna"), data=body(client, draft, targets, read="1"))
    assert post(client, draft, {"hurt": "=Firma"}).location == address(draft)
    client.post(address(draft), data=body(client, draft, targets))
    assert table(draft) == {"hurt": "Firma"}


def test_it_stays_when_the_column_goes_elsewhere_for_a_while(client, choosing):
    post(client, choosing, {"hurt": "=Firma"})
    for targets in ({EMAIL: "email", NOTE: "skip"}, {EMAIL: "email", NOTE: "field:rodzaj"}):
        client.post(address(choosing, "/wersja-robocza"), data=body(client, choosing, targets))
    client.post(address(choosing), data=body(client, choosing, targets, step="save"))
    assert table(choosing) == {"hurt": "Firma"}


def test_the_history_shows_which_values_did_not_fit_and_leads_to_the_table_in_one_click(client, choosing):
    run = first_run()
    page = unescape(text(client.get(f"/historia/{run.id}")))
    assert "17 wartości pola" in page and page.index('<code class="break">det</code>') < page.index(
        '<code class="break">hurt</code>'
    )
    assert f'href="{place(choosing)}"' in page and "Przypisz wartości do opcji" in page


def first_run():
    return db.session.scalars(select(ImportRun)).one()


def test_runs_of_before_have_no_samples_and_still_say_how_many(client, choosing):
    run = first_run()
    run.unfit = {}
    db.session.commit()
    page = text(client.get(f"/historia/{run.id}"))
    assert "17 wartości pola" in page and "Które wartości" not in page


def test_what_the_source_says_is_never_taken_for_markup(client, choosing, field, vendors):
    field.options = [HOSTILE]
    choosing.mappings[1].reading = {"table": {HOSTILE: HOSTILE, f"2 {HOSTILE}": ""}}
    db.session.commit()
    answer = post(client, choosing, {HOSTILE: f"={HOSTILE}", "x": "=y"}, new_option=HOSTILE, add="0")
    for page in (text(client.get(place(choosing))), text(answer)):
        assert HOSTILE not in page and "<img" not in page and lines_of(page)[HOSTILE] == f"={HOSTILE}"


TYPES = [(FieldType.DATE, "month", {"order": "month"}), (FieldType.NUMBER, "comma", {"decimal": "comma"})]


@pytest.mark.parametrize(("kind", "said", "reading"), [*TYPES, (FieldType.PHONE, "DE", {"region": "DE"})])
def test_other_types_have_their_choices(client, account, kind, said, reading):
    factories.make_custom_field("Pole", "pole", kind)
    row = factories.make_recurring_import(columns={EMAIL: "email", NOTE: "field:pole"})
    kept = {NOTE: {"type": kind.value, "values": {"01/02/2026": {"count": 4, "id": "1"}}}}
    for _ in range(2):
        factories.make_run(row, status=RunStatus.DONE, unfit=kept)
    page = text(client.get(place(row)))
    assert page.count("(4 razy)") == 1
    assert f'value="{said}"' in page and "01/02/2026" in page and "(4 razy)" in page
    data = {"mark": mark_of(page), "column": NOTE, "said": said}
    client.post(f"/importy/{row.id}/pola/wartosci", data=data)
    assert again(row).mappings[1].reading == reading and again(row).version == 2
    assert re.search(rf'value="{said}"[^>]*(selected|checked)', text(client.get(place(row))))


def test_an_answer_that_was_not_offered_is_refused(client, account):
    factories.make_custom_field("Pole", "pole", FieldType.PHONE)
    row = factories.make_recurring_import(columns={EMAIL: "email", NOTE: "field:pole"})
    data = {"mark": mark_of(text(client.get(place(row)))), "column": NOTE, "said": "XX"}
    assert client.post(f"/importy/{row.id}/pola/wartosci", data=data).status_code == 400


def test_poland_is_first_and_needs_no_choice(client, account):
    factories.make_custom_field("Telefon", "tel", FieldType.PHONE)
    row = factories.make_recurring_import(columns={EMAIL: "email", NOTE: "field:tel"})
    assert '<option value="" selected>Polska (+48)</option>' in text(client.get(place(row)))


def test_a_stranger_sees_and_changes_nothing(client, stranger, choosing):
    data = sent(client, choosing, {"hurt": "=Firma"})
    assert stranger.get(place(choosing)).status_code == 404
    assert stranger.post(f"/importy/{choosing.id}/pola/wartosci", data=data).status_code == 404
    assert table(choosing) == {}
