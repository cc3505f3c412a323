"""Migrations on data that is already there."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import upgrade
from sqlalchemy import func, inspect, select

from tests.databases import on_both_databases
from webapp.cli.prepare import bind_migrations
from webapp.extensions import db
from webapp.models import Account, Contact, FieldMapping, Kept, RunChange, SourceRecord
from webapp.models.scope import everyone

FIRST = "3f8e596ad08f"
NOW = "2026-11-23 12:00:00"
ROWS = (
    f"INSERT INTO account VALUES (1, 'Sklep', 'Europe/Warsaw', 10000, '{NOW}')",
    f"INSERT INTO contact_list (id, account_id, name, language, double_opt_in, created_at) VALUES (1, 1, 'Klienci', 'pl', false, '{NOW}')",
    "INSERT INTO integration (id, account_id, vendor, way, external_id, name, state, sealed, unavailable, created_at, connected_at)"
    f" VALUES (1, 1, 'shopify', 'client', 'sklep', 'sklep', 'connected', '{{}}', '{{}}', '{NOW}', '{NOW}')",
    'INSERT INTO contact (id, account_id, list_id, email, email_key, first_name, last_name, search_key, "values", status,'
    f" status_reason, status_at, origin, created_at, updated_at) VALUES (1, 1, 1, 'a@example.com', 'a@example.com', 'Anna', '', 'anna', '{{}}',"
    f" 'active', '', '{NOW}', 'shopify', '{NOW}', '{NOW}')",
    'INSERT INTO recurring_import (id, account_id, integration_id, list_id, "group", source_id, source_name, criterion, only_consenting,'
    " hour, schedule, version, known_columns, created_at)"
    f" VALUES (1, 1, 1, 1, 'contacts', 'everyone', 'Wszyscy', 'add', false, '06:15', 'active', 1, '[]', '{NOW}')",
    'INSERT INTO field_mapping (id, account_id, recurring_import_id, position, "column", column_label, target, rule)'
    " VALUES (1, 1, 1, 0, 'status', 'Status', 'field:status', 'overwrite')",
    'INSERT INTO source_record (id, account_id, list_id, integration_id, "group", external_id, contact_id, seen_at)'
    f" VALUES (1, 1, 1, 1, 'contacts', '7', 1, '{NOW}')",
)

ANOTHER = ROWS[3].replace("(1, 1, 1, 'a@", "(2, 1, 1, 'b@").replace("'a@", "'b@")
IMPORT = (
    'INSERT INTO recurring_import (id, account_id, integration_id, list_id, "group", source_id, source_name, criterion,'
    " only_consenting, absence, hour, schedule, version, known_columns, created_at)"
    f" VALUES (7, 1, 1, 1, 'contacts', 'everyone', 'Wszyscy', 'add', false, 'ignore', '06:15', 'active', 1, '[]', '{NOW}')"
)
NOTHING = ", ".join(["0"] * 10)
RUN = (
    "INSERT INTO import_run (id, account_id, recurring_import_id, kind, status, fence, attempts, approved, settings, version,"
    " read_before, replay, fetched, added, updated, unchanged, skipped, rejected, pages, gone, over_cap, skips, rejects, dropped, garbled,"
    " gone_columns, samples, undone, created_at)"
    f" VALUES (5, 1, 7, 'manual', 'done', 1, 0, false, '{{}}', 1, 0, {NOTHING}, '{{}}', '{{}}', '{{}}', '{{}}', '[]', '{{}}', '{{}}', '{NOW}')"
)
CHANGES = (
    ANOTHER,
    IMPORT,
    RUN,
    *(
        f"INSERT INTO run_change VALUES ({number}, 5, {contact}, true, '{{}}', '{{}}', {kept}, '{NOW}', 1)"
        for number, contact, kept in ((1, 1, "NULL"), (2, 2, "'left'"))
    ),
)


@pytest.fixture(autouse=True)
def _bound(app):
    bind_migrations(app)


def test_everything_that_was_there_before_the_later_migrations_is_there_after_them(app, tmp_path):
    db.drop_all()
    upgrade(revision=FIRST)
    with db.engine.begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)
    upgrade()
    assert {"vendor_app", "sign_in_attempt"} <= set(inspect(db.engine).get_table_names())
    with db.engine.connect() as connection:
        for table in ("account", "contact_list", "integration", "contact", "source_record", "field_mapping"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 1, table
    with everyone():
        mapping = db.session.get(FieldMapping, 1)
        assert (mapping.reading, mapping.repair) == ({}, False)


@on_both_databases
def test_migrations_lead_to_what_the_models_say(app):
    db.drop_all()
    upgrade()
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


@on_both_databases
def test_whom_a_run_added_can_still_be_undone_after_the_upgrade(app):
    db.drop_all()
    upgrade(revision="e83d1a90c7b2")
    with db.engine.begin() as connection:
        for row in (*ROWS, *CHANGES):
            connection.exec_driver_sql(row)
    upgrade()
    with everyone():
        assert [c.added_run_id for c in db.session.scalars(select(Contact).order_by(Contact.id))] == [5, None]
        assert [(c.contact_id, c.kept) for c in db.session.scalars(select(RunChange))] == [(2, Kept.LEFT)]
        assert db.session.scalar(select(func.count(SourceRecord.id))) == 1
        db.session.delete(db.session.get(Account, 1))
        db.session.commit()
        assert db.session.scalars(select(Contact)).all() == db.session.scalars(select(SourceRecord)).all() == []


@on_both_databases
@pytest.mark.parametrize("name", ["ix_contact_list_id_status", "ix_contact_account_id_list_id_status"])
def test_either_index_by_which_people_were_counted_gives_way_to_the_present_one(app, name):
    db.drop_all()
    upgrade(revision="b5d21c7e9f04")
    with db.engine.begin() as connection:
        for known in ("ix_contact_list_id_status", "ix_contact_account_id_list_id_status"):
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS {known}")
        connection.exec_driver_sql(f"CREATE INDEX {name} ON contact (list_id, status)")
    upgrade()
    names = {index["name"] for index in inspect(db.engine).get_indexes("contact")}
    assert name not in names and "ix_contact_list_id_status_account_id" in names
