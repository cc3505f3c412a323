from sqlalchemy import func, select

from webapp.extensions import db
from webapp.models import Account, ContactList, CustomField, User
from webapp.models.scope import everyone
from webapp.values.fields import FieldType


def total(model) -> int:
    with everyone():
        return db.session.scalar(select(func.count()).select_from(model))


def test_the_demo_account_can_sign_in_and_has_lists_and_fields(run):
    assert run("demo").exit_code == 0
    with everyone():
        user = User.authenticate("demo@doplyw.example", "demo-doplyw")
        lists = db.session.scalars(select(ContactList.name).where(ContactList.account_id == user.account_id)).all()
        fields = dict(db.session.execute(select(CustomField.label, CustomField.type)).all())
    assert user.account.name == "Sklep Bukowina"
    assert set(lists) == {"Klienci sklepu", "VIP 2026", "Newsletter"}
    assert fields["Data urodzenia"] is FieldType.DATE
    assert set(fields.values()) == set(FieldType)


def test_a_second_start_adds_nothing(run):
    run("demo")
    run("demo")
    assert (total(Account), total(User), total(ContactList), total(CustomField)) == (1, 1, 3, 6)


def test_what_people_made_of_the_demo_stays(run):
    run("demo")
    with everyone():
        db.session.delete(db.session.scalars(select(ContactList)).first())
        db.session.commit()
    run("demo")
    assert total(ContactList) == 2
