"""Tables and what they can do."""

from webapp.models.account import Account, Role, User, UserSession
from webapp.models.contact_list import Contact, ContactList, ContactStatus, CustomField, SourceRecord, Suppression
from webapp.models.heartbeat import Chore, Heartbeat
from webapp.models.import_run import ImportRun, RejectedRow, RunKind, RunMode, RunReason, RunStatus, Skip
from webapp.models.integration import Integration, IntegrationState
from webapp.models.recurring_import import (
    Absence,
    ConsentRecord,
    Criterion,
    FieldMapping,
    RecurringImport,
    Schedule,
    WriteRule,
)
from webapp.models.run_change import Kept, RunChange
from webapp.models.sign_in_attempt import SignInAttempt
from webapp.models.vendor_app import VendorApp

__all__ = [
    "Absence",
    "Account",
    "Chore",
    "ConsentRecord",
    "Contact",
    "ContactList",
    "ContactStatus",
    "Criterion",
    "CustomField",
    "FieldMapping",
    "Heartbeat",
    "ImportRun",
    "Integration",
    "IntegrationState",
    "Kept",
    "RecurringImport",
    "RejectedRow",
    "Role",
    "RunChange",
    "RunKind",
    "RunMode",
    "RunReason",
    "RunStatus",
    "Schedule",
    "SignInAttempt",
    "Skip",
    "SourceRecord",
    "Suppression",
    "User",
    "UserSession",
    "VendorApp",
    "WriteRule",
]
