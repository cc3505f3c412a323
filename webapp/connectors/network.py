"""One attempt on the wire: over guarded connections, with a deadline for all of it, and never more than was agreed.

httpcore is used without httpx on top, so that redirects, proxies from the environment, cookies and automatic decompression
are not switched off here but absent.
"""

import logging
import math
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import BinaryIO

import certifi
import httpcore

from webapp.connectors.egress import Blocked, Egress
from webapp.connectors.reasons import ConnectorError, Reason

for _name in ("httpx", "httpcore"):  # both write full addresses at lower levels
    logging.getLogger(_name).setLevel(logging.WARNING)

CONNECT_TIMEOUT = 5.0
LONGEST_DOWNLOAD, SLOWEST = (
    100.0,
    50_000,
)  # seconds in all, less than a lease; bytes a second that keep the deadline away

_expires: ContextVar[float] = ContextVar("expires", default=math.inf)


class NoRoom(Exception):
    """What arrives cannot be written down here."""


@dataclass(frozen=True)
class Response:
    """What a vendor answered; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Target:
    """An open binary file that takes the body of a good answer, `most` bytes at most."""

    file: BinaryIO
    most: int

    def empty(self) -> None:
        self.file.seek(0)
        self.file.truncate()

    def write(self, chunk: bytes) -> int:
        """How many bytes there are now; raises NoRoom, ConnectorError(TOO_LARGE)."""
        try:
            self.file.write(chunk)
        except OSError:
            raise NoRoom from None
        size = self.file.tell()
        if size > self.most:
            raise ConnectorError(Reason.TOO_LARGE)
        return size


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

    def __call__(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes, target: Target | None = None
    ) -> Response:
        """The answer. With `target` the body of a 200 goes there, and the deadline grows with what arrives; raises NoRoom."""
        token = _expires.set(time.monotonic() + self._deadline)
        try:
            with _translated(), self._pool.stream(method, url, headers=dict(headers), content=content) as answer:
                return self._written(answer, target) if target and answer.status == 200 else self._read(answer)
        finally:
            _expires.reset(token)

    def close(self) -> None:
        self._pool.close()

    def _read(self, answer: httpcore.Response) -> Response:
        headers = _headers(answer, self._max_bytes)
        body = bytearray()
        for chunk in answer.iter_stream():
            body += chunk
            _require_small(len(body), self._max_bytes)
        return Response(answer.status, headers, bytes(body))

    def _written(self, answer: httpcore.Response, target: Target) -> Response:
        headers = _headers(answer, target.most)
        begun, soonest = time.monotonic(), _expires.get()
        for chunk in answer.iter_stream():
            size = target.write(chunk)
            _expires.set(min(soonest + size / SLOWEST, begun + LONGEST_DOWNLOAD))
        return Response(answer.status, headers, b"")


def _headers(answer: httpcore.Response, most: int) -> dict[str, str]:
    """Names in lower case; raises ConnectorError for a body that is packed, or announced to be too large."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise ConnectorError(Reason.BAD_RESPONSE)
    _require_small(int(headers.get("content-length", 0)), most)
    return headers


def _require_small(size: int, most: int) -> None:
    if size > most:
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
