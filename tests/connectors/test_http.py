"""The way out: guarded, bounded and patient. Servers are real sockets on 127.0.0.1."""

import logging
import socket
import ssl
import traceback

import certifi
import httpcore
import pytest

from webapp.connectors.http import Http
from webapp.connectors.reasons import ConnectorError, Reason

from .asking import http, reason_of
from .servers import answering, serving

CANARY = "canary-5f1c"


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
