import pytest
from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Account, Role, User
from webapp.models.scope import everyone
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
