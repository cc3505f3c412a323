"""People of a store, page by page: customers with the consent of their address, and subscribers."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec

from webapp.connectors.base import Consent, Page, Person, Window
from webapp.connectors.bigcommerce import customers, subscribers
from webapp.connectors.bigcommerce.api import BigCommerceApi
from webapp.connectors.bigcommerce.columns import Chosen, Read, subscriber_readers
from webapp.connectors.bigcommerce.consents import Consents
from webapp.connectors.bigcommerce.customers import Customers
from webapp.connectors.bigcommerce.records import AttributeValue, Customer, Reading, Subscriber, Unreadable, moment
from webapp.connectors.bigcommerce.subscribers import Subscribers
from webapp.connectors.decoding import converted

INLINE_ATTRIBUTES = 10
ATTRIBUTE_VALUES = "v3/customers/attribute-values"
LONGEST_LIST = 6_000  # characters of an address that name people; gateways refuse addresses of 8 kB
# Whether bounds belong to the window, and whose clock they are read by, is not documented (vendor page, section 3).
OVERLAP = timedelta(days=1)


class CustomerReader:
    """Reads the customers of a query (all, or one group) with the chosen columns; those it does not have are None."""

    def __init__(
        self,
        api: BigCommerceApi,
        query: Mapping[str, Any],
        columns: Sequence[str],
        groups: Mapping[int, str],
        page_size: int,
    ):
        self._api, self._query, self._size = api, dict(query), page_size
        self._chosen = Chosen(tuple(columns))
        self._readers = self._chosen.readers(groups)
        self._consents = Consents(api)
        self._attribute_values = Reading(msgspec.json.Decoder(AttributeValue))

    def pages(self, window: Window, cursor: dict[str, Any] | None) -> Iterator[Page]:
        """Customers by id; of a window first those who changed, and then those whose subscription did."""
        if cursor is None or "subscribers" not in cursor:
            yield from self._customers(window, cursor)
            cursor = None
        if window.since:
            yield from self._resubscribed(window, cursor)

    def few(self) -> Iterator[Person]:
        """The customers of a query that names them: their consent is asked for one by one, not read with all others."""
        for page in self._customers(Window(datetime(1970, 1, 1, tzinfo=UTC), datetime.now(UTC)), None):
            yield from page.people

    def _customers(self, window: Window, cursor: dict[str, Any] | None) -> Iterator[Page]:
        place = converted(cursor or {}, customers.Place)
        last = {"subscribers": msgspec.to_builtins(subscribers.Place())} if window.since else None
        for batch in self._collection(bounds(window)).batches(place):
            if batch is None:
                yield Page([], msgspec.to_builtins(place))
                continue
            if batch.records:
                for _ in self._consents.read(batch.place.total if window.since else None):
                    yield Page([], msgspec.to_builtins(place))
            place = batch.place
            yield Page(self._people(batch.records), msgspec.to_builtins(place) if batch.more else last)

    def _collection(self, query: Mapping[str, Any]) -> Customers:
        return Customers(self._api, {**self._query, **query}, self._chosen.include, self._size)

    def _people(self, records: list[Any], agreed: Mapping[str, bool] | None = None) -> list[Person]:
        self._complete([record for record in records if isinstance(record, Customer)])
        return [self._person(record, agreed) for record in records]

    def _person(self, record: Customer | Unreadable, agreed: Mapping[str, bool] | None) -> Person:
        if isinstance(record, Unreadable):
            return unreadable(record)
        if agreed is None:
            consent = self._consents.of(record.email)
        else:
            consent = Consent.GRANTED if agreed.get((record.email or "").lower()) else Consent.NONE
        return person(record, self._readers, consent)

    def _complete(self, records: list[Customer]) -> None:
        """A record shows ten attributes at most: all that are wanted of those who have more are asked for."""
        many = {record.id: record for record in records if (record.attribute_count or 0) > INLINE_ATTRIBUTES}
        if not many or not self._chosen.attributes:
            return
        wanted = {"customer_id:in": _listed(many), "attribute_id:in": _listed(self._chosen.attributes)}
        found: dict[int, list[AttributeValue]] = defaultdict(list)
        for raw in self._api.list_v3(ATTRIBUTE_VALUES, wanted, msgspec.Raw):
            value = self._attribute_values.record(raw)
            if isinstance(value, AttributeValue):
                found[value.customer_id].append(value)
        for number, record in many.items():
            record.attributes = found[number]

    def _resubscribed(self, window: Window, cursor: dict[str, Any] | None) -> Iterator[Page]:
        """Customers whose subscriber changed in the window; a customer's own record does not change with it."""
        place = converted((cursor or {}).get("subscribers", {}), subscribers.Place)
        for batch in Subscribers(self._api, bounds(window), self._size).batches(place):
            rows = [row for row in batch.records if isinstance(row, Subscriber) and row.email]
            agreed = {row.email.lower(): row.agreed for row in rows}
            people = [person for emails in _portions(agreed) for person in self._found(emails, agreed, window)]
            yield Page(people, {"subscribers": msgspec.to_builtins(batch.place)} if batch.more else None)

    def _found(self, emails: list[str], agreed: Mapping[str, bool], window: Window) -> Iterator[Person]:
        """The customers of these addresses, without those who came already because they changed themselves."""
        for batch in self._collection({"email:in": ",".join(emails)}).batches(customers.Place()):
            for found in self._people(batch.records if batch else [], agreed):
                if found.updated_at is None or not window.since <= found.updated_at <= window.until:
                    yield found


