"""What every connection to the database begins with."""

import sqlite3

import pytest
from sqlalchemy import text

from jobs import process
from tests.databases import on_both_databases
from webapp.extensions import db


@on_both_databases
def test_postgresql_compiles_no_machine_code_and_sqlite_keeps_foreign_keys(app):
    postgresql = db.engine.dialect.name == "postgresql"
    question, answer = ("SHOW jit", "off") if postgresql else ("PRAGMA foreign_keys", 1)
    assert db.session.scalar(text(question)) == answer


@pytest.fixture
def settings_of_a_process(settings, tmp_path, monkeypatch) -> None:
    for name, value in (settings | {"DATA_DIR": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(process, "worker_app", process.worker_app.__wrapped__)


def test_workers_have_room_for_the_indexes_of_a_long_list(settings_of_a_process):
    with process.worker_app().app_context():
        assert db.session.scalar(text("PRAGMA cache_size")) == -process.CACHE_KB
        assert isinstance(db.session.connection().connection.driver_connection, sqlite3.Connection)
