import pytest
from sqlalchemy import inspect, select

from tests import factories
from webapp.extensions import db
from webapp.importing import erasure
from webapp.models import Contact, Suppression
from webapp.models.scope import acting_for, everyone


@pytest.fixture
def empty_database(tmp_path_factory):
    """No tables at all: `prepare` has to make them."""
    file = tmp_path_factory.mktemp("empty") / "doplyw.sqlite3"
    file.touch()
    return file


@pytest.fixture
def catalogue(monkeypatch):
    compiled = []
    monkeypatch.setattr("webapp.cli.prepare.compile_catalogue", lambda: compiled.append(True))
    return compiled


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names())


def test_prepare_makes_the_tables_and_the_catalogue_and_can_be_repeated(run, catalogue):
    assert [run("prepare").exit_code, run("prepare").exit_code] == [0, 0]
    assert {"account", "import_run", "contact"} <= tables()
    assert len(catalogue) == 2


def test_migrations_lead_to_the_tables_that_the_models_describe(run, catalogue):
    run("prepare")
    assert tables() - {"alembic_version"} == set(db.metadata.tables)


def test_without_the_demo_nobody_can_sign_in_with_its_password(run, catalogue):
    run("prepare")
    assert count_of_accounts() == 0


def test_the_demo_gets_its_account(app, run, catalogue):
    app.config["DEMO"] = True
    run("prepare")
    assert count_of_accounts() == 1


def count_of_accounts() -> int:
    with db.engine.connect() as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM account").scalar_one()


def test_after_a_backup_was_restored_the_erased_are_erased_again(app, run, catalogue):
    run("prepare")
    account = factories.make_account("Sklep", "owner@example.com")
    with acting_for(account.id):
        contact_list = factories.make_list()
        factories.make_contact(contact_list, "anna@example.com")
        erasure.erase(account, "anna@example.com")
        db.session.execute(db.delete(Suppression))
        factories.make_contact(contact_list, "anna@example.com")
    answer = run("prepare")
    assert answer.exit_code == 0 and "Ponownie usunięto 1 kontakt" in answer.output
    with everyone():
        assert db.session.scalars(select(Contact)).all() == []
