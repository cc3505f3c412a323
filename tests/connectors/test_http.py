"""The way out: guarded, bounded and patient. Servers are real sockets on 127.0.0.1."""

import gzip
import logging
import socket
import ssl
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import certifi
import httpcore
import pytest

from webapp.connectors.base import ConnectorError, Reason
from webapp.connectors.http import LONGEST_WAIT, Http, Response

from .servers import Server, answering, dripping, serving

CANARY = "canary-5f1c"


def http(server: Server | None = None, **options) -> Http:
    options = {"attempts": 1, "sleep": lambda seconds: None, **options}
    return Http(server.allowed if server else frozenset(), **options)


def reason_of(call) -> Reason:
    with pytest.raises(ConnectorError) as caught:
        call()
    return caught.value.reason


def resolving(*addresses):
    def resolve(host, port, **options):
        resolve.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in addresses]

    resolve.asked = 0
    return resolve


@pytest.fixture
def dialled(monkeypatch):
    """The addresses that would have been dialled; nothing answers there."""
    tried = []

    def connect(self, host, *_):
        tried.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return tried


class TestGuard:
    def test_an_answer_comes_back_with_its_headers_in_lower_case(self):
        with serving(answering(b'{"a": 1}', "X-Thing: 7")) as server, http(server) as out:
            answer = out.request("GET", server.url)
        assert (answer.status, answer.headers["x-thing"], answer.body) == (200, "7", b'{"a": 1}')

    @pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
    def test_a_local_listener_is_never_touched(self, host):
        with serving(answering(b"{}"), host) as canary:
            for url in (f"http://{host}:{canary.port}/", f"https://{host}/", f"https://shop.example:{canary.port}/"):
                assert (
                    reason_of(lambda url=url: http(resolve=resolving(host)).request("GET", url))
                    is Reason.CANNOT_CONNECT
                )
        assert canary.hits == []

    def test_a_name_that_resolves_to_this_machine_is_not_dialled(self, dialled):
        out = http(resolve=resolving("127.0.0.1"))
        assert reason_of(lambda: out.request("GET", "https://shop.example/")) is Reason.CANNOT_CONNECT
        assert dialled == []

    def test_one_private_answer_among_public_ones_stops_the_call(self, dialled):
        out = http(resolve=resolving("8.8.8.8", "10.0.0.5"))
        assert reason_of(lambda: out.request("GET", "https://shop.example/")) is Reason.CANNOT_CONNECT
        assert dialled == []

    def test_the_judged_address_is_dialled_and_dns_is_asked_once(self, dialled):
        resolve = resolving("93.184.216.34")
        assert reason_of(lambda: http(resolve=resolve).request("GET", "https://shop.example/")) is Reason.CANNOT_CONNECT
        assert (dialled, resolve.asked) == (["93.184.216.34"], 1)

    def test_the_next_address_is_tried_when_the_first_is_dead(self, dialled):
        reason_of(lambda: http(resolve=resolving("8.8.8.8", "1.1.1.1")).request("GET", "https://shop.example/"))
        assert dialled == ["8.8.8.8", "1.1.1.1"]

    def test_a_redirect_is_not_followed(self):
        with serving(answering(b"{}")) as canary:
            redirect = answering(b"", f"Location: {canary.url}", status="302 Found")
            with serving(redirect) as server:
                assert reason_of(lambda: http(server).request("GET", server.url)) is Reason.CANNOT_CONNECT
        assert canary.hits == []

    def test_proxies_of_the_environment_are_ignored(self, monkeypatch):
        with serving(answering(b"{}")) as proxy, serving(answering(b"{}")) as server:
            for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
                monkeypatch.setenv(name, proxy.url)
            assert http(server).request("GET", server.url).status == 200
        assert proxy.hits == []

    def test_blocked_and_refused_look_alike(self):
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        refused = Http(frozenset({f"127.0.0.1:{port}"}), attempts=1)
        with pytest.raises(ConnectorError) as one:
            refused.request("GET", f"http://127.0.0.1:{port}/")
        with pytest.raises(ConnectorError) as other:
            http().request("GET", "https://127.0.0.1/")
        assert (one.value.args, one.value.reason, one.value.wait) == (
            other.value.args,
            other.value.reason,
            other.value.wait,
        )

    def test_blocked_is_retried_like_refused_so_that_time_tells_nothing(self):
        waits = []
        out = Http(resolve=resolving("10.0.0.1"), sleep=waits.append, backoff=lambda attempt: attempt)
        reason_of(lambda: out.request("GET", "https://shop.example/"))
        assert waits == [0, 1, 2]


