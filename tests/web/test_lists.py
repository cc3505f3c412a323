"""Lists, the people on them, and custom fields, as they are read, made and renamed."""

from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from sqlalchemy import event

from tests import factories
from webapp.extensions import db
from webapp.lists import people, values
from webapp.lists.forms import propose_key
from webapp.models import Contact, ContactList, ContactStatus, CustomField, SourceRecord
from webapp.values.fields import FieldType

HOSTILE = '"><img src=x onerror=alert(1)>'


class Elements(HTMLParser):
    """All elements of a page with their attributes."""

    def __init__(self, page: str):
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def faulty(self):
        return [attributes["name"] for _, attributes in self.found if attributes.get("aria-invalid") == "true"]


@pytest.fixture
def contact_list(account):
    return factories.make_list()


@pytest.fixture
def count_queries(app):
    """How many statements a request sends to the database."""

    def count(request):
        statements = []
        listen = lambda *facts: statements.append(facts[2])  # noqa: E731
        event.listen(db.engine, "before_cursor_execute", listen)
        request()
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(statements)

    return count


def found(contact_list, search="", status=None):
    return [contact.email for contact in people.page(people.found(contact_list, search, status), "").rows]


# Lists


def test_a_list_is_created_and_shown(client):
    answer = client.post("/listy", data={"name": "  Klienci   sklepu ", "double_opt_in": "y"})
    created = db.session.query(ContactList).one()
    assert (created.name, created.double_opt_in) == ("Klienci sklepu", True)
    assert (answer.status_code, answer.location) == (303, f"/listy/{created.id}")
    assert f'href="/listy/{created.id}"' in client.get("/listy").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_list_needs_a_name_of_sensible_length(client, name):
    answer = client.post("/listy", data={"name": name})
    assert answer.status_code == 422
    assert Elements(answer.text).faulty() == ["name"]
    assert db.session.query(ContactList).count() == 0


def test_a_list_with_a_taken_name_is_refused_and_the_input_kept(client, contact_list):
    answer = client.post("/listy", data={"name": contact_list.name})
    assert answer.status_code == 422
    assert f'value="{contact_list.name}"' in answer.text
    assert db.session.query(ContactList).count() == 1


def test_another_account_may_use_the_same_name(stranger, contact_list):
    assert stranger.post("/listy", data={"name": "Klienci sklepu"}).status_code == 303


def test_a_list_is_renamed(client, contact_list):
    answer = client.post(f"/listy/{contact_list.id}/nazwa", data={"name": "Newsletter"})
    db.session.refresh(contact_list)
    assert (answer.status_code, contact_list.name) == (303, "Newsletter")


def test_a_list_is_not_renamed_to_a_taken_name(client, contact_list):
    other = factories.make_list("VIP")
    answer = client.post(f"/listy/{other.id}/nazwa", data={"name": contact_list.name})
    db.session.refresh(other)
    assert (answer.status_code, other.name) == (422, "VIP")
    assert 'value="Klienci sklepu"' in answer.text


def test_a_list_shows_its_people_by_status(client, contact_list):
    for number, status in enumerate([ContactStatus.ACTIVE, ContactStatus.ACTIVE, ContactStatus.BOUNCED]):
        factories.make_contact(contact_list, f"p{number}@example.com", status=status)
    for path in ("/listy", f"/listy/{contact_list.id}"):
        assert "2 aktywne · 1 odbity" in client.get(path).text


def test_empty_pages_invite(client, account):
    assert 'action="/listy"' in client.get("/listy").text
    assert 'href="/integracje"' in client.get(f"/listy/{factories.make_list().id}").text
    assert 'action="/pola"' in client.get("/pola").text


# People


def test_a_person_is_shown_with_name_address_status_and_source(client, contact_list):
    contact = factories.make_contact(
        contact_list,
        "anna@example.com",
        first_name="Anna",
        last_name="Zając",
        origin="shopify",
        status=ContactStatus.UNSUBSCRIBED,
    )
    page = client.get(f"/listy/{contact_list.id}").text
    assert "<strong>Anna Zając</strong>" in page
    assert "anna@example.com" in page
    assert "Shopify" in page
    assert f'href="/kontakty/{contact.id}"' in page


