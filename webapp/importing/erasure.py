"""Erasing a person by request, or a whole account.

Of an erased person nothing stays but keyed hashes: of the address, and of the records by which the vendors know the person, so that
a new address there does not bring the person back. They are kept in the database, where imports look, and in a file beside it,
from which they are erased again after a backup was restored.
"""

from collections.abc import Iterable, Iterator

from flask import current_app
from sqlalchemy import delete, select, update

from webapp.extensions import db
from webapp.importing import erasures
from webapp.importing.sets import among
from webapp.models import (
    Account,
    Contact,
    ContactList,
    ImportRun,
    RecurringImport,
    RejectedRow,
    RunChange,
    RunKind,
    RunReason,
    RunStatus,
    SourceRecord,
    Suppression,
)
from webapp.models.database import insert_new, now
from webapp.models.import_run import ACTIVE
from webapp.models.scope import acting_for, everyone
from webapp.values.email import InvalidEmail, parse
from webapp.values.secrets import fingerprint

RECORD = (SourceRecord.integration_id, SourceRecord.group, SourceRecord.external_id)


def erase(account: Account, email_key: str) -> int:
    """Erase whoever has this address, on all lists of the account; returns on how many that was. Commits.

    Pages that are being written are waited for, and those that come later find the hash.
    """
    with acting_for(account.id):
        lists = ContactList.lock_all()
        known = select(Contact.id).where(among(Contact.list_id, lists), Contact.email_key == email_key)
        found = list(db.session.scalars(known))
        _erase(account, found, {mark(email_key)}, {email_key})
        db.session.commit()
        return len(found)


def erase_again() -> int:
    """Erase whom the file names and the database knows nothing of: it comes from an older backup. Returns how many contacts went. Commits."""
    total = 0
    for (account_id, created_at), marks in erasures.read().items():
        with everyone():
            account = db.session.get(Account, account_id)
            db.session.commit()
        if account and account.created_at == created_at:
            with acting_for(account_id):
                total += _erase_again(account, marks)
    return total


def delete_account(account: Account) -> None:
    """Delete the account and everything that belongs to it. Pages that are being written are waited for. Commits."""
    with acting_for(account.id):
        ContactList.lock_all()
        db.session.execute(delete(Account).where(Account.id == account.id))
        db.session.commit()


def mark(text: str) -> str:
    return fingerprint(text, current_app.config["ERASURE_KEY"])


def mark_of_record(integration_id: int, group: str, external_id: str) -> str:
    """Of a person whom a vendor knows by this id."""
    return mark(f"{integration_id}|{group}|{external_id}")


def _erase_again(account: Account, marks: set[str]) -> int:
    missing = marks - set(db.session.scalars(select(Suppression.fingerprint)))
    found: list[int] = []
    if missing:
        ContactList.lock_all()
        found = sorted(set(_marked(missing)))
        _erase(account, found, missing)
    db.session.commit()
    return len(found)


def _marked(marks: set[str]) -> Iterator[int]:
    """Contacts whose address, or whose record at a vendor, has one of these hashes."""
    for contact_id, email_key in db.session.execute(select(Contact.id, Contact.email_key)):
        if mark(email_key) in marks:
            yield contact_id
    for contact_id, *who in db.session.execute(select(SourceRecord.contact_id, *RECORD)):
        if mark_of_record(*who) in marks:
            yield contact_id


def _erase(account: Account, contact_ids: list[int], marks: set[str], addresses: Iterable[str] = ()) -> None:
    """The file is written first: whatever happens then, the wish is not forgotten."""
    contacts = db.session.scalars(select(Contact).where(among(Contact.id, contact_ids))).all()
    addresses = {*addresses, *(contact.email_key for contact in contacts)}
    records = [
        tuple(row) for row in db.session.execute(select(*RECORD).where(among(SourceRecord.contact_id, contact_ids)))
    ]
    marks = marks | {mark(address) for address in addresses} | {mark_of_record(*one) for one in records}
    erasures.note(account, marks)
    rows = [{"account_id": account.id, "fingerprint": one, "reason": "erased"} for one in sorted(marks)]
    db.session.execute(insert_new(Suppression), rows)
    _forget_rejections(records)
    _forget_samples(addresses, {text for contact in contacts for text in texts_of(contact)})
    _forget_changes(addresses)
    db.session.execute(delete(Contact).where(among(Contact.id, contact_ids)))


def _forget_rejections(records: Iterable[tuple[int, str, str]]) -> None:
    for integration_id, group, external_id in records:
        imports = select(RecurringImport.id).where(
            RecurringImport.integration_id == integration_id, RecurringImport.group == group
        )
        runs = select(ImportRun.id).where(ImportRun.recurring_import_id.in_(imports))
        db.session.execute(
            delete(RejectedRow).where(RejectedRow.external_id == external_id, RejectedRow.run_id.in_(runs)),
            execution_options={"synchronize_session": False},
        )


def _forget_samples(addresses: set[str], texts: set[str]) -> None:
    """Runs show people as examples: dry runs by address, and others by a text that was read in the wrong encoding.

    A dry run in work remembers them by itself, so it is broken off.
    """
    broken_off = {"status": RunStatus.CANCELLED, "reason": RunReason.BY_USER, "finished_at": now(), "lease_until": None}
    in_work = update(ImportRun).where(ImportRun.kind == RunKind.DRY, ImportRun.status.in_(ACTIVE))
    db.session.execute(in_work.values(**broken_off), execution_options={"synchronize_session": False})
    for run in db.session.scalars(select(ImportRun)):
        run.samples = {
            kind: [one for one in some if key_of(one["who"]) not in addresses] for kind, some in run.samples.items()
        }
        run.garbled = {
            column: found for column, found in run.garbled.items() if not {found["seen"], found["meant"]} & texts
        }


def _forget_changes(addresses: set[str]) -> None:
    """What an undo would write back."""
    mentions = []
    for change_id, before, after in db.session.execute(select(RunChange.id, RunChange.before, RunChange.after)):
        if {key_of(before.get("email")), key_of(after.get("email"))} & addresses:
            mentions.append(change_id)
    db.session.execute(delete(RunChange).where(among(RunChange.id, mentions)))


def texts_of(contact: Contact) -> Iterator[str]:
    yield from (contact.first_name, contact.last_name)
    yield from (value for value in contact.values.values() if isinstance(value, str))


def key_of(address: str | None) -> str | None:
    try:
        return parse(address or "").key
    except InvalidEmail:
        return None
