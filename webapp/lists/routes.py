"""Lists, contacts and custom fields: pages to read, and the few forms that make and rename them."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy import select

from webapp.extensions import db
from webapp.lists import people, saving, values
from webapp.lists.forms import FieldForm, ListForm, NewFieldForm, NewListForm
from webapp.lists.sizes import size_text
from webapp.models import Contact, ContactList, ContactStatus, CustomField
from webapp.values.fields import FieldType
from webapp.values.names import full_name

bp = Blueprint("lists", __name__)
bp.add_app_template_global(full_name, "full_name")
bp.add_app_template_global(values.shown, "value_shown")
bp.add_app_template_global(size_text, "size_text")


@bp.get("/listy")
@login_required
def index() -> str:
    return show_lists(NewListForm())


@bp.post("/listy")
@login_required
def create() -> Response | tuple[str, int]:
    form = NewListForm()
    contact_list = saving.create_list(form) if form.validate() else None
    if contact_list is None:
        return show_lists(form), 422
    flash(_("The list is ready. Configure an import that fills it."), "success")
    return redirect(url_for("lists.show", list_id=contact_list.id), 303)


def show_lists(form: NewListForm) -> str:
    lists = db.session.scalars(select(ContactList)).all()
    by_name = sorted(lists, key=lambda row: (row.name.casefold(), row.id))
    return render_template("lists/index.html", lists=by_name, sizes=ContactList.sizes(), form=form)


@bp.get("/listy/<int:list_id>")
@login_required
def show(list_id: int) -> str:
    contact_list = db.get_or_404(ContactList, list_id)
    return show_list(contact_list, ListForm(obj=contact_list))


@bp.post("/listy/<int:list_id>/nazwa")
@login_required
def rename(list_id: int) -> Response | tuple[str, int]:
    contact_list = db.get_or_404(ContactList, list_id)
    form = ListForm()
    if not form.validate() or not saving.rename_list(contact_list, form):
        return show_list(contact_list, form), 422
    flash(_("The list has its new name."), "success")
    return redirect(url_for("lists.show", list_id=list_id), 303)


def show_list(contact_list: ContactList, form: ListForm) -> str:
    search, status = request.args.get("szukaj", ""), request.args.get("status", type=ContactStatus)
    query = people.found(contact_list, search, status)
    return render_template(
        "lists/show.html",
        contact_list=contact_list,
        sizes=ContactList.sizes().get(contact_list.id, {}),
        columns=values.columns(contact_list, values.fields_of_account()),
        page=people.page(query, request.args.get("po", "")),
        total=people.total(query),
        search=search,
        status=status,
        form=form,
    )


@bp.get("/kontakty/<int:contact_id>")
@login_required
def contact(contact_id: int) -> str:
    found = db.get_or_404(Contact, contact_id)
    contact_list = db.get_or_404(ContactList, found.list_id)
    fields = values.fields_of_account()
    return render_template(
        "lists/contact.html", contact=found, contact_list=contact_list, fields=fields, sources=people.sources(found)
    )


@bp.get("/pola")
@login_required
def fields() -> str:
    return show_fields(NewFieldForm())


@bp.post("/pola")
@login_required
def create_field() -> Response | tuple[str, int]:
    form = NewFieldForm()
    field = saving.create_field(form) if form.validate() else None
    if field is None:
        return show_fields(form), 422
    flash(_("The field is ready. Assign a column of the source to it."), "success")
    return redirect(url_for("lists.fields"), 303)


def show_fields(form: NewFieldForm) -> str:
    return render_template("lists/fields.html", fields=values.fields_of_account(), form=form)


@bp.get("/pola/<int:field_id>")
@login_required
def edit_field(field_id: int) -> str:
    field = db.get_or_404(CustomField, field_id)
    return show_field(field, FieldForm(label=field.label, options="\n".join(field.options)))


@bp.post("/pola/<int:field_id>")
@login_required
def update_field(field_id: int) -> Response | tuple[str, int]:
    field = db.get_or_404(CustomField, field_id)
    form = FieldForm()
    form.needs_options = field.type is FieldType.CHOICE
    if not form.validate():
        return show_field(field, form), 422
    saving.change_field(field, form)
    flash(_("The field is saved."), "success")
    return redirect(url_for("lists.fields"), 303)


def show_field(field: CustomField, form: FieldForm) -> str:
    return render_template("lists/field.html", custom_field=field, form=form)
