"""The way of one run: ask the vendor page by page, and commit each page whole or not at all."""

import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import chain
from typing import Any, ClassVar

from flask import current_app
from sqlalchemy import select

from webapp.connectors.base import MOST_AGAIN, SUBSCRIBERS, Connector, Group, Page, Window
from webapp.extensions import db
from webapp.importing import absence, hold, plan
from webapp.importing.access import asking
from webapp.importing.ahead import Ahead
from webapp.importing.claim import Claim, lease
from webapp.importing.decide import Decisions, Policy
from webapp.importing.mapping import Mapped, Mapper, Notes, Rejection, Row
from webapp.importing.merge import Merger
from webapp.importing.tally import Tally
from webapp.models import (
    Contact,
    ContactList,
    ContactStatus,
    Criterion,
    CustomField,
    ImportRun,
    RejectedRow,
    RunMode,
    RunReason,
    RunStatus,
    Skip,
    SourceRecord,
)
from webapp.models.database import commit_at_leisure, insert_new, now, refresh_outgrown
from webapp.models.scope import acting_for

READ_AGAIN: dict[str, Any] = {}
WHOLE = {"status": RunStatus.DONE, "reason": None}
CAPPED = {"status": RunStatus.DONE_CAPPED, "reason": None}

# Set when the process is asked to end: the run is given back after the page in hand.
stopping = threading.Event()


