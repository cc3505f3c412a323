"""The page „Skonfiguruj cykliczne importy”: what it offers, and what it takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from babel.dates import get_timezone_location
from flask import current_app, render_template
from flask_babel import get_locale, gettext, ngettext
from flask_login import current_user
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from webapp.connectors import CONNECTORS
from webapp.connectors.base import Group, Source
from webapp.extensions import db
from webapp.formats import gettext_of, number, soon
from webapp.importing.slots import next_slot
from webapp.imports import drafts, permission
from webapp.imports.forms import SettingsForm, parse_hour
from webapp.imports.vendor import Sources, read_sources
from webapp.models import ConsentRecord, ContactList, Integration, RecurringImport
from webapp.models.contact_list import REACHABLE
from webapp.models.database import insert_new, now
from webapp.values.text import clean
from webapp.words import GROUP, reason_text


@dataclass
class Configuration:
    """A form, what it may offer at this moment, and what it is about."""

    integration: Integration
    form: SettingsForm
    sources: Sources
    recurring_import: RecurringImport | None = None
    confirmed: ConsentRecord | None = None

    @property
    def source(self) -> Source | None:
        return self.sources.get(self.form.source.data)

    @property
    def knows_consent(self) -> bool:
        """Whether the filter by consent is of use for any source of the group."""
        return any(source.has_consent for source in self.sources.found)

    @property
    def group_troubles(self) -> list[str]:
        """Why a group of this vendor cannot be chosen, a sentence each."""
        reasons = self.integration.unavailable.values()
        return list(dict.fromkeys(reason_text(reason, self.integration.vendor) for reason in reasons))

    def accept(self) -> bool:
        """Whether everything that was sent is in order; else the form's fields say what is not."""
        valid = self.form.validate_on_submit() and not self.sources.trouble
        return self._permitted() and valid

    def settings(self) -> dict[str, Any]:
        """What was chosen, as a draft keeps it. A new list is created here, so only for an accepted form."""
        form, source = self.form, self.source
        return {
            "list_id": _list_of_name(clean(form.new_list.data, 120)) or form.list_id.data,
            "group": form.group.data,
            "source_id": source.id,
            "source_name": gettext_of(source.name)[:255],
            "criterion": form.criterion.data,
            "absence": form.absence.data,
            "only_consenting": self._only_consenting,
            "hour": parse_hour(form.hour.data),
            "cycle_day": int(form.cycle_day.data) if form.in_cycle.data else None,
        }

    def render(self) -> str:
        return render_template(
            "imports/settings.html",
            page=self,
            form=self.form,
            integration=self.integration,
            connector=CONNECTORS[self.integration.vendor],
            wordings=permission.WORDINGS,
            begun=[row for row in drafts.unfinished(self.integration) if row is not self.recurring_import],
            import_cap=current_app.config["IMPORT_CAP"],
            hour_hint=hour_hint(self.form.hour.data or ""),
        )

    @property
    def _only_consenting(self) -> bool:
        return bool(self.form.only_consenting.data and self.source and self.source.has_consent)

    def _permitted(self) -> bool:
        form = self.form
        scope = {
            "list_id": None if clean(form.new_list.data) else form.list_id.data,
            "group": form.group.data,
            "source_id": form.source.data,
            "only_consenting": self._only_consenting,
        }
        if form.permission.data or permission.covers(self.confirmed, scope):
            return True
        form.permission.errors = [gettext("Confirm that you have permission to add these people.")]
        return False


def configure(
    integration: Integration, form: SettingsForm, recurring_import: RecurringImport | None = None
) -> Configuration:
    """Fill the form's choices; asks the vendor for the sources of the chosen group."""
    confirmed = permission.latest(recurring_import)
    if not form.consent_shown.data:
        form.only_consenting.data = True
    offer_lists(form)
    offer_groups(form, integration)
    sources = offer_sources(form, integration, recurring_import)
    return Configuration(integration, form, sources, recurring_import, confirmed)


def offer_lists(form: SettingsForm) -> None:
    sizes = ContactList.sizes()
    lists = db.session.scalars(select(ContactList).order_by(ContactList.name)).all()
    choices = [SelectChoice(row.id, _list_label(row, sizes.get(row.id, {}))) for row in lists]
    form.list_id.choices = choices if len(choices) == 1 else [SelectChoice("", gettext("Choose a list")), *choices]


def _list_label(row: ContactList, sizes: Mapping[Any, int]) -> str:
    people = sum(total for status, total in sizes.items() if status in REACHABLE)
    return f"{row.name} ({counted(people)})"


def counted(people: int) -> str:
    return ngettext("%(count)s contact", "%(count)s contacts", people, count=number(people))


def offer_groups(form: SettingsForm, integration: Integration) -> None:
    """Only the vendor's groups; one that may not be read is shown, but cannot be chosen."""
    groups = CONNECTORS[integration.vendor].groups
    form.group.choices = [
        SelectChoice(group.value, gettext(GROUP[group]), {"disabled": True} if group in integration.unavailable else {})
        for group in groups
    ]
    if form.group.data is None:
        form.group.data = next((group.value for group in groups if group not in integration.unavailable), None)


def offer_sources(form: SettingsForm, integration: Integration, recurring_import: RecurringImport | None) -> Sources:
    chosen = form.group.data in set(Group) and form.group.data not in integration.unavailable
    sources = read_sources(integration, Group(form.group.data)) if chosen else Sources()
    form.source.choices = [SelectChoice("", gettext("Choose a source")), *map(_source_choice, sources.found)]
    if sources.trouble and form.source.data:
        form.source.choices.append(SelectChoice(form.source.data, _name_kept(form.source.data, recurring_import)))
    if not form.source.data and len(sources.found) == 1:
        form.source.data = sources.found[0].id
    return sources


def _source_choice(source: Source) -> SelectChoice:
    name = gettext_of(source.name)
    label = name if source.total is None else f"{name} ({number(source.total)})"
    return SelectChoice(source.id, label, {} if source.has_consent else {"data-consent": "no"}, gettext_of(source.kind))


def _name_kept(source_id: str, recurring_import: RecurringImport | None) -> str:
    """What to call the chosen source while the vendor does not answer."""
    known = recurring_import is not None and recurring_import.source_id == source_id
    return recurring_import.source_name if known else source_id


def _list_of_name(name: str) -> int | None:
    """The list of this name, created if there is none; None for no name."""
    if not name:
        return None
    of_name = select(ContactList.id).filter_by(name=name)
    known = db.session.scalar(of_name)
    if known is None:  # another tab may be creating it at this moment
        db.session.execute(insert_new(ContactList), [{"account_id": current_user.account_id, "name": name}])
        known = db.session.scalar(of_name)
    return known


def hour_hint(text: str) -> str:
    """In which zone the hour is meant, and when the schedule starts; empty while there is no valid hour."""
    try:
        hour = parse_hour(text)
    except ValueError:
        return ""
    zone = current_user.account.zone
    place = get_timezone_location(zone, locale=get_locale())
    first = soon(next_slot(hour, zone, now()))
    return gettext("Every day at this hour, first %(when)s (%(place)s).", when=first, place=place)
