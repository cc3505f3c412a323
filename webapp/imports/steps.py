"""What the routes have in common: loading with its guards, and the way on from each step."""

from collections.abc import Mapping, Sequence

from flask import abort, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from jobs.queue import enqueue_run
from webapp.extensions import db
from webapp.formats import dom_id
from webapp.importing import schedule
from webapp.importing.settings import SKIPPED, UNKNOWN, apply_draft, rehearsed
from webapp.imports import drafts, permission
from webapp.imports.cards import lone_card, read_grid, render_grid
from webapp.imports.columns import Choice, entries, faults, sent
from webapp.imports.configuration import Configuration, configure
from webapp.imports.fields import create_wanted, custom_fields, labels_of
from webapp.imports.forms import SettingsForm
from webapp.models import Integration, RecurringImport, Schedule

Page = tuple[str, int] | str | Response

# Buttons that keep everything as it stands and check nothing.
ELSEWHERE = {"back": "imports.edit", "refresh": "imports.mapping"}


def connected(integration_id: int) -> Integration:
    """The integration; whoever comes to one that is not connected is led back to where it can be."""
    integration = db.get_or_404(Integration, integration_id)
    if not integration.connected:
        flash(_("This account is not connected. Connect it, and then configure the import."), "warning")
        target = url_for("integrations.index", aplikacja=integration.vendor)
        abort(make_response("", 204, {"HX-Redirect": target}) if request.htmx else redirect(target, 303))
    return integration


def configurable(recurring_import_id: int) -> RecurringImport:
    recurring_import = db.get_or_404(RecurringImport, recurring_import_id)
    connected(recurring_import.integration_id)
    return recurring_import


def locked(recurring_import_id: int) -> RecurringImport:
    """The import, as it is now and until the commit."""
    recurring_import = configurable(recurring_import_id)
    drafts.lock(recurring_import)
    return recurring_import


def sent_choices() -> list[Choice]:
    try:
        return sent(request.form)
    except ValueError:
        abort(400)


def outdated(recurring_import: RecurringImport) -> bool:
    """Whether someone else saved since the form was drawn."""
    return request.form.get("mark") != drafts.mark(recurring_import)


def changed_meanwhile(recurring_import: RecurringImport) -> Page:
    db.session.rollback()
    return render_template("imports/changed.html", recurring_import=recurring_import), 409


def edited(recurring_import_id: int) -> Configuration:
    """The settings page of an import: filled with its draft, or with what was sent."""
    recurring_import = configurable(recurring_import_id)
    form = SettingsForm.of_settings(drafts.of(recurring_import)["settings"])
    if request.method == "GET":
        form.mark.data = drafts.mark(recurring_import)
    return configure(recurring_import.integration, form, recurring_import)


def keep_settings(page: Configuration) -> RecurringImport:
    """Save what an accepted form says as a draft, with the confirmation if one was given. Commits."""
    settings = page.settings()
    recurring_import = page.recurring_import or drafts.start(page.integration, settings)
    drafts.save_settings(recurring_import, settings)
    if page.form.permission.data:
        permission.record(recurring_import, settings)
    db.session.commit()
    return recurring_import


def note_columns(recurring_import: RecurringImport, choices: Sequence[Choice]) -> None:
    """Put the choices into the draft as they are, finished or not."""
    drafts.save_columns(recurring_import, entries(choices), "skip_unknown" in request.form)


def keep_columns(recurring_import: RecurringImport, choices: Sequence[Choice]) -> None:
    """Save the choices as they are, finished or not. Commits, and so lets go of the row."""
    note_columns(recurring_import, choices)
    db.session.commit()


def mapping_page(recurring_import: RecurringImport, choices: Sequence[Choice] | None, found: Mapping[str, str]) -> str:
    grid = read_grid(recurring_import, choices)
    for card in grid.cards:
        card.error = found.get(card.choice.column, "")
    return render_grid(recurring_import, grid, drafts.of(recurring_import)["skip_unknown"])


