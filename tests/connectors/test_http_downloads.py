"""What is too large for memory goes into a file: as guarded as every other answer, and as bounded."""

import io
import time

import pytest

from webapp.connectors import network
from webapp.connectors.http import Http, NoRoom, Response
from webapp.connectors.reasons import ConnectorError, Reason

from .asking import http, reason_of
from .servers import answering, dripping, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\nContent-Length: %d\r\n\r\n"


def fetched(server, most=10_000_000, **options) -> tuple[Response, bytes]:
    file = io.BytesIO(b"what was there before, and longer than what comes")
    response = http(server, **options).download(server.url, file, most=most)
    return response, file.getvalue()


class TestBody:
    def test_it_goes_into_the_file_alone_and_may_be_larger_than_an_answer(self):
        body = bytes(range(256)) * 400
        with serving(answering(body)) as server:
            response, written = fetched(server, max_bytes=1000)
        assert (response.status, response.body, written) == (200, b"", body)
        assert response.headers["content-type"] == "application/json"

    def test_a_refusal_comes_whole_and_leaves_the_file_empty(self):
        with serving(answering(b'{"code":"X"}', status="404 Not Found")) as server:
            response, written = fetched(server)
        assert (response.status, response.body, written) == (404, b'{"code":"X"}', b"")

    def test_headers_of_the_caller_are_sent_and_nothing_packed_is_asked_for(self):
        with serving(answering(b"x")) as server:
            http(server).download(server.url, io.BytesIO(), headers={"Authorization": "secret"}, most=1)
        assert b"Authorization: secret" in server.hits[0] and b"Accept-Encoding: identity" in server.hits[0]

    def test_tests_may_replace_the_network(self):
        file = io.BytesIO()
        answers = iter([Response(503, {}, b"no"), Response(200, {}, b"the file")])
        replaced = Http(send=lambda *asked: next(answers), sleep=lambda seconds: None)
        assert replaced.download("https://example.com/", file, most=8).status == 200
        assert file.getvalue() == b"the file"
        small = Http(send=lambda *asked: Response(200, {}, b"the file"))
        assert reason_of(lambda: small.download("https://example.com/", io.BytesIO(), most=7)) is Reason.TOO_LARGE


class TestBounds:
    @pytest.mark.parametrize(("most", "fits"), [(1000, True), (999, False)])
    def test_a_declared_size_is_compared_before_anything_is_written(self, most, fits):
        with serving(answering(b"x" * 1000)) as server:
            if fits:
                assert len(fetched(server, most)[1]) == 1000
            else:
                assert reason_of(lambda: fetched(server, most)) is Reason.TOO_LARGE

    def test_what_arrives_in_chunks_is_cut_off(self):
        def flood(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(1000):
                connection.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")

        file = io.BytesIO()
        with serving(flood) as server:
            assert reason_of(lambda: http(server).download(server.url, file, most=200_000)) is Reason.TOO_LARGE
        assert len(file.getvalue()) < 400_000

    def test_a_packed_body_is_refused(self):
        with serving(answering(b"x", "Content-Encoding: gzip")) as server:
            assert reason_of(lambda: fetched(server)) is Reason.BAD_RESPONSE

    def test_a_vendor_that_drips_is_left_although_each_byte_gives_it_time(self):
        with serving(lambda connection: dripping(server.ended, HEAD % 1_000_000)(connection)) as server:
            assert reason_of(lambda: fetched(server, deadline=0.4)) is Reason.TIMEOUT

    def test_whoever_sends_much_may_take_longer_than_the_deadline(self):
        def steadily(connection):
            connection.sendall(HEAD % 600_000)
            for _ in range(6):
                connection.sendall(b"x" * 100_000)
                time.sleep(0.15)

        with serving(steadily) as server:
            assert len(fetched(server, deadline=0.3)[1]) == 600_000

    def test_but_not_for_ever(self, monkeypatch):
        monkeypatch.setattr(network, "LONGEST_DOWNLOAD", 0.5)

        def endlessly(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n")
            while not server.ended.wait(0.02):
                connection.sendall(b"x" * 20_000)

        with serving(endlessly) as server:
            assert reason_of(lambda: fetched(server, most=10**9, deadline=0.3)) is Reason.TIMEOUT


class TestTrouble:
    def test_a_download_that_breaks_off_begins_anew(self):
        def breaking(connection):
            if len(server.hits) == 1:
                connection.sendall(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                connection.sendall(HEAD % 5 + b"whole")

        with serving(breaking) as server:
            assert fetched(server, attempts=2)[1] == b"whole"

    def test_half_a_file_is_no_file(self):
        with serving(lambda connection: connection.sendall(HEAD % 100 + b"x" * 50)) as server:
            assert reason_of(lambda: fetched(server)) is Reason.BAD_RESPONSE

    @pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "https://192.168.0.1/", "file:///etc/passwd"])
    def test_it_goes_nowhere_else_than_every_other_request(self, url):
        assert reason_of(lambda: http().download(url, io.BytesIO(), most=1)) is Reason.CANNOT_CONNECT

    def test_nobody_is_followed(self):
        with serving(answering(b"", "Location: http://127.0.0.1:1/", status="302 Found")) as server:
            assert reason_of(lambda: fetched(server)) is Reason.CANNOT_CONNECT

    def test_a_long_wait_is_raised(self):
        busy = answering(b"", "Retry-After: 90", status="429 Too Many")
        with serving(busy) as server, pytest.raises(ConnectorError) as caught:
            http(server, attempts=3).download(server.url, io.BytesIO(), most=1)
        assert (caught.value.reason, caught.value.wait, len(server.hits)) == (Reason.RATE_LIMITED, 90, 1)

    def test_a_disk_without_room_is_not_the_vendors_fault(self):
        class Full(io.BytesIO):
            def write(self, chunk):
                raise OSError(28, "No space left on device")

        with serving(answering(b"x")) as server, pytest.raises(NoRoom):
            http(server).download(server.url, Full(), most=1)
