"""The bulk way of reading many people: Salesforce prepares them in a query job, and we read its results set by set.

The query asks for rising ids, so that the last id that was delivered is the key position, as in pages. The documentation
advises against an order without promising one: each set is looked through before anybody is taken from it, and people out
of order end the bulk way. The job and the place in its results are a shortcut beside the key position: whatever
becomes of them, a new job or the ordinary pages go on behind it.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

import msgspec

from webapp.connectors.base import Page, Person
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce.api import SalesforceApi
from webapp.connectors.salesforce.jobs import GivenUp, QueryJobs
from webapp.connectors.salesforce.reader import Reader
from webapp.connectors.salesforce.results import ResultSet

# Seconds between questions after a job's state: the short ones are waited for here, the others while the worker is elsewhere.
WAITS, LONGEST_HERE = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0), 2.0
MOST_ASKED, MOST_LOST, PATIENCE = 25, 3, 3  # 25 questions take some 20 minutes
# Results live for a week, but somebody in them may have withdrawn meanwhile: pages are never older than a moment.
FRESH = timedelta(hours=2)
# A set is one answer, which Http takes up to 8 MB of: some 20 letters a cell, as far as anybody can tell before.
MOST_CELLS = 250_000
# What the ordinary pages could not mend either, or what passes.
ELSEWHERE = frozenset(
    {
        Reason.CANNOT_CONNECT,
        Reason.TIMEOUT,
        Reason.UNAVAILABLE,
        Reason.RATE_LIMITED,
        Reason.QUOTA_USED_UP,
        Reason.UNAUTHORIZED,
        Reason.NOT_INSTALLED,
        Reason.APP_REFUSED,
        Reason.API_DISABLED,
    }
)


class Lost(Exception):
    """The job or its results are not to be had (any more); another job may be."""


class Old(Exception):
    """What the results say may no longer be so."""


class Shortcut(msgspec.Struct):
    """The cursor's second half: the job for everybody behind `behind`, how often was asked for it, and the place in its results.

    `query` is a digest of what was asked for: whoever asks for other columns cannot read these results. `lost` counts jobs that
    were lost, or that nobody came from; `entered` says that the set's first people were delivered.
    """

    query: str
    started_at: datetime
    behind: str = ""
    job: str = ""
    asked: int = 0
    lost: int = 0
    complete: bool = False
    locator: str = ""
    entered: bool = False
    most: int = 0


class Bulk:
    """One reading of everybody behind the cursor, `total` people. `last_id`: everybody up to this id was delivered.

    A job that is lost is replaced while more than `above` people are left.
    """

    def __init__(self, api: SalesforceApi, reader: Reader, page_size: int, set_size: int, total: int, above: int):
        self._api, self._jobs, self._reader = api, QueryJobs(api), reader
        self._size, self._most = page_size, max(page_size, min(set_size, MOST_CELLS // len(reader.asked)))
        self._rest, self._above = total, above
        self._left = 1.5 * total + 5 * page_size
        self._query = hashlib.sha256(reader.everyone_behind("").encode()).hexdigest()
        self._place = self._nowhere()
        self.last_id = ""

    def pages(self, cursor: dict[str, Any]) -> Iterator[Page]:
        """Pages to the end; raises GivenUp where the rest must be read otherwise, and ConnectorError."""
        self.last_id = cursor.get("last_id", "")
        if "bulk" in cursor:
            self._take_up(msgspec.convert(cursor["bulk"], Shortcut))
        while True:
            try:
                yield from self._through_a_job()
                return
            except Lost:
                self._begin_anew(lost=1)
            except Old:
                self._jobs.delete(self._place.job)
                self._begin_anew()

    def _take_up(self, place: Shortcut) -> None:
        self._place = place
        if place.job and place.query != self._query:
            self._jobs.delete(place.job)
            self._begin_anew()

    def _is_old(self) -> bool:
        return abs(datetime.now(UTC) - self._place.started_at) > FRESH

    def _begin_anew(self, lost: int = 0) -> None:
        """Behind the last one who was delivered."""
        old, self._place = self._place, self._nowhere()
        self._place.lost = old.lost + (lost or self.last_id == old.behind)
        if self._place.lost > MOST_LOST:
            raise GivenUp("too many jobs were lost")
        if self._rest <= self._above:
            raise GivenUp("few people are left")

    def _nowhere(self) -> Shortcut:
        return Shortcut(self._query, datetime.now(UTC), most=self._most)

    def _through_a_job(self) -> Iterator[Page]:
        if not self._place.job:
            self._start()
            yield Page([], self._cursor)
        if self._is_old():
            raise Old
        yield from self._wait()
        yield from self._deliver()

    def _start(self) -> None:
        try:
            job = self._jobs.start(self._reader.everyone_behind(self.last_id))
        except ConnectorError as error:
            if error.reason in ELSEWHERE:
                raise
            raise GivenUp("a job is refused") from None
        self._place.job, self._place.behind, self._place.started_at = job, self.last_id, datetime.now(UTC)

    def _wait(self) -> Iterator[Page]:
        """A short job is waited for here, a long one while the worker is elsewhere."""
        if not self._place.asked:
            self._api.pause(WAITS[0])
        while not self._place.complete:
            self._place.asked += 1
            self._place.complete = self._is_complete()
            if self._place.complete:
                yield Page([], self._cursor)
            elif self._place.asked >= MOST_ASKED:
                self._jobs.abort(self._place.job)
                raise GivenUp("the job does not end")
            else:
                yield from self._paused(WAITS[min(self._place.asked, len(WAITS) - 1)])

    def _paused(self, seconds: float) -> Iterator[Page]:
        if seconds > LONGEST_HERE:
            yield Page([], self._cursor, later=seconds)
        else:
            self._api.pause(seconds)

    def _is_complete(self) -> bool:
        try:
            return self._jobs.is_complete(self._place.job)
        except ConnectorError as error:
            raise error if error.reason in ELSEWHERE else Lost from None

    def _deliver(self) -> Iterator[Page]:
        without_news = 0
        while True:
            if self._is_old():
                raise Old
            found = self._next_set()
            self._require_order(found)
            without_news = 0 if found.ids else without_news + 1
            self._left -= len(found.ids) - bisect_right(found.ids, self.last_id)
            if self._left < 0:
                raise ConnectorError(Reason.PAGING_LOOP)
            if found.following and without_news > PATIENCE:
                raise GivenUp("sets without anybody")
            yield from self._pages_of(found)
            if found.following is None:
                return

    def _next_set(self) -> ResultSet:
        while True:
            place = self._place
            try:
                return ResultSet(self._jobs.results(place.job, place.locator, place.most), self._reader.asked)
            except ConnectorError as error:
                if error.reason in ELSEWHERE:
                    raise
                if error.reason is not Reason.TOO_LARGE:
                    raise Lost from None
                if place.most <= self._size:
                    raise GivenUp("a set is too large") from None
                place.most = max(self._size, place.most // 2)

    def _require_order(self, found: ResultSet) -> None:
        """Only in a set that was entered before may somebody stand who was delivered."""
        rising = all(one < other for one, other in pairwise(found.ids))
        if not rising or (found.ids and not self._place.entered and found.ids[0] <= self.last_id):
            self.last_id = self._place.behind
            self._jobs.delete(self._place.job)
            raise GivenUp("people are out of order")

    def _pages_of(self, found: ResultSet) -> Iterator[Page]:
        """The set's people behind the last one, in pages."""
        place, end = bisect_right(found.ids, self.last_id), len(found.ids)
        records = islice(found.records(), place, None)
        while True:
            people = [self._reader.person(record) for record in islice(records, self._size)]
            place, self._rest = place + len(people), self._rest - len(people)
            self.last_id = found.ids[place - 1] if people else self.last_id
            self._place.entered = place < end
            if place == end:
                yield self._end_of(found, people)
                if found.following is None:
                    self._jobs.delete(self._place.job)
                return
            yield Page(people, self._cursor)

    def _end_of(self, found: ResultSet, people: list[Person]) -> Page:
        """The set's last page. The last job is deleted behind it: whoever does not keep that page comes back to the job."""
        if found.following is None:
            return Page(people, None)
        self._place.locator = found.following
        return Page(people, self._cursor)

    @property
    def _cursor(self) -> dict[str, Any]:
        return {"last_id": self.last_id, "bulk": msgspec.to_builtins(self._place)}