class TestTls:
    def test_a_certificate_of_an_unknown_issuer_is_refused(self, certificate):
        with _tls_server(certificate) as server:
            out = Http(frozenset({f"localhost:{server.port}"}), attempts=1)
            assert reason_of(lambda: out.request("GET", f"https://localhost:{server.port}/")) is Reason.CANNOT_CONNECT

    def test_a_trusted_certificate_of_the_typed_name_is_accepted(self, certificate, monkeypatch):
        monkeypatch.setattr(certifi, "where", lambda: certificate)
        with _tls_server(certificate) as server:
            out = Http(frozenset({f"localhost:{server.port}"}), attempts=1, resolve=resolving("127.0.0.1"))
            assert out.request("GET", f"https://localhost:{server.port}/").status == 200

    def test_a_trusted_certificate_of_another_name_is_refused(self, certificate, monkeypatch):
        monkeypatch.setattr(certifi, "where", lambda: certificate)
        with _tls_server(certificate) as server:
            out = Http(frozenset({f"shop.example:{server.port}"}), attempts=1, resolve=resolving("127.0.0.1"))
            assert (
                reason_of(lambda: out.request("GET", f"https://shop.example:{server.port}/")) is Reason.CANNOT_CONNECT
            )


def _tls_server(certificate: str):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def behave(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            wrapped.recv(65536)
            answering(b"{}")(wrapped)

    return serving(behave, peek=True)


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


class TestConnections:
    def test_pages_of_a_run_share_a_connection(self):
        def two_answers(connection):
            answering(b"1")(connection)
            connection.recv(65536)
            answering(b"2")(connection)

        with serving(two_answers) as server, http(server) as out:
            bodies = [out.request("GET", server.url).body for _ in range(2)]
        assert (bodies, len(server.hits)) == ([b"1", b"2"], 1)

    def test_json_and_forms_are_encoded(self):
        with serving(answering(b"{}")) as server:
            http(server).request("POST", server.url, json={"a": "ż"})
            http(server).request("POST", server.url, form={"a": "1 2"})
        assert server.hits[0].endswith(b'\r\n\r\n{"a": "\\u017c"}') and b"application/json" in server.hits[0]
        assert server.hits[1].endswith(b"\r\n\r\na=1+2") and b"x-www-form-urlencoded" in server.hits[1]


class TestSecrets:
    @pytest.mark.parametrize("wire", [b"", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", b"junk\r\n\r\n"])
    def test_no_failure_names_what_was_sent(self, wire, caplog):
        caplog.set_level(logging.DEBUG)
        with serving(lambda connection: connection.sendall(wire)) as server, pytest.raises(ConnectorError) as caught:
            headers = {"Authorization": CANARY}
            http(server).request("POST", f"{server.url}{CANARY}", headers=headers, json={"secret": CANARY})
        assert CANARY not in "".join(traceback.format_exception(caught.value)) + caplog.text

    @pytest.mark.parametrize("value", [f"{CANARY}\r\nX: y", f"{CANARY}ż"])
    def test_a_header_that_cannot_travel_fails_without_being_named(self, value):
        with serving(answering(b"{}")) as server, pytest.raises(ConnectorError) as caught:
            http(server).request("GET", server.url, headers={"Authorization": value})
        assert CANARY not in "".join(traceback.format_exception(caught.value))

    def test_the_http_libraries_log_warnings_only(self):
        assert logging.getLogger("httpx").level == logging.getLogger("httpcore").level == logging.WARNING
