"""Somebody is erased, or an account deleted, by the administrator while imports of real workers run: they win, and nothing is left."""

from sqlalchemy import func, select, update

from tests.faults.house import PAGE_SIZE, PEOPLE
from tests.faults.truth import expected
from tests.services import until
from webapp.extensions import db
from webapp.models import Account, Contact, ContactList, ImportRun, RecurringImport, RunStatus, SourceRecord, User

PEOPLE_PAGES = PEOPLE // PAGE_SIZE


def owner_of(home, recurring_import_id: int) -> tuple[int, str]:
    with home.at_home():
        account_id = db.session.get(RecurringImport, recurring_import_id).account_id
        return account_id, db.session.scalar(select(User.email).where(User.account_id == account_id))


def on_list(home, run: ImportRun) -> set[str]:
    with home.at_home():
        return set(db.session.scalars(select(Contact.email_key).where(Contact.list_id == run.settings["list_id"])))


def test_people_who_are_erased_during_an_import_are_not_on_the_list_at_its_end(home):
    home.shops.slow_down()
    recurring_import_id = home.new_import()
    _, owner = owner_of(home, recurring_import_id)
    wanted = list(dict.fromkeys(expected(home.shops.truth()).values()))
    leaving = [
        wanted[10],
        wanted[len(wanted) // 2],
        wanted[-10],
    ]  # of a page that came, of one on its way, of one to come
    run_id = home.run(recurring_import_id)
    home.reaches(run_id, 3)
    home.shops.tell(action="clear", fault="latency")
    home.shops.tell(fault="latency", ms=8000)  # commands take their time, and the import has to be there still
    for address in leaving:
        home.administer("account", "erase", "--owner", owner, "--email", address, "--yes")
    assert home.look(run_id).pages < PEOPLE_PAGES - 1
    home.shops.tell(action="clear", fault="latency")
    run = home.ends(run_id)
    assert on_list(home, run) == set(wanted) - set(leaving)
    read_everyone_next_time(home, recurring_import_id)
    again = home.ends(home.run(recurring_import_id))
    assert on_list(home, again) == set(wanted) - set(leaving)


def read_everyone_next_time(home, recurring_import_id: int) -> None:
    with home.at_home():
        next_version = {"version": RecurringImport.version + 1}
        db.session.execute(
            update(RecurringImport).where(RecurringImport.id == recurring_import_id).values(next_version)
        )
        db.session.commit()


def test_an_account_that_is_deleted_during_its_import_leaves_nothing_and_asks_nothing(home):
    home.shops.slow_down()
    other = home.new_import()
    recurring_import_id = home.new_import()
    account_id, owner = owner_of(home, recurring_import_id)
    other_run = home.ends(home.run(other))
    theirs = on_list(home, other_run)
    run_id = home.run(recurring_import_id)
    home.reaches(run_id, 2)
    home.administer("account", "delete", "--owner", owner, "--yes")
    calls = home.shops.calls()
    home.until(
        "nobody works any more", lambda: not any(home.programs[n].children() for n in ("imports-1", "imports-2"))
    )
    assert home.shops.calls() - calls <= 1 + 1  # the page that was on its way, and the last look at the vendor's count
    with home.at_home():
        assert db.session.get(Account, account_id) is None and db.session.get(ImportRun, run_id) is None
        for model in (Contact, ContactList, SourceRecord, RecurringImport, ImportRun):
            assert db.session.scalar(select(func.count(model.id)).where(model.account_id == account_id)) == 0, model
    assert on_list(home, other_run) == theirs


def test_an_import_whose_shop_is_disconnected_stops_at_its_page(home):
    home.shops.slow_down()
    recurring_import_id = home.new_import()
    _, owner = owner_of(home, recurring_import_id)
    run_id = home.run(recurring_import_id)
    home.reaches(run_id, 2)
    browser = home.browser(owner)
    with home.at_home():
        integration_id = db.session.get(RecurringImport, recurring_import_id).integration_id
    with home.app.app_context():
        assert browser.post(f"/integracje/{integration_id}/rozlaczenie").status_code == 303
    calls, run = home.shops.calls(), home.look(run_id)
    assert (run.status, run.reason) == (RunStatus.CANCELLED, "disconnected")
    until("the worker has seen it", lambda: not any(home.programs[n].children() for n in ("imports-1", "imports-2")))
    after = home.look(run_id)
    assert (after.pages, after.status) == (run.pages, RunStatus.CANCELLED) and home.shops.calls() - calls <= 2
    people = expected(home.shops.truth())
    assert on_list(home, after) < set(people.values())
