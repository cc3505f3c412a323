"""Migrations on data that is already there."""

from flask_migrate import upgrade
from sqlalchemy import inspect

from webapp.extensions import db

FIRST = "3f8e596ad08f"
NOW = "2026-11-23 12:00:00"
ROWS = (
    f"INSERT INTO account VALUES (1, 'Sklep', 'Europe/Warsaw', 10000, '{NOW}')",
    f"INSERT INTO contact_list (id, account_id, name, language, double_opt_in, created_at) VALUES (1, 1, 'Klienci', 'pl', 0, '{NOW}')",
    "INSERT INTO integration (id, account_id, vendor, way, external_id, name, state, sealed, unavailable, created_at, connected_at)"
    f" VALUES (1, 1, 'shopify', 'client', 'sklep', 'sklep', 'connected', '{{}}', '{{}}', '{NOW}', '{NOW}')",
    'INSERT INTO contact (id, account_id, list_id, email, email_key, first_name, last_name, search_key, "values", status,'
    f" status_reason, status_at, origin, created_at, updated_at) VALUES (1, 1, 1, 'a@example.com', 'a@example.com', 'Anna', '', 'anna', '{{}}',"
    f" 'active', '', '{NOW}', 'shopify', '{NOW}', '{NOW}')",
    'INSERT INTO source_record (id, account_id, list_id, integration_id, "group", external_id, contact_id, seen_at)'
    f" VALUES (1, 1, 1, 1, 'contacts', '7', 1, '{NOW}')",
)


def test_everything_that_was_there_before_the_later_migrations_is_there_after_them(app, tmp_path):
    db.drop_all()
    upgrade(revision=FIRST)
    with db.engine.begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)
    upgrade()
    assert {"vendor_app", "sign_in_attempt"} <= set(inspect(db.engine).get_table_names())
    with db.engine.connect() as connection:
        for table in ("account", "contact_list", "integration", "contact", "source_record"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() == 1, table
