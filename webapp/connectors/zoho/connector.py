"""Zoho CRM: contacts and leads of one organisation, by custom views or all, through the API v8."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from webapp.connectors.base import Access, ConnectedAccount, Field, Group, Page, Person, SignIn, Source, Way, Window
from webapp.connectors.paging import by_reading_again
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.api import Refused, ZohoApi
from webapp.connectors.zoho.columns import EMAIL, Described, fields_of, knows_consent
from webapp.connectors.zoho.paging import Walk
from webapp.connectors.zoho.reader import LARGEST_PAGE, Reader, deleted
from webapp.connectors.zoho.regions import SIGN_IN
from webapp.connectors.zoho.sources import MODULES, VIEW, Sources, query_of
from webapp.values.marks import N_

BY_ID = {"sort_by": "id", "sort_order": "asc"}


class Organisation(msgspec.Struct):
    zgid: str = ""
    id: str = ""
    company_name: str | None = None


class Organisations(msgspec.Struct):
    org: list[Organisation]


class Settings(msgspec.Struct):
    fields: list[Described]


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
            "%(vendor)s gives at most 100,000 records of one source. Choose a view with fewer people in the import's settings."
        ),
    }

    def __init__(self, access: Access):
        self._api = ZohoApi(access)
        self._sources = Sources(self._api)
        self._page_size = min(access.page_size, LARGEST_PAGE)

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

        Raises ConnectorError(SOURCE_GONE) for a view that was deleted.
        """
        self._sources.require(group, source_id)
        module, total = MODULES[group], self._sources.count(group, source_id)
        since = window.since.isoformat(timespec="seconds") if window.since and not source_id.startswith(VIEW) else None
        query = query_of(source_id) | ({} if source_id.startswith(VIEW) else BY_ID)
        reader = Reader(self._api, module, query, columns, self._described(group), self._page_size, since)
        if source_id.startswith(VIEW):
            return by_reading_again(lambda: (batch for batch, _ in reader.batches(total)), cursor, self._page_size)
        return self._by_id(reader, module, columns, since, total, cursor)

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

    def _by_id(
        self,
        reader: Reader,
        module: str,
        columns: Sequence[str],
        since: str | None,
        total: int | None,
        cursor: dict[str, Any] | None,
    ) -> Iterator[Page]:
        gone = int(cursor["deleted"]) if cursor and "deleted" in cursor else 0
        if not gone:
            yield from Walk(reader, total, cursor, {"deleted": 1} if since else None).pages()
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
