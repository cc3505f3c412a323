"""The bulk way of reading a whole source: a job writes everyone into a file, and we read that.

The cursor's truth is `last_id`: everyone up to this id was delivered, and a new job is asked for those behind it. Because no
order is promised, the last id delivered becomes that truth only where one file holds everyone and was seen to rise; else it
stays before all of them, and whoever loses the file begins again. That loses nobody, and people who did not change are free.
The job and the place in its file are a shortcut, for as long as the file is fresh.
"""

import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import msgspec

from webapp.connectors.base import Page
from webapp.connectors.http import NoRoom
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.zoho.api import Refused
from webapp.connectors.zoho.files import ResultFile
from webapp.connectors.zoho.jobs import GENERAL, Jobs, Result, Stumbled
from webapp.connectors.zoho.layout import CONVERTED, Layout
from webapp.connectors.zoho.reader import Reader

IN_PLACE = (1.0, 2.0, 4.0)
COME_BACK, MOST_VISITS = 60.0, 60  # an hour
MOST_STUMBLES = 3
MOST_PARTS, MOST_EMPTY_PARTS = 500, 3
MOST_TIMES, MOST_MORE = 2, 1_000  # so often may everyone come, before this is a vendor that goes round in circles
# A file is there for a day, but somebody in it may have withdrawn meanwhile.
FRESH = timedelta(hours=6)


class GivenUp(Exception):
    """This way leads nowhere; `reason` says what to tell where there is no other."""

    def __init__(self, reason: Reason):
        super().__init__(reason.value)
        self.reason = reason


class Query(msgspec.Struct, frozen=True):
    """Whom jobs are asked for. `criteria` come from the source; `without_converted` leaves out leads that became contacts."""

    module: str
    view: str = ""
    criteria: tuple[dict[str, Any], ...] = ()
    without_converted: bool = False


class Shortcut(msgspec.Struct):
    """The cursor's second half: the job ("" before it is asked for), the mark (page token) it begins at, and the row in its file.

    `whole`: ids cannot be compared in this organisation, so that jobs find everyone. `visits` and `stumbles` bound how often
    an unfinished job is looked at, and how often a failed one is replaced; `before` are the records of the parts before.
    """

    job: str = ""
    asked_at: datetime | None = None
    mark: str = ""
    part: int = 1
    before: int = 0
    empty: int = 0
    row: int = 0
    visits: int = 0
    stumbles: int = 0
    whole: bool = False


