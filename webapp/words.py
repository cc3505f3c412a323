"""The words for closed sets: each state, reason and choice has its text here, as a message id to be translated where it is shown."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext

from webapp.connectors import CONNECTORS
from webapp.connectors.base import Consent, Group
from webapp.connectors.reasons import Reason
from webapp.connectors.sentences import code_for, sentence_for
from webapp.models import (
    Absence,
    ContactStatus,
    Criterion,
    Kept,
    RunKind,
    RunMode,
    RunStatus,
    Skip,
    WriteRule,
)
from webapp.models.contact_list import SOURCE_DELETION
from webapp.run_reasons import REASON
from webapp.values.email import FAULT_SENTENCES, EmailFault
from webapp.values.fields import TYPE_LABELS
from webapp.values.marks import N_

STATUS: Mapping[str, str] = {
    RunStatus.QUEUED: N_("Queued"),
    RunStatus.RUNNING: N_("Running"),
    RunStatus.WAITING: N_("Waiting to try again"),
    RunStatus.HELD: N_("Needs your decision"),
    RunStatus.DONE: N_("Finished"),
    RunStatus.DONE_CAPPED: N_("Finished – the rest next time"),
    RunStatus.FAILED: N_("Failed"),
    RunStatus.CANCELLED: N_("Broken off"),
}

KEPT: Mapping[str, str] = {
    Kept.CHANGED_SINCE: N_("changed since by somebody else"),
    Kept.LEFT: N_("unsubscribed or removed meanwhile"),
    Kept.OTHER_SOURCE: N_("comes from another source too"),
}

SKIP: Mapping[str, str] = {
    Skip.NO_CONSENT: N_("without consent in the source"),
    Skip.UNSUBSCRIBED: N_("unsubscribed from this list"),
    Skip.BLOCKED: N_("blocked"),
    Skip.REMOVED: N_("removed from this list"),
    Skip.BOUNCED: N_("with a bouncing address"),
    Skip.ERASED: N_("erased at their request"),
    Skip.OUTSIDE_CRITERION: N_("outside the criterion"),
    Skip.REPEATED: N_("repeated in the source"),
    Skip.DELETED_IN_SOURCE: N_("deleted in the source"),
}

REJECT: Mapping[str, str] = {
    EmailFault.MISSING: N_("No address"),
    EmailFault.NO_AT: N_("No @ sign"),
    EmailFault.MANY_AT: N_("More than one @ sign"),
    EmailFault.NO_DOMAIN: N_("No domain"),
    EmailFault.BAD_LOCAL: N_("Invalid part before @"),
    EmailFault.BAD_DOMAIN: N_("Invalid domain"),
    EmailFault.TOO_LONG: N_("Address too long"),
    "unreadable": N_("Unreadable record"),
}
REJECT_ADVICE: Mapping[str, str] = {
    **FAULT_SENTENCES,
    "unreadable": N_("The record could not be understood. Open this person in the source and save it again."),
}

CRITERION: Mapping[str, str] = {
    Criterion.ADD_AND_UPDATE: N_("Add new contacts and update existing ones"),
    Criterion.ADD: N_("Only add new contacts"),
    Criterion.UPDATE: N_("Only update existing contacts"),
}

ABSENCE: Mapping[str, str] = {
    Absence.IGNORE: N_("Leave the contact as it is"),
    Absence.MARK: N_("Note it on the contact"),
    Absence.REMOVE: N_("Remove the contact from the list, unless another source has it too"),
}

GROUP: Mapping[str, str] = {Group.CONTACTS: N_("Contacts"), Group.LEADS: N_("Leads")}

RULE: Mapping[str, str] = {
    WriteRule.OVERWRITE: N_("overwrite"),
    WriteRule.ONLY_EMPTY: N_("only when empty"),
    WriteRule.CLEAR: N_("clear when the source is empty"),
}

KIND: Mapping[str, str] = {
    RunKind.SCHEDULED: N_("by the schedule"),
    RunKind.MANUAL: N_("by hand"),
    RunKind.DRY: N_("without saving"),
}
MODE: Mapping[str, str] = {RunMode.FULL: N_("everyone"), RunMode.INCREMENTAL: N_("only those who changed")}

CONTACT_STATUS: Mapping[str, str] = {
    ContactStatus.ACTIVE: N_("active"),
    ContactStatus.UNCONFIRMED: N_("unconfirmed"),
    ContactStatus.UNSUBSCRIBED: N_("unsubscribed"),
    ContactStatus.REMOVED: N_("removed"),
    ContactStatus.BLOCKED: N_("blocked"),
    ContactStatus.BOUNCED: N_("bounced"),
}

# Why a contact has its status, where something else than a person of the account said so.
STATUS_REASON: Mapping[str, str] = {
    "source_withdrawal": N_("The person withdrew the consent in the source."),
    SOURCE_DELETION: N_("The source has this person no longer."),
}

CONSENT: Mapping[str, str] = {
    Consent.GRANTED: N_("granted"),
    Consent.PENDING: N_("waiting for confirmation"),
    Consent.NONE: N_("none"),
    Consent.WITHDRAWN: N_("withdrawn"),
}

FIELD: Mapping[str, str] = TYPE_LABELS


def init_app(app: Flask) -> None:
    names = (
        "STATUS REASON ABSENCE KEPT SKIP REJECT REJECT_ADVICE CRITERION GROUP RULE KIND MODE CONTACT_STATUS STATUS_REASON CONSENT FIELD "
        "reason_text reason_short vendor_label"
    )
    app.jinja_env.globals |= {name: globals()[name] for name in names.split()}


def reason_text(reason: str | None, vendor: str) -> str:
    """What happened and what to do, translated; a vendor's reason in the vendor's own sentence, with its code at the end."""
    if not reason:
        return ""
    connector = CONNECTORS.get(vendor)
    if connector is None or reason not in set(Reason):
        return " ".join(gettext(part) for part in REASON[reason])
    known = Reason(reason)
    return f"{gettext(sentence_for(connector, known), vendor=connector.label)} ({code_for(connector, known)})"


def reason_short(reason: str | None) -> str:
    """What happened, translated, without what to do."""
    return gettext(REASON[reason][0]) if reason else ""


def vendor_label(vendor: str) -> str:
    """The application's name for people; a key that is no longer known stands for itself."""
    return CONNECTORS[vendor].label if vendor in CONNECTORS else vendor
