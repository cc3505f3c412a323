"""What the routes of a value table, and of other ways of reading a column, have in common."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _

from webapp.importing.settings import read_column
from webapp.imports import readings
from webapp.imports.readings import Reading
from webapp.imports.steps import Page, configurable, locked, to_row


def opened(recurring_import_id: int, column: str) -> Reading:
    """A column about whose values something can be said; whoever comes to another one is led to where it is assigned."""
    found = readings.find(configurable(recurring_import_id), column)
    if found is None:
        flash(
            _(
                "Assign this column to a field first. Only dates, numbers, phones and choices can be read in several ways."
            ),
            "warning",
        )
        abort(redirect(url_for("imports.mapping", recurring_import_id=recurring_import_id), 303))
    found.full = "pelne" in request.args
    return found


def sent_reading(recurring_import_id: int) -> Reading:
    """The same, locked, and filled with what was sent."""
    found = opened(locked(recurring_import_id).id, request.form.get("column", ""))
    try:
        readings.read_form(found, request.form)
    except ValueError:
        abort(400)
    return found


def add_option(reading: Reading) -> Page:
    """After an option was created: the form for htmx, else its whole page. What was chosen elsewhere on it is kept."""
    readings.add_option(reading, request.form["add"], request.form.get("new_option", ""))
    return reading.render(), 422 if reading.error else 200


def keep_reading(reading: Reading) -> Page:
    if any(line.error for line in reading.lines):
        return reading.render(), 422
    row = reading.recurring_import
    if read_column(row, reading.column, reading.target, reading.said):
        flash(
            _("Saved. The next import reads everyone anew, so that people who are on the list get their values too."),
            "success",
        )
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("imports.mapping", recurring_import_id=row.id), 303) if row.draft else to_row(row)
