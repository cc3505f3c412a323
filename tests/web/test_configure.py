"""Skonfiguruj cykliczne importy."""

import re

import pytest
from flask.testing import FlaskClient

from tests import factories
from webapp.extensions import db
from webapp.imports.forms import parse_hour
from webapp.models import (
    ConsentRecord,
    ContactList,
    Criterion,
    Integration,
    IntegrationState,
    RecurringImport,
    Schedule,
)

CHOICES = {
    "group": "contacts",
    "source": "everyone",
    "consent_shown": "y",
    "only_consenting": "y",
    "criterion": "add_and_update",
    "hour": "6:15",
    "cycle_day": "0",
    "permission": "y",
}


@pytest.fixture
def integration(account) -> Integration:
    return factories.make_integration()


@pytest.fixture
def contact_list(account) -> ContactList:
    return factories.make_list()


@pytest.fixture
def address(integration) -> str:
    return f"/integracje/{integration.id}/importy/nowy"


@pytest.fixture
def choices(contact_list) -> dict[str, str]:
    return CHOICES | {"list_id": str(contact_list.id)}


def text(answer) -> str:
    return answer.get_data(as_text=True)


def rows(model=RecurringImport) -> list:
    db.session.expire_all()
    return db.session.query(model).order_by(model.id).all()


def first_fault(page: str) -> str:
    """The name of the first control that is marked as faulty."""
    tag = re.search(r"<(?:input|select)[^>]*aria-invalid=\"true\"[^>]*>", page)[0]
    return re.search(r" name=\"(\w+)\"", tag)[1]


def mark_of(page: str) -> str:
    return re.search(r'name="mark"[^>]* value="(\w*)"', page)[1]


def edited(client, row: RecurringImport, choices: dict[str, str], **changes):
    address = f"/importy/{row.id}/ustawienia"
    return client.post(address, data=choices | changes | {"mark": mark_of(text(client.get(address)))})


def test_the_page_offers_the_lists_with_their_sizes(client: FlaskClient, address, contact_list):
    factories.make_contact(contact_list)
    assert re.search(rf'value="{contact_list.id}">Klienci sklepu \(1 ', text(client.get(address)))


def test_the_page_offers_live_sources_with_counts(client, address):
    page = text(client.get(address))
    assert re.search(r'value="everyone">[^<]+\(120\)', page)
    assert 'value="tag:hurt"' in page


def test_people_without_consent_are_left_out_by_default(client, address):
    assert re.search(r"<input checked[^>]* id=\"only_consenting\"", text(client.get(address)))


def test_next_makes_an_unfinished_import_and_leads_to_the_fields(client, address, choices):
    answer = client.post(address, data=choices | {"in_cycle": "y", "cycle_day": "3", "hour": "7.05"})
    (row,) = rows()
    assert (answer.status_code, answer.location) == (303, f"/importy/{row.id}/pola")
    assert (row.schedule, row.source_id, row.hour, row.cycle_day) == (Schedule.DRAFT, "everyone", "07:05", 3)
    assert row.criterion is Criterion.ADD_AND_UPDATE
    assert row.only_consenting is True
    assert row.draft["settings"]["hour"] == "07:05"


def test_without_the_switch_there_is_no_day_of_the_cycle(client, address, choices):
    client.post(address, data=choices | {"cycle_day": "5"})
    assert rows()[0].cycle_day is None


def test_the_confirmation_is_recorded(client, address, choices):
    client.post(address, data=choices)
    (record,) = rows(ConsentRecord)
    assert record.user_email == "owner@example.com"
    assert record.recurring_import_id == rows()[0].id
    assert record.what["source_id"] == "everyone"
    assert (record.address, record.wording_version) == ("127.0.0.1", "1")


def test_the_wording_says_so_when_everyone_is_imported(client, address, choices):
    client.post(address, data=choices)
    client.post(address, data=choices | {"source": "tag:vip", "only_consenting": ""})
    strict, wide = (record.wording for record in rows(ConsentRecord))
    assert wide != strict
    assert wide.startswith(strict)


def test_without_the_confirmation_nothing_is_saved(client, address, choices):
    answer = client.post(address, data=choices | {"permission": ""})
    assert answer.status_code == 422
    assert first_fault(text(answer)) == "permission"
    assert rows() == rows(ConsentRecord) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("list_id", ""),
        ("list_id", "999"),
        ("group", "friends"),
        ("source", ""),
        ("source", "tag:nobody"),
        ("criterion", "replace"),
        ("hour", "25:00"),
        ("hour", "rano"),
    ],
)
def test_what_is_missing_or_unknown_is_asked_for_again(client, address, choices, name, value):
    factories.make_list("Druga")
    answer = client.post(address, data=choices | {name: value})
    assert answer.status_code == 422
    assert first_fault(text(answer)) == name
    assert rows() == []


