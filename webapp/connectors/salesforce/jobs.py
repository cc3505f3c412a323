"""Query jobs of Bulk API 2.0: Salesforce runs a query by itself and keeps the results as CSV for seven days (vendor page, section 2)."""

from contextlib import suppress
from urllib.parse import urlencode

import msgspec

from webapp.connectors.decoding import decode
from webapp.connectors.http import Response
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.salesforce.api import SalesforceApi
from webapp.connectors.salesforce.soql import identifier

JOBS = "jobs/query"
ENDED_BADLY = frozenset({"Failed", "Aborted"})


class GivenUp(Exception):
    """The bulk way leads nowhere; what is left must be read in pages."""


class Job(msgspec.Struct):
    id: str
    state: str = ""


class QueryJobs:
    """Jobs of one organisation. Every method may raise ConnectorError."""

    def __init__(self, api: SalesforceApi):
        self._api = api

    def start(self, soql: str) -> str:
        """The id of a job for this query."""
        self._api.require_budget()
        job = decode(self._api.ask("POST", JOBS, {"operation": "query", "query": soql, "contentType": "CSV"}), Job)
        try:
            return identifier(job.id)
        except ConnectorError:
            raise ConnectorError(Reason.BAD_RESPONSE) from None

    def is_complete(self, job: str) -> bool:
        """Whether there are results; raises GivenUp where there will be none."""
        state = self._api.get(f"{JOBS}/{identifier(job)}", Job).state
        if state in ENDED_BADLY:
            raise GivenUp(f"the job ended as {state}")
        return state == "JobComplete"

    def results(self, job: str, locator: str, most: int) -> Response:
        """One set of results, from the start or where a locator points, with so many people at most."""
        self._api.require_budget()
        place = {"locator": locator} if locator else {}
        path = f"{JOBS}/{identifier(job)}/results?{urlencode({'maxRecords': most, **place})}"
        return self._api.ask("GET", path, accept="text/csv")

    def abort(self, job: str) -> None:
        """Let Salesforce stop; where it does not, the job ends by itself."""
        with suppress(ConnectorError):
            self._api.ask("PATCH", f"{JOBS}/{identifier(job)}", {"state": "Aborted"})

    def delete(self, job: str) -> None:
        """Leave no copy of the people behind; where that is refused, it goes after seven days."""
        with suppress(ConnectorError):
            self._api.ask("DELETE", f"{JOBS}/{identifier(job)}")