class SubscriberReader:
    """Reads the newsletter's list; whoever is on it without consent has withdrawn, or never agreed."""

    def __init__(self, api: BigCommerceApi, columns: Sequence[str], page_size: int):
        self._api, self._size = api, page_size
        self._readers = subscriber_readers(tuple(columns))

    def pages(self, window: Window, cursor: dict[str, Any] | None) -> Iterator[Page]:
        """Subscribers by id."""
        place = converted(cursor or {}, subscribers.Place)
        for batch in Subscribers(self._api, bounds(window), self._size).batches(place):
            people = [self._person(record) for record in batch.records]
            yield Page(people, msgspec.to_builtins(batch.place) if batch.more else None)

    def _person(self, record: Subscriber | Unreadable) -> Person:
        if isinstance(record, Unreadable):
            return unreadable(record)
        return person(record, self._readers, Consent.GRANTED if record.agreed else Consent.WITHDRAWN)


def person(record: Customer | Subscriber, readers: Mapping[str, Read], consent: Consent) -> Person:
    """One record as it is delivered."""
    values = {column: read(record) for column, read in readers.items()}
    try:
        return Person(str(record.id), values, consent, moment(record.date_modified))
    except ValueError:
        return Person(str(record.id), {}, unreadable=True)


def unreadable(record: Unreadable) -> Person:
    return Person(str(record.id or ""), {}, unreadable=True)


def bounds(window: Window) -> dict[str, str]:
    """The filter of a window's changes. A full pass has none: someone who changes while it reads would drop out of it."""
    if window.since is None:
        return {}
    return {
        "date_modified:min": _moment(window.since - OVERLAP),
        "date_modified:max": _moment(window.until + OVERLAP),
    }


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _listed(numbers: Any) -> str:
    return ",".join(str(number) for number in numbers)


def _portions(emails: Mapping[str, bool]) -> Iterator[list[str]]:
    """Addresses in lists that fit into a request; one with a comma cannot be asked about."""
    portion, length = [], 0
    for email in emails:
        size = len(quote(email, safe="@", errors="replace")) + 1
        if "," in email:
            continue
        if portion and length + size > LONGEST_LIST:
            yield portion
            portion, length = [], 0
        portion, length = [*portion, email], length + size
    if portion:
        yield portion