@pytest.mark.parametrize("typed", ["Łuk", "luk", "żuk", "ZUK", "lukasz z", "l.zuk@", " Łukasz Żuk "])
def test_people_are_found_by_the_beginning_of_a_name_or_an_address(contact_list, typed):
    factories.make_contact(contact_list, "l.zuk@example.com", first_name="Łukasz", last_name="Żuk")
    factories.make_contact(contact_list, "anna@example.com", first_name="Anna", last_name="Zając")
    assert found(contact_list, typed) == ["l.zuk@example.com"]


@pytest.mark.parametrize("typed", ["%", "_", "ukasz", "\\", "'"])
def test_signs_of_the_database_and_middles_of_words_find_nobody(contact_list, typed):
    factories.make_contact(contact_list, "l.zuk@example.com", first_name="Łukasz", last_name="Żuk")
    assert found(contact_list, typed) == []


def test_people_are_narrowed_to_a_status(client, contact_list):
    factories.make_contact(contact_list, "a@example.com")
    factories.make_contact(contact_list, "b@example.com", status=ContactStatus.BLOCKED)
    assert found(contact_list, status=ContactStatus.BLOCKED) == ["b@example.com"]
    page = client.get(f"/listy/{contact_list.id}?status=blocked").text
    assert "b@example.com" in page
    assert "a@example.com" not in page


def test_pages_of_people_neither_miss_nor_repeat_anybody(client, contact_list):
    emails = {f"p{number:03}@example.com" for number in range(120)}
    db.session.add_all([Contact(list_id=contact_list.id, email=email, email_key=email) for email in emails])
    db.session.commit()
    query, after, seen = people.found(contact_list, "", None), "", []
    while after is not None:
        rows, after = people.page(query, after)
        seen += [contact.email for contact in rows]
    assert len(seen) == 120
    assert set(seen) == emails
    assert "po=p049%40example.com" in client.get(f"/listy/{contact_list.id}").text.replace("@", "%40")


def test_somebody_who_joins_meanwhile_moves_no_page(contact_list):
    for number in range(60):
        factories.make_contact(contact_list, f"p{number:02}@example.com")
    query = people.found(contact_list, "", None)
    first = people.page(query, "")
    factories.make_contact(contact_list, "a@example.com")
    assert people.page(query, first.next_key).rows[0].email == "p50@example.com"


def test_a_search_that_finds_nobody_says_so_and_offers_the_way_back(client, contact_list):
    factories.make_contact(contact_list)
    page = client.get(f"/listy/{contact_list.id}?szukaj=nobody").text
    assert 'value="nobody"' in page
    assert f'href="/listy/{contact_list.id}"' in page
    assert "<table" not in page


def test_the_columns_are_the_fields_that_are_filled_most_often(contact_list):
    fields = [factories.make_custom_field(f"Pole {n}", f"pole_{n}") for n in range(8)]
    for number in range(8):
        filled = {f"pole_{n}": "x" for n in range(number + 1)}
        factories.make_contact(contact_list, f"p{number}@example.com", values=filled)
    assert [field.key for field in values.columns(contact_list, fields)] == [f"pole_{n}" for n in range(6)]


def test_a_field_that_nobody_has_filled_is_no_column(contact_list):
    field = factories.make_custom_field()
    factories.make_contact(contact_list)
    assert values.columns(contact_list, [field]) == []


@pytest.mark.parametrize(
    ("kind", "stored", "shown"),
    [
        (FieldType.DATE, "2026-11-23", "23.11.2026"),
        (FieldType.DATE, "no date", "no date"),
        (FieldType.NUMBER, 1234567.5, "1\u00a0234\u00a0567,5"),
        (FieldType.NUMBER, 0, "0"),
        (FieldType.COUNTRY, "PL", "Polska"),
        (FieldType.COUNTRY, "??", "??"),
        (FieldType.TEXT, "Łódź", "Łódź"),
        (FieldType.TEXT, None, ""),
    ],
)
def test_values_are_shown_as_people_read_them(app, kind, stored, shown):
    with app.test_request_context():
        assert values.shown(CustomField(type=kind), stored) == shown


