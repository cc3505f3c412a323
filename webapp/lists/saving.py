"""Lists and fields as they come from the forms; a name that is taken is a fault of the form, also when two people are at it."""

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from wtforms import Field

from webapp.extensions import db
from webapp.lists.forms import FieldForm, ListForm, NewFieldForm, NewListForm
from webapp.models import ContactList, CustomField
from webapp.values.fields import FieldType


def create_list(form: NewListForm) -> ContactList | None:
    """The new list, or None with the form saying why."""
    row = ContactList(name=form.name.data, double_opt_in=form.double_opt_in.data)
    return row if store(row, form.name, list_taken()) else None


def rename_list(row: ContactList, form: ListForm) -> bool:
    """Whether the list has its new name; if not, the form says why."""
    row.name = form.name.data
    return store(row, form.name, list_taken())


def list_taken() -> str:
    return _("You already have a list of this name. Choose another one.")


def create_field(form: NewFieldForm) -> CustomField | None:
    """The new field, or None with the form saying why."""
    kind = FieldType(form.type.data)
    options = form.option_list if kind is FieldType.CHOICE else []
    row = CustomField(key=form.final_key, label=form.label.data, type=kind, options=options)
    taken = _("You already have a field with the key %(key)s. Enter another key.", key=row.key)
    return row if store(row, form.key, taken) else None


def change_field(row: CustomField, form: FieldForm) -> None:
    """New name and options; key and type stay, because contacts and assignments hold on to them."""
    row.label = form.label.data
    row.options = form.option_list if row.type is FieldType.CHOICE else []
    db.session.commit()


def store(row: ContactList | CustomField, field: Field, taken: str) -> bool:
    db.session.add(row)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        field.errors = [taken]
        return False
    return True
