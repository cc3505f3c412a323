"""What becomes of each row: added, updated, unchanged or passed over. Pure: no database, no clock."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.connectors.base import Consent
from webapp.importing.known import Known, Link
from webapp.importing.mapping import NAME_PARTS, Change, Row, rank
from webapp.models import ContactStatus, Criterion, Skip, WriteRule

PASSED_OVER = {
    ContactStatus.UNSUBSCRIBED: Skip.UNSUBSCRIBED,
    ContactStatus.REMOVED: Skip.REMOVED,
    ContactStatus.BLOCKED: Skip.BLOCKED,
    ContactStatus.BOUNCED: Skip.BOUNCED,
}
ADDED, UPDATED, UNCHANGED = "added", "updated", "unchanged"
WITHDRAWN_IN_SOURCE = "source_withdrawal"


@dataclass(frozen=True)
class Policy:
    """What the run was told to do. `budget` is how many people it may still add or update."""

    run_id: int
    criterion: Criterion
    only_consenting: bool
    new_status: ContactStatus
    budget: int


class Decisions:
    """Decides row by row over what is known, and remembers what has to be written.

    `contacts` are keyed by address, `links` by external id, `others` holds for a contact all its links of this source.
    """

    def __init__(
        self, policy: Policy, contacts: dict[str, Known], links: dict[str, Link], others: list[Link], erased: set[str]
    ):
        self.policy, self.contacts, self.links, self.erased = policy, contacts, links, erased
        self._siblings: dict[int, list[Link]] = {}
        for link in others:
            self._siblings.setdefault(id(link.contact), []).append(link)
        self.left = policy.budget
        self._touched: dict[str, Link] = {}

    def records(self) -> Collection[Link]:
        """The source records to write: those that this run meets for the first time, and those that changed."""
        return self._touched.values()

    def take_all(self, rows: Sequence[Row]) -> list[str]:
        """Decide rows until the budget is spent; says what became of each."""
        outcomes = []
        for row in rows:
            if self.left <= 0:
                break
            outcomes.append(self.take(row))
        return outcomes

    def take(self, row: Row) -> str:
        """Decide one row, whatever is left of the budget; says what it counts as."""
        link = self.links.get(row.external_id)
        repeated = link is not None and link.seen_run_id == self.policy.run_id
        if repeated and rank(link.updated_at, link.external_id) > row.order:
            outcome: str = Skip.REPEATED
        else:
            outcome = self._outcome(row, link)
        if repeated:
            return Skip.REPEATED
        if outcome in (ADDED, UPDATED):
            self.left -= 1
        return outcome

    def _outcome(self, row: Row, link: Link | None) -> str:
        if row.deleted:
            return self._deleted(link)
        if row.email_key in self.erased:
            return self._noted(row, link, Skip.ERASED)
        linked, at_address = link and link.contact, self.contacts.get(row.email_key)
        for contact in (linked, at_address):
            if contact and not contact.reachable:
                return self._noted(row, link, PASSED_OVER[contact.status])
        if is_withdrawn(row, link):
            return self._withdraw(row, link, {contact for contact in (linked, at_address) if contact})
        if self.policy.only_consenting and row.consent is not Consent.GRANTED:
            return self._noted(row, link, Skip.NO_CONSENT)
        return self._merge(row, link, linked, at_address)

    def _deleted(self, link: Link | None) -> str:
        if link and not link.deleted:
            link.deleted = link.changed = True
            link.seen_run_id = self.policy.run_id
            self._touched[link.external_id] = link
        return Skip.DELETED_IN_SOURCE

    def _withdraw(self, row: Row, link: Link | None, contacts: set[Known]) -> str:
        for contact in contacts:
            contact.status, contact.away = ContactStatus.UNSUBSCRIBED, False
            contact.changed = contact.withdrawn = True
        return self._noted(row, link, UPDATED if contacts else Skip.NO_CONSENT)

    def _merge(self, row: Row, link: Link | None, linked: Known | None, at_address: Known | None) -> str:
        exists = linked or at_address
        if self.policy.criterion is (Criterion.ADD if exists else Criterion.UPDATE):
            return self._noted(row, link, Skip.OUTSIDE_CRITERION)
        if not exists:
            return self._add(row)
        if linked and not at_address and self._is_shared(linked, link):
            return self._part(row, link, linked)
        contact, moved = self._settle_address(row, link, linked, at_address)
        changed = not self._is_stale(row, contact) and apply(contact, row.changes)
        if contact.away:
            contact.status, contact.away, contact.returned, contact.changed = self.policy.new_status, False, True, True
            moved = True
        self._remember(row, link, contact)
        return UPDATED if moved or changed else UNCHANGED

    def _part(self, row: Row, link: Link, shared: Known) -> str:
        """Two people shared an address, and one of them has another now: the contact stays with whoever is left there."""
        if self.policy.criterion is Criterion.UPDATE:
            return self._noted(row, link, Skip.OUTSIDE_CRITERION)
        self._leave(link, shared)
        self._remember(row, link, self._new_contact(row))
        return UPDATED

    def _add(self, row: Row) -> str:
        self._remember(row, None, self._new_contact(row))
        return ADDED

    def _new_contact(self, row: Row) -> Known:
        values = {name: value for name, value, _ in row.changes if value is not None}
        names = {part: values.pop(name, "") for name, part in NAME_PARTS.items()}
        contact = Known(None, row.email_key, row.email, self.policy.new_status, **names, values=values, changed=True)
        self.contacts[row.email_key] = contact
        return contact

    def _leave(self, link: Link | None, contact: Known) -> None:
        self._siblings[id(contact)] = [other for other in self._siblings.get(id(contact), []) if other is not link]

    def _settle_address(
        self, row: Row, link: Link | None, linked: Known | None, at_address: Known | None
    ) -> tuple[Known, bool]:
        """The contact that the row is about now: a new address moves the contact, or the link if somebody has that address."""
        if linked is None or linked is at_address:
            return at_address, False
        if at_address is not None:
            self._leave(link, linked)
            return at_address, True
        self.contacts.pop(linked.email_key, None)
        linked.note("email")
        linked.email_key, linked.email, linked.changed, linked.moved = row.email_key, row.email, True, True
        self.contacts[row.email_key] = linked
        return linked, True

    def _is_stale(self, row: Row, contact: Known) -> bool:
        """Whether another person of the source with the same address has newer data."""
        for other in self._siblings.get(id(contact), ()):
            if other.external_id == row.external_id or other.deleted:
                continue
            if rank(other.updated_at, other.external_id) > row.order:
                return True
        return False

    def _is_shared(self, contact: Known, link: Link | None) -> bool:
        """Whether another person of the source, who is still there, has this contact too."""
        return any(other is not link and not other.deleted for other in self._siblings.get(id(contact), []))

    def _noted(self, row: Row, link: Link | None, outcome: str) -> str:
        """Keep what the source said last, where there is a record of the person at all."""
        if link:
            self._remember(row, link, link.contact)
        return outcome

    def _remember(self, row: Row, link: Link | None, contact: Known) -> None:
        if link is None:
            link = self.links[row.external_id] = Link(None, row.external_id, contact)
        consent = str(row.consent) if row.consent else link.consent
        fresh = (contact, consent, row.updated_at, False)
        if link.id is None or fresh != (link.contact, link.consent, link.updated_at, link.deleted):
            link.contact, link.consent, link.updated_at, link.deleted = fresh
            link.changed = True
        if link.changed or link.seen_run_id != self.policy.run_id:
            link.seen_run_id = self.policy.run_id
            self._touched[link.external_id] = link
        siblings = self._siblings.setdefault(id(contact), [])
        if link not in siblings:
            siblings.append(link)


def is_withdrawn(row: Row, link: Link | None) -> bool:
    """The source says so, or it no longer says yes after it did."""
    if row.consent is None or row.consent is Consent.GRANTED:
        return False
    return row.consent is Consent.WITHDRAWN or (link is not None and link.consent == Consent.GRANTED.value)


def apply(contact: Known, changes: list[Change]) -> bool:
    """Write a row's changes into a contact by their rules; says whether anything is different now."""
    changed = False
    for name, value, rule in changes:
        part = NAME_PARTS.get(name)
        current = getattr(contact, part) if part else contact.values.get(name)
        if value == current or (value is None and rule is not WriteRule.CLEAR):
            continue
        wanted = resolve(current, value, rule)
        if wanted != current:
            contact.note(part or f"field:{name}")
            put(contact, name, wanted)
            changed = True
    contact.changed |= changed
    return changed


def resolve(current: Any, value: Any, rule: WriteRule) -> Any:
    """The value a field gets. Empty source values keep what is there, unless the column says otherwise."""
    empty = current in (None, "")
    if value is None:
        return current if rule is not WriteRule.CLEAR or empty else None
    return value if rule is not WriteRule.ONLY_EMPTY or empty else current


def put(contact: Known, name: str, value: Any) -> None:
    if name in NAME_PARTS:
        setattr(contact, NAME_PARTS[name], value or "")
    elif value is None:
        contact.values.pop(name, None)
    else:
        contact.values[name] = value
