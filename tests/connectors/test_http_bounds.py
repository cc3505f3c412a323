"""How long, how much and how often: the limits of one call."""

import gzip
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from webapp.connectors.http import LONGEST_WAIT, Http, Response
from webapp.connectors.reasons import ConnectorError, Reason

from .asking import http, reason_of
from .servers import answering, dripping, serving


class TestBounds:
    @pytest.mark.parametrize(
        "before",
        [b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"],
        ids=["headers", "body"],
    )
    def test_a_vendor_that_drips_is_left_at_the_deadline(self, before):
        with serving(lambda connection: dripping(server.ended, before)(connection)) as server:
            assert reason_of(lambda: http(server, deadline=0.4).request("GET", server.url)) is Reason.TIMEOUT

    def test_a_silent_vendor_is_left_at_the_deadline(self):
        with serving(lambda connection: server.ended.wait(20)) as server:
            assert reason_of(lambda: http(server, deadline=0.2).request("GET", server.url)) is Reason.TIMEOUT

    def test_a_declared_huge_body_is_not_read(self):
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
        with serving(lambda connection: connection.sendall(head)) as server:
            assert reason_of(lambda: http(server).request("GET", server.url)) is Reason.TOO_LARGE

    def test_a_huge_chunked_body_is_cut_off(self):
        sent = []

        def flood(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(4000):
                connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
                sent.append(65536)

        with serving(flood) as server:
            assert reason_of(lambda: http(server, max_bytes=200_000).request("GET", server.url)) is Reason.TOO_LARGE
        assert sum(sent) < 50_000_000

    def test_a_body_of_exactly_the_limit_is_read(self):
        with serving(answering(b"x" * 1000)) as server:
            assert len(http(server, max_bytes=1000).request("GET", server.url).body) == 1000

    def test_huge_headers_are_too_large(self):
        with serving(lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 1_000_000)) as server:
            assert reason_of(lambda: http(server).request("GET", server.url)) is Reason.TOO_LARGE

    def test_a_gzip_bomb_is_not_unpacked(self):
        bomb = gzip.compress(b" " * 20_000_000)
        with serving(answering(bomb, "Content-Encoding: gzip")) as server:
            assert reason_of(lambda: http(server).request("GET", server.url)) is Reason.BAD_RESPONSE

    def test_no_encoding_is_asked_for(self):
        with serving(answering(b"{}")) as server:
            http(server).request("GET", server.url)
        assert b"accept-encoding: identity" in server.hits[0].lower()

    @pytest.mark.parametrize(
        "wire",
        [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", b"SSH-2.0-OpenSSH\r\n", b""],
        ids=["cut", "ssh", "nothing"],
    )
    def test_broken_http_is_a_bad_response(self, wire):
        with serving(lambda connection: connection.sendall(wire)) as server:
            assert reason_of(lambda: http(server).request("GET", server.url)) is Reason.BAD_RESPONSE


def answers(*responses: Response):
    """A network that gives these answers in turn, the last one for ever."""
    queue = list(responses)

    def send(method, url, headers, content):
        send.calls += 1
        return queue.pop(0) if len(queue) > 1 else queue[0]

    send.calls = 0
    return send


def status(code: int, **headers: str) -> Response:
    return Response(code, {name.replace("_", "-"): value for name, value in headers.items()}, b"{}")


class TestPatience:
    def ask(self, *responses, attempts=4):
        waits = []
        send = answers(*responses)
        out = Http(send=send, sleep=waits.append, backoff=lambda attempt: 0.5 + attempt, attempts=attempts)
        try:
            return out.request("GET", "https://shop.example/").status, waits, send.calls
        except ConnectorError as error:
            return error, waits, send.calls

    @pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
    def test_a_passing_trouble_is_waited_out_with_back_off(self, code):
        assert self.ask(status(code), status(code), status(200)) == (200, [0.5, 1.5], 3)

    @pytest.mark.parametrize(
        ("code", "reason"), [(429, Reason.RATE_LIMITED), (503, Reason.UNAVAILABLE), (500, Reason.UNAVAILABLE)]
    )
    def test_a_lasting_trouble_is_told_after_the_attempts(self, code, reason):
        error, waits, calls = self.ask(status(code))
        assert (error.reason, error.permanent, len(waits), calls) == (reason, False, 3, 4)

    @pytest.mark.parametrize("code", [400, 401, 402, 403, 404, 423])
    def test_other_answers_are_given_to_the_caller_at_once(self, code):
        assert self.ask(status(code)) == (code, [], 1)

    @pytest.mark.parametrize("text", ["2.0", " 2 "])
    def test_seconds_of_retry_after_are_waited(self, text):
        assert self.ask(status(429, retry_after=text), status(200)) == (200, [2.0], 2)

    def test_a_date_of_retry_after_is_waited_for(self):
        moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
        _, waits, _ = self.ask(status(503, retry_after=moment), status(200))
        assert 15 < waits[0] <= 20

    def test_a_past_date_is_no_wait(self):
        assert self.ask(status(429, retry_after="Wed, 21 Oct 2015 07:28:00 GMT"), status(200)) == (200, [0.0], 2)

    @pytest.mark.parametrize("text", ["soon", "-5", "nan", "inf", "", "1e999", "Wed, 99 Foo 2015 07:28:00 GMT"])
    def test_garbage_in_retry_after_means_the_usual_back_off(self, text):
        assert self.ask(status(429, retry_after=text), status(200)) == (200, [0.5], 2)

    def test_a_long_wait_frees_the_worker(self):
        error, waits, calls = self.ask(status(429, retry_after="86400"))
        assert (error.reason, error.wait, waits, calls) == (Reason.RATE_LIMITED, 86400.0, [], 1)

    def test_the_longest_wait_is_still_waited(self):
        assert self.ask(status(429, retry_after=str(LONGEST_WAIT)), status(200))[1] == [LONGEST_WAIT]

    def test_a_refused_connection_is_tried_again(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        waits = []
        out = Http(frozenset({f"127.0.0.1:{port}"}), sleep=waits.append)
        assert reason_of(lambda: out.request("GET", f"http://127.0.0.1:{port}/")) is Reason.CANNOT_CONNECT
        assert len(waits) == 3

    def test_back_off_grows_and_is_not_the_same_for_all(self):
        waits = []
        out = Http(send=answers(status(503)), sleep=waits.append)
        for _ in range(20):
            reason_of(lambda: out.request("GET", "https://shop.example/"))
        assert len(set(waits)) == 60 and max(waits[::3]) <= 1 and min(waits[2::3]) >= 2
