"""The limit of 10 000 people a run as it is in real life: just below, at and above it, within a page, and after a death there."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import adds_up, do, go_on
from webapp import importing
from webapp.connectors import CONNECTORS
from webapp.connectors.base import Field, Page, Person, Window
from webapp.connectors.kinds import Consent, FieldKind, Group
from webapp.extensions import db
from webapp.importing import schedule
from webapp.importing.ending import End
from webapp.models import Contact, ImportRun, RunStatus
from webapp.models.database import now

CAP = 10_000
COLUMNS = {"email": "email"}


class Crowd:
    """A vendor of so many people that asks nobody: the sandbox would take most of the time."""

    crowd = 0

    def __init__(self, access: Any):
        self.size = access.page_size

    def fields(self, group: Group, source_id: str) -> list[Field]:
        return [Field("email", "E-mail", FieldKind.EMAIL)]

    def incremental(self, group: Group, source_id: str) -> bool:
        return False

    def count(self, group: Group, source_id: str, window: Window | None = None) -> int:
        return self.crowd

    def again(self, group: Group, source_id: str, columns: Sequence[str], ids: Sequence[str]) -> list[Person]:
        return []

    def people(
        self, group: Group, source_id: str, columns: Sequence[str], window: Window, cursor: dict[str, int] | None
    ) -> Iterator[Page]:
        start = (cursor or {"last": 0})["last"]
        while True:
            end = min(start + self.size, self.crowd)
            found = [person(number) for number in range(start, end)]
            yield Page(found, {"last": end} if end < self.crowd else None)
            if end >= self.crowd:
                return
            start = end


def person(number: int) -> Person:
    return Person(str(number), {"email": f"osoba{number}@example.com"}, Consent.GRANTED)


@pytest.fixture
def crowd(app, account, monkeypatch) -> type[Crowd]:
    """The vendor, in pages of which the limit is no multiple."""
    monkeypatch.setitem(CONNECTORS, "shopify", Crowd)
    app.config["PAGE_SIZE"] = 1500
    assert app.config["IMPORT_CAP"] == CAP
    return Crowd


def numbers_on_list() -> list[int]:
    db.session.commit()
    return sorted(int(key[5:].partition("@")[0]) for key in db.session.scalars(select(Contact.email_key)))


@pytest.mark.parametrize("people", [CAP - 1, CAP])
def test_up_to_the_limit_one_run_brings_everybody_and_is_done(crowd, monkeypatch, people):
    monkeypatch.setattr(crowd, "crowd", people)
    run = do(factories.make_recurring_import(columns=COLUMNS))
    assert (run.status, run.reason, run.added) == (RunStatus.DONE, None, people) and adds_up(run)
    assert numbers_on_list() == list(range(people))


@on_both_databases
def test_one_person_above_the_limit_waits_for_the_next_run(crowd, monkeypatch):
    monkeypatch.setattr(crowd, "crowd", CAP + 1)
    recurring_import = factories.make_recurring_import(columns=COLUMNS)
    first = do(recurring_import)
    assert (first.status, first.added, first.remaining) == (RunStatus.DONE_CAPPED, CAP, 1) and adds_up(first)
    assert numbers_on_list() == list(range(CAP))
    assert not importing.run(first.id)  # delivered once more, it adds nothing
    second = do(recurring_import)
    assert (second.status, second.reason, second.added, second.updated) == (RunStatus.DONE, None, 1, 0)
    assert adds_up(second) and numbers_on_list() == list(range(CAP + 1))


def test_a_great_crowd_comes_in_several_runs_each_person_once(crowd, monkeypatch):
    monkeypatch.setattr(crowd, "crowd", 25_000)
    recurring_import = factories.make_recurring_import(columns=COLUMNS)
    runs = [do(recurring_import) for _ in range(3)]
    assert [run.added for run in runs] == [CAP, CAP, 5000]
    assert [run.status for run in runs] == [RunStatus.DONE_CAPPED, RunStatus.DONE_CAPPED, RunStatus.DONE]
    assert all(adds_up(run) for run in runs) and numbers_on_list() == list(range(25_000))


class Death(BaseException):
    """As far as the database can tell: nothing of the open transaction arrives."""


def die(*_: object) -> None:
    raise Death


@on_both_databases
def test_a_death_at_the_limit_neither_loses_the_limit_nor_anybody(crowd, monkeypatch, app):
    monkeypatch.setattr(crowd, "crowd", CAP + 1)
    run, _ = schedule.run_now(factories.make_recurring_import(columns=COLUMNS))
    with monkeypatch.context() as patch:
        patch.setattr(End, "columns", die)
        with pytest.raises(Death):
            importing.run(run.id)
    db.session.rollback()
    row = db.session.get(ImportRun, run.id, populate_existing=True)
    assert (row.status, row.added) == (RunStatus.RUNNING, CAP // 1500 * 1500)
    row.lease_until = now() - timedelta(seconds=1)
    db.session.commit()
    done = go_on(run)
    assert (done.status, done.added, done.fence) == (RunStatus.DONE_CAPPED, CAP, 2) and adds_up(done)
    assert numbers_on_list() == list(range(CAP))
    assert db.session.scalar(select(func.count(Contact.id))) == CAP