def test_a_list_takes_as_many_queries_for_many_people_as_for_few(client, contact_list, count_queries):
    factories.make_custom_field()
    factories.make_contact(contact_list, values={"miasto": "Łódź"})
    few = count_queries(lambda: client.get(f"/listy/{contact_list.id}"))
    for number in range(40):
        factories.make_contact(contact_list, f"p{number}@example.com", values={"miasto": "Łódź"})
    assert count_queries(lambda: client.get(f"/listy/{contact_list.id}")) <= few


# A person's page


def test_a_persons_page_shows_all_values_and_where_they_came_from(client, contact_list):
    factories.make_custom_field("Miasto", "miasto")
    factories.make_custom_field("Urodziny", "urodziny", FieldType.DATE)
    contact = factories.make_contact(
        contact_list, first_name="Anna", values={"miasto": "Łódź", "urodziny": "1990-05-01"}
    )
    integration = factories.make_integration()
    record = SourceRecord(
        list_id=contact_list.id, integration_id=integration.id, group="contacts", external_id="gid-7001", contact_id=contact.id,
        consent="granted", seen_at=datetime(2026, 11, 23, 5, 15, tzinfo=UTC),
    )  # fmt: skip
    factories.saved(record)
    page = client.get(f"/kontakty/{contact.id}").text
    for text in ("Anna", "Łódź", "01.05.1990", "gid-7001", "bukowina.myshopify.com", "Shopify", "23.11.2026, 6:15"):
        assert text in page


def test_a_status_that_the_source_gave_is_explained(client, contact_list):
    contact = factories.make_contact(contact_list, status=ContactStatus.UNSUBSCRIBED, status_reason="source_withdrawal")
    assert "wycofała zgodę" in client.get(f"/kontakty/{contact.id}").text


def test_a_person_without_name_and_source_has_a_page(client, contact_list):
    contact = factories.make_contact(contact_list, "anna@example.com")
    assert '<h1 class="h3 mb-0 break">anna@example.com</h1>' in client.get(f"/kontakty/{contact.id}").text


# Custom fields


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Miasto dostawy", "miasto_dostawy"),
        ("Żółta łódź!", "zolta_lodz"),
        ("Zamówienia (2026)", "zamowienia_2026"),
        ("???", ""),
    ],
)
def test_a_key_is_proposed_from_the_name(label, key):
    assert propose_key(label) == key


def test_a_proposed_key_is_never_too_long():
    assert len(propose_key("ż" * 120)) == 64


def test_a_field_is_created_with_a_key_of_its_own_or_the_proposed_one(client):
    client.post("/pola", data={"label": "Miasto dostawy", "type": "text", "key": ""})
    client.post("/pola", data={"label": "Urodziny", "type": "date", "key": "birthday"})
    fields = db.session.query(CustomField).order_by(CustomField.id).all()
    assert [(field.key, field.type) for field in fields] == [
        ("miasto_dostawy", FieldType.TEXT),
        ("birthday", FieldType.DATE),
    ]


@pytest.mark.parametrize("key", ["Miasto", "miasto dostawy", "ż", "a" * 65, "a-b"])
def test_a_key_of_other_signs_is_refused(client, key):
    answer = client.post("/pola", data={"label": "Miasto", "type": "text", "key": key})
    assert answer.status_code == 422
    assert Elements(answer.text).faulty() == ["key"]
    assert db.session.query(CustomField).count() == 0


def test_a_name_that_gives_no_key_asks_for_one(client, account):
    assert Elements(client.post("/pola", data={"label": "???", "type": "text"}).text).faulty() == ["key"]


def test_a_taken_key_is_refused_and_the_input_kept(client, account):
    factories.make_custom_field("Miasto", "miasto")
    answer = client.post("/pola", data={"label": "Gdzie mieszka", "type": "phone", "key": "miasto"})
    assert answer.status_code == 422
    assert 'value="Gdzie mieszka"' in answer.text
    assert db.session.query(CustomField).count() == 1


