"""Putting edited settings into force."""

from datetime import timedelta

import pytest

from tests import factories
from webapp.extensions import db
from webapp.importing.settings import apply_draft, in_force
from webapp.models import Criterion, FieldMapping, RecurringImport, Schedule, WriteRule
from webapp.models.database import now

COLUMNS = {"email": "email", "firstName": "first_name", "lastName": "last_name"}


def entry(target: str, rule: str = "overwrite") -> dict[str, str]:
    return {"label": "Etykieta", "target": target, "rule": rule}


def drafted(
    columns: dict[str, dict[str, str]] | None = None, settings: dict | None = None, **values
) -> RecurringImport:
    row = factories.make_recurring_import(columns=COLUMNS, **values)
    columns = columns or {key: entry(target) for key, target in COLUMNS.items()}
    row.draft = {
        "base_version": row.version,
        "settings": in_force(row) | (settings or {}),
        "columns": columns,
        "skip_unknown": False,
    }
    db.session.commit()
    return row


def mappings(row: RecurringImport) -> list[tuple[str, str, WriteRule]]:
    query = db.session.query(FieldMapping).filter_by(recurring_import_id=row.id).order_by(FieldMapping.position)
    return [(mapping.column, mapping.target, mapping.rule) for mapping in query]


def test_an_unfinished_import_becomes_active_with_a_slot(account):
    row = drafted(schedule=Schedule.DRAFT)
    apply_draft(row)
    assert row.schedule is Schedule.ACTIVE
    assert now() < row.next_slot <= now() + timedelta(days=1)


def test_a_stopped_import_stays_stopped_without_a_slot(account):
    row = drafted(schedule=Schedule.STOPPED, settings={"hour": "09:00"})
    apply_draft(row)
    assert (row.schedule, row.next_slot, row.hour) == (Schedule.STOPPED, None, "09:00")


def test_another_hour_moves_the_slot(account):
    row = drafted(settings={"hour": "17:45"}, next_slot=now())
    apply_draft(row)
    assert row.next_slot.astimezone(account.zone).strftime("%H:%M") == "17:45"


def test_the_same_hour_leaves_the_slot(account):
    slot = now() + timedelta(hours=2)
    row = drafted(settings={"criterion": "add"}, next_slot=slot)
    apply_draft(row)
    assert row.next_slot == slot


def test_the_draft_is_gone_afterwards(account):
    row = drafted()
    apply_draft(row)
    db.session.expire_all()
    assert row.draft is None


def test_nothing_changed_leaves_the_version(account):
    row = drafted()
    assert apply_draft(row) is False
    assert row.version == 1


@pytest.mark.parametrize(
    "change",
    [{"group": "leads"}, {"source_id": "tag:vip"}, {"criterion": "add"}, {"only_consenting": True}],
    ids=lambda change: next(iter(change)),
)
def test_whoever_is_imported_otherwise_makes_the_next_run_a_full_one(account, change):
    row = drafted(settings=change)
    assert apply_draft(row) is True
    assert row.version == 2


def test_another_list_makes_the_next_run_a_full_one(account):
    other = factories.make_list("Inna")
    row = drafted(settings={"list_id": other.id})
    assert apply_draft(row) is True
    assert row.contact_list.name == "Inna"


@pytest.mark.parametrize("change", [{"hour": "09:00"}, {"cycle_day": 3}, {"source_name": "Wszyscy"}], ids=str)
def test_what_does_not_change_the_data_leaves_the_version(account, change):
    row = drafted(settings=change)
    assert apply_draft(row) is False
    assert row.version == 1


def test_another_rule_of_a_column_makes_the_next_run_a_full_one(account):
    row = drafted(
        {"email": entry("email"), "firstName": entry("first_name", "only_empty"), "lastName": entry("last_name")}
    )
    assert apply_draft(row) is True


def test_mappings_are_replaced(account):
    row = drafted({"email": entry("email"), "city": entry("field:miasto", "clear")})
    apply_draft(row)
    assert mappings(row) == [("email", "email", WriteRule.OVERWRITE), ("city", "field:miasto", WriteRule.CLEAR)]


def test_skipped_and_unassigned_columns_are_known_but_not_mapped(account):
    row = drafted({"email": entry("email"), "tags": entry("skip"), "note": entry("")})
    apply_draft(row)
    assert [column for column, *_ in mappings(row)] == ["email"]
    assert row.known_columns == ["email", "tags", "note"]


def test_the_criterion_is_kept_as_one(account):
    row = drafted(settings={"criterion": "update"})
    apply_draft(row)
    db.session.expire_all()
    assert row.criterion is Criterion.UPDATE
