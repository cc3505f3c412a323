"""Salesforce: contacts and leads of one organisation, by list views, campaigns or all, through the REST API."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from webapp.connectors.base import Access, ConnectedAccount, Field, Group, Page, Person, SignIn, Source, Way, Window
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce import soql
from webapp.connectors.salesforce.api import SalesforceApi
from webapp.connectors.salesforce.bulk import Bulk
from webapp.connectors.salesforce.columns import OPT_OUT, Described, Description, fields_of
from webapp.connectors.salesforce.hosts import SIGN_IN
from webapp.connectors.salesforce.jobs import GivenUp
from webapp.connectors.salesforce.reader import Reader
from webapp.connectors.salesforce.sources import ENTITIES, People, Sources, bounds, is_incremental
from webapp.values.marks import N_

LARGEST_PAGE = 2_000
log = logging.getLogger(__name__)


class Organisation(msgspec.Struct):
    Id: str
    Name: str


class Salesforce:
    """One organisation, connected by a person who signed in there."""

    key: ClassVar = "salesforce"
    label: ClassVar = "Salesforce"
    tagline: ClassVar = N_("Just sign in to your account")
    code: ClassVar = "SFC"
    ways: ClassVar[tuple[Way, ...]] = (SIGN_IN,)
    groups: ClassVar = (Group.CONTACTS, Group.LEADS)
    sentences: ClassVar[Mapping[Reason, str]] = {
        Reason.BAD_ADDRESS: N_(
            "This is not a My Domain of %(vendor)s. Enter it as in the browser, for example name.my.salesforce.com."
        ),
        Reason.UNAUTHORIZED: N_(
            "%(vendor)s no longer lets us in: access was taken back there, or the person who gave it was deactivated. "
            "Press Connect and sign in again."
        ),
        Reason.NOT_INSTALLED: N_(
            "%(vendor)s lets people sign in only through an app of their own organisation. Ask the administrator to create "
            "the External Client App there and to enter its keys here, and connect again."
        ),
        Reason.MISSING_SCOPE: N_(
            "%(vendor)s does not show this person contacts or leads. Sign in with an account whose profile may read them, "
            "or ask the administrator of %(vendor)s for the permission."
        ),
        Reason.API_DISABLED: N_(
            "This edition of %(vendor)s does not allow programs to read its data. Ask %(vendor)s to switch API access on, "
            "and connect again."
        ),
    }

    # With all that a job costs besides its sets, 25 000 people take 10 requests instead of 15, 100 000 take 17 instead of 53, and
    # where two long texts are read, of which Salesforce gives 200 at once, 10 instead of 127; fewer people are there sooner in pages.
    bulk_above: ClassVar = 20_000
    set_size: ClassVar = 10_000

    def __init__(self, access: Access):
        self._api, self._may_prepare = SalesforceApi(access), access.in_bulk
        self._sources = Sources(self._api)
        self._page_size = min(access.page_size, LARGEST_PAGE)

    def authorize_url(self, sign_in: SignIn) -> str:
        """Salesforce's own page behind the door that was chosen."""
        return self._api.tokens.authorize_url(sign_in)

    def exchange(self, sign_in: SignIn, answer: Mapping[str, str]) -> None:
        """Tokens for the organisation; raises ConnectorError(FORGED_ANSWER) where the signature is not the application's."""
        self._api.tokens.redeem(sign_in, answer)

    def check(self) -> ConnectedAccount:
        """The organisation. Raises ConnectorError(MISSING_SCOPE) where neither contacts nor leads may be seen."""
        found = self._api.rows("SELECT Id, Name FROM Organization LIMIT 1", Organisation)
        if not found:
            raise ConnectorError(Reason.BAD_RESPONSE)
        unavailable = {group: Reason.MISSING_SCOPE for group in self.groups if not self._may_see(group)}
        if len(unavailable) == len(self.groups):
            raise ConnectorError(Reason.MISSING_SCOPE)
        return ConnectedAccount(found[0].Id, found[0].Name, unavailable)

    def sources(self, group: Group) -> list[Source]:
        """Everyone, list views and campaigns, with live counts."""
        return self._sources.of(group, any(one.name == OPT_OUT for one in self._described(group)))

    def fields(self, group: Group, source_id: str) -> list[Field]:
        """The fields that this person may see, under the organisation's own labels."""
        return fields_of(self._described(group))

    def incremental(self, group: Group, source_id: str) -> bool:
        """Views and campaigns change without their people changing."""
        return is_incremental(source_id)

    def count(self, group: Group, source_id: str, window: Window | None = None) -> int | None:
        """How many people the source has, or how many changed in the window."""
        return self._sources.count(self._sources.people(group, source_id), window)

    def people(
        self, group: Group, source_id: str, columns: Sequence[str], window: Window, cursor: dict[str, Any] | None
    ) -> Iterator[Page]:
        """Pages of people by rising id, and of a window then those who were deleted.

        A whole pass of more than `bulk_above` people goes through a job that Salesforce prepares (`Page.later`).
        Raises ConnectorError: SOURCE_GONE for a view or campaign that was deleted, QUOTA_USED_UP before the last fifth of
        the day's requests.
        """
        people = self._sources.people(group, source_id)
        place = cursor or {}
        changes = bounds(window) if is_incremental(source_id) else []
        total = self._sources.count(people, window if changes else None, place.get("last_id", ""))
        reader = Reader(self._api, people, columns, lambda: self._described(group), self._page_size)
        if not changes:
            yield from self._everyone(reader, people, place, total)
            return
        if "deleted_after" not in place:
            yield from reader.pages(changes, place.get("last_id", ""), total, {"deleted_after": ""})
        yield from reader.gone(changes, place.get("deleted_after", ""))

    def again(self, group: Group, source_id: str, columns: Sequence[str], ids: Sequence[str]) -> Iterator[Person]:
        """Those of these people whom the source still has."""
        people = self._sources.people(group, source_id)
        reader = Reader(self._api, people, columns, lambda: self._described(group), self._page_size)
        wanted = ", ".join(soql.literal(soql.identifier(number)) for number in ids)
        return (person for page in reader.pages([f"Id IN ({wanted})"], "", len(ids), None) for person in page.people)

    def revoke(self) -> None:
        """Give the refresh token back to Salesforce; one that is dead already needs no giving back."""
        try:
            self._api.tokens.revoke()
        except ConnectorError as error:
            if not error.permanent:
                raise

    def _everyone(self, reader: Reader, people: People, place: dict[str, Any], total: int) -> Iterator[Page]:
        """In bulk where that pays, and otherwise in pages; so too what is left where bulk leads nowhere.

        A list view's scope is a clause of its own, which jobs are not known to take.
        """
        last_id, kept = place.get("last_id", ""), {"bulk": None} if place.get("bulk", ...) is None else {}
        begins = "bulk" not in place and total > self.bulk_above
        if (begins or place.get("bulk")) and self._may_prepare and not people.scope:
            bulk = Bulk(self._api, reader, self._page_size, self.set_size, total, self.bulk_above)
            try:
                yield from bulk.pages(place)
                return
            except GivenUp as reason:
                log.info("Reading in pages from %s on: %s", bulk.last_id or "the start", reason)
                last_id, kept = bulk.last_id, {"bulk": None}
                yield Page([], {"last_id": last_id, **kept})
                total = self._sources.count(people, None, last_id)
        yield from reader.pages([], last_id, total, None, kept)

    def _described(self, group: Group) -> list[Described]:
        try:
            return self._api.get(f"sobjects/{ENTITIES[group]}/describe", Description).fields
        except ConnectorError as error:
            raise ConnectorError(Reason.MISSING_SCOPE) if error.reason is Reason.SOURCE_GONE else error from None

    def _may_see(self, group: Group) -> bool:
        try:
            return any(one.name == "Email" for one in self._described(group))
        except ConnectorError as error:
            if error.reason is not Reason.MISSING_SCOPE:
                raise
            return False