class Runner:
    """One claim's work on one run."""

    slice_seconds: ClassVar[float] = 300
    # So many people are written in one transaction, where their pages come faster than they are written.
    together: ClassVar[int] = 2000

    def __init__(self, held: Claim, current: ImportRun):
        self.claim, self.run, self.settings = held, current, current.settings
        self.integration = current.recurring_import.integration
        self.group, self.source_id = Group(self.settings["group"]), self.settings["source_id"]
        self.fields = db.session.scalars(select(CustomField)).all()
        self.mapper = Mapper(self.settings["columns"], self.fields)
        self.merger = Merger(current, self.integration.vendor)
        self.tally = Tally.of(current)
        self.cap = current_app.config["IMPORT_CAP"]
        opted = db.session.get(ContactList, self.settings["list_id"]).double_opt_in
        self.new_status = ContactStatus.UNCONFIRMED if opted else ContactStatus.ACTIVE
        self.ends = math.inf
        self.announced: int | None = None
        self._commits = 0
        self._is_whole = False

    def work(self) -> bool:
        """True if the run was given back unfinished."""
        if not self.integration.connected:
            self.claim.end(RunStatus.CANCELLED, RunReason.DISCONNECTED)
            return False
        with asking(self.integration) as connector:
            return self._prepare(connector) and self._read(connector)

    def _prepare(self, connector: Connector) -> bool:
        """Look at the source before reading it; False if the run ended or is held."""
        known = {field.key for field in connector.fields(self.group, self.source_id)}
        self._extend_lease()
        gone = [column for column in self.mapper.columns if column not in known]
        if self.mapper.email_column in gone:
            self.claim.end(RunStatus.FAILED, RunReason.EMAIL_COLUMN_GONE)
            return False
        if self.run.mode is None:
            self._plan(connector)
        # A column that is gone says nothing: it must not look like one that is empty, which may clear the field.
        self.mapper = Mapper(
            [column for column in self.settings["columns"] if column["column"] not in gone], self.fields
        )
        self.claim.change(gone_columns=gone, started_at=self.run.started_at or now())
        db.session.commit()
        if not self.run.approved and hold.is_suspicious_drop(self.run):
            self.claim.hold(RunReason.SUSPICIOUS_DROP)
            return False
        return True

    def _plan(self, connector: Connector) -> None:
        size = connector.count(self.group, self.source_id)
        chosen = plan.choose(self.run, connector.incremental(self.group, self.source_id), now())
        db.session.commit()
        whole = connector.count(self.group, self.source_id, chosen.window)
        facts = {
            "lease_until": lease(now()),
            "mode": chosen.mode,
            "window_since": chosen.window.since,
            "window_until": chosen.window.until,
            "cursor": chosen.cursor,
            "source_size": size,
            "expected": None if whole is None else max(0, whole - chosen.read_before),
            "read_before": chosen.read_before,
        }
        self.claim.change(**facts)
        db.session.commit()
        db.session.refresh(self.run)

    def _read(self, connector: Connector) -> bool:
        window = Window(self.run.window_since, self.run.window_until)
        db.session.commit()
        pages = connector.people(self.group, self.source_id, self.mapper.columns, window, self.run.cursor or None)
        again = ([self._mapped(page)] for page in self._rejected_again(connector))
        read = Ahead(map(self._mapped, pages), weight, self.together, is_enough, self._is_time, self._elsewhere())
        batches = chain(again, read)
        for batch in batches:
            if self._take(connector, batch, window):
                if self._is_whole:
                    next(batches, None)  # the connector clears up behind itself
                return False
        if self._is_time():
            self.claim.give_back()
            return True
        self.claim.end(RunStatus.DONE)
        return False

    def _is_time(self) -> bool:
        """Whether somebody else is to go on: this process ends, or others want their turn."""
        return stopping.is_set() or time.monotonic() > self.ends

    def _rejected_again(self, connector: Connector) -> Iterator[Page]:
        """Before the changes, those whom the last run turned away: the source may not say that it has mended them.

        Their page has a cursor from which reading begins, but which tells that they have been read.
        """
        if self.run.mode is not RunMode.INCREMENTAL or self.run.cursor is not None:
            return
        ids = plan.turned_away(self.run, MOST_AGAIN)
        db.session.commit()
        if ids:
            yield Page(list(connector.again(self.group, self.source_id, self.mapper.columns, ids)), READ_AGAIN)

    def _elsewhere(self) -> Callable[[], AbstractContextManager[None]]:
        """For a thread beside this one: a session of its own that acts for the same account."""
        app, account_id = current_app._get_current_object(), self.run.account_id

        @contextmanager
        def elsewhere() -> Iterator[None]:
            with app.app_context(), acting_for(account_id):
                yield

        return elsewhere

    def _take(self, connector: Connector, batch: Sequence[Mapped], window: Window) -> bool:
        """Some pages; True if the run is over or held. The time of a slice counts from the first people on: reading again is no work yet."""
        last = batch[-1].page
        if last.later:
            return self._put_off(last)
        if last.cursor is not None and not any(mapped.items for mapped in batch):
            self._extend_lease(cursor=last.cursor)
            return False
        self.ends = min(self.ends, time.monotonic() + self.slice_seconds)
        end = self._commit(batch, self._end_of(connector, last, window))
        self._is_whole = end is not None and end["status"] is RunStatus.DONE
        return end is not None

    def _put_off(self, page: Page) -> bool:
        """The vendor is preparing what it was asked for; True if the run is left until then."""
        self.claim.come_back(page.cursor, page.later)
        return True

    def _extend_lease(self, **place: Any) -> None:
        """A sign of life in which nothing was committed: failures still count."""
        self.claim.change(**place, lease_until=lease(now()))
        db.session.commit()

    def _end_of(self, connector: Connector, page: Page, window: Window) -> dict[str, Any] | None:
        """How the run ends with this page, if it does. The vendor's own count is asked before: it may not be asked within."""
        if page.cursor is not None:
            return None
        full = self.run.mode is RunMode.FULL
        self.announced = connector.count(self.group, self.source_id, window) if full else None
        return WHOLE

    def _is_short(self) -> bool:
        """Whether fewer people came than the vendor counts. Whoever came twice stands for nobody else."""
        came = self.run.read_before + self.tally.fetched - self.tally.skips[Skip.REPEATED.value]
        return self.announced is not None and self.announced > came

    def _commit(self, batch: Sequence[Mapped], end: dict[str, Any] | None) -> dict[str, Any] | None:
        """Some pages, one transaction; how the run ended or is held. What lies beyond the page that stops it was read for nothing."""
        decisions = self.merger.begin(rows_of(batch), self._policy())
        place: dict[str, Any] = {}
        stop = next(filter(None, (self._decide(decisions, mapped, place) for mapped in batch)), None)
        self.merger.write(decisions)
        end = stop if stop == CAPPED else end or stop
        if end == WHOLE and self._is_short():
            end = {**WHOLE, "reason": RunReason.SHORT}
        if end == WHOLE:
            place |= absence.settle(self.run)
        self.claim.change(**(self.tally.columns() | place | self._sign_of_life(self.merger.moment) | closing(end)))
        if end is None:
            commit_at_leisure()
        db.session.commit()
        self._commits += 1
        if self.tally.added and self._commits.bit_count() == 1:  # the first, second, fourth, eighth… time
            refresh_outgrown(self.tally.added, Contact, SourceRecord)
        return end

    def _decide(self, decisions: Decisions, mapped: Mapped, place: dict[str, Any]) -> dict[str, Any] | None:
        """One page; how the run stops with it, if it does. Notes in `place` where the next worker, or the next run, goes on."""
        rows = mapped.rows
        outcomes = decisions.take_all(rows)
        capped = len(outcomes) < len(rows)
        if capped:
            cut = mapped.items.index(rows[len(outcomes)])
            mapped = self._mapped(Page(mapped.page.people[:cut], mapped.page.cursor))
            # The cursor stays before this page: whom we took will be unchanged next time, and that is free.
            place["replay"] = cut
        else:
            place["cursor"] = mapped.page.cursor
        self._reject(mapped.rejections)
        self.tally.add(outcomes, mapped.rejections, mapped.notes)
        return CAPPED if capped else self._hold()

    def _mapped(self, page: Page) -> Mapped:
        notes = Notes()
        return Mapped(page, [self.mapper.read(person, notes) for person in page.people], notes)

    def _policy(self) -> Policy:
        return Policy(
            self.run.id,
            Criterion(self.settings["criterion"]),
            self.settings["only_consenting"] or self.source_id == SUBSCRIBERS,
            self.new_status,
            self.cap - self.tally.added - self.tally.updated,
        )

    def _reject(self, rejections: Sequence[Rejection]) -> None:
        fixed = {"account_id": self.run.account_id, "run_id": self.run.id, "created_at": self.merger.moment}
        if rejections:
            db.session.execute(insert_new(RejectedRow), [fixed | rejection._asdict() for rejection in rejections])

    def _hold(self) -> dict[str, Any] | None:
        if self.run.approved or not hold.are_many_rejected(self.run, self.tally):
            return None
        return {"status": RunStatus.HELD, "reason": RunReason.MANY_REJECTED}

    def _sign_of_life(self, moment: datetime) -> dict[str, Any]:
        """A committed page shows that the run gets on: earlier failures no longer count."""
        alive = {"progress_at": moment, "lease_until": lease(moment), "not_before": None}
        return alive | {"attempts": 0, "deaths": 0, "reason": None}


def rows_of(batch: Sequence[Mapped]) -> list[Row]:
    return [row for mapped in batch for row in mapped.rows]


def weight(mapped: Mapped) -> int:
    """A page of nobody is a page too."""
    return len(mapped.items) or 1


def is_enough(mapped: Mapped) -> bool:
    """Whether nothing more is to be asked for meanwhile: the source is at its end, or is not ready."""
    return mapped.page.cursor is None or bool(mapped.page.later)


def closing(end: dict[str, Any] | None) -> dict[str, Any]:
    """What a page that ends the run, or holds it, changes besides."""
    if end is None:
        return {}
    over = {} if end["status"] is RunStatus.HELD else {"finished_at": now()}
    return end | over | {"lease_until": None}
