"""Which people of a shop can be imported, and how many they are (vendor page, section 6)."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import zip_longest

import msgspec

from webapp.connectors.base import SUBSCRIBERS, Source, Window
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.shopify.api import ShopifyApi
from webapp.connectors.shopify.counts import Counts
from webapp.values.marks import N_

EVERYONE, ABANDONED = "everyone", "abandoned_checkouts"
SEGMENT, TAG = "segment:", "tag:"
COUNTED_AT_ONCE = 50

NOT_RECOVERED = "recovery_state:not_recovered"

SEGMENTS = """query Segments($after: String) {
  page: segments(first: 250, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } }"""
SEGMENT_EXISTS = "query Segment($id: ID!) { segment(id: $id) { id name } }"
RECENT_TAGS = """query RecentTags {
  page: customers(first: 250, sortKey: UPDATED_AT, reverse: true) { nodes { tags } } }"""


class Segment(msgspec.Struct):
    id: str
    name: str


class FoundSegment(msgspec.Struct):
    segment: Segment | None


class Tagged(msgspec.Struct):
    tags: list[str]


class TaggedPage(msgspec.Struct):
    nodes: list[Tagged]


class Tags(msgspec.Struct):
    page: TaggedPage


class Sources:
    """The sets of people of one shop."""

    def __init__(self, api: ShopifyApi):
        self._api, self._counts = api, Counts(api)

    def contacts(self) -> list[Source]:
        """Everyone, the subscribers, each segment and the tags in use."""
        return [
            Source(EVERYONE, N_("Customers"), N_("All customers"), self.count(EVERYONE)),
            Source(SUBSCRIBERS, N_("Customers"), N_("E-mail subscribers"), self.count(SUBSCRIBERS)),
            *self._segments(),
            *self._tags(),
        ]

    def leads(self) -> list[Source]:
        """People who left a checkout unfinished."""
        return [Source(ABANDONED, N_("Leads"), N_("Abandoned checkouts"), self.count(ABANDONED))]

    def count(self, source_id: str, window: Window | None = None) -> int | None:
        """How many people the source has, or how many changed in the window; None where Shopify does not say."""
        if source_id == ABANDONED:
            return self._counts.checkouts(search([NOT_RECOVERED], window))
        if source_id == EVERYONE:
            return self._counts.customers(search([], window))
        if source_id.startswith(SEGMENT):
            return self._counts.segments([segment_gid(source_id)])[0]
        if window and window.since:
            return None
        if source_id == SUBSCRIBERS:
            return self._counts.subscribers()
        return self._counts.tags([source_id.removeprefix(TAG)])[0]

    def require_segment(self, source_id: str) -> None:
        """Raises ConnectorError(SOURCE_GONE) if the segment was deleted."""
        if self._api.ask(SEGMENT_EXISTS, {"id": segment_gid(source_id)}, FoundSegment).segment is None:
            raise ConnectorError(Reason.SOURCE_GONE)

    def _segments(self) -> list[Source]:
        segments = self._api.ask_all(SEGMENTS, Segment)
        totals = self._counts.segments([segment.id for segment in segments[:COUNTED_AT_ONCE]])
        return [
            Source(SEGMENT + segment.id.rsplit("/", 1)[-1], N_("Segment"), segment.name, total, incremental=False)
            for segment, total in zip_longest(segments, totals)
        ]

    def _tags(self) -> list[Source]:
        """Shopify has no list of customer tags; those of the customers changed last stand for it, the commonest first."""
        recent = self._api.ask(RECENT_TAGS, {}, Tags).page.nodes
        common = Counter(tag for customer in recent for tag in customer.tags).most_common(COUNTED_AT_ONCE)
        tags = sorted((tag for tag, _ in common), key=str.casefold)
        totals = self._counts.tags(tags)
        return [Source(TAG + tag, N_("Tag"), tag, total) for tag, total in zip(tags, totals, strict=True)]


def segment_gid(source_id: str) -> str:
    """`segment:12` -> `gid://shopify/Segment/12`."""
    return f"gid://shopify/Segment/{source_id.removeprefix(SEGMENT)}"


def tag_query(tag: str) -> str:
    """The search for customers with this tag; quotes and backslashes in it are its own."""
    quoted = tag.replace("\\", "\\\\").replace("'", "\\'")
    return f"tag:'{quoted}'"


def search(terms: Sequence[str | None], window: Window | None = None) -> str | None:
    """One search string of these terms and the window's changes, or None for everyone.

    A full pass (no `since`) has no upper bound either: someone who changes while it reads would drop out of it.
    """
    since = window and window.since
    bounds = [f"updated_at:>='{_moment(since)}'", f"updated_at:<='{_moment(window.until)}'"] if since else []
    return " AND ".join(term for term in [*terms, *bounds] if term) or None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
