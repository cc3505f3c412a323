"""Próba bez zapisu, from its button to the import that follows."""

import re

from sqlalchemy import select

from tests import factories
from tests.web.test_mapping import EMAIL, active, address, body, draft, text  # noqa: F401 - fixtures
from webapp import importing
from webapp.extensions import db
from webapp.models import Contact, CustomField, ImportRun, RunKind, Schedule


def try_it(client, row, targets, **changes):
    return client.post(address(row), data=body(client, row, targets, step="try", **changes))


def work() -> ImportRun:
    run = db.session.scalars(select(ImportRun)).one()
    while importing.run(run.id):
        pass
    return run


def test_it_can_be_pressed_before_the_first_import_and_changes_nothing(client, draft):  # noqa: F811
    answer = try_it(client, draft, {EMAIL: "email", "firstName": "first_name"})
    run = work()
    assert (answer.status_code, answer.location) == (303, f"/biegi/{run.id}/proba")
    page = text(client.get(answer.location))
    assert "Próba bez zapisu" in page and "do dodania" in page and "@example.com" in page
    db.session.refresh(draft)
    assert run.kind is RunKind.DRY and draft.schedule is Schedule.DRAFT
    assert db.session.scalars(select(Contact)).all() == []


def test_a_field_that_is_to_be_created_is_not_created_by_it(client, draft):  # noqa: F811
    targets = {EMAIL: "email", "numberOfOrders": "new"}
    try_it(client, draft, targets, new_label=["", "Zamówienia"], new_type=["text", "number"])
    assert work().dropped == {} and db.session.scalars(select(CustomField)).all() == []


def test_faults_of_the_mapping_are_said_first(client, draft):  # noqa: F811
    answer = try_it(client, draft, {"firstName": "first_name"})
    assert answer.status_code == 422 and db.session.scalars(select(ImportRun)).all() == []


def test_the_page_moves_until_the_run_is_over(client, draft):  # noqa: F811
    page = text(client.get(try_it(client, draft, {EMAIL: "email"}).location))
    assert "load delay:2s" in page and "Czytamy wszystkich" in page and "Odśwież" in page
    work()
    assert "load delay:2s" not in text(client.get(f"/biegi/{db.session.scalars(select(ImportRun.id)).one()}/proba"))


def test_import_on_its_page_starts_what_was_tried(client, draft):  # noqa: F811
    page = text(client.get(try_it(client, draft, {EMAIL: "email", "firstName": "first_name"}).location))
    run = work()
    page = text(client.get(f"/biegi/{run.id}/proba"))
    mark = re.search(r'name="mark" value="(\w+)"', page)[1]
    answer = client.post(f"/importy/{draft.id}/pola/import", data={"mark": mark})
    db.session.refresh(draft)
    assert answer.status_code == 303 and draft.schedule is Schedule.ACTIVE
    kinds = {run.kind for run in db.session.scalars(select(ImportRun))}
    assert kinds == {RunKind.DRY, RunKind.MANUAL}


def test_what_somebody_else_saved_meanwhile_is_not_overwritten(client, active):  # noqa: F811
    try_it(client, active, {EMAIL: "email"})
    answer = client.post(f"/importy/{active.id}/pola/import", data={"mark": "0" * 16})
    assert answer.status_code == 409


def test_a_real_run_has_no_such_page_and_a_dry_one_no_place_in_the_history(client, active):  # noqa: F811
    real = factories.make_run(active)
    assert client.get(f"/biegi/{real.id}/proba").status_code == 404
    try_it(client, active, {EMAIL: "email"})
    assert text(client.get("/historia")).count('id="run-') <= 1
