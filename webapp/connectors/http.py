"""The only way out of this application: guarded, bounded in time and size, patient with vendors that ask to wait."""

import json as jsonlib
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, BinaryIO, Self
from urllib.parse import urlencode

from webapp.connectors.egress import Blocked, Egress, Resolve
from webapp.connectors.network import Network, NoRoom, Response, Target
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.waiting import backoff, retry_after

__all__ = ["LONGEST_WAIT", "Http", "NoRoom", "Response"]

LONGEST_WAIT = 30.0
RETRIED = frozenset({Reason.CANNOT_CONNECT, Reason.RATE_LIMITED, Reason.UNAVAILABLE})
NOT_MODIFIED = 304
UNAVAILABLE_STATUSES = frozenset({500, 502, 503, 504})

Send = Callable[[str, str, Mapping[str, str], bytes], Response]


class Http:
    """Requests to vendors. Every failure is a ConnectorError.

    `allow` holds the `host:port` that may be private or plain http. `deadline` (seconds) and `max_bytes` bound each answer.
    Short waits (429, 5xx, failed connections) happen inside a call, `attempts` times; a wait above LONGEST_WAIT is raised
    with `wait`, so that the worker is free meanwhile. `send` replaces the network in tests.
    """

    def __init__(
        self,
        allow: frozenset[str] = frozenset(),
        *,
        deadline: float = 30.0,
        max_bytes: int = 8_000_000,
        attempts: int = 4,
        resolve: Resolve = socket.getaddrinfo,
        sleep: Callable[[float], None] = time.sleep,
        backoff: Callable[[int], float] = backoff,
        send: Send | None = None,
    ):
        self._egress = Egress(allow, resolve)
        self._network = None if send else Network(self._egress, deadline, max_bytes)
        self._send = send or self._network
        self._attempts, self._sleep, self._backoff = attempts, sleep, backoff

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, json: Any = None, form: Any = None
    ) -> Response:
        """Ask once, and again where waiting helps. Answers other than redirects, 429 and 5xx are the caller's to judge."""
        address = self._permitted(url)
        content, kind = _encoded(json, form)
        every = {"Accept": "application/json", "Accept-Encoding": "identity", **kind, **(headers or {})}
        return _arrived(self._persist(lambda: self._send(method, address, every, content)))

    def download(self, url: str, file: BinaryIO, *, headers: Mapping[str, str] | None = None, most: int) -> Response:
        """What is at an address, written into `file` (emptied before each attempt), `most` bytes at most; the answer has no body then.

        It may take longer the more arrives, up to LONGEST_DOWNLOAD. Answers other than 200 come whole, as from `request`.
        Raises ConnectorError, and NoRoom where the file cannot be written.
        """
        address, target = self._permitted(url), Target(file, most)
        every = {"Accept": "*/*", "Accept-Encoding": "identity", **(headers or {})}
        return _arrived(self._persist(lambda: self._fetched(address, every, target)))

    def pause(self, error: ConnectorError, attempt: int = 0) -> None:
        """Wait as long as the vendor asked, or the usual back-off; raise the error where that is too long."""
        wait = self._backoff(attempt) if error.wait is None else error.wait
        if wait > LONGEST_WAIT:
            raise error
        self._sleep(wait)

    def close(self) -> None:
        """Hang up."""
        if self._network:
            self._network.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _permitted(self, url: str) -> str:
        try:
            return self._egress.permit(url)
        except Blocked:
            raise ConnectorError(Reason.CANNOT_CONNECT) from None

    def _fetched(self, address: str, headers: Mapping[str, str], target: Target) -> Response:
        target.empty()
        if self._network:
            return self._network("GET", address, headers, b"", target)
        response = self._send("GET", address, headers, b"")
        if response.status != 200:
            return response
        target.write(response.body)
        return replace(response, body=b"")

    def _persist(self, send: Callable[[], Response]) -> Response:
        for attempt in range(self._attempts - 1):
            try:
                return _accepted(send())
            except ConnectorError as error:
                if error.reason not in RETRIED:
                    raise
                self.pause(error, attempt)
        return _accepted(send())


def _arrived(response: Response) -> Response:
    """Nobody is followed to another address."""
    if 300 <= response.status < 400 and response.status != NOT_MODIFIED:
        raise ConnectorError(Reason.CANNOT_CONNECT)
    return response


def _accepted(response: Response) -> Response:
    if response.status == 429:
        raise ConnectorError(Reason.RATE_LIMITED, wait=retry_after(response.headers))
    if response.status in UNAVAILABLE_STATUSES:
        raise ConnectorError(Reason.UNAVAILABLE, wait=retry_after(response.headers))
    return response


def _encoded(json: Any, form: Any) -> tuple[bytes, dict[str, str]]:
    if json is not None:
        return jsonlib.dumps(json).encode(), {"Content-Type": "application/json"}
    if form is not None:
        return urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
    return b"", {}
