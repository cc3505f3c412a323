"""Salesforce: contacts and leads of one organisation, by list views, campaigns or all, through the REST API."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import msgspec

from webapp.connectors.base import Access, ConnectedAccount, Field, Group, Page, Person, SignIn, Source, Way, Window
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce import soql
from webapp.connectors.salesforce.api import SalesforceApi
from webapp.connectors.salesforce.columns import OPT_OUT, Described, Description, fields_of
from webapp.connectors.salesforce.hosts import SIGN_IN
from webapp.connectors.salesforce.reader import Reader
from webapp.connectors.salesforce.sources import ENTITIES, Sources, bounds, is_incremental
from webapp.values.marks import N_

LARGEST_PAGE = 2_000


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

    def __init__(self, access: Access):
        self._api = SalesforceApi(access)
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

        Raises ConnectorError: SOURCE_GONE for a view or campaign that was deleted, QUOTA_USED_UP before the last fifth of
        the day's requests.
        """
        people = self._sources.people(group, source_id)
        place = cursor or {}
        changes = bounds(window) if is_incremental(source_id) else []
        total = self._sources.count(people, window if changes else None)
        reader = Reader(self._api, people, columns, lambda: self._described(group), self._page_size)
        if "deleted_after" not in place:
            then = {"deleted_after": ""} if changes else None
            yield from reader.pages(changes, place.get("last_id", ""), total, then)
        if changes:
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
