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
    RunReason,
    RunStatus,
    Skip,
    WriteRule,
)
from webapp.models.contact_list import SOURCE_DELETION
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

# What happened, in short, and what to do next. A run whose vendor is known shows the vendor's own sentence: see `reason_text`.
REASON: Mapping[str, tuple[str, str]] = {
    RunReason.SUSPICIOUS_DROP: (
        N_("The source suddenly shows less than half of its people."),
        N_("Check the source, then import anyway or break off."),
    ),
    RunReason.MANY_REJECTED: (
        N_("Far more people than usual were rejected."),
        N_("Look at the rejected people, then import anyway or break off."),
    ),
    RunReason.UNANSWERED: (
        N_("Nobody answered the import's question for 7 days."),
        N_("Check the source and start the import again."),
    ),
    RunReason.BY_USER: (
        N_("It was broken off by hand; the contacts saved before stay."),
        N_("The next import goes on as planned."),
    ),
    RunReason.DISCONNECTED: (
        N_("The integration was disconnected during the import."),
        N_("Connect the account again to import from it."),
    ),
    RunReason.SHORT: (
        N_("The source delivered a different number of people than it had announced."),
        N_("The next full import reads everyone again; if this returns, write to your administrator."),
    ),
    RunReason.STORAGE_FULL: (
        N_("The server has no room left."),
        N_("Ask your administrator to free some; the import will go on by itself."),
    ),
    RunReason.EMAIL_COLUMN_GONE: (
        N_("The column with email addresses is gone from the source."),
        N_("Edit the settings and assign another column with addresses."),
    ),
    RunReason.INTERNAL: (
        N_("The fault is ours and has been noted."),
        N_("Start the import again; if this returns, write to your administrator."),
    ),
    Reason.BAD_ADDRESS: (N_("The address of the account is wrong."), N_("Connect the account again.")),
    Reason.CANNOT_CONNECT: (N_("The application could not be reached."), N_("We will try again by ourselves.")),
    Reason.UNAUTHORIZED: (N_("The application refused the key."), N_("Connect the account again.")),
    Reason.NOT_INSTALLED: (
        N_("The application was uninstalled at the vendor."),
        N_("Install it and connect the account again."),
    ),
    Reason.MISSING_SCOPE: (
        N_("The application may not read people."),
        N_("Give it the permission and connect the account again."),
    ),
    Reason.PERSONAL_DATA_REFUSED: (
        N_("The application may not see email addresses and names."),
        N_("Allow it to use personal data and connect the account again."),
    ),
    Reason.UNKNOWN_ACCOUNT: (N_("The vendor does not know this account."), N_("Connect the account again.")),
    Reason.ACCOUNT_FROZEN: (
        N_("The account is frozen at the vendor."),
        N_("Unlock it there, and then resume the imports."),
    ),
    Reason.SOURCE_GONE: (N_("The source no longer exists."), N_("Edit the settings and choose another source.")),
    Reason.API_DISABLED: (
        N_("The vendor's plan does not allow programs to read its data."),
        N_("Ask the vendor to switch API access on."),
    ),
    Reason.WRONG_REGION: (
        N_("The account is kept in another region of the vendor."),
        N_("Connect the account again in its own region."),
    ),
    Reason.FOREIGN_HOST: (
        N_("The vendor pointed to an address that is not its own."),
        N_("Connect the account again; if this returns, write to your administrator."),
    ),
    Reason.SIGN_IN_REFUSED: (N_("Access was not granted."), N_("Connect the account again and allow access.")),
    Reason.SIGN_IN_EXPIRED: (N_("The sign-in took too long."), N_("Connect the account once more.")),
    Reason.FORGED_ANSWER: (
        N_("The answer to signing in was forged or changed on its way."),
        N_("Connect the account once more; if this returns, write to your administrator."),
    ),
    Reason.APP_REFUSED: (
        N_("The vendor does not accept the application that we sign in with."),
        N_("Check the keys of the application and connect the account again."),
    ),
    Reason.QUOTA_USED_UP: (
        N_("The daily limit of requests is nearly used up."),
        N_("We will go on by ourselves when it renews."),
    ),
    Reason.RATE_LIMITED: (N_("The application limits the number of requests."), N_("We will try again by ourselves.")),
    Reason.UNAVAILABLE: (N_("The application is not working at the moment."), N_("We will try again by ourselves.")),
    Reason.TIMEOUT: (N_("The application did not answer in time."), N_("We will try again by ourselves.")),
    Reason.BAD_RESPONSE: (
        N_("The application answered in a way that we do not understand."),
        N_("If this returns, write to your administrator."),
    ),
    Reason.TOO_LARGE: (
        N_("The answer of the application is too large."),
        N_("Edit the settings and assign fewer fields."),
    ),
    Reason.PAGING_LOOP: (N_("The application keeps sending the same people."), N_("Start the import again.")),
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
