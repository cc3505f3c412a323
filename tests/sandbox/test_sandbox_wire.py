"""Faults of the wire, and the running server."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[2]
SHOP = "{ shop { name myshopifyDomain } }"
PATH = "/shopify/bukowina/admin/api/2026-10/graphql.json"


def ask(address, headers=None):
    """One query over a real connection; the response is not read yet."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=20)
    token = {"X-Shopify-Access-Token": "shpat_demo-token-bukowina", "Content-Type": "application/json"}
    connection.request("POST", PATH, json.dumps({"query": SHOP}), {**token, **(headers or {})})
    return connection.getresponse()


@pytest.mark.parametrize(
    ("fault", "body"), [("empty", b""), ("array", b"[]"), ("null", b"null"), ("nan", b'{"data":NaN}')]
)
def test_the_body_can_be_nothing_useful(bukowina, fault, body):
    bukowina.fault(fault)
    answer = bukowina.graphql(SHOP)
    assert (answer.status_code, answer.data) == (200, body)


def test_the_body_can_be_anything(bukowina):
    bukowina.fault("body", body="ala ma kota", status=202)
    answer = bukowina.graphql(SHOP)
    assert (answer.status_code, answer.text) == (202, "ala ma kota")


def test_a_login_page_can_come_with_status_200(bukowina):
    bukowina.fault("html")
    answer = bukowina.graphql(SHOP)
    assert (answer.status_code, answer.mimetype) == (200, "text/html")


def test_keys_can_come_twice(bukowina):
    bukowina.fault("duplicate_keys")
    assert bukowina.graphql(SHOP).data.count(b'"data"') == 2


def test_json_can_be_nested_too_deep(bukowina):
    bukowina.fault("deep")
    assert bukowina.graphql(SHOP).data.count(b"[") == 10_000


def test_json_can_be_cut_off(bukowina):
    bukowina.fault("truncated")
    with pytest.raises(ValueError):
        json.loads(bukowina.graphql(SHOP).data)


def test_the_right_answer_can_claim_to_be_plain_text(bukowina):
    bukowina.fault("text_plain")
    answer = bukowina.graphql(SHOP)
    assert answer.mimetype == "text/plain"
    assert json.loads(answer.data)["data"]


def test_the_right_answer_can_begin_with_a_byte_order_mark(bukowina):
    bukowina.fault("bom")
    body = bukowina.graphql(SHOP).data
    assert body.startswith(b"\xef\xbb\xbf")
    assert json.loads(body.decode("utf-8-sig"))["data"]


def test_the_right_answer_can_be_in_a_wrong_encoding(bukowina):
    bukowina.fault("invalid_utf8")
    with pytest.raises(UnicodeDecodeError):
        bukowina.graphql(SHOP).data.decode("utf-8")


def test_the_shop_can_send_elsewhere(bukowina):
    bukowina.fault("redirect", to="http://192.0.2.1/")
    answer = bukowina.graphql(SHOP)
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://192.0.2.1/")


def test_a_header_can_be_far_too_big(bukowina):
    bukowina.fault("big_header", bytes=5000)
    assert len(bukowina.graphql(SHOP).headers["X-Big"]) == 5000


def test_latency_delays_the_answer(bukowina):
    bukowina.fault("latency", ms=60)
    start = time.monotonic()
    assert bukowina.graphql(SHOP).status_code == 200
    assert time.monotonic() - start >= 0.06


def test_a_huge_body_can_be_declared(server, bukowina):
    bukowina.fault("huge", bytes=3_000_000)
    answer = ask(server)
    assert answer.getheader("Content-Length") == "3000000"
    assert json.loads(answer.read()) == {}


def test_a_huge_body_can_be_chunked(server, bukowina):
    bukowina.fault("huge", bytes=3_000_000, chunked=True)
    answer = ask(server)
    assert answer.getheader("Transfer-Encoding") == "chunked"
    assert len(answer.read()) == 3_000_000


def test_a_gzip_bomb_is_small_until_it_is_opened(server, bukowina):
    bukowina.fault("gzip_bomb", bytes=20_000_000)
    answer = ask(server)
    body = answer.read()
    assert answer.getheader("Content-Encoding") == "gzip"
    assert len(body) < 100_000
    assert len(gzip.decompress(body)) == 20_000_000


def test_a_connection_can_be_torn_down_and_the_next_one_works(server, bukowina):
    bukowina.fault("reset", times=1)
    with socket.create_connection((urlsplit(server).hostname, urlsplit(server).port), timeout=20) as connection:
        connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: sandbox\r\n\r\n".encode())
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
    assert ask(server).status == 200


def test_a_body_can_drip(server, bukowina):
    bukowina.fault("drip", seconds=0.002)
    start = time.monotonic()
    body = ask(server).read()
    assert json.loads(body)["data"]
    assert time.monotonic() - start >= 0.002 * len(body)


def test_headers_can_drip(server, bukowina):
    bukowina.fault("drip_headers", seconds=0.01, bytes=20)
    start = time.monotonic()
    answer = ask(server)
    assert answer.getheader("X-Slow") == "a" * 20
    assert time.monotonic() - start >= 0.2


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_command_serves_and_stops_when_told():
    command = [sys.executable, "-m", "sandbox", "--port", str(free_port()), "--people", "5", "--seed", "3"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            address = process.stdout.readline().split()[-1]
            assert ask(address).status == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