def take(recurring_import: RecurringImport, choices: Sequence[Choice]) -> Page:
    """Check the choices and put them into force; start the import unless only saving was asked for."""
    found = faults(choices, labels_of(custom_fields()), "skip_unknown" in request.form)
    if found or not choices:
        return mapping_page(recurring_import, choices, found), 422
    create_wanted(choices)
    note_columns(recurring_import, choices)
    apply_draft(recurring_import)
    session.pop("unfinished", None)
    return saved(recurring_import) if request.form.get("step") == "save" else started(recurring_import)


def rehearse(recurring_import: RecurringImport, choices: Sequence[Choice]) -> Page:
    """Check the choices and try the import with them; nothing is put into force."""
    found = faults(choices, labels_of(custom_fields()), "skip_unknown" in request.form)
    if found or not choices:
        return mapping_page(recurring_import, choices, found), 422
    note_columns(recurring_import, choices)
    run = schedule.rehearse(recurring_import, rehearsed(recurring_import) | {"mark": drafts.mark(recurring_import)})
    enqueue_run(run.id)
    return redirect(url_for("runs.rehearsal", run_id=run.id), 303)


def kept_choices(recurring_import: RecurringImport) -> list[Choice]:
    return [Choice.of_entry(column, entry) for column, entry in drafts.of(recurring_import)["columns"].items()]


def saved(recurring_import: RecurringImport) -> Response:
    flash(_("The changes have been saved. They count from the next import on."), "success")
    return to_row(recurring_import)


def started(recurring_import: RecurringImport) -> Response:
    if schedule.is_being_undone(recurring_import):
        flash(_("An import is being undone. Wait until that is over."), "warning")
        return to_row(recurring_import)
    if recurring_import.schedule is Schedule.STOPPED:
        schedule.resume(recurring_import)
    run, created = schedule.run_now(recurring_import)
    if created:
        enqueue_run(run.id)
    elif run.version != recurring_import.version:
        flash(
            _(
                "The settings are saved. An import with the earlier ones is still under way; the new ones count from the next "
                "import on. To start with them at once, break it off and press Import now."
            ),
            "warning",
        )
    return to_row(recurring_import)


def to_row(recurring_import: RecurringImport) -> Response:
    """To the row of the import on „Integracje”."""
    vendor = recurring_import.integration.vendor
    return redirect(url_for("integrations.index", aplikacja=vendor, _anchor=dom_id(recurring_import)), 303)


def already_in_force(recurring_import: RecurringImport, choices: Sequence[Choice]) -> bool:
    """Whether a second click sends what the first has just put into force."""
    sent_columns = {
        (choice.column, choice.target, choice.rule) for choice in choices if choice.target not in (UNKNOWN, SKIPPED)
    }
    kept = {(mapping.column, mapping.target, mapping.rule.value) for mapping in recurring_import.mappings}
    return recurring_import.draft is None and recurring_import.active and sent_columns == kept


def pressed(choices: Sequence[Choice], button: str) -> tuple[int, Choice]:
    """The card whose button was pressed."""
    number = request.form.get(button, type=int)
    if number is None or not 0 <= number < len(choices):
        abort(400)
    return number, choices[number]


def card_head(recurring_import: RecurringImport, choices: Sequence[Choice], number: int, fault: str) -> Page:
    """After a field was created: its card's head for htmx, else the whole page."""
    column = choices[number].column
    if not request.htmx and fault:
        return mapping_page(recurring_import, choices, {column: fault}), 422
    if not request.htmx:
        return redirect(
            url_for("imports.mapping", recurring_import_id=recurring_import.id, _anchor=f"card-{number}"), 303
        )
    card, grid = lone_card(choices[number], number, fault)
    return render_template(
        "imports/_created.html", card=card, grid=grid, recurring_import=recurring_import
    ), 422 if fault else 200
