"""The WSGI application: one path prefix a vendor, one path segment an account, and the control address."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from werkzeug.wrappers import Request, Response

from . import control, wire
from .account import Account
from .bigcommerce import BigCommerce
from .faults import Fault
from .magento import Magento
from .options import Options
from .people import Person
from .salesforce import Salesforce
from .shopify import Shopify
from .zoho import Zoho


class Vendor(Protocol):
    """What the sandbox asks of a vendor's stand-in."""

    accounts: dict[str, Account]
    fault_names: frozenset[str]
    switches: dict[str, Callable[[Any, dict[str, Any]], Any]]

    def kind(self, path: str) -> str:
        """What a request to this path (below the account) is called in faults and in the log."""

    def answer(self, account: Any, path: str, request: Request, faults: dict[str, Fault]) -> Response:
        """What the vendor answers, with the vendor's own faults taken into account."""

    def unknown(self, name: str, path: str, request: Request) -> Response:
        """What the vendor answers where it has no account of this name: a refusal, or its own front door (signing in)."""

    def truth(self, account: Any, of: str) -> list[dict[str, Any]]:
        """Who there really is, for tests to compare with."""

    def truth_of(self, person: Person) -> dict[str, Any]:
        """One entry of that."""


class Sandbox:
    """Stand-ins of the vendors, as a WSGI application."""

    def __init__(self, options: Options):
        self._latency = options.latency_ms / 1000
        self.vendors: dict[str, Vendor] = {
            "shopify": Shopify(options),
            "magento": Magento(options),
            "bigcommerce": BigCommerce(options),
            "zoho": Zoho(options),
            "salesforce": Salesforce(options),
        }

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path.split("/")[1] == "control":
            return control.answer(self.vendors, request)
        _, vendor_name, account_name, path = (request.path + "///").split("/", 3)
        vendor = self.vendors.get(vendor_name)
        if vendor is None:
            return Response("Not found", 404)
        account = vendor.accounts.get(account_name)
        path = path.rstrip("/")
        return (
            self._vendor_answer(vendor, account, path, request)
            if account
            else vendor.unknown(account_name, path, request)
        )

    def _vendor_answer(self, vendor: Vendor, account: Account, path: str, request: Request) -> Response:
        kind = vendor.kind(path)
        faults = account.faults.due(kind)
        entry = account.log.add(kind, path=path, faults=sorted(faults))
        time.sleep(self._latency)
        if "latency" in faults:
            wire.wait(faults["latency"])
        response = wire.instead(faults, request.environ) or vendor.answer(account, path, request, faults)
        entry["status"] = response.status_code
        return wire.afterwards(faults, response)
