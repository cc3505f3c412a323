"""Some pages into the database: look up what is known, and write what was decided. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime

from webapp.importing.decide import Decisions, Policy
from webapp.importing.lookup import Lookup
from webapp.importing.mapping import Row
from webapp.importing.store import Store
from webapp.models import ContactList, ImportRun


class Merger:
    """Merges pages of one run into its list. `moment` is when the last ones were merged, by the database's clock."""

    moment: datetime

    def __init__(self, run: ImportRun, vendor: str):
        settings = run.settings
        self.list_id = settings["list_id"]
        source = (self.list_id, settings["integration_id"], settings["group"])
        self._lookup = Lookup(*source)
        self._store = Store(run.id, *source, origin=vendor, cycle_day=settings["cycle_day"])

    def decisions(self, rows: Sequence[Row], policy: Policy) -> Decisions:
        """What is known of these rows, ready to be decided."""
        return self._lookup.decisions(rows, policy)

    def begin(self, rows: Sequence[Row], policy: Policy) -> Decisions:
        """Lock the list, then the same."""
        self.moment = ContactList.lock(self.list_id)
        return self.decisions(rows, policy)

    def write(self, decisions: Decisions) -> None:
        """Write what was decided."""
        self._store.write(decisions, self.moment)
