"""Configuring a recurring import, assigning its fields, and starting it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import login_required

from webapp.extensions import db
from webapp.importing import settings
from webapp.imports import drafts, known_values
from webapp.imports.columns import CREATE, EMAIL, new_field_fault
from webapp.imports.configuration import configure, hour_hint
from webapp.imports.fields import create_wanted, custom_fields, labels_of
from webapp.imports.forms import SettingsForm
from webapp.imports.reading_steps import add_option, keep_reading, opened, sent_reading
from webapp.imports.steps import (
    ELSEWHERE,
    Page,
    already_in_force,
    card_head,
    changed_meanwhile,
    configurable,
    connected,
    edited,
    keep_columns,
    keep_settings,
    kept_choices,
    locked,
    mapping_page,
    outdated,
    pressed,
    rehearse,
    sent_choices,
    started,
    take,
    to_row,
)
from webapp.models import RecurringImport, Schedule

bp = Blueprint("imports", __name__)
bp.add_app_template_global(settings.gone_mappings)


@bp.get("/integracje/<int:integration_id>/importy/nowy")
@login_required
def new(integration_id: int) -> Page:
    """An empty configuration; the browser's back button finds the one that was just begun instead."""
    integration = connected(integration_id)
    begun = session.get("unfinished")
    if "nowa" not in request.args and begun in {row.id for row in drafts.unfinished(integration)}:
        return redirect(url_for("imports.edit", recurring_import_id=begun))
    return configure(integration, SettingsForm()).render()


@bp.post("/integracje/<int:integration_id>/importy/nowy")
@login_required
def create(integration_id: int) -> Page:
    page = configure(connected(integration_id), SettingsForm())
    if "reload" in request.form:
        return page.render()
    if not page.accept():
        return page.render(), 422
    session["unfinished"] = keep_settings(page).id
    return redirect(url_for("imports.mapping", recurring_import_id=session["unfinished"]), 303)


@bp.get("/importy/<int:recurring_import_id>/ustawienia")
@login_required
def edit(recurring_import_id: int) -> Page:
    return edited(recurring_import_id).render()


@bp.post("/importy/<int:recurring_import_id>/ustawienia")
@login_required
def update(recurring_import_id: int) -> Page:
    page = edited(recurring_import_id)
    if "reload" in request.form:
        return page.render()
    drafts.lock(page.recurring_import)
    if outdated(page.recurring_import):
        return changed_meanwhile(page.recurring_import)
    if not page.accept():
        return page.render(), 422
    keep_settings(page)
    return redirect(url_for("imports.mapping", recurring_import_id=recurring_import_id), 303)


@bp.get("/integracje/<int:integration_id>/importy/zrodla")
@login_required
def sources(integration_id: int) -> Page:
    """The sources of the group that was chosen."""
    integration = connected(integration_id)
    if not request.htmx:
        return redirect(url_for("imports.new", integration_id=integration_id))
    page = configure(integration, SettingsForm(data={"group": request.args.get("group")}))
    return render_template("imports/_source.html", page=page, form=page.form)


@bp.get("/importy/godzina")
@login_required
def hour() -> Page:
    """What the hour means that is being typed."""
    return render_template("imports/_hour.html", hour_hint=hour_hint(request.args.get("hour", "")))


@bp.get("/importy/<int:recurring_import_id>/pola")
@login_required
def mapping(recurring_import_id: int) -> Page:
    return mapping_page(configurable(recurring_import_id), None, {})


@bp.post("/importy/<int:recurring_import_id>/pola")
@login_required
def finish(recurring_import_id: int) -> Page:
    recurring_import, choices = locked(recurring_import_id), sent_choices()
    if already_in_force(recurring_import, choices) and outdated(recurring_import):
        return started(recurring_import)
    if outdated(recurring_import):
        return changed_meanwhile(recurring_import)
    target = ELSEWHERE.get(request.form.get("step", ""))
    if request.form.get("step") == "try":
        return rehearse(recurring_import, choices)
    if target is None:
        return take(recurring_import, choices)
    keep_columns(recurring_import, choices)
    return redirect(url_for(target, recurring_import_id=recurring_import_id), 303)


