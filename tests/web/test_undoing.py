"""Cofnij import, from its button to what became of it."""

from sqlalchemy import select

from tests.factories import make_recurring_import, make_run
from tests.importing.test_engine import do
from webapp.extensions import db
from webapp.importing import undo
from webapp.models import Contact, ContactStatus, ImportRun
from webapp.models.database import now


def test_the_page_says_what_will_happen_before_it_does(client, vendors):
    run = do(make_recurring_import())
    page = client.get(f"/historia/{run.id}").text
    assert f"/biegi/{run.id}/cofniecie" in page
    page = client.get(f"/biegi/{run.id}/cofniecie").text
    assert f"{run.added} os" in page and "Kto się wypisał, pozostanie wypisany" in page
    assert db.session.get(ImportRun, run.id).undo_asked_at is None


def test_pressed_it_is_done_in_the_background_and_shown_with_who_was_left(client, vendors):
    run = do(make_recurring_import())
    someone = db.session.scalars(select(Contact)).first()
    someone.status = ContactStatus.UNSUBSCRIBED
    db.session.commit()
    answer = client.post(f"/biegi/{run.id}/cofniecie")
    assert answer.location == f"/historia/{run.id}"
    assert "Cofamy ten import" in client.get(answer.location).text
    undo.undo(run.id)
    page = client.get(answer.location).text
    assert "Cofnęliśmy" in page and someone.email in page and "osoba wypisała się lub ją usunięto" in page


def test_pressed_twice_it_is_undone_once(client, vendors):
    run = do(make_recurring_import())
    client.post(f"/biegi/{run.id}/cofniecie")
    asked = db.session.get(ImportRun, run.id, populate_existing=True).undo_asked_at
    page = client.post(f"/biegi/{run.id}/cofniecie", follow_redirects=True).text
    assert "nie można teraz cofnąć" in page
    assert db.session.get(ImportRun, run.id, populate_existing=True).undo_asked_at == asked


def test_a_run_that_is_under_way_or_changed_nothing_offers_no_undo(client, account):
    recurring_import = make_recurring_import()
    idle = make_run(recurring_import, status="done", finished_at=now(), unchanged=3)
    assert "cofniecie" not in client.get(f"/historia/{idle.id}").text
    assert "nie można cofnąć" in client.get(f"/biegi/{idle.id}/cofniecie").text
