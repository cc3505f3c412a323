"""The database is locked for a while, or closes every connection: pages are repeated whole, and everybody arrives once."""

import sqlite3
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from tests.faults.truth import assert_done_once
from webapp.extensions import db

LOCKED_SECONDS = 10
BLOWS = 4


def on(database: str) -> pytest.MarkDecorator:
    """Only with this kind of database: the other one cannot break in this way."""
    mark = pytest.mark.xdist_group(f"faults-{database}")
    return pytest.mark.parametrize("house", [pytest.param(database, marks=mark)], indirect=True)


@on("sqlite")
def test_a_database_that_is_locked_for_ten_seconds_costs_nobody_anything(home):
    home.shops.slow_down()
    runs = [home.run(home.new_import()) for _ in range(2)]
    home.reaches(runs[0], 2)
    with home.app.app_context():
        file = db.engine.url.database
    other = sqlite3.connect(file, isolation_level=None, timeout=60)
    other.execute("BEGIN EXCLUSIVE")
    time.sleep(LOCKED_SECONDS)
    other.execute("ROLLBACK")
    other.close()
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))


def close_all_connections() -> None:
    others = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    for pid in db.session.scalars(others).all():
        db.session.execute(select(db.func.pg_terminate_backend(pid)))
    db.session.rollback()


# Writing takes so long that a page has a middle, between its contacts and the records that point to them.
SLOW = """
CREATE FUNCTION take_your_time() RETURNS trigger AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN NULL; END $$ LANGUAGE plpgsql;
CREATE TRIGGER take_your_time BEFORE INSERT ON source_record FOR EACH STATEMENT EXECUTE FUNCTION take_your_time();
"""
WRITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY source_record%' AND state = 'active'"


@pytest.fixture
def slow_writing(home) -> Iterator[None]:
    with home.at_home():
        db.session.execute(text(SLOW))
        db.session.commit()
    yield
    with home.at_home():
        db.session.execute(text("DROP FUNCTION take_your_time CASCADE"))
        db.session.commit()


def kill_a_page_in_its_middle() -> bool:
    """Whether there was one: its contacts are written, its records are not."""
    killed = text(f"SELECT pg_terminate_backend(pid) FROM ({WRITING}) AS page")
    done = any(db.session.scalars(killed))
    db.session.rollback()
    return done


@on("postgresql")
def test_connections_that_are_killed_in_the_middle_of_pages_lose_nobody(home, slow_writing):
    runs = [home.run(home.new_import()) for _ in range(2)]
    for _ in range(BLOWS):
        with home.at_home():
            home.until("a page is being written", kill_a_page_in_its_middle)
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))


@on("postgresql")
def test_connections_that_are_killed_again_and_again_lose_nobody(home):
    home.shops.slow_down()
    runs = [home.run(home.new_import()) for _ in range(2)]
    for page in range(1, BLOWS + 1):
        home.reaches(runs[0], page)
        with home.at_home():
            close_all_connections()
    for run_id in runs:
        assert_done_once(home, home.ends(run_id))