@pytest.mark.parametrize("day", ["", "-1", "1000", "trzeci"])
def test_a_day_of_the_cycle_is_a_number_up_to_999(client, address, choices, day):
    answer = client.post(address, data=choices | {"in_cycle": "y", "cycle_day": day})
    assert (answer.status_code, first_fault(text(answer))) == (422, "cycle_day")


def test_a_fault_keeps_all_input(client, address, choices):
    sent = choices | {"hour": "nonsens", "source": "tag:vip", "criterion": "update", "in_cycle": "y", "cycle_day": "7"}
    page = text(client.post(address, data=sent))
    assert 'value="nonsens"' in page
    assert re.search(r'<option selected value="tag:vip"', page)
    assert re.search(r'value="update" checked', page)
    assert re.search(r'id="cycle_day"[^>]* value="7"', page)


def test_a_list_of_another_account_is_not_offered(client, address, choices, foreign):
    from webapp.models.scope import acting_for

    with acting_for(foreign.id):
        theirs = factories.make_list("Cudza")
    answer = client.post(address, data=choices | {"list_id": str(theirs.id)})
    assert answer.status_code == 422
    assert "Cudza" not in text(answer)


def test_a_list_is_created_on_the_spot(client, address, choices):
    client.post(address, data=choices | {"new_list": "  Nowa lista "})
    assert rows()[0].contact_list.name == "Nowa lista"


def test_a_new_list_of_a_known_name_is_that_list(client, address, choices, contact_list):
    client.post(address, data=choices | {"new_list": contact_list.name})
    assert rows()[0].list_id == contact_list.id
    assert len(rows(ContactList)) == 1


def test_a_faulty_form_creates_no_list(client, address, choices):
    client.post(address, data=choices | {"new_list": "Nowa", "hour": "nie"})
    assert [row.name for row in rows(ContactList)] == ["Klienci sklepu"]


def test_a_second_click_takes_up_the_same_configuration(client, address, choices):
    client.post(address, data=choices)
    client.post(address, data=choices | {"hour": "8:00"})
    (row,) = rows()
    assert row.hour == "08:00"


def test_the_back_button_finds_what_was_just_configured(client, address, choices):
    client.post(address, data=choices)
    assert client.get(address).location == f"/importy/{rows()[0].id}/ustawienia"
    assert client.get(address + "?nowa=1").status_code == 200


def test_unfinished_configurations_can_be_taken_up(client, address, integration, contact_list):
    row = factories.make_recurring_import(integration, contact_list, schedule=Schedule.DRAFT)
    assert f'href="/importy/{row.id}/ustawienia"' in text(client.get(address))


def test_an_unreachable_vendor_is_named_and_nothing_is_lost(client, address, choices, vendors):
    vendors.tell(fault="status", code=503, times=50)
    assert "SHP-503" in text(client.get(address))
    answer = client.post(address, data=choices | {"hour": "5:55"})
    assert answer.status_code == 422
    assert 'value="5:55"' in text(answer)
    assert re.search(r'<option selected value="everyone"', text(answer))
    assert 'name="reload"' in text(answer)
    assert rows() == []


def test_trying_again_keeps_the_input_without_faults(client, address, choices):
    answer = client.post(address, data=choices | {"reload": "1", "group": "leads", "hour": "5:55", "permission": ""})
    assert answer.status_code == 200
    assert 'value="abandoned_checkouts"' in text(answer)
    assert 'value="5:55"' in text(answer)
    assert "aria-invalid" not in text(answer)


def test_choosing_a_group_brings_its_sources(client, integration):
    address = f"/integracje/{integration.id}/importy/zrodla?group=leads"
    fragment = text(client.get(address, headers={"HX-Request": "true"}))
    assert 'value="abandoned_checkouts"' in fragment
    assert "<html" not in fragment
    assert client.get(address).status_code == 302


def test_a_group_that_may_not_be_read_is_disabled_with_its_reason(client, address, integration, choices):
    integration.unavailable = {"leads": "missing_scope"}
    db.session.commit()
    page = text(client.get(address))
    assert re.search(r'<option disabled value="leads"', page)
    assert "SHP-403" in page
    assert first_fault(text(client.post(address, data=choices | {"group": "leads"}))) == "group"


