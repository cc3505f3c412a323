"""What somebody said about a column's values: applied to everyone, and the values that did not fit, kept to be seen."""

import pytest
from sqlalchemy import select

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import do, go_on
from tests.importing.test_settings import drafted, entry
from webapp.connectors.base import Person
from webapp.extensions import db
from webapp.importing import schedule
from webapp.importing.mapping import MOST_UNFIT, MOST_UNFIT_CHOICES, Mapper, Notes
from webapp.importing.retention import purge_old
from webapp.importing.settings import apply_draft, read_column, rehearsed
from webapp.importing.tally import Tally
from webapp.imports import drafts
from webapp.models import Contact, CustomField, ImportRun, RecurringImport
from webapp.models.database import now
from webapp.values.fields import FieldType

EMAIL, TAG = "defaultEmailAddress.emailAddress", "note"
TABLE = {"table": {"H": "Firma", "test": ""}}


def column(key: str, target: str, **more) -> dict:
    return {"column": key, "label": key, "target": target, "rule": "overwrite", **more}


def mapped(field: CustomField, values: list, rule: str = "overwrite", **reading) -> tuple[list, Notes]:
    """What a mapper makes of people with these values: the field's new values, LEFT where it stays as it was."""
    columns = [column("e", "email"), column("v", f"field:{field.key}", reading=reading) | {"rule": rule}]
    mapper, notes = Mapper(columns, [field]), Notes()
    rows = [
        mapper.read(Person(f"id-{n}", {"e": f"a{n}@example.com", "v": value}), notes) for n, value in enumerate(values)
    ]
    return [row.changes[0][1] if row.changes else LEFT for row in rows], notes


LEFT = object()


def choice(*options: str) -> CustomField:
    return CustomField(key="typ", label="Typ", type=FieldType.CHOICE, options=list(options))


def test_a_value_table_is_applied_and_the_rest_goes_on_as_before():
    values, notes = mapped(choice("Firma", "Osoba"), ["h", "osoba", "test", "inny", "", None], **TABLE)
    assert values == ["Firma", "Osoba", LEFT, LEFT, None, None]
    assert notes.dropped == {"v": 1}


def test_a_value_that_is_left_out_does_not_clear_the_field_either():
    values, notes = mapped(choice("Firma"), ["test", ""], rule="clear", **TABLE)
    assert values == [LEFT, None] and not notes.dropped


def test_snapshots_of_earlier_versions_have_no_reading():
    mapper = Mapper([column("e", "email"), column("v", "field:typ")], [choice("Firma")])
    assert mapper.read(Person("1", {"e": "a@example.com", "v": "firma"}), Notes()).changes[0][1] == "Firma"


def test_an_option_that_is_gone_is_written_to_nobody():
    values, notes = mapped(choice("Osoba"), ["H"], **TABLE)
    assert values == [LEFT] and notes.dropped == {"v": 1}


def test_values_that_did_not_fit_are_kept_with_their_count_and_somebody_who_has_them():
    _, notes = mapped(choice("Firma"), ["x", "y", "x"])
    assert notes.unfit == {
        "v": {"type": "choice", "values": {"x": {"count": 2, "id": "id-0"}, "y": {"count": 1, "id": "id-1"}}}
    }
    assert notes.dropped == {"v": 3}


def test_phones_that_did_not_fit_are_masked():
    _, notes = mapped(CustomField(key="tel", label="Telefon", type=FieldType.PHONE), ["501 502 50", "brak"])
    assert set(notes.unfit["v"]["values"]) == {"••• ••• 250", "brak"}


@pytest.mark.parametrize(("kind", "most"), [(FieldType.CHOICE, MOST_UNFIT_CHOICES), (FieldType.DATE, MOST_UNFIT)])
def test_only_so_many_of_them_are_kept_and_all_are_counted(kind, most):
    field = CustomField(key="f", label="F", type=kind, options=["Firma"])
    _, notes = mapped(field, [f"wartość {n}" for n in range(most + 5)] + ["wartość 0"])
    assert len(notes.unfit["v"]["values"]) == most and notes.dropped == {"v": most + 6}
    assert notes.unfit["v"]["values"]["wartość 0"]["count"] == 2


def test_pages_are_added_up_without_touching_what_was_committed(account):
    _, notes = mapped(choice("Firma"), ["x", "y"])
    run = factories.make_run(factories.make_recurring_import())
    run.unfit = {"v": {"type": "choice", "values": {"x": {"count": 5, "id": "before"}}}}
    tally = Tally.of(run)
    tally.add([], [], notes)
    assert tally.columns()["unfit"]["v"]["values"] == {
        "x": {"count": 6, "id": "before"},
        "y": {"count": 1, "id": "id-1"},
    }
    assert run.unfit["v"]["values"] == {"x": {"count": 5, "id": "before"}}


