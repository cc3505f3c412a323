"""How fast a run is, and how much memory it takes: `python bench/import_run.py 10000 100000 [--database postgresql://…]`.

Starts the sandbox as a process of its own, imports everybody twice (all new, then all unchanged) in a fresh process each,
and prints people a second and peak memory. SQLite in a temporary folder unless a database is named, which must be empty.
"""

import argparse
import base64
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COLUMNS = {
    "defaultEmailAddress.emailAddress": "email",
    "firstName": "first_name",
    "lastName": "last_name",
    "defaultAddress.city": "field:miasto",
    "defaultPhoneNumber.phoneNumber": "field:telefon",
    "numberOfOrders": "field:zamowienia",
    "metafield:custom.birthday": "field:urodziny",
    "defaultAddress.countryCodeV2": "field:kraj",
}
FIELDS = {"miasto": "text", "telefon": "phone", "zamowienia": "number", "urodziny": "date", "kraj": "country"}


def main() -> None:
    arguments = parse()
    if arguments.worker:
        work()
        return
    for people in arguments.people:
        with tempfile.TemporaryDirectory() as folder:
            measure(people, folder, arguments.database)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("people", type=int, nargs="*", default=[10_000])
    parser.add_argument("--database", default="")
    parser.add_argument("--worker", action="store_true")
    return parser.parse_args()


def measure(people: int, folder: str, database: str) -> None:
    port = free_port()
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--port", str(port), "--people", str(people)], cwd=ROOT
    )
    try:
        wait_for(port)
        environ = os.environ | environment(port, folder, database)
        for label in ("all new", "all unchanged"):
            report(
                people,
                label,
                subprocess.run(
                    [sys.executable, __file__, "--worker"], env=environ, cwd=ROOT, check=True, stdout=subprocess.PIPE
                ),
            )
    finally:
        sandbox.terminate()
        sandbox.wait()


def report(people: int, label: str, finished: subprocess.CompletedProcess[bytes]) -> None:
    facts = json.loads(finished.stdout)
    rate = facts["fetched"] / facts["seconds"]
    print(
        f"{people:>8} people, {label:<14} {rate:>8.0f} people/s  {facts['seconds']:>7.1f} s  peak {facts['megabytes']:.0f} MB  {facts['counters']}"
    )


def environment(port: int, folder: str, database: str) -> dict[str, str]:
    return {
        "SECRET_KEY": "bench-" * 8,
        "ERASURE_KEY": "bench-" * 8,
        "CREDENTIAL_KEYS": "k1:" + base64.b64encode(b"k" * 32).decode(),
        "DATA_DIR": folder,
        "DATABASE_URL": database,
        "IMPORT_CAP": "10000000",
        "SHOPIFY_BASE_URL": f"http://127.0.0.1:{port}/shopify/{{shop}}",
        "EGRESS_ALLOW": f"127.0.0.1:{port}",
        "PYTHONPATH": str(ROOT),
    }


def work() -> None:
    from webapp import create_app, importing
    from webapp.extensions import db
    from webapp.importing import schedule
    from webapp.models.scope import acting_for

    with create_app().app_context():
        account_id, recurring_import = prepare()
        with acting_for(account_id):
            run, _ = schedule.run_now(recurring_import)
            started = time.perf_counter()
            while importing.run(run.id):
                pass
            seconds = time.perf_counter() - started
            db.session.refresh(run)
            counters = {name: getattr(run, name) for name in ("added", "updated", "unchanged", "skipped", "rejected")}
            megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                json.dumps({"fetched": run.fetched, "seconds": seconds, "megabytes": megabytes, "counters": counters})
            )


def prepare():
    """The account's recurring import, made at the first run; reading everybody each time."""
    from sqlalchemy import select

    from tests import factories
    from webapp.extensions import db
    from webapp.models import Account, RecurringImport
    from webapp.models.scope import act_for, everyone
    from webapp.values.fields import FieldType

    db.create_all()
    with everyone():
        account = db.session.scalar(select(Account)) or factories.make_account("Bench", "bench@example.com")
    act_for(account.id)
    recurring_import = db.session.scalar(select(RecurringImport))
    if recurring_import is None:
        for key, kind in FIELDS.items():
            factories.make_custom_field(key, key, FieldType(kind))
        recurring_import = factories.make_recurring_import(columns=COLUMNS)
    recurring_import.version += 1
    db.session.commit()
    return account.id, recurring_import


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/control", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("The sandbox did not start.")


if __name__ == "__main__":
    main()
