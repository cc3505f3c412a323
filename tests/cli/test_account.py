import pytest
from sqlalchemy import func, select

from tests import factories
from webapp.connectors import CONNECTORS
from webapp.extensions import db
from webapp.models import Account, Contact, Role, Suppression, User
from webapp.models.scope import acting_for, everyone
from webapp.values import passwords


def users() -> list[User]:
    with everyone():
        return list(db.session.scalars(select(User)))


def create(run, email="Jan@Example.com", name="Sklep  Bukowina", **options):
    return run("account", "create", "--name", name, "--email", email, **options)


def test_an_account_is_created_with_an_owner_who_can_sign_in(run):
    assert create(run).exit_code == 0
    with everyone():
        owner = User.authenticate("jan@example.com", "correct horse battery")
    assert owner.role is Role.OWNER
    assert owner.account.name == "Sklep Bukowina"


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaa", "QWERTYUIOP123", "jan@example.com"])
def test_a_password_that_is_easy_to_guess_is_refused(run, password):
    assert create(run, password=password).exit_code == 1
    assert users() == []


def test_the_same_address_in_another_spelling_is_refused(run):
    create(run)
    answer = create(run, email=" jan@EXAMPLE.com")
    assert answer.exit_code == 1
    assert len(users()) == 1


def test_a_refused_account_leaves_nothing_behind(run):
    create(run)
    create(run, name="Drugi")
    with everyone():
        assert db.session.scalars(select(Account.name)).all() == ["Sklep Bukowina"]


@pytest.mark.parametrize("email", ["", "jan", "jan@", "jan@@example.com"])
def test_an_owner_needs_a_valid_address(run, email):
    assert create(run, email=email).exit_code == 1
    assert users() == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_an_account_needs_a_name_that_fits(run, name):
    assert create(run, name=name).exit_code == 1
    assert users() == []


def test_the_password_is_asked_for_where_none_is_given(app):
    twice = "correct horse battery\n" * 2
    arguments = ["account", "create", "--name", "A", "--email", "jan@example.com"]
    answer = app.test_cli_runner().invoke(args=arguments, input=twice, env={"OWNER_PASSWORD": None})
    assert answer.exit_code == 0
    assert "correct horse" not in answer.output


def test_a_good_password_has_no_fault():
    assert passwords.fault("cztery małe żółte kaczki") is None


@pytest.fixture
def shop(app, run):
    """An account with an owner, two lists and a connected shop; returns the account."""
    assert create(run, email="owner@example.com").exit_code == 0
    with everyone():
        made = db.session.scalar(select(Account))
    with acting_for(made.id):
        factories.make_recurring_import()
        for name in ("A", "B"):
            factories.make_contact(factories.make_list(name), "anna@example.com")
    return made


def contacts() -> int:
    with everyone():
        return db.session.scalar(select(func.count(Contact.id)))


def test_a_person_is_erased_from_every_list(run, shop):
    answer = run("account", "erase", "--owner", "owner@example.com", "--email", "Anna@Example.com", "--yes")
    assert answer.exit_code == 0 and "Usunięto z 2 list" in answer.output
    assert contacts() == 0
    with acting_for(shop.id):
        assert db.session.scalars(select(Suppression.reason)).all() == ["erased"]


def test_nobody_is_erased_without_being_asked_about(app, shop):
    arguments = ["account", "erase", "--owner", "owner@example.com", "--email", "anna@example.com"]
    answer = app.test_cli_runner().invoke(args=arguments, input="n\n")
    assert answer.exit_code == 1 and contacts() == 2


@pytest.mark.parametrize(
    ("owner", "email"), [("nobody@example.com", "anna@example.com"), ("owner@example.com", "anna")]
)
def test_an_erasure_needs_an_account_and_an_address(run, shop, owner, email):
    answer = run("account", "erase", "--owner", owner, "--email", email, "--yes")
    assert answer.exit_code == 1 and contacts() == 2


def test_a_deleted_account_is_gone_and_its_shops_hear_of_it(run, shop, monkeypatch):
    revoked = []
    monkeypatch.setattr(CONNECTORS["shopify"], "revoke", lambda self: revoked.append(contacts()))
    create(run, email="jan@example.com", name="Drugie")
    answer = run("account", "delete", "--owner", "owner@example.com", "--yes")
    assert answer.exit_code == 0 and "Usunięto konto Sklep Bukowina" in answer.output
    assert revoked == [2], "the credentials are given back while everything is still there"
    assert contacts() == 0
    with everyone():
        assert db.session.scalars(select(Account.name)).all() == ["Drugie"]


def test_before_an_account_is_deleted_it_says_how_many_people_that_is(app, shop):
    arguments = ["account", "delete", "--owner", "owner@example.com"]
    answer = app.test_cli_runner().invoke(args=arguments, input="n\n")
    assert answer.exit_code == 1 and "z 2 kontaktami" in answer.output and contacts() == 2
