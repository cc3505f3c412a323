"""The only way out of this application: guarded, bounded in time and size, patient with vendors that ask to wait.

httpcore is used without httpx on top, so that redirects, proxies from the environment, cookies and automatic decompression
are not switched off here but absent.
"""

import json as jsonlib
import logging
import math
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import certifi
import httpcore

from webapp.connectors.egress import Blocked, Egress, Resolve
from webapp.connectors.reasons import ConnectorError, Reason
from webapp.connectors.waiting import backoff, retry_after

for _name in ("httpx", "httpcore"):  # both write full addresses at lower levels
    logging.getLogger(_name).setLevel(logging.WARNING)

LONGEST_WAIT = 30.0
CONNECT_TIMEOUT = 5.0
RETRIED = frozenset({Reason.CANNOT_CONNECT, Reason.RATE_LIMITED, Reason.UNAVAILABLE})
NOT_MODIFIED = 304
UNAVAILABLE_STATUSES = frozenset({500, 502, 503, 504})

_expires: ContextVar[float] = ContextVar("expires", default=math.inf)


@dataclass(frozen=True)
class Response:
    """What a vendor answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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
        response = self._persist(lambda: self._send(method, address, every, content))
        if 300 <= response.status < 400 and response.status != NOT_MODIFIED:
            raise ConnectorError(Reason.CANNOT_CONNECT)
        return response

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

    def _persist(self, send: Callable[[], Response]) -> Response:
        for attempt in range(self._attempts - 1):
            try:
                return _accepted(send())
            except ConnectorError as error:
                if error.reason not in RETRIED:
                    raise
                self.pause(error, attempt)
        return _accepted(send())


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


class Network:
    """One attempt over guarded connections, which stay open between the pages of a run."""

    def __init__(self, egress: Egress, deadline: float, max_bytes: int):
        self._deadline, self._max_bytes = deadline, max_bytes
        self._pool = httpcore.ConnectionPool(
            ssl_context=ssl.create_default_context(cafile=certifi.where()),
            max_connections=4,
            keepalive_expiry=30.0,
            network_backend=_GuardedBackend(egress),
        )

    def __call__(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Response:
        token = _expires.set(time.monotonic() + self._deadline)
        try:
            with _translated(), self._pool.stream(method, url, headers=dict(headers), content=content) as answer:
                return self._read(answer)
        finally:
            _expires.reset(token)

    def close(self) -> None:
        self._pool.close()

    def _read(self, answer: httpcore.Response) -> Response:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
        if headers.get("content-encoding", "identity").lower() != "identity":
            raise ConnectorError(Reason.BAD_RESPONSE)
        self._require_small(int(headers.get("content-length", 0)))
        body = bytearray()
        for chunk in answer.iter_stream():
            body += chunk
            self._require_small(len(body))
        return Response(answer.status, headers, bytes(body))

    def _require_small(self, size: int) -> None:
        if size > self._max_bytes:
            raise ConnectorError(Reason.TOO_LARGE)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what goes wrong on the wire into ConnectorError, cut off from messages that quote headers or addresses."""
    try:
        yield
    except (Blocked, httpcore.NetworkError, httpcore.ConnectTimeout, httpcore.UnsupportedProtocol, OSError):
        raise ConnectorError(Reason.CANNOT_CONNECT) from None
    except httpcore.TimeoutException:
        raise ConnectorError(Reason.TIMEOUT) from None
    except httpcore.RemoteProtocolError as error:
        too_large = getattr(error.__context__, "error_status_hint", None) == 431
        raise ConnectorError(Reason.TOO_LARGE if too_large else Reason.BAD_RESPONSE) from None
    except (httpcore.ProtocolError, ValueError, TypeError):
        raise ConnectorError(Reason.BAD_RESPONSE) from None


class _GuardedBackend(httpcore.NetworkBackend):
    """Dials the numbers that were judged, never the name again; TLS still checks the certificate against the name."""

    def __init__(self, egress: Egress):
        self._egress, self._sockets = egress, httpcore.SyncBackend()

    def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        for address in self._egress.addresses(host, port):
            try:
                wait = min(CONNECT_TIMEOUT, _time_left())
                return _TimedStream(self._sockets.connect_tcp(address, port, wait, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline: the usual timeouts begin anew with each byte that drips in."""

    def __init__(self, stream: httpcore.NetworkStream):
        self._stream = stream

    def read(self, max_bytes, timeout=None):
        return self._stream.read(max_bytes, _time_left())

    def write(self, buffer, timeout=None):
        self._stream.write(buffer, _time_left())

    def close(self):
        self._stream.close()

    def start_tls(self, ssl_context, server_hostname=None, timeout=None):
        return _TimedStream(self._stream.start_tls(ssl_context, server_hostname, _time_left()))

    def get_extra_info(self, info):
        return self._stream.get_extra_info(info)


def _time_left() -> float:
    left = _expires.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
