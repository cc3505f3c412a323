"""The questions of a run find people by their keys (as SQLite answers them): one that reads a whole list makes long lists slower with every page."""

import re

import pytest
from sqlalchemy import event

from tests import factories
from tests.importing.test_engine import do
from webapp.extensions import db
from webapp.models import RunStatus

# The last one is how SQLite says that it looks at the highest id.
BY_KEY = re.compile(r"rowid=\?|email_key=\?|external_id=\?|contact_id=\?|^SEARCH contact$")
ABOUT_PEOPLE = re.compile(r"^(SEARCH|SCAN) (contact|source_record)(_\d+)?\b")


@pytest.fixture
def asked(app) -> dict[str, object]:
    """Every statement about people since, with values that it was given."""
    statements: dict[str, object] = {}

    @event.listens_for(db.engine, "before_cursor_execute")
    def note(connection, cursor, statement, parameters, context, executemany):
        if re.search(r"\b(contact|source_record)\b", statement) and not statement.startswith("INSERT"):
            statements[statement] = parameters[0] if executemany else parameters

    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def test_every_page_finds_people_by_their_keys(account, vendors, asked):
    recurring_import = factories.make_recurring_import()
    assert do(recurring_import).status is RunStatus.DONE
    for index in range(1, 9):
        vendors.tell(action="mutate", index=index, changes={"first_name": "Zmieniona"})
    recurring_import.version += 1
    db.session.commit()
    assert do(recurring_import).updated > 1
    ways = [
        row[3]
        for statement, values in list(asked.items())
        for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        if ABOUT_PEOPLE.match(row[3])
    ]
    assert len(ways) >= 6 and [way for way in ways if not BY_KEY.search(way)] == []