@pytest.mark.parametrize("state", [IntegrationState.DISCONNECTED, IntegrationState.NEEDS_RECONNECTING])
def test_what_is_not_connected_cannot_be_configured(client, address, integration, choices, state):
    integration.state = state
    db.session.commit()
    for answer in (client.get(address), client.post(address, data=choices)):
        assert (answer.status_code, answer.location) == (303, "/integracje?aplikacja=shopify")
    assert rows() == []


def test_settings_come_back_filled(client, integration, contact_list):
    row = factories.make_recurring_import(integration, contact_list, hour="04:30", cycle_day=2, criterion=Criterion.ADD)
    page = text(client.get(f"/importy/{row.id}/ustawienia"))
    assert re.search(r'id="hour"[^>]* value="4:30"', page)
    assert re.search(r'id="cycle_day"[^>]* value="2"', page)
    assert re.search(r'value="add" checked', page)
    assert not re.search(r"<input checked[^>]* id=\"only_consenting\"", page)


def test_editing_a_running_import_touches_only_the_draft(client, integration, contact_list, choices):
    row = factories.make_recurring_import(integration, contact_list)
    answer = edited(client, row, choices, hour="9:00", source="tag:vip")
    assert answer.location == f"/importy/{row.id}/pola"
    (row,) = rows()
    assert (row.hour, row.source_id) == ("06:15", "everyone")
    assert (row.draft["settings"]["hour"], row.draft["settings"]["source_id"]) == ("09:00", "tag:vip")


def test_the_draft_is_what_comes_back(client, integration, contact_list, choices):
    row = factories.make_recurring_import(integration, contact_list)
    edited(client, row, choices, hour="9:00")
    assert re.search(r'id="hour"[^>]* value="9:00"', text(client.get(f"/importy/{row.id}/ustawienia")))


def test_the_same_people_need_no_second_confirmation(client, address, choices):
    client.post(address, data=choices)
    answer = edited(client, rows()[0], choices, permission="", hour="9:00")
    assert answer.status_code == 303
    assert len(rows(ConsentRecord)) == 1


@pytest.mark.parametrize("change", [{"source": "tag:vip"}, {"only_consenting": ""}, {"new_list": "Inna"}], ids=str)
def test_other_people_or_another_list_do(client, address, choices, change):
    client.post(address, data=choices)
    answer = edited(client, rows()[0], choices, permission="", **change)
    assert (answer.status_code, first_fault(text(answer))) == (422, "permission")


def test_settings_that_someone_else_changed_meanwhile_are_not_overwritten(client, integration, contact_list, choices):
    row = factories.make_recurring_import(integration, contact_list)
    address = f"/importy/{row.id}/ustawienia"
    mark = mark_of(text(client.get(address)))
    edited(client, row, choices, hour="9:00")
    answer = client.post(address, data=choices | {"mark": mark, "hour": "3:00"})
    assert answer.status_code == 409
    assert rows()[0].draft["settings"]["hour"] == "09:00"


def test_only_unfinished_configurations_can_be_deleted(client, integration, contact_list):
    unfinished = factories.make_recurring_import(integration, contact_list, schedule=Schedule.DRAFT)
    active = factories.make_recurring_import(integration, contact_list)
    assert client.post(f"/importy/{unfinished.id}/usuniecie").location == "/integracje?aplikacja=shopify"
    assert client.post(f"/importy/{active.id}/usuniecie").status_code == 404
    assert [row.id for row in rows()] == [active.id]


def test_the_hour_says_when_the_first_import_is(client):
    assert "6:15" in text(client.get("/importy/godzina?hour=6.15"))
    assert "first" not in text(client.get("/importy/godzina?hour=rano"))


@pytest.mark.parametrize("written", ["6:15", "06:15", "6.15", " 6:15 "])
def test_an_hour_may_be_written_in_several_ways(written):
    assert parse_hour(written) == "06:15"


@pytest.mark.parametrize("written", ["", "24:00", "6:60", "6", "615", "6:5", "-6:15"])
def test_anything_else_is_no_hour(written):
    with pytest.raises(ValueError):
        parse_hour(written)


def test_strangers_find_nothing(stranger, integration, contact_list):
    row = factories.make_recurring_import(integration, contact_list, schedule=Schedule.DRAFT)
    paths = [f"/integracje/{integration.id}/importy/nowy", f"/importy/{row.id}/ustawienia", f"/importy/{row.id}/pola"]
    deletion = f"/importy/{row.id}/usuniecie"
    db.session.remove()
    assert [stranger.get(path).status_code for path in paths] == [404, 404, 404]
    assert stranger.post(deletion).status_code == 404
