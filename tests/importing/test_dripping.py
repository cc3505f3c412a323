"""A whole import against a vendor that drips: each page ends at its deadline, the run waits longer and longer, and in the end it fails and says why."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from werkzeug.test import Client

from sandbox import Options, create_app
from sandbox.server import serve
from tests import factories
from tests.databases import on_both_databases
from tests.importing.test_engine import go_on, on_list
from tests.vendors import Vendors
from webapp.connectors.reasons import Reason
from webapp.extensions import db
from webapp.importing import schedule
from webapp.importing.claim import BACKOFF_MINUTES, MOST_ATTEMPTS
from webapp.models import ImportRun, RunStatus
from webapp.models.database import now

DEADLINE = 1.0
PREAMBLE = 3  # answers of the graph before the first page of people: the shop's fields and counts


@pytest.fixture
def slow_vendor(settings) -> Iterator[Vendors]:
    """The sandbox behind a real connection; told through its application itself."""
    sandbox = create_app(Options(people=120))
    server = serve(sandbox, "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings |= {
        "SHOPIFY_BASE_URL": f"http://127.0.0.1:{server.port}/shopify/{{shop}}",
        "EGRESS_ALLOW": f"127.0.0.1:{server.port}",
        "BACKOFF_SECONDS": "60",
        "PAGE_SIZE": "25",
    }
    yield Vendors(Client(sandbox))
    server.shutdown()


def its_time_comes(run: ImportRun) -> None:
    run.not_before = now() - timedelta(seconds=1)
    db.session.commit()


@pytest.mark.parametrize("fault", ["drip", "drip_headers"])
@on_both_databases
def test_a_vendor_that_drips_costs_a_page_its_deadline_and_ends_the_run_after_five_attempts(
    slow_vendor, app, account, client, fault
):
    app.config["HTTP_OPTIONS"] = {"deadline": DEADLINE, "sleep": lambda seconds: None}
    recurring_import = factories.make_recurring_import()
    run, _ = schedule.run_now(recurring_import)
    slow_vendor.tell(fault=fault, on="graphql", after=PREAMBLE, seconds=0.2)
    for attempt in range(1, MOST_ATTEMPTS):
        started = time.monotonic()
        row = go_on(run)
        assert DEADLINE - 0.1 <= time.monotonic() - started <= DEADLINE + 1 + 1
        assert (row.status, row.reason, row.attempts) == (RunStatus.WAITING, Reason.TIMEOUT.value, attempt)
        rest = timedelta(minutes=BACKOFF_MINUTES[attempt - 1])
        assert row.lease_until is None and timedelta(0) <= now() + rest - row.not_before < timedelta(seconds=5)
        its_time_comes(row)
    row = go_on(run)
    assert (row.status, row.reason) == (RunStatus.FAILED, Reason.TIMEOUT.value) and row.finished_at
    assert on_list() == set()
    for page in ("/", f"/historia/{row.id}"):
        assert "Nie powiódł się" in client.get(page).text, page
    assert "SHP-504" in client.get(f"/historia/{row.id}").text
