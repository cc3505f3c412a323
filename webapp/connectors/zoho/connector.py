"""Zoho CRM: contacts and leads of one organisation, by custom views or all, through the API v8."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple

import msgspec

from webapp.connectors.base import Access, ConnectedAccount, Field, Group, Page, Person, SignIn, Source, Way, Window
from webapp.connectors.paging import by_reading_again
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.api import Refused, ZohoApi
from webapp.connectors.zoho.bulk import Bulk, GivenUp, Query, criterion
from webapp.connectors.zoho.bulk import group as grouped
from webapp.connectors.zoho.columns import EMAIL, Described, fields_of, knows_consent
from webapp.connectors.zoho.jobs import Jobs
from webapp.connectors.zoho.layout import CONVERTED, Layout
from webapp.connectors.zoho.paging import Walk
from webapp.connectors.zoho.reader import LARGEST_PAGE, LEADS, MOST_RECORDS, Reader, deleted
from webapp.connectors.zoho.regions import SIGN_IN
from webapp.connectors.zoho.sources import MODULES, VIEW, WITH_CONVERTED, Sources, query_of
from webapp.values.marks import N_

BEYOND_PAGES = "PAGINATION_LIMIT_EXCEEDED"
BY_ID = {"sort_by": "id", "sort_order": "asc"}


class Organisation(msgspec.Struct):
    zgid: str = ""
    id: str = ""
    company_name: str | None = None


class Organisations(msgspec.Struct):
    org: list[Organisation]


class Settings(msgspec.Struct):
    fields: list[Described]


class Whole(NamedTuple):
    """A source, and the two ways of reading all of it."""

    id: str
    reader: Reader
    bulk: Bulk
    total: int | None

    @property
    def is_view(self) -> bool:
        return self.id.startswith(VIEW)

    @property
    def is_beyond_pages(self) -> bool:
        return self.total is not None and self.total > MOST_RECORDS


class Zoho:
    """One organisation, connected by a person who signed in there."""

    key: ClassVar = "zoho"
    label: ClassVar = "Zoho CRM"
    tagline: ClassVar = N_("Just sign in to your account")
    code: ClassVar = "ZOH"
    ways: ClassVar[tuple[Way, ...]] = (SIGN_IN,)
    groups: ClassVar = (Group.CONTACTS, Group.LEADS)
    sentences: ClassVar[Mapping[Reason, str]] = {
        Reason.UNAUTHORIZED: N_(
            "%(vendor)s no longer lets us in: access was taken back there, or the person who gave it has left. "
            "Press Connect and sign in again."
        ),
        Reason.MISSING_SCOPE: N_(
            "%(vendor)s does not show this person contacts or leads. Sign in with an account whose profile may see them, "
            "or ask the administrator of %(vendor)s for the permission."
        ),
        Reason.TOO_LARGE: N_(
            "%(vendor)s gives more than 100,000 people of one source only in bulk. Connect the account again and allow that, "
            "or choose a view with fewer people in the import's settings."
        ),
    }

    # A job costs 50 credits, a page of 200 people one (three of a view): from 20 000 on a job costs half as much, and is
    # worth the minutes that Zoho may take for it.
    bulk_above: ClassVar = 20_000

    def __init__(self, access: Access):
        self._api = ZohoApi(access)
        self._sources = Sources(self._api)
        self._page_size, self._bulk_size = min(access.page_size, LARGEST_PAGE), access.page_size
        self._may_bulk = access.in_bulk

    def authorize_url(self, sign_in: SignIn) -> str:
        """Zoho's own page in the region that was chosen."""
        return self._api.tokens.authorize_url(sign_in)

    def exchange(self, sign_in: SignIn, answer: Mapping[str, str]) -> None:
        """Tokens from the region that the answer names, once that is known to be one of Zoho's."""
        self._api.tokens.redeem(sign_in, answer)

    def check(self) -> ConnectedAccount:
        """The organisation. Raises ConnectorError(MISSING_SCOPE) where neither contacts nor leads may be seen."""
        found = self._api.get("org", {}, Organisations)
        external_id = found and found.org and (found.org[0].zgid or found.org[0].id)
        if not external_id:
            raise ConnectorError(Reason.BAD_RESPONSE)
        unavailable = {group: reason for group in self.groups if (reason := self._why_not(group))}
        if len(unavailable) == len(self.groups):
            raise ConnectorError(unavailable[Group.CONTACTS])
        return ConnectedAccount(external_id, found.org[0].company_name or external_id, unavailable)

    def sources(self, group: Group) -> list[Source]:
        """Everyone and the custom views, with live counts."""
        return self._sources.of(group, knows_consent(self._described(group)))

    def fields(self, group: Group, source_id: str) -> list[Field]:
        """The module's fields under the organisation's own labels."""
        return fields_of(self._described(group))

    def incremental(self, group: Group, source_id: str) -> bool:
        """A view may gain and lose people who did not change themselves."""
        return not source_id.startswith(VIEW)

    def count(self, group: Group, source_id: str, window: Window | None = None) -> int | None:
        """How many people the source has; None for changes, which Zoho does not count."""
        return None if window and window.since else self._sources.count(group, source_id)

    def people(
        self, group: Group, source_id: str, columns: Sequence[str], window: Window, cursor: dict[str, Any] | None
    ) -> Iterator[Page]:
        """Pages of people by rising id, and of a window then those who were deleted; views in their own order, whole.

        A whole pass of many is read in bulk. Raises ConnectorError(SOURCE_GONE) for a view that was deleted, TOO_LARGE for
        more than Zoho gives page by page where it does not give them in bulk.
        """
        self._sources.require(group, source_id)
        described, total = self._described(group), self._sources.count(group, source_id)
        since = window.since.isoformat(timespec="seconds") if window.since and not source_id.startswith(VIEW) else None
        query = query_of(source_id) | ({} if source_id.startswith(VIEW) else BY_ID)
        reader = Reader(self._api, MODULES[group], query, columns, described, self._page_size, since)
        source = Whole(source_id, reader, self._bulk(group, source_id, reader, described, total), total)
        if self._is_for_bulk(source, window, cursor):
            return self._in_bulk(source, cursor)
        if source.is_view:
            return self._in_pages(source, cursor)
        return self._by_id(source, MODULES[group], columns, since, cursor)

    def again(self, group: Group, source_id: str, columns: Sequence[str], ids: Sequence[str]) -> Iterator[Person]:
        """Those of these people whom the source still has."""
        query = query_of(source_id) | {"ids": ",".join(number for number in ids if number.isdecimal())}
        reader = Reader(self._api, MODULES[group], query, columns, self._described(group), self._page_size, None)
        return (person for batch, _token in reader.batches(len(ids)) for person in batch.people)

    def revoke(self) -> None:
        """Give the refresh token back to Zoho; one that is dead already needs no giving back."""
        try:
            self._api.tokens.revoke()
        except ConnectorError as error:
            if not error.permanent:
                raise

    def _is_for_bulk(self, source: "Whole", window: Window, cursor: dict[str, Any] | None) -> bool:
        """Whoever began page by page goes on so, unless the pages cannot reach the end."""
        if not self._may_bulk or window.since:
            return False
        if cursor:
            return "bulk" in cursor or source.is_beyond_pages
        return (source.total or 0) > self.bulk_above and (source.bulk.fits or source.is_beyond_pages)

    def _bulk(
        self, group: Group, source_id: str, reader: Reader, described: Sequence[Described], total: int | None
    ) -> Bulk:
        """Leads that became contacts are in a job's file unless its view leaves them out: they are told apart there."""
        both = grouped("or", [criterion(CONVERTED, "equal", value) for value in ("true", "false")])
        is_whole, view = source_id == WITH_CONVERTED, query_of(source_id).get("cvid", "")
        hides = MODULES[group] == LEADS and not is_whole
        query = Query(MODULES[group], view, (both,) if is_whole else (), hides)
        layout = Layout(reader.wanted, described, [CONVERTED] if hides else [])
        may_join = total is None or total > MOST_RECORDS
        return Bulk(Jobs(self._api), reader, layout, query, self._bulk_size, total, may_join)

    def _in_bulk(self, source: "Whole", cursor: dict[str, Any] | None) -> Iterator[Page]:
        """Page by page after all where bulk leads nowhere: a view from its start, for its pages have an order of their own."""
        starts_anew = source.is_view and cursor is not None and "bulk" not in cursor
        try:
            yield from source.bulk.pages(None if starts_anew else cursor)
        except GivenUp as given_up:
            if source.is_beyond_pages:
                raise ConnectorError(given_up.reason) from None
            place = {"last_id": str(source.bulk.last_id), "token": None}
            yield from self._in_pages(source, None if source.is_view else place)

    def _in_pages(
        self, source: "Whole", cursor: dict[str, Any] | None, then: dict[str, Any] | None = None
    ) -> Iterator[Page]:
        reader, total = source.reader, source.total
        if source.is_view:
            return by_reading_again(lambda: (batch for batch, _ in reader.batches(total)), cursor, self._page_size)
        return self._walk(source, Walk(reader, total, cursor, then), then)

    def _walk(self, source: "Whole", walk: Walk, then: dict[str, Any] | None) -> Iterator[Page]:
        """Where nobody counted, the pages themselves may show that they are too many for them."""
        try:
            yield from walk.pages()
        except Refused as refused:
            if refused.code != BEYOND_PAGES or then or not walk.last or not self._may_bulk:
                raise
            yield from self._beyond_pages(source, {"last_id": str(walk.last)})

    def _beyond_pages(self, source: "Whole", cursor: dict[str, Any]) -> Iterator[Page]:
        try:
            yield from source.bulk.pages(cursor)
        except GivenUp as given_up:
            raise ConnectorError(given_up.reason) from None

    def _by_id(
        self, source: "Whole", module: str, columns: Sequence[str], since: str | None, cursor: dict[str, Any] | None
    ) -> Iterator[Page]:
        gone = int(cursor["deleted"]) if cursor and "deleted" in cursor else 0
        if not gone:
            yield from self._in_pages(source, cursor, {"deleted": 1} if since else None)
        if since:
            yield from deleted(self._api, module, columns, since, gone or 1)

    def _described(self, group: Group) -> list[Described]:
        found = self._api.get("settings/fields", {"module": MODULES[group]}, Settings)
        return found.fields if found else []

    def _why_not(self, group: Group) -> Reason | None:
        """What keeps this group from being read: the profile of who signed in, or what was agreed to."""
        try:
            self._api.get(MODULES[group], {"fields": EMAIL, "per_page": 1}, dict)
        except Refused as refused:
            if refused.reason not in (Reason.MISSING_SCOPE, Reason.SOURCE_GONE):
                raise
            return Reason.MISSING_SCOPE
        return None