@pytest.fixture
def recurring_import(app, account, vendors) -> RecurringImport:
    """Of 120 people one is of type H, one of another; the others have none."""
    factories.make_custom_field("Typ", "typ", FieldType.CHOICE, options=["Firma"])
    for index, (email, note) in enumerate([("jedna@example.com", "H"), ("druga@example.com", "hurt")], 1):
        vendors.tell(action="mutate", index=index, changes={"email": email, "note": note})
    return factories.make_recurring_import(columns={EMAIL: "email", TAG: "field:typ"})


def kind_of(email: str) -> str | None:
    db.session.expire_all()
    return db.session.scalar(select(Contact.values).where(Contact.email_key == email)).get("typ")


@on_both_databases
def test_a_run_keeps_which_values_did_not_fit(recurring_import):
    run = do(recurring_import)
    assert {"H", "hurt"} <= set(run.unfit[TAG]["values"]) and run.unfit[TAG]["type"] == "choice"
    assert run.dropped[TAG] == sum(one["count"] for one in run.unfit[TAG]["values"].values())
    assert kind_of("jedna@example.com") is None


@on_both_databases
def test_a_changed_table_makes_the_next_run_a_full_one_for_everyone(recurring_import):
    before = do(recurring_import)
    read_column(recurring_import, TAG, "field:typ", {"table": {"h": "Firma"}})
    run = do(recurring_import)
    assert (before.mode, run.mode) == ("full", "full") and run.version == before.version + 1
    assert (kind_of("jedna@example.com"), kind_of("druga@example.com")) == ("Firma", None)
    assert "H" not in run.unfit[TAG]["values"] and run.settings["columns"][1]["reading"] == {"table": {"h": "Firma"}}


def test_the_same_table_once_more_changes_nothing(recurring_import):
    read_column(recurring_import, TAG, "field:typ", {"table": {"h": "Firma"}})
    version = recurring_import.version
    read_column(recurring_import, TAG, "field:typ", {"table": {"h": "Firma"}})
    assert recurring_import.version == version


def test_a_dry_run_honours_the_table_of_the_draft(recurring_import):
    recurring_import.draft = drafts.of(recurring_import)
    recurring_import.draft["columns"][TAG]["readings"] = {"field:typ": {"table": {"H": "Firma"}}}
    db.session.commit()
    dry = go_on(schedule.rehearse(recurring_import, rehearsed(recurring_import)))
    assert "hurt" in dry.unfit[TAG]["values"] and "H" not in dry.unfit[TAG]["values"]
    assert recurring_import.mappings[1].reading == {}


def test_a_draft_brings_the_table_of_the_field_that_the_column_goes_to(account):
    said = entry("field:typ") | {"readings": {"field:typ": TABLE, "field:inne": {"order": "day"}}}
    row = drafted({"email": entry("email"), "lastName": said})
    assert apply_draft(row) is True
    assert row.mappings[1].reading == TABLE


def test_another_table_in_a_draft_makes_the_next_run_a_full_one(account):
    row = drafted({"email": entry("email"), "lastName": entry("last_name"), "firstName": entry("first_name")})
    assert apply_draft(row) is False
    readings = {"email": {"order": "day"}}
    row.draft = drafted_again(
        row,
        {
            "email": entry("email") | {"readings": readings},
            "lastName": entry("last_name"),
            "firstName": entry("first_name"),
        },
    )
    assert apply_draft(row) is True


def drafted_again(row: RecurringImport, columns: dict) -> dict:
    return drafts.of(row) | {"columns": columns}


def test_a_table_that_was_changed_meanwhile_does_not_spoil_an_open_draft(recurring_import):
    recurring_import.draft = drafts.of(recurring_import)
    read_column(recurring_import, TAG, "field:typ", TABLE)
    draft = drafts.of(recurring_import)
    assert draft is recurring_import.draft and draft["columns"][TAG]["readings"]["field:typ"] == TABLE


def test_kept_values_go_after_90_days(recurring_import):
    run = do(recurring_import)
    assert run.unfit
    run.created_at = run.created_at.replace(year=now().year - 1)
    db.session.commit()
    purge_old()
    db.session.expire_all()
    assert db.session.get(ImportRun, run.id).unfit == {}
