"""Letters through a mail server that really listens."""

import socketserver
import threading

import pytest

from webapp import mail


class Handler(socketserver.StreamRequestHandler):
    """Enough of SMTP (RFC 5321) to take one letter."""

    def handle(self):
        self.say("220 poczta.example")
        while line := self.rfile.readline().decode("latin-1").strip():
            self.server.heard.append(line)
            self.answer(line.split(" ")[0].upper())

    def answer(self, verb: str) -> None:
        if verb == "EHLO":
            self.say("250-poczta.example\r\n250 AUTH PLAIN")
        elif verb == "DATA":
            self.say("354 go on")
            while (line := self.rfile.readline()) != b".\r\n":
                self.server.heard.append(line.decode("utf-8").rstrip())
            self.say(self.server.verdict)
        else:
            self.say({"AUTH": "235 ok", "QUIT": "221 bye"}.get(verb, "250 ok"))

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture
def post(app):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads, server.heard, server.verdict = True, [], "250 taken"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        app.config["SMTP_URL"] = f"smtp://biuro%40sklep.example:haslo@127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()


def test_a_letter_is_handed_over_whole(post):
    mail.send(["anna@example.com"], "Zażółć", "Gęślą jaźń")
    said = "\n".join(post.heard)
    assert "rcpt TO:<anna@example.com>" in said and "mail FROM:<biuro@sklep.example>" in said
    assert "Auto-Submitted: auto-generated" in said and "Message-ID:" in said


def test_a_refusal_is_told_without_the_servers_words(post):
    post.verdict = "554 no such user anna@example.com"
    with pytest.raises(mail.NotSent) as caught:
        mail.send(["anna@example.com"], "Zażółć", "Gęślą jaźń")
    assert "anna" not in str(caught.value)


def test_a_server_that_is_not_there_is_a_letter_not_sent(app):
    app.config["SMTP_URL"] = "smtp://127.0.0.1:1"
    with pytest.raises(mail.NotSent):
        mail.send(["anna@example.com"], "Zażółć", "Gęślą jaźń")


def test_a_password_does_not_leave_this_machine_unencrypted(post, monkeypatch):
    monkeypatch.setattr(mail, "LOOPBACK", frozenset())
    with pytest.raises(mail.NotSent):
        mail.send(["anna@example.com"], "Zażółć", "Gęślą jaźń")
    assert not any(line.startswith("AUTH") for line in post.heard)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://poczta.example?from=listy%40sklep.example", "listy@sklep.example"),
        ("smtp://biuro%40sklep.example:x@poczta.example", "biuro@sklep.example"),
        ("smtp://biuro:x@poczta.example", "doplyw@127.0.0.1"),
    ],
)
def test_the_sender_is_what_the_administrator_said(app, url, expected):
    app.config["SMTP_URL"] = url
    assert mail.sender() == expected
