"""What must be true after every drill: everybody is there, once, and the counters say so. The sandbox knows who everybody is."""

import math
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from tests.faults.house import PAGE_SIZE, House
from webapp.extensions import db
from webapp.models import Contact, ImportRun, RejectedRow, SourceRecord
from webapp.values.email import InvalidEmail, parse


def expected(people: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The address of everyone who can and may be imported, by the vendor's id."""
    found = {}
    for person in people:
        try:
            found[person["id"]] = parse(person["email"]).key
        except InvalidEmail:
            continue
    return {
        person["id"]: found[person["id"]]
        for person in people
        if person["id"] in found and person["consent"] != "UNSUBSCRIBED"
    }


def assert_everybody_is_there(house: House, run: ImportRun, shop: str = "bukowina") -> None:
    """The list of this run holds exactly the shop's people, each linked to the id that the shop knows."""
    wanted = expected(house.shops.truth(shop))
    with house.at_home():
        of_list = run.settings["list_id"]
        addresses = db.session.scalars(select(Contact.email_key).where(Contact.list_id == of_list)).all()
        links = db.session.execute(
            select(SourceRecord.external_id, Contact.email_key).join(Contact).where(SourceRecord.list_id == of_list)
        ).all()
    assert len(addresses) == len(set(addresses))
    assert set(addresses) == set(wanted.values())
    assert wanted.items() <= dict(map(tuple, links)).items()


def assert_counters_add_up(house: House, run: ImportRun) -> None:
    with house.at_home():
        rejected = db.session.scalar(select(func.count(RejectedRow.id)).where(RejectedRow.run_id == run.id))
    assert run.fetched == run.added + run.updated + run.unchanged + run.skipped + run.rejected
    assert run.rejected == rejected == sum(run.rejects.values())
    assert run.skipped == sum(run.skips.values())


def assert_done_once(house: House, run: ImportRun, shop: str = "bukowina") -> None:
    """A whole pass: everybody there, every page counted exactly once."""
    people = house.shops.truth(shop)
    assert_everybody_is_there(house, run, shop)
    assert_counters_add_up(house, run)
    assert run.fetched == len(people)
    assert run.pages == math.ceil(len(people) / PAGE_SIZE)
    assert run.added == len(set(expected(people).values()))


def run_ids(house: House, recurring_imports: Sequence[int]) -> list[int]:
    with house.at_home():
        query = select(ImportRun.id).where(ImportRun.recurring_import_id.in_(recurring_imports))
        return list(db.session.scalars(query.order_by(ImportRun.id)))
