"""Speaking REST with one shop: the address, the signature, and the searches (vendor page, sections 1 and 2)."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from webapp.connectors.base import Access
from webapp.connectors.decoding import decode
from webapp.connectors.http import Response
from webapp.connectors.magento.errors import is_page, is_replay, refused

logging.getLogger("oauthlib").setLevel(logging.WARNING)  # it writes what it signs, keys and all, at lower levels

WITHOUT_REWRITES = "/index.php"
T = TypeVar("T")


class Filter(NamedTuple):
    """One condition; all of a search must hold."""

    field: str
    condition: str
    value: str


class Found(msgspec.Struct):
    """A page of a search. `total_count` counts all pages and is right even where the page is not.

    Where `fields` trims an empty list, Magento's filter leaves null of it.
    """

    total_count: int
    items: list[Any] | None = None


class MagentoApi:
    """The REST API of one shop, read only."""

    def __init__(self, access: Access, address: str):
        self._http, self._keep = access.http, access.keep
        self._credentials, self._address = access.credentials, address
        self._entry = access.credentials.get("entry", "")
        self._signer = _signer(access.credentials)

    def get(self, path: str, query: Mapping[str, str], kind: type[T]) -> T:
        """The answer as `kind`. Raises ConnectorError, TooManyAsked."""
        response = self._send(path, query)
        if response.status == 404 and is_page(response) and not self._entry:
            response = self._through_the_index(path, query, response)
        if is_replay(response):
            # Http repeats a request whose answer was lost, with the signature that the shop has already seen.
            response = self._send(path, query)
        if response.status != 200:
            raise refused(response, signed=self._signer is not None)
        return decode(response, kind)

    def search(self, path: str, filters: Sequence[Filter], fields: str, size: int, order: str | None = None) -> Found:
        """The first page of a search, in rising order: a shop may show any other page again past the end."""
        query = {"searchCriteria[pageSize]": str(size), "searchCriteria[currentPage]": "1", "fields": fields}
        for place, one in enumerate(filters):
            part = f"searchCriteria[filter_groups][{place}][filters][0]"
            query |= {
                f"{part}[field]": one.field,
                f"{part}[condition_type]": one.condition,
                f"{part}[value]": one.value,
            }
        if order:
            query |= {"searchCriteria[sortOrders][0][field]": order, "searchCriteria[sortOrders][0][direction]": "ASC"}
        return self.get(path, query, Found)

    def _through_the_index(self, path: str, query: Mapping[str, str], first: Response) -> Response:
        """A shop whose web server rewrites no addresses answers below index.php alone; that is remembered."""
        self._entry = WITHOUT_REWRITES
        response = self._send(path, query)
        if is_page(response):
            self._entry = ""
            return first
        self._keep({"entry": self._entry})
        return response

    def _send(self, path: str, query: Mapping[str, str]) -> Response:
        view = self._credentials.get("store_view", "")
        url = f"{self._address}{self._entry}/rest/{f'{view}/' if view else ''}V1/{path}?{_encoded(query.items())}"
        return self._http.request("GET", url, headers=self._authorization(url))

    def _authorization(self, url: str) -> dict[str, str]:
        if self._signer is None:
            return {"Authorization": f"Bearer {self._credentials.get('access_token', '')}"}
        _url, headers, _body = self._signer.sign(url)
        return {"Authorization": headers["Authorization"]}


def _signer(credentials: Mapping[str, str]) -> Client | None:
    """OAuth 1.0a with the four keys; None for a bearer token."""
    if not credentials.get("consumer_secret"):
        return None
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    return Client(*(credentials.get(name, "") for name in names), signature_method=SIGNATURE_HMAC_SHA256)


def _encoded(query: Iterable[tuple[str, str]]) -> str:
    """Brackets are encoded too: firewalls stop bare ones, and signatures are made of the encoded form."""
    return urlencode(list(query), quote_via=quote, safe="")
