"""One page into the database: look up what is known, decide, write. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime

from webapp.importing.decide import Decisions, Policy
from webapp.importing.lookup import Lookup
from webapp.importing.mapping import Row
from webapp.importing.store import Store
from webapp.models import ContactList, ImportRun


class Merger:
    """Merges pages of one run into its list. `moment` is when the last one was merged, by the database's clock."""

    moment: datetime

    def __init__(self, run: ImportRun, vendor: str):
        settings = run.settings
        self.list_id = settings["list_id"]
        source = (self.list_id, settings["integration_id"], settings["group"])
        self.lookup = Lookup(*source)
        self.store = Store(run.id, *source, origin=vendor, cycle_day=settings["cycle_day"])

    def merge(self, rows: Sequence[Row], policy: Policy) -> tuple[Decisions, int]:
        """Decide the rows in order until the budget is spent, write the outcome; says how many rows were decided."""
        self.moment = ContactList.lock(self.list_id)
        decisions = self.lookup.decisions(rows, policy)
        taken = 0
        for row in rows:
            if decisions.spent:
                break
            decisions.take(row)
            taken += 1
        self.store.write(decisions, self.moment)
        return decisions, taken

    def rehearse(self, rows: Sequence[Row], policy: Policy) -> tuple[Decisions, list[str]]:
        """Decide the rows as `merge` would, and write nothing; says what became of each."""
        decisions = self.lookup.decisions(rows, policy)
        return decisions, [decisions.take(row) for row in rows]
