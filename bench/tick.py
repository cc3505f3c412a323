"""The tick of an installation with many recurring imports: a tick in which some are due, then ticks in which none is.

`imports` in all, `due` at once, 1000 an account. Everything is timed as the tick does it: making the runs, finding those
that nobody works on, and telling the workers through Redis.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.engine import environment
from bench.measure import ROOT, median, report, spec_of_process

AN_ACCOUNT = 1000
COLUMNS = ("email", "first_name", "last_name")
QUIET_TICKS = 30


def main() -> None:
    spec = spec_of_process()
    with tempfile.TemporaryDirectory() as folder, redis(Path(folder)) as redis_url:
        os.environ.update(environment(spec["database"], folder) | {"REDIS_URL": redis_url})
        work(spec["imports"], spec["due"])


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    sys.path.append(str(ROOT / "bin"))
    from launching.redis import find

    server = find(folder)
    process = subprocess.Popen(server.command(), stdout=subprocess.DEVNULL)
    try:
        while not server.socket.exists():
            time.sleep(0.02)
        yield server.url
    finally:
        process.terminate()
        process.wait()


def work(imports: int, due: int) -> None:
    from jobs import schedule as ticking
    from jobs.process import worker_app
    from webapp.extensions import db
    from webapp.importing import schedule
    from webapp.models.database import now
    from webapp.models.scope import everyone

    with worker_app().app_context(), everyone():
        db.create_all()
        fill(imports, due)
        seconds = seconds_of(ticking.tick)
        waiting = len(schedule.workable(now()))
        if waiting != due:
            raise SystemExit(f"{waiting} runs instead of {due}")
        repeated = seconds_of(ticking.tick)
        finish_runs()
        nothing_due = median([seconds_of(look_for_due) for _ in range(QUIET_TICKS)])
        quiet = median([seconds_of(ticking.tick) for _ in range(QUIET_TICKS)])
        report(due, seconds, repeated=repeated, nothing_due=nothing_due, quiet=quiet)


def look_for_due() -> None:
    from webapp.extensions import db
    from webapp.importing import schedule
    from webapp.models.database import now

    schedule.create_due(now())
    db.session.commit()


def seconds_of(act: Any) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def finish_runs() -> None:
    from sqlalchemy import update

    from webapp.extensions import db
    from webapp.models import ImportRun, RunStatus

    db.session.execute(update(ImportRun).values(status=RunStatus.DONE))
    db.session.commit()


def fill(imports: int, due: int) -> None:
    """Every account has one integration and one list; the due ones are spread over all accounts."""
    from sqlalchemy import insert, text

    from webapp.extensions import db
    from webapp.models import Account, ContactList, FieldMapping, Integration, RecurringImport

    accounts = range(1, imports // AN_ACCOUNT + 1)
    rows = {
        Account: [{"id": n, "name": f"Konto {n}"} for n in accounts],
        ContactList: [{"id": n, "account_id": n, "name": "Klienci"} for n in accounts],
        Integration: [
            {
                "id": n,
                "account_id": n,
                "vendor": "shopify",
                "way": "client",
                "external_id": f"{n}",
                "name": f"Sklep {n}",
            }
            for n in accounts
        ],
        RecurringImport: [recurring_import(n, n % (imports // due) == 0) for n in range(imports)],
        FieldMapping: [mapping(n, place) for n in range(imports) for place in range(len(COLUMNS))],
    }
    for model, some in rows.items():
        for start in range(0, len(some), 5000):
            db.session.execute(insert(model), some[start : start + 5000])
    db.session.commit()
    # An installation does not come by 100 000 imports within a second: its statistics are there.
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def recurring_import(number: int, due: bool) -> dict[str, Any]:
    owner = number // AN_ACCOUNT + 1
    return {
        "id": number + 1,
        "account_id": owner,
        "integration_id": owner,
        "list_id": owner,
        "group": "contacts",
        "source_id": "everyone",
        "source_name": "All customers",
        "hour": "06:15",
        "schedule": "active",
        "next_slot": datetime.now(UTC) + timedelta(minutes=-5 if due else 600),
    }


def mapping(number: int, place: int) -> dict[str, Any]:
    column = COLUMNS[place]
    return {
        "account_id": number // AN_ACCOUNT + 1,
        "recurring_import_id": number + 1,
        "position": place,
        "column": column,
        "column_label": column,
        "target": column,
    }


if __name__ == "__main__":
    main()
