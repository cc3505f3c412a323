"""Runs migrations within the app: `flask db upgrade`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from flask import current_app

from webapp.models.database import UtcDateTime, Word

db = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _autogen_context: Any) -> str | bool:
    """Migrations name the database's types, not ours: they must still run when ours have changed."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Word):
        return "sa.String(32)"
    return False


@contextmanager
def foreign_keys_aside(connection: Any) -> Iterator[None]:
    """SQLite changes a table by making another in its place, and would delete with the old one whatever points to it."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        if broken := driver.execute("PRAGMA foreign_key_check").fetchall():
            raise SystemExit(f"Rows point to rows that are not there: {broken[:3]}")
    finally:
        driver.execute("PRAGMA foreign_keys=ON")


def run_migrations() -> None:
    with db.engine.connect() as connection, foreign_keys_aside(connection):
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            **current_app.extensions["migrate"].configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations need the database: run them without --sql.")
run_migrations()
