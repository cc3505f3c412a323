"""Faults of the wire, the same for every vendor: what arrives is late, damaged, endless or nothing."""

import json
import os
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.wrappers import Response

from .faults import Fault

CHUNK = 64 * 1024
HUGE = 200_000_000
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>Log in</title></head><body><form>Log in to continue</form></body></html>"
)


def json_response(body: Any, status: int = 200) -> Response:
    """JSON as the vendors send it: plain UTF-8. A lone surrogate, which UTF-8 cannot hold, is left escaped."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text.encode("utf-8", "backslashreplace"), status, content_type="application/json; charset=utf-8")


def wait(fault: Fault) -> None:
    """`latency`: `ms` milliseconds before anything happens."""
    time.sleep(fault.get("ms", 1000) / 1000)


def _html(fault: Fault, environ: dict[str, Any]) -> Response:
    return Response(fault.get("body", LOGIN_PAGE), fault.get("status", 200), content_type="text/html; charset=utf-8")


def _body(fault: Fault, environ: dict[str, Any]) -> Response:
    return Response(fault.get("body", ""), fault.get("status", 200), content_type="application/json; charset=utf-8")


def _fixed(body: bytes) -> Callable[[Fault, dict[str, Any]], Response]:
    return lambda fault, environ: Response(body, content_type="application/json; charset=utf-8")


def _redirect(fault: Fault, environ: dict[str, Any]) -> Response:
    return Response("", fault.get("status", 302), {"Location": fault.get("to", "http://127.0.0.1:1/")})


def _deep(fault: Fault, environ: dict[str, Any]) -> Response:
    depth = fault.get("depth", 10_000)
    return _fixed(b'{"data":' + b"[" * depth + b"]" * depth + b"}")(fault, environ)


def _huge(fault: Fault, environ: dict[str, Any]) -> Response:
    """`bytes` of white space in valid JSON; its length is declared unless `chunked` is asked for."""
    size = fault.get("bytes", HUGE)
    response = Response(_spaces(size), content_type="application/json; charset=utf-8")
    if not fault.get("chunked"):
        response.content_length = size
    return response


def _spaces(size: int) -> Iterator[bytes]:
    yield b"{"
    for start in range(0, size - 2, CHUNK):
        yield b" " * min(CHUNK, size - 2 - start)
    yield b"}"


def _gzip_bomb(fault: Fault, environ: dict[str, Any]) -> Response:
    packed = _packed(_spaces(fault.get("bytes", HUGE)))
    headers = {"Content-Encoding": "gzip"}
    return Response(packed, headers=headers, content_type="application/json; charset=utf-8")


def _packed(parts: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for part in parts:
        if piece := packer.compress(part):
            yield piece
    yield packer.flush()


def _reset(fault: Fault, environ: dict[str, Any]) -> Response:
    """Tear the connection down with a TCP reset."""
    connection = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(connection.detach())
    raise ConnectionResetError


def _drip_headers(fault: Fault, environ: dict[str, Any]) -> Response:
    """A header that never ends, one byte each `seconds`, for at most `bytes`."""
    connection = environ["werkzeug.socket"]
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(fault.get("bytes", 600)):
        time.sleep(fault.get("seconds", 1))
        connection.sendall(b"a")
    connection.sendall(b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    raise ConnectionResetError


def _truncated(fault: Fault, response: Response) -> Response:
    response.set_data(response.get_data()[: len(response.get_data()) // 2])
    return response


def _text_plain(fault: Fault, response: Response) -> Response:
    response.content_type = "text/plain; charset=utf-8"
    return response


def _bom(fault: Fault, response: Response) -> Response:
    response.set_data(b"\xef\xbb\xbf" + response.get_data())
    return response


def _invalid_utf8(fault: Fault, response: Response) -> Response:
    """The Polish letters of the answer in Windows-1250, as a badly configured proxy would leave them."""
    text = response.get_data().decode("utf-8")
    response.set_data(text.encode("cp1250", "replace"))
    return response


def _big_header(fault: Fault, response: Response) -> Response:
    response.headers["X-Big"] = "a" * fault.get("bytes", 1_000_000)
    return response


def _drip(fault: Fault, response: Response) -> Response:
    """The right answer, one byte each `seconds`."""
    body = response.get_data()
    slow = Response(_slowly(body, fault.get("seconds", 1)), response.status, response.headers)
    slow.content_length = len(body)
    return slow


def _slowly(body: bytes, seconds: float) -> Iterator[bytes]:
    for position in range(len(body)):
        time.sleep(seconds)
        yield body[position : position + 1]


INSTEAD: dict[str, Callable[[Fault, dict[str, Any]], Response]] = {
    "html": _html,
    "body": _body,
    "empty": _fixed(b""),
    "array": _fixed(b"[]"),
    "null": _fixed(b"null"),
    "nan": _fixed(b'{"data":NaN}'),
    "duplicate_keys": _fixed(b'{"data":{},"data":null}'),
    "deep": _deep,
    "redirect": _redirect,
    "huge": _huge,
    "gzip_bomb": _gzip_bomb,
    "reset": _reset,
    "drip_headers": _drip_headers,
}
AFTERWARDS: dict[str, Callable[[Fault, Response], Response]] = {
    "truncated": _truncated,
    "text_plain": _text_plain,
    "bom": _bom,
    "invalid_utf8": _invalid_utf8,
    "big_header": _big_header,
    "drip": _drip,
}
NAMES = frozenset({"latency", *INSTEAD, *AFTERWARDS})


def instead(faults: dict[str, Fault], environ: dict[str, Any]) -> Response | None:
    """What is answered in the vendor's place, or None where the vendor may answer."""
    name = next((name for name in faults if name in INSTEAD), None)
    return INSTEAD[name](faults[name], environ) if name else None


def afterwards(faults: dict[str, Fault], response: Response) -> Response:
    """The vendor's answer, damaged as asked."""
    for name, fault in faults.items():
        if name in AFTERWARDS:
            response = AFTERWARDS[name](fault, response)
    return response