class Bulk:
    """One pass over `total` people (None: nobody counted them), in pages of `size`.

    `may_join`: whether fields that jobs refuse are asked for by id; else such a source is given up.
    """

    def __init__(
        self, jobs: Jobs, reader: Reader, layout: Layout, query: Query, size: int, total: int | None, may_join: bool
    ):
        self._jobs, self._reader, self._layout, self._query = jobs, reader, layout, query
        self._size, self._may_join = size, may_join
        countless = total is None or query.without_converted  # nobody counts those who are left out
        self._most = math.inf if countless else MOST_TIMES * total + MOST_MORE
        self._place, self._is_old = Shortcut(), False
        self._waits: list[float] = []
        self.last_id = 0

    def pages(self, cursor: dict[str, Any] | None) -> Iterator[Page]:
        """Everyone behind the cursor; raises GivenUp, ConnectorError."""
        self._take_up(cursor)
        done = False
        while not done:
            try:
                if not self._place.job:
                    yield self._started()
                result = yield from self._awaited()
                done = yield from self._fetched(result)
            except Stumbled as stumbled:
                yield self._begin_again(stumbled)

    def _take_up(self, cursor: dict[str, Any] | None) -> None:
        self.last_id = int(cursor["last_id"]) if cursor else 0
        if cursor and "bulk" in cursor:
            place = msgspec.convert(cursor["bulk"], Shortcut)
            fresh = place.asked_at is None or datetime.now(UTC) - place.asked_at < FRESH
            self._place = place if fresh else Shortcut(whole=place.whole)
            self._is_old = self._place.row > 0 or self._place.part > 1

    @property
    def fits(self) -> bool:
        """Whether a job can export every field that is wanted."""
        return self._layout.fits

    @property
    def _cursor(self) -> dict[str, Any]:
        return {"last_id": str(self.last_id), "bulk": msgspec.to_builtins(self._place)}

    def _begin_again(self, stumbled: Stumbled) -> Page:
        """From the last id delivered. What an earlier worker had read from may have had its time: that is no stumble."""
        stumbles = self._place.stumbles + (not self._is_old)
        if stumbles >= MOST_STUMBLES:
            raise GivenUp(stumbled.reason)
        self._place, self._is_old = Shortcut(stumbles=stumbles, whole=self._place.whole), False
        return Page([], self._cursor)

    def _started(self) -> Page:
        place = self._place
        place.job = self._ask({"page_token": place.mark}) if place.mark else self._ask_for_all()
        place.asked_at, place.visits = place.asked_at or datetime.now(UTC), 0
        self._waits = list(IN_PLACE)
        return Page([], self._cursor)

    def _ask_for_all(self) -> str:
        job = ""
        while not job:
            job = self._ask(self._asked)
        return job

    def _ask(self, query: dict[str, Any]) -> str:
        """The id of the new job, or "" where the query was changed and can be asked again."""
        try:
            return self._jobs.start(query)
        except Refused as refused:
            if refused.reason in GENERAL:
                raise
            if "page_token" in query:
                raise Stumbled(Reason.UNAVAILABLE) from None
            if not self._do_without(refused):
                raise GivenUp(Reason.TOO_LARGE) from None
        return ""

    def _do_without(self, refused: Refused) -> bool:
        """Whether there is another query for what Zoho does not take: without comparing ids, or without a field."""
        if "CRITERIA" in refused.code or refused.field == "id":
            compares = self.last_id > 0 and not self._place.whole
            self._place.whole = True
            return compares
        return self._may_join and self._layout.refuse(refused.field)

    @property
    def _asked(self) -> dict[str, Any]:
        criteria = list(self._query.criteria)
        if self.last_id and not self._place.whole:
            criteria.append(criterion("id", "greater_than", str(self.last_id)))
        return {
            "module": {"api_name": self._query.module},
            "fields": self._layout.asked,
            **({"cvid": self._query.view} if self._query.view else {}),
            **({"criteria": group("and", criteria)} if criteria else {}),
        }

    def _awaited(self) -> Iterator[Page]:
        """Returns what the job found. A short one is waited for here, a long one while the worker is elsewhere."""
        while (result := self._jobs.look(self._place.job)) is None:
            if self._waits:
                self._jobs.pause(self._waits.pop(0))
                continue
            self._place.visits += 1
            if self._place.visits > MOST_VISITS:
                raise GivenUp(Reason.TIMEOUT)
            yield Page([], self._cursor, later=COME_BACK)
        return result

    def _fetched(self, result: Result) -> Iterator[Page]:
        """Deliver the file; returns whether it was the last one."""
        if result.count == 0:
            yield self._end_of_part(result, [])
        else:
            with TemporaryFile() as file:
                yield from self._from_file(file, result)
        return not result.more_records

    def _from_file(self, file: BinaryIO, result: Result) -> Iterator[Page]:
        yield Page([], self._cursor)
        try:
            self._jobs.fetch(self._place.job, file)
        except NoRoom:
            raise GivenUp(Reason.UNAVAILABLE) from None
        found = ResultFile(file, result.count)
        for _ in found.look_through():
            yield Page([], self._cursor)
        if self._query.without_converted and CONVERTED not in found.header:
            raise Stumbled(Reason.BAD_RESPONSE)
        yield from self._delivered(found, result)

    def _delivered(self, found: ResultFile, result: Result) -> Iterator[Page]:
        in_order = found.rises and self._place.part == 1 and not result.more_records
        record, missing = self._layout.reader(found.header, found.identity), self._layout.missing(found.header)
        rows, behind, self._is_old = found.rows(self._place.row), self.last_id, False
        while batch := list(islice(rows, self._size)):
            records = [record(row) for row in batch if not 0 <= found.number(row) <= behind]
            wanted = [one for one in records if not self._is_hidden(one)]
            people = [self._reader.person(one) for one in self._reader.joined(wanted, missing)]
            self._place.row += len(batch)
            if in_order:
                self.last_id = max(self.last_id, *map(found.number, batch))
            ends = self._place.row >= result.count
            yield self._end_of_part(result, people) if ends else Page(people, self._cursor)

    def _is_hidden(self, record: dict[str, Any] | None) -> bool:
        return self._query.without_converted and record is not None and record.get(CONVERTED) is True

    def _end_of_part(self, result: Result, people: list[Any]) -> Page:
        """The last page of a file, whose cursor leads to the next part, if there is one."""
        if not result.more_records:
            return Page(people, None)
        place, mark = self._place, result.next_page_token
        empty, before = 0 if result.count else place.empty + 1, place.before + result.count
        if mark == place.mark or empty > MOST_EMPTY_PARTS or place.part >= MOST_PARTS or before > self._most:
            raise ConnectorError(Reason.PAGING_LOOP)
        going_on = {"mark": mark, "part": place.part + 1, "before": before, "empty": empty, "job": "", "row": 0}
        self._place = msgspec.structs.replace(place, **going_on)
        return Page(people, self._cursor)


def criterion(field: str, comparator: str, value: Any) -> dict[str, Any]:
    return {"field": {"api_name": field}, "comparator": comparator, "value": value}


def group(operator: str, criteria: list[dict[str, Any]]) -> dict[str, Any]:
    return criteria[0] if len(criteria) == 1 else {"group_operator": operator, "group": criteria}