@bp.post("/importy/<int:recurring_import_id>/pola/import")
@login_required
def begin(recurring_import_id: int) -> Page:
    """Import with what was tried in a dry run."""
    recurring_import = locked(recurring_import_id)
    if outdated(recurring_import) or not recurring_import.draft:
        return changed_meanwhile(recurring_import)
    return take(recurring_import, kept_choices(recurring_import))


@bp.post("/importy/<int:recurring_import_id>/pola/wersja-robocza")
@login_required
def autosave(recurring_import_id: int) -> Page:
    recurring_import = locked(recurring_import_id)
    if not outdated(recurring_import):
        keep_columns(recurring_import, sent_choices())
    return "", 204


@bp.post("/importy/<int:recurring_import_id>/pola/nowe")
@login_required
def create_field(recurring_import_id: int) -> Page:
    """Create one field at once, and assign it to the column whose button was pressed."""
    recurring_import, choices = locked(recurring_import_id), sent_choices()
    if outdated(recurring_import):
        return changed_meanwhile(recurring_import)
    number, choice = pressed(choices, "create")
    choice.target = CREATE
    fault = new_field_fault(choice.new, {label.casefold() for label in labels_of(custom_fields()).values()})
    if not fault:
        create_wanted([choice])
    keep_columns(recurring_import, choices)
    return card_head(recurring_import, choices, number, fault)


@bp.post("/importy/<int:recurring_import_id>/pola/wartosci/kolumna")
@login_required
def open_reading(recurring_import_id: int) -> Page:
    """From a card to how its values are read; nothing that was chosen gets lost."""
    recurring_import, choices = locked(recurring_import_id), sent_choices()
    if outdated(recurring_import):
        return changed_meanwhile(recurring_import)
    _number, choice = pressed(choices, "read")
    keep_columns(recurring_import, choices)
    return redirect(url_for("imports.reading", recurring_import_id=recurring_import_id, kolumna=choice.column), 303)


@bp.get("/importy/<int:recurring_import_id>/pola/wartosci")
@login_required
def reading(recurring_import_id: int) -> Page:
    """How the values of one column are read: for choices the value table."""
    found = opened(recurring_import_id, request.args.get("kolumna", ""))
    known_values.fill(found)
    return found.render()


@bp.post("/importy/<int:recurring_import_id>/pola/wartosci")
@login_required
def read(recurring_import_id: int) -> Page:
    found = sent_reading(recurring_import_id)
    if outdated(found.recurring_import):
        return changed_meanwhile(found.recurring_import)
    return add_option(found) if "add" in request.form else keep_reading(found)


@bp.post("/importy/<int:recurring_import_id>/pola/pominiecie")
@login_required
def forget_column(recurring_import_id: int) -> Page:
    """Leave a column out for good that the source has no longer. The one with addresses can only be replaced."""
    recurring_import = locked(recurring_import_id)
    column = request.form.get("column", "")
    if any(mapping.column == column and mapping.target == EMAIL for mapping in recurring_import.mappings):
        return redirect(url_for("imports.mapping", recurring_import_id=recurring_import_id), 303)
    settings.forget_column(recurring_import, column)
    flash(_("The column is left out from now on. What was imported from it before stays."), "success")
    return to_row(recurring_import)


@bp.post("/importy/<int:recurring_import_id>/pola/naprawa")
@login_required
def repair_column(recurring_import_id: int) -> Page:
    """Mend letters of a column that were read in the wrong encoding."""
    recurring_import = locked(recurring_import_id)
    settings.repair_column(recurring_import, request.form.get("column", ""))
    flash(_("From the next import on we mend the letters of this column, for everyone."), "success")
    if recurring_import.schedule is Schedule.DRAFT:
        return redirect(url_for("imports.mapping", recurring_import_id=recurring_import_id), 303)
    return to_row(recurring_import)


@bp.post("/importy/<int:recurring_import_id>/usuniecie")
@login_required
def destroy(recurring_import_id: int) -> Page:
    recurring_import = db.get_or_404(RecurringImport, recurring_import_id)
    if recurring_import.schedule is not Schedule.DRAFT:
        abort(404)
    vendor = recurring_import.integration.vendor
    db.session.delete(recurring_import)
    db.session.commit()
    flash(_("The unfinished configuration has been deleted."), "success")
    return redirect(url_for("integrations.index", aplikacja=vendor), 303)
