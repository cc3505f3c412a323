"""One row of everything that a page can show, for crawlers that visit every page there is."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from tests import factories
from webapp.extensions import db
from webapp.models import ContactStatus, Integration, IntegrationState, RejectedRow, RunStatus, Schedule, SourceRecord
from webapp.values.fields import FieldType

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
HOSTILE = '"><img src=x onerror=alert(1)>{{7*7}}</script><svg onload=alert(1)>'


@dataclass
class World:
    """Ids for every converter of the routes, and where the pages are that they lead to."""

    ids: dict[str, Any]

    def path(self, app: Flask, rule: Rule) -> str:
        """The address of a rule with this world's ids; a converter that has no id here fails the test that asks."""
        with app.test_request_context():
            return app.url_map.bind("").build(
                rule.endpoint, {name: self.ids[name] for name in rule.arguments}, append_unknown=False
            )


def make_world(text: str = "Anna") -> World:
    """Rows in every state, with this text wherever people or vendors can put their own; the session's account owns them."""
    target = factories.make_list(f"Lista {text}"[:120])
    field = factories.make_custom_field(f"Pole {text}"[:120], "pole")
    factories.make_custom_field("Rozmiar", "rozmiar", FieldType.CHOICE, options=[text, "M"])
    contact = factories.make_contact(
        target, "anna@example.com", first_name=text, last_name=text, values={"pole": text, "rozmiar": text}
    )
    factories.make_contact(target, "jan@example.com", status=ContactStatus.UNSUBSCRIBED)
    integration = factories.make_integration()
    integration.name = text
    recurring_import = factories.make_recurring_import(integration, target, source_name=text)
    run = make_runs(recurring_import, text)
    make_link(recurring_import, contact, text)
    make_others(target)
    db.session.commit()
    ids = {
        "integration_id": integration.id,
        "recurring_import_id": recurring_import.id,
        "run_id": run.id,
        "list_id": target.id,
    }
    return World(ids | {"contact_id": contact.id, "field_id": field.id, "vendor": "shopify"})


def make_runs(recurring_import: Any, text: str) -> Any:
    for status in (RunStatus.DONE, RunStatus.DONE_CAPPED, RunStatus.FAILED, RunStatus.CANCELLED):
        factories.make_run(
            recurring_import, status=status, fetched=3, added=2, rejected=1, expected=10, reason="vendor_timeout"
        )
    run = factories.make_run(
        recurring_import, status=RunStatus.HELD, reason="many_rejected", rejected=1, fetched=1, dropped={text: 2}
    )
    run.gone_columns = [text]
    run.unfit = {text: {"type": "choice", "values": {text: {"count": 2, "id": text}}}}
    factories.saved(RejectedRow(run_id=run.id, external_id=text[:120], field="email", value=text[:120], reason="no_at"))
    return run


def make_link(recurring_import: Any, contact: Any, text: str) -> None:
    owner = {
        "list_id": recurring_import.list_id,
        "integration_id": recurring_import.integration_id,
        "contact_id": contact.id,
    }
    factories.saved(SourceRecord(group="contacts", external_id=text[:120], **owner))


def make_others(target: Any) -> None:
    """Integrations and imports in their other states."""
    for state in (IntegrationState.NEEDS_RECONNECTING, IntegrationState.DISCONNECTED):
        name = f"{state.value.replace('_', '-')}.myshopify.com"
        integration: Integration = factories.make_integration(name, state=state, reason="unauthorized")
        for schedule in (Schedule.DRAFT, Schedule.STOPPED):
            factories.make_recurring_import(integration, target, schedule=schedule)