def test_a_choice_needs_options(client, account):
    answer = client.post("/pola", data={"label": "Rozmiar", "type": "choice", "options": " \n "})
    assert (answer.status_code, Elements(answer.text).faulty()) == (422, ["options"])


def test_options_are_the_lines_without_empty_and_repeated_ones(client, account):
    client.post("/pola", data={"label": "Rozmiar", "type": "choice", "options": "S\r\n\r\n M \r\nS\r\nL"})
    assert db.session.query(CustomField).one().options == ["S", "M", "L"]


def test_an_unknown_type_is_refused(client, account):
    assert client.post("/pola", data={"label": "X", "type": "json"}).status_code == 422


def test_editing_changes_name_and_options_but_neither_key_nor_type(client, account):
    field = factories.make_custom_field("Rozmiar", "rozmiar", FieldType.CHOICE, options=["S"])
    assert ">S</textarea>" in client.get(f"/pola/{field.id}").text.replace("\r", "").replace("\n", "")
    client.post(f"/pola/{field.id}", data={"label": "Rozmiar buta", "options": "S\nM", "key": "other", "type": "text"})
    db.session.refresh(field)
    assert (field.label, field.options, field.key, field.type) == (
        "Rozmiar buta",
        ["S", "M"],
        "rozmiar",
        FieldType.CHOICE,
    )


def test_a_choice_does_not_lose_its_last_option(client, account):
    field = factories.make_custom_field("Rozmiar", "rozmiar", FieldType.CHOICE, options=["S"])
    assert client.post(f"/pola/{field.id}", data={"label": "Rozmiar", "options": ""}).status_code == 422
    db.session.refresh(field)
    assert field.options == ["S"]


# Others' rows and hostile values


@pytest.mark.parametrize("path", ["/listy/{list}", "/kontakty/{contact}", "/pola/{field}"])
def test_the_rows_of_another_account_are_not_there(stranger, contact_list, path):
    rows = {
        "list": contact_list,
        "contact": factories.make_contact(contact_list),
        "field": factories.make_custom_field(),
    }
    address = path.format(**{name: row.id for name, row in rows.items()})
    for row in rows.values():
        db.session.expunge(row)
    assert stranger.get(address).status_code == 404


@pytest.mark.parametrize("path", ["/listy/{list}/nazwa", "/pola/{field}"])
def test_the_rows_of_another_account_are_not_changed(stranger, contact_list, path):
    rows = {"list": contact_list, "field": factories.make_custom_field()}
    address = path.format(**{name: row.id for name, row in rows.items()})
    for row in rows.values():
        db.session.expunge(row)
    assert stranger.post(address, data={"name": "Ours", "label": "Ours"}).status_code == 404


@pytest.mark.parametrize("path", ["/listy", "/listy/1", "/kontakty/1", "/pola", "/pola/1"])
def test_every_page_is_for_those_who_are_signed_in(anonymous, path):
    assert anonymous.get(path).location.startswith("/logowanie")


def test_hostile_values_are_shown_as_text(client, account):
    contact_list = factories.make_list(HOSTILE)
    field = factories.make_custom_field(HOSTILE, "hostile", FieldType.CHOICE, options=[HOSTILE])
    contact = factories.make_contact(
        contact_list,
        first_name=HOSTILE,
        last_name="{{7*7}}" * 30,
        origin=HOSTILE[:32],
        values={"hostile": HOSTILE * 300},
    )
    for path in ("/listy", f"/listy/{contact_list.id}?szukaj={HOSTILE}", f"/listy/{contact_list.id}", f"/kontakty/{contact.id}",
                 "/pola", f"/pola/{field.id}"):  # fmt: skip
        page = client.get(path)
        assert page.status_code == 200
        assert not [tag for tag, attributes in Elements(page.text).found if tag == "img" or "onerror" in attributes]
        assert "4949" not in page.text
