"""Przypisz pola dodatkowe."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from tests import factories
from webapp.connectors.base import Field
from webapp.connectors.shopify import Shopify
from webapp.extensions import db
from webapp.importing.settings import in_force
from webapp.models import CustomField, ImportRun, RecurringImport, RunKind, Schedule, WriteRule
from webapp.values.fields import FieldType

EMAIL = "defaultEmailAddress.emailAddress"
CITY = "defaultAddress.city"


@pytest.fixture
def draft(account) -> RecurringImport:
    """Settings are chosen, fields are not."""
    row = factories.make_recurring_import(schedule=Schedule.DRAFT)
    row.mappings, row.known_columns = [], []
    row.draft = {"base_version": 1, "settings": in_force(row), "columns": {}, "skip_unknown": False}
    db.session.commit()
    return row


@pytest.fixture
def active(account) -> RecurringImport:
    return factories.make_recurring_import(columns={EMAIL: "email", "firstName": "first_name"})


def text(answer) -> str:
    return answer.get_data(as_text=True)


def address(row: RecurringImport, part: str = "") -> str:
    return f"/importy/{row.id}/pola{part}"


def mark_of(page: str) -> str:
    return re.search(r'name="mark" value="(\w+)"', page)[1]


def targets_of(page: str) -> dict[str, str]:
    """What is chosen on the page for each column."""
    cards = re.findall(r'name="column" value="([^"]*)".*?<select[^>]*name="target"[^>]*>(.*?)</select>', page, re.S)
    return {unescape(column): re.search(r'value="([^"]*)" selected', options)[1] for column, options in cards}


def body(client: FlaskClient, row: RecurringImport, targets: dict[str, str], **changes) -> dict:
    """The form as a browser sends it, with these targets."""
    columns = list(targets)
    return {
        "mark": mark_of(text(client.get(address(row)))),
        "column": columns,
        "label": [f"Kolumna {column}" for column in columns],
        "target": list(targets.values()),
        "rule": ["overwrite"] * len(columns),
        "new_label": [""] * len(columns),
        "new_type": ["text"] * len(columns),
        "new_options": [""] * len(columns),
        "step": "import",
    } | changes


def again(row: RecurringImport) -> RecurringImport:
    db.session.expire_all()
    return db.session.get(RecurringImport, row.id)


def faulty(page: str) -> list[str]:
    """The numbers of the cards that are marked as faulty, in their order."""
    return re.findall(r'id="card-(\d+)-target"[^>]*aria-invalid="true"', page)


def test_email_and_names_are_recognised(client, draft):
    targets = targets_of(text(client.get(address(draft))))
    assert (targets[EMAIL], targets["firstName"], targets["lastName"]) == ("email", "first_name", "last_name")


def test_a_likely_field_is_proposed_with_its_reason(client, draft):
    factories.make_custom_field("Miasto", "miasto")
    page = text(client.get(address(draft)))
    assert targets_of(page)[CITY] == "field:miasto"
    assert 'data-target="field:miasto"' in page


def test_what_is_not_known_stays_unassigned(client, draft):
    page = text(client.get(address(draft)))
    assert targets_of(page)["tags"] == ""
    assert "col-card unknown" in page


def test_addresses_are_masked(client, draft, vendors):
    page = text(client.get(address(draft)))
    assert "•••@example.com" in page
    assert not any(
        person["email"] in page for person in vendors.truth() if person.get("email") and "@" in person["email"][1:]
    )


def test_the_page_shows_what_looking_at_it_did_not_save(client, draft):
    before = dict(draft.draft)
    client.get(address(draft))
    assert again(draft).draft == before


def test_import_puts_the_mapping_into_force_and_starts(client, draft):
    factories.make_custom_field("Miasto", "miasto")
    answer = client.post(
        address(draft), data=body(client, draft, {EMAIL: "email", CITY: "field:miasto", "tags": "skip"})
    )
    assert (answer.status_code, answer.location) == (303, f"/integracje?aplikacja=shopify#recurringimport-{draft.id}")
    row = again(draft)
    assert [(mapping.column, mapping.target) for mapping in row.mappings] == [(EMAIL, "email"), (CITY, "field:miasto")]
    assert (row.schedule, row.draft, row.known_columns) == (Schedule.ACTIVE, None, [EMAIL, CITY, "tags"])
    assert row.next_slot is not None
    (run,) = db.session.query(ImportRun).all()
    assert run.kind is RunKind.MANUAL
    assert [column["target"] for column in run.settings["columns"]] == ["email", "field:miasto"]


def test_a_rule_is_kept_for_each_column(client, draft):
    sent = body(client, draft, {EMAIL: "email", "firstName": "first_name"}, rule=["overwrite", "clear"])
    client.post(address(draft), data=sent)
    assert again(draft).mappings[1].rule is WriteRule.CLEAR


def test_an_email_column_is_required(client, draft):
    answer = client.post(
        address(draft), data=body(client, draft, {EMAIL: "skip", "firstName": "first_name"}, skip_unknown="y")
    )
    assert answer.status_code == 422
    assert faulty(text(answer)) == ["0"]
    assert again(draft).schedule is Schedule.DRAFT


def test_the_same_field_twice_names_both_columns(client, draft):
    sent = body(client, draft, {EMAIL: "email", "firstName": "first_name", "lastName": "first_name"}, skip_unknown="y")
    answer = client.post(address(draft), data=sent)
    assert answer.status_code == 422
    assert faulty(text(answer)) == ["1", "2"]
    page = unescape(text(answer))
    assert re.search(
        r"first name.{0,40}Kolumna firstName.{0,20}Kolumna lastName|Kolumna firstName.{0,20}Kolumna lastName",
        page,
        re.I,
    )


def test_a_whole_name_beside_its_half_is_refused(client, draft):
    sent = body(client, draft, {EMAIL: "email", "firstName": "first_name", "lastName": "full_name"}, skip_unknown="y")
    assert faulty(text(client.post(address(draft), data=sent))) == ["1", "2"]


def test_an_unassigned_column_asks_to_be_assigned_or_skipped(client, draft):
    answer = client.post(
        address(draft), data=body(client, draft, {EMAIL: "email", "firstName": "", "lastName": "skip"})
    )
    assert answer.status_code == 422
    assert faulty(text(answer)) == ["1"]


def test_unassigned_columns_can_be_skipped_at_once(client, draft):
    answer = client.post(address(draft), data=body(client, draft, {EMAIL: "email", "firstName": ""}, skip_unknown="y"))
    assert answer.status_code == 303
    assert again(draft).known_columns == [EMAIL, "firstName"]


def test_a_field_that_no_longer_exists_is_refused(client, draft):
    answer = client.post(address(draft), data=body(client, draft, {EMAIL: "email", "firstName": "field:dawne"}))
    assert (answer.status_code, faulty(text(answer))) == (422, ["1"])


def test_a_fault_keeps_every_choice(client, draft):
    sent = body(
        client,
        draft,
        {EMAIL: "skip", "firstName": "last_name", "lastName": ""},
        rule=["overwrite", "only_empty", "clear"],
    )
    page = text(client.post(address(draft), data=sent))
    targets = targets_of(page)
    assert (targets[EMAIL], targets["firstName"], targets["lastName"]) == ("skip", "last_name", "")
    assert page.count('value="only_empty" selected') == page.count('value="clear" selected') == 1


def test_a_field_is_created_with_the_mapping(client, draft):
    sent = body(client, draft, {EMAIL: "email", "tags": "new"}, new_label=["", "Znaczniki"])
    client.post(address(draft), data=sent)
    (field,) = db.session.query(CustomField).all()
    assert (field.key, field.label, field.type) == ("znaczniki", "Znaczniki", FieldType.TEXT)
    assert again(draft).mappings[1].target == "field:znaczniki"


def test_a_key_that_is_taken_gets_a_number(client, draft):
    factories.make_custom_field("Inne znaczniki", "znaczniki")
    client.post(address(draft), data=body(client, draft, {EMAIL: "email", "tags": "new"}, new_label=["", "Znaczniki"]))
    assert again(draft).mappings[1].target == "field:znaczniki_2"


@pytest.mark.parametrize(
    ("label", "kind"), [("", "text"), ("miasto", "text"), ("E-mail", "text"), ("Rozmiar", "choice")]
)
def test_a_new_field_needs_a_name_of_its_own_and_a_choice_its_options(client, draft, label, kind):
    factories.make_custom_field("Miasto", "miasto")
    sent = body(client, draft, {EMAIL: "email", "firstName": "new"}, new_label=["", label], new_type=["text", kind])
    answer = client.post(address(draft), data=sent)
    assert (answer.status_code, faulty(text(answer))) == (422, ["1"])
    assert db.session.query(CustomField).count() == 1


def test_a_field_can_be_created_before_the_rest_is_ready(client, draft):
    sent = body(
        client,
        draft,
        {EMAIL: "", "state": ""},
        new_label=["", "Stan konta"],
        new_type=["text", "choice"],
        new_options=["", "jest\r\nnie ma\r\njest"],
        create="1",
    )
    answer = client.post(address(draft, "/nowe"), data=sent)
    assert (answer.status_code, answer.location) == (303, f"/importy/{draft.id}/pola#card-1")
    assert db.session.query(CustomField).one().options == ["jest", "nie ma"]
    assert again(draft).draft["columns"]["state"]["target"] == "field:stan_konta"


def test_creating_a_field_answers_with_its_card_and_the_new_list(client, draft):
    sent = body(client, draft, {EMAIL: "email", "tags": ""}, new_label=["", "Znaczniki"], create="1")
    answer = client.post(address(draft, "/nowe"), data=sent, headers={"HX-Request": "true"})
    fragment = text(answer)
    assert answer.status_code == 200
    assert 'id="card-1-head"' in fragment
    assert 'hx-swap-oob="true"' in fragment
    assert targets_of(fragment) == {"tags": "field:znaczniki"}


def test_every_change_is_saved_without_being_checked(client, draft):
    sent = body(client, draft, {EMAIL: "", "tags": "new"}, new_label=["", "Zna"], skip_unknown="y")
    assert client.post(address(draft, "/wersja-robocza"), data=sent).status_code == 204
    page = text(client.get(address(draft)))
    assert (targets_of(page)[EMAIL], targets_of(page)["tags"]) == ("", "new")
    assert 'value="Zna"' in page
    assert re.search(r'id="skip_unknown"[^>]* checked', page)


@pytest.mark.parametrize(("step", "target"), [("back", "ustawienia"), ("refresh", "pola")])
def test_going_elsewhere_saves_without_checking(client, draft, step, target):
    answer = client.post(address(draft), data=body(client, draft, {EMAIL: "skip"}, step=step))
    assert (answer.status_code, answer.location) == (303, f"/importy/{draft.id}/{target}")
    assert again(draft).draft["columns"][EMAIL]["target"] == "skip"


def test_changes_can_be_saved_without_a_run(client, active):
    sent = body(client, active, {EMAIL: "email", "firstName": "skip"}, step="save")
    assert client.post(address(active), data=sent).status_code == 303
    row = again(active)
    assert (row.version, [mapping.column for mapping in row.mappings]) == (2, [EMAIL])
    assert db.session.query(ImportRun).count() == 0


def test_importing_a_stopped_import_resumes_it(client, active):
    active.schedule = Schedule.STOPPED
    db.session.commit()
    client.post(address(active), data=body(client, active, {EMAIL: "email"}))
    assert again(active).schedule is Schedule.ACTIVE
    assert again(active).next_slot is not None


def test_a_double_click_starts_one_run(client, draft):
    sent = body(client, draft, {EMAIL: "email"})
    first, second = client.post(address(draft), data=sent), client.post(address(draft), data=sent)
    assert first.location == second.location
    assert db.session.query(ImportRun).count() == 1


def test_import_after_a_change_says_that_the_run_under_way_still_uses_the_earlier_settings(client, active):
    run = factories.make_run(active)
    answer = client.post(
        address(active), data=body(client, active, {EMAIL: "email", "firstName": "skip"}), follow_redirects=True
    )
    assert db.session.query(ImportRun).count() == 1 and run.version < again(active).version
    assert re.search(r'class="[^"]*alert-warning|class="notice warn', text(answer))


def test_what_someone_else_saved_meanwhile_is_not_overwritten(client, active):
    mine = body(client, active, {EMAIL: "email", "firstName": "last_name"}, step="save")
    client.post(address(active), data=body(client, active, {EMAIL: "email", "firstName": "skip"}, step="save"))
    assert client.post(address(active), data=mine).status_code == 409
    assert [mapping.column for mapping in again(active).mappings] == [EMAIL]


def test_a_late_autosave_does_not_bring_an_old_draft_back(client, active):
    mine = body(client, active, {EMAIL: "email", "firstName": "last_name"})
    client.post(address(active), data=body(client, active, {EMAIL: "email", "firstName": "skip"}, step="save"))
    assert client.post(address(active, "/wersja-robocza"), data=mine).status_code == 204
    assert again(active).draft is None


def test_columns_that_were_not_there_before_are_marked_as_new(client, active):
    page = text(client.get(address(active)))
    assert page.count('class="tag run"') == len(targets_of(page)) - 2
    assert targets_of(page)["firstName"] == "first_name"


def test_skipped_columns_stay_skipped_when_they_come_back(client, active):
    active.known_columns = [EMAIL, "firstName", "tags"]
    db.session.commit()
    assert targets_of(text(client.get(address(active))))["tags"] == "skip"


def test_an_unreachable_vendor_leaves_the_known_fields(client, active, vendors):
    vendors.tell(fault="status", code=503, times=50)
    page = text(client.get(address(active)))
    assert "SHP-503" in page
    assert targets_of(page) == {EMAIL: "email", "firstName": "first_name"}


def test_an_empty_source_has_no_examples(client, draft, vendors):
    vendors.tell(action="resize", people=0)
    page = text(client.get(address(draft)))
    assert "•••" not in page
    assert targets_of(page)[EMAIL] == "email"


def test_hundreds_of_columns_share_one_list_of_choices(client, draft, monkeypatch):
    many = [Field(EMAIL, "E-mail"), *(Field(f"pole{number}", f"Pole {number}") for number in range(499))]
    monkeypatch.setattr(Shopify, "fields", lambda *_: many)
    monkeypatch.setattr(Shopify, "people", lambda *_: iter(()))
    page, full = text(client.get(address(draft))), text(client.get(address(draft) + "?pelne=1"))
    assert page.count("<option") < 500 * 6
    assert full.count("<option") > 500 * 12
    assert targets_of(page) == targets_of(full)
    assert f'href="/importy/{draft.id}/pola?pelne=1"' in page


def test_a_form_that_was_tampered_with_is_refused(client, draft):
    sent = body(client, draft, {EMAIL: "email"})
    for change in ({"rule": ["erase"]}, {"column": [""]}, {"new_type": ["file"]}, {"label": []}):
        assert client.post(address(draft), data=sent | change).status_code == 400


def test_hostile_names_of_columns_do_no_harm(client, draft, monkeypatch):
    monkeypatch.setattr(
        Shopify, "fields", lambda *_: [Field('"><script>alert(1)</script>', "<img src=x onerror=alert(1)>")]
    )
    monkeypatch.setattr(Shopify, "people", lambda *_: iter(()))
    page = text(client.get(address(draft)))
    assert "<script>alert" not in page
    assert "<img" not in page
