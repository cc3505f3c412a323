"""The counters of a run, which always add up: each person delivered is counted once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from webapp.importing.decide import ADDED, UNCHANGED, UPDATED
from webapp.importing.mapping import Notes, Rejection, keep_unfit
from webapp.models import ImportRun, Skip


@dataclass
class Tally:
    """Counters as they stand after the last page that was decided; `columns` gives them as the run's row keeps them."""

    fetched: int
    added: int
    updated: int
    unchanged: int
    skipped: int
    rejected: int
    pages: int
    skips: Counter[str]
    rejects: Counter[str]
    dropped: Counter[str]
    garbled: dict[str, dict[str, Any]]
    unfit: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, run: ImportRun) -> "Tally":
        numbers = (run.fetched, run.added, run.updated, run.unchanged, run.skipped, run.rejected, run.pages)
        return cls(
            *numbers, Counter(run.skips), Counter(run.rejects), Counter(run.dropped), dict(run.garbled), dict(run.unfit)
        )

    @classmethod
    def empty(cls) -> "Tally":
        return cls(0, 0, 0, 0, 0, 0, 0, Counter(), Counter(), Counter(), {}, {})

    def add(self, outcomes: Sequence[str], rejections: Sequence[Rejection], notes: Notes) -> None:
        """Count one page: what became of each of its rows, and who could not be read as one."""
        counted = Counter(outcomes)
        skips = Counter({outcome.value: count for outcome, count in counted.items() if isinstance(outcome, Skip)})
        self.added += counted[ADDED]
        self.updated += counted[UPDATED]
        self.unchanged += counted[UNCHANGED]
        self.skipped += skips.total()
        self.rejected += len(rejections)
        self.fetched += len(outcomes) + len(rejections)
        self.pages += 1
        self.skips += skips
        self.rejects += Counter(rejection.reason for rejection in rejections)
        self.dropped += notes.dropped
        for column, found in notes.unfit.items():
            kept = self.unfit.get(column, {"type": found["type"], "values": {}})
            self.unfit[column] = {**kept, "values": dict(kept["values"])}
            for text, one in found["values"].items():
                keep_unfit(self.unfit[column], text, one)
        for column, found in notes.garbled.items():
            known = self.garbled.get(column, {**found, "count": 0})
            self.garbled[column] = {**known, "count": known["count"] + found["count"]}

    def columns(self) -> dict[str, Any]:
        return dict(vars(self)) | {name: dict(getattr(self, name)) for name in ("skips", "rejects", "dropped")}
