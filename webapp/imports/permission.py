"""The confirmation of permission: what it says, whether it has been given, and the record of it."""

from collections.abc import Mapping
from typing import Any

from flask import request
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from webapp.extensions import db
from webapp.models import ConsentRecord, RecurringImport
from webapp.values.marks import N_

# Grows with every change of a wording below, in whichever language: the records say what was read.
WORDING_VERSION = "1"
WORDINGS = {
    True: N_("I confirm that I have permission to add these people to my list"),
    False: N_(
        "I confirm that I have permission to add these people to my list, "
        "including those who have no marketing consent in the source"
    ),
}


def latest(recurring_import: RecurringImport | None) -> ConsentRecord | None:
    """The last confirmation for this import."""
    if recurring_import is None:
        return None
    query = select(ConsentRecord).filter_by(recurring_import_id=recurring_import.id)
    return db.session.scalar(query.order_by(ConsentRecord.id.desc()).limit(1))


def covers(record: ConsentRecord | None, settings: Mapping[str, Any]) -> bool:
    """Whether it was given for the same people and the same list."""
    return record is not None and _scope(record.what) == _scope(settings)


def _scope(settings: Mapping[str, Any]) -> list[Any]:
    return [settings.get(name) for name in ("list_id", "group", "source_id", "only_consenting")]


def record(recurring_import: RecurringImport, settings: dict[str, Any]) -> None:
    """Note that the signed-in user confirmed it just now."""
    wording = WORDINGS[settings["only_consenting"]]
    db.session.add(
        ConsentRecord(
            recurring_import_id=recurring_import.id,
            user_id=current_user.id,
            user_email=current_user.email,
            wording=gettext(wording),
            wording_version=WORDING_VERSION,
            what=settings,
            address=request.remote_addr or "",
        )
    )
