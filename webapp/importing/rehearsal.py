"""A dry run: the way of a real one, with nothing written but its numbers and a few people for each of them."""

import math
from collections.abc import Sequence
from datetime import datetime
from time import sleep
from typing import Any

from flask import current_app

from webapp.connectors.base import Connector, Page
from webapp.extensions import db
from webapp.importing.claim import Claim
from webapp.importing.decide import ADDED, UPDATED, Decisions
from webapp.importing.ending import SHORT, WHOLE, End
from webapp.importing.mapping import FIRST_NAME, LAST_NAME, Mapped, Mapper, Row
from webapp.importing.runner import Runner, rows_of
from webapp.importing.tally import Tally
from webapp.models import Criterion, CustomField, ImportRun, Skip
from webapp.models.database import now
from webapp.values.fields import FieldType

SAMPLES = 10
OVER_CAP, REJECTED, SKIPPED = "over_cap", "rejected", "skipped"


class Rehearsal(Runner):
    """Reads everyone from the start, in one piece, for what it knows of earlier pages lives in this process alone.

    A real run finds in the database whom an earlier page added; here two numbers a person stand in for that.
    """

    slice_seconds = math.inf

    def __init__(self, held: Claim, current: ImportRun):
        super().__init__(held, current)
        wanted = [CustomField(**field | {"type": FieldType(field["type"])}) for field in self.settings["new_fields"]]
        self.mapper = Mapper(self.settings["columns"], [*self.fields, *wanted])
        self.fields = [*self.fields, *wanted]
        self.tally, self.over_cap, self._left = Tally.empty(), 0, self.cap
        self.samples: dict[str, list[dict[str, str]]] = {}
        self._people: set[int] = set()
        self._addresses: set[int] = set()

    def _prepare(self, connector: Connector) -> bool:
        """Whatever an earlier worker had read is read again; what a vendor prepared before anybody was read is taken up."""
        if self.run.fetched:
            self.claim.change(mode=None, cursor=None, fetched=0)
            db.session.commit()
            db.session.refresh(self.run)
        return super()._prepare(connector)

    def _put_off(self, page: Page) -> End | None:
        """Once somebody was read, waiting happens here: to leave is to forget."""
        if not self.tally.fetched:
            return super()._put_off(page)
        self._extend_lease()
        sleep(min(page.later, current_app.config["LEASE_SECONDS"] / 2))
        return None

    def _commit(self, batch: Sequence[Mapped], end: End | None) -> End | None:
        decisions = self.merger.decisions(rows_of(batch), self._policy())
        for mapped in batch:
            self._rehearse(decisions, mapped)
        if end is WHOLE and self._is_short():
            end = SHORT
        place = {"over_cap": self.over_cap, "samples": self.samples, "cursor": batch[-1].page.cursor}
        self._note(place | self._sign_of_life(now()), end)
        return end

    def _rehearse(self, decisions: Decisions, mapped: Mapped) -> None:
        """Count one page as `_decide` would."""
        if not mapped.items and mapped.page.cursor is not None:
            return
        outcomes = [self._counted(row, decisions.take(row)) for row in mapped.rows]
        self.over_cap += outcomes.count(OVER_CAP)
        for rejection in mapped.rejections:
            self._show(REJECTED, rejection.value or rejection.external_id, "", rejection.reason)
        self.tally.add(outcomes, mapped.rejections, mapped.notes)

    def _counted(self, row: Row, outcome: str) -> str:
        """The outcome with all earlier pages in mind."""
        if self._came_before(self._people, row.external_id):
            outcome = Skip.REPEATED
        elif outcome is ADDED and self._came_before(self._addresses, row.email_key):
            outcome = Skip.OUTSIDE_CRITERION if self._policy().criterion is Criterion.ADD else UPDATED
        if outcome in (ADDED, UPDATED):
            outcome = self._within_cap(outcome)
        kind, reason = (SKIPPED, outcome.value) if isinstance(outcome, Skip) else (outcome, "")
        if outcome is not Skip.ERASED:  # erased people are no examples
            self._show(kind, row.email, name_of(row), reason)
        return outcome

    def _within_cap(self, outcome: str) -> str:
        if self._left <= 0:
            return OVER_CAP
        self._left -= 1
        return outcome

    def _sign_of_life(self, moment: datetime) -> dict[str, Any]:
        """A worker that dies loses everything: attempts and deaths count until the end."""
        counting = ("attempts", "deaths", "not_before")
        return {name: value for name, value in super()._sign_of_life(moment).items() if name not in counting}

    def _came_before(self, known: set[int], text: str) -> bool:
        mark = hash(text)
        came = mark in known
        known.add(mark)
        return came

    def _show(self, kind: str, who: str, name: str, reason: str) -> None:
        some = self.samples.setdefault(kind, [])
        if len(some) < SAMPLES:
            some.append({"who": who, "name": name, "reason": reason})


def name_of(row: Row) -> str:
    """First and last name, as far as the row has them."""
    names = {name: value for name, value, _ in row.changes}
    return " ".join(filter(None, (names.get(FIRST_NAME), names.get(LAST_NAME))))
