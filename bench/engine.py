"""Our engine, from a vendor page's bytes to committed contacts: a process of its own, in which a connector reads a file."""

import base64
import cProfile
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from bench.measure import ROOT, report, spec_of_process
from webapp.connectors.base import Access, Field, Group, Page, Person, Window
from webapp.connectors.kinds import Consent, FieldKind, Role

VENDOR = "bench"
COLUMNS = {
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "city": "field:city",
    "phone": "field:phone",
    "orders": "field:orders",
    "birthday": "field:birthday",
    "country": "field:country",
}
FIELD_TYPES = {"city": "text", "phone": "phone", "orders": "number", "birthday": "date", "country": "country"}


class Record(msgspec.Struct):
    """A person as the page has it."""

    id: str
    email: str
    first_name: str
    last_name: str
    city: str
    phone: str
    orders: int
    birthday: str
    country: str
    consent: Consent
    updated_at: datetime


class FromFile:
    """A vendor whose pages lie in a file, one a line. `delay` is how many seconds each takes to come."""

    key: ClassVar[str] = VENDOR
    file: ClassVar[Path]
    size: ClassVar[int]
    delay: ClassVar[float] = 0

    def __init__(self, access: Access):
        self.access = access

    def fields(self, group: Group, source_id: str) -> list[Field]:
        return [Field(name, name, FieldKind.TEXT, Role.EMAIL if name == "email" else None) for name in COLUMNS]

    def incremental(self, group: Group, source_id: str) -> bool:
        return False

    def count(self, group: Group, source_id: str, window: Window | None = None) -> int | None:
        return self.size

    def people(
        self, group: Group, source_id: str, columns: Sequence[str], window: Window, cursor: dict[str, Any] | None
    ) -> Iterator[Page]:
        decode = msgspec.json.Decoder(list[Record]).decode
        offset, end = cursor["offset"] if cursor else 0, self.file.stat().st_size
        with self.file.open("rb") as pages:
            pages.seek(offset)
            while offset < end:
                time.sleep(self.delay)
                line = pages.readline()
                offset += len(line)
                yield Page([as_person(record) for record in decode(line)], {"offset": offset} if offset < end else None)


def as_person(record: Record) -> Person:
    values = {
        "email": record.email,
        "first_name": record.first_name,
        "last_name": record.last_name,
        "city": record.city,
        "phone": record.phone,
        "orders": record.orders,
        "birthday": record.birthday,
        "country": record.country,
    }
    return Person(record.id, values, record.consent, record.updated_at)


def environment(database: str, folder: str) -> dict[str, str]:
    """The settings of an installation that is thrown away."""
    return {
        "SECRET_KEY": "bench-" * 8,
        "ERASURE_KEY": "bench-" * 8,
        "CREDENTIAL_KEYS": "k1:" + base64.b64encode(b"k" * 32).decode(),
        "DATA_DIR": folder,
        "DATABASE_URL": database,
        "IMPORT_CAP": "10000000",
        "PYTHONPATH": str(ROOT),
    }


def main() -> None:
    # structlog loads what only the tools of the tests bring along.
    sys.modules["rich"] = None
    spec = spec_of_process()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(spec["database"], folder))
        work(spec)


def work(spec: dict[str, Any]) -> None:
    from jobs.process import worker_app
    from webapp import connectors
    from webapp.extensions import db
    from webapp.importing import schedule
    from webapp.models import RecurringImport
    from webapp.models.scope import acting_for, everyone

    FromFile.file, FromFile.size, FromFile.delay = Path(spec["pages"]), spec["people"], spec.get("delay", 0)
    connectors.CONNECTORS[VENDOR] = FromFile
    with worker_app().app_context():
        with everyone():
            recurring_import = db.session.get(RecurringImport, spec.get("import", 1))
        with acting_for(recurring_import.account_id):
            # Another version of the settings reads everybody again.
            recurring_import.version += 1
            db.session.commit()
            run, _ = schedule.run_now(recurring_import)
            run.approved = True  # a source that has a tenth of the list's people would be asked about
            db.session.commit()
            seconds, cpu = timed(run.id, spec.get("profile"))
            db.session.refresh(run)
            if run.status != "done":
                raise SystemExit(f"the run ended as {run.status}: {run.reason}")
            counters = {name: getattr(run, name) for name in ("added", "updated", "unchanged", "skipped", "rejected")}
            report(run.fetched, seconds, cpu=cpu, **counters)


def timed(run_id: int, profile_file: str | None) -> tuple[float, float]:
    """How many seconds the run took, from the claim to the last commit, and how many of them this process worked."""
    from webapp import importing

    profile = cProfile.Profile() if profile_file else nullcontext()
    started, worked = time.perf_counter(), time.process_time()
    with profile:
        while importing.run(run_id):
            pass
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    if profile_file:
        profile.dump_stats(profile_file)
    return seconds, cpu


if __name__ == "__main__":
    main()
