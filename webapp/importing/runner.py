"""The way of one run: ask the vendor page by page, and commit every page whole or not at all."""

import math
import threading
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import Any, ClassVar

from flask import current_app
from sqlalchemy import select

from webapp.connectors.base import SUBSCRIBERS, Connector, Group, Page
from webapp.extensions import db
from webapp.importing import absence, hold, plan
from webapp.importing.access import asking
from webapp.importing.claim import Claim, lease
from webapp.importing.decide import Decisions, Policy
from webapp.importing.ending import CAPPED, MANY_REJECTED, PREPARING, SHORT, WHOLE, End
from webapp.importing.mapping import Mapped, Mapper, Rejection, Row
from webapp.importing.merge import Merger
from webapp.importing.reading import Reading, window_of
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

# Set when the process is asked to end: the run is given back after the pages in hand.
stopping = threading.Event()


class Runner:
    """One claim's work on one run."""

    slice_seconds: ClassVar[float] = 300

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
        reading = Reading(connector, self.run, self.mapper, self._is_time)
        end = None
        with closing(reading.batches()) as batches:
            try:
                for batch in batches:
                    end = self._take(connector, batch)
                    if end:
                        break
            except BaseException:
                db.session.rollback()  # the reader is waited for now, and nobody need wait for our locks meanwhile
                raise
        if end in (WHOLE, SHORT):
            reading.clear_up()
        if end:
            return False
        if self._is_time():
            self.claim.give_back()
            return True
        self.claim.end(RunStatus.DONE)
        return False

    def _is_time(self) -> bool:
        """Whether somebody else is to go on: this process ends, or others want their turn."""
        return stopping.is_set() or time.monotonic() > self.ends

    def _take(self, connector: Connector, batch: Sequence[Mapped]) -> End | None:
        """Some pages; how the run ends with them, if it does."""
        last = batch[-1].page
        if last.later:
            return self._put_off(last)
        if last.cursor is not None and not any(mapped.items for mapped in batch):
            self._extend_lease(cursor=last.cursor)
            return None
        # Pages on the way back to the cursor hold nobody: the slice begins behind them.
        self.ends = min(self.ends, time.monotonic() + self.slice_seconds)
        return self._commit(batch, self._end_of(connector, last))

    def _put_off(self, page: Page) -> End | None:
        """The vendor is preparing what it was asked for: the run is left until then."""
        self.claim.come_back(page.cursor, page.later)
        return PREPARING

    def _extend_lease(self, **place: Any) -> None:
        """A sign of life in which nothing was committed: failures still count."""
        self.claim.change(**place, lease_until=lease(now()))
        db.session.commit()

    def _end_of(self, connector: Connector, page: Page) -> End | None:
        """How the run ends with this page, if it does. Asks for the vendor's own count here, while no transaction is open."""
        if page.cursor is not None:
            return None
        if self.run.mode is RunMode.FULL:
            self.announced = connector.count(self.group, self.source_id, window_of(self.run))
        return WHOLE

    def _is_short(self) -> bool:
        """Whether fewer people came than the vendor counts. Whoever came twice stands for nobody else."""
        came = self.run.read_before + self.tally.fetched - self.tally.skips[Skip.REPEATED.value]
        return self.announced is not None and self.announced > came

    def _commit(self, batch: Sequence[Mapped], end: End | None) -> End | None:
        """Some pages, one transaction; how the run ends. What lies beyond a page that stops it was read for nothing."""
        decisions = self.merger.begin(rows_of(batch), self._policy())
        place: dict[str, Any] = {}
        for mapped in batch:
            reached, stop = self._decide(decisions, mapped)
            place |= reached
            if stop:
                break
        self.merger.write(decisions)
        # A last page comes alone: nobody is left to be asked about, but the cap may have cut it.
        if stop is CAPPED or end is None:
            end = stop
        if end is WHOLE and self._is_short():
            end = SHORT
        if end is WHOLE:
            place |= absence.settle(self.run)
        self._note(place | self._sign_of_life(self.merger.moment), end)
        if self.tally.added and self._commits.bit_count() == 1:  # the first, second, fourth, eighth… time
            refresh_outgrown(self.tally.added, Contact, SourceRecord)
        return end

    def _note(self, values: dict[str, Any], end: End | None) -> None:
        """Keep the counters and these values with whatever else the transaction holds."""
        self.claim.change(**(self.tally.columns() | values | (end.columns() if end else {})))
        if end is None:
            commit_at_leisure()
        db.session.commit()
        self._commits += 1

    def _decide(self, decisions: Decisions, mapped: Mapped) -> tuple[dict[str, Any], End | None]:
        """One page: where the next worker, or the next run, goes on, and whether the run stops here."""
        cursor = {"cursor": mapped.page.cursor}
        if not mapped.items and mapped.page.cursor is not None:
            return cursor, None
        rows = mapped.rows
        outcomes = decisions.take_all(rows)
        capped = len(outcomes) < len(rows)
        if capped:
            cut = mapped.items.index(rows[len(outcomes)])
            mapped = self.mapper.read_page(Page(mapped.page.people[:cut], mapped.page.cursor))
        self._reject(mapped.rejections)
        self.tally.add(outcomes, mapped.rejections, mapped.notes)
        if capped:
            # The cursor stays before this page: whom we took will be unchanged next time, and that is free.
            return {"replay": cut}, CAPPED
        return cursor, self._hold()

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

    def _hold(self) -> End | None:
        return None if self.run.approved or not hold.are_many_rejected(self.run, self.tally) else MANY_REJECTED

    def _sign_of_life(self, moment: datetime) -> dict[str, Any]:
        """A committed page shows that the run gets on: earlier failures no longer count."""
        alive = {"progress_at": moment, "lease_until": lease(moment), "not_before": None}
        return alive | {"attempts": 0, "deaths": 0, "reason": None}


def rows_of(batch: Sequence[Mapped]) -> list[Row]:
    return [row for mapped in batch for row in mapped.rows]
