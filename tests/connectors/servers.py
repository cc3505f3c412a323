"""Small servers on 127.0.0.1 that misbehave as told."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Behaviour = Callable[[socket.socket], None]


@dataclass
class Server:
    """`hits` has an entry, the request read, for each connection that was made."""

    port: int
    hits: list[bytes] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def allowed(self) -> frozenset[str]:
        return frozenset({f"127.0.0.1:{self.port}"})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@contextlib.contextmanager
def serving(behave: Behaviour, host: str = "127.0.0.1", *, peek: bool = False) -> Iterator[Server]:
    """`peek` leaves the first bytes for `behave` to read."""
    listener = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    server = Server(listener.getsockname()[1])
    threading.Thread(target=_accept, args=(listener, server, behave, peek), daemon=True).start()
    try:
        yield server
    finally:
        server.ended.set()
        listener.close()


def _accept(listener: socket.socket, server: Server, behave: Behaviour, peek: bool) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(connection, server, behave, peek), daemon=True).start()


def _answer(connection: socket.socket, server: Server, behave: Behaviour, peek: bool) -> None:
    with contextlib.suppress(OSError), connection:
        place = len(server.hits)
        server.hits.append(b"")
        server.hits[place] = connection.recv(9, socket.MSG_PEEK) if peek else _request(connection)
        behave(connection)


def _request(connection: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        read += connection.recv(65536)
    head, _, body = read.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(body: bytes, *headers: str, status: str = "200 OK") -> Behaviour:
    head = "\r\n".join(
        [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers, f"Content-Length: {len(body)}"]
    )
    return lambda connection: connection.sendall(head.encode() + b"\r\n\r\n" + body)


def dripping(server_ended: threading.Event, before: bytes) -> Behaviour:
    """Send `before` at once and then a byte at a time, for ever."""

    def behave(connection: socket.socket) -> None:
        connection.sendall(before)
        while not server_ended.wait(0.05):
            connection.sendall(b"x")

    return behave
