"""Letters to the people of an account, through the administrator's mail server."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

TIMEOUT = 20
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PORTS = {"smtp": 587, "smtps": 465}


class NotSent(Exception):
    """The mail server did not take the letter. Carries no text: servers quote addresses."""


def can_send() -> bool:
    """Whether the administrator named a mail server (SMTP_URL)."""
    return bool(current_app.config["SMTP_URL"])


def send(recipients: list[str], subject: str, text: str) -> None:
    """Hand over one letter of plain text; raises NotSent."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender(), ", ".join(recipients), subject
    letter["Date"], letter["Message-ID"] = formatdate(usegmt=True), make_msgid(domain=sender().partition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    try:
        with mail_server() as server:
            server.send_message(letter)
    except (OSError, smtplib.SMTPException, ssl.SSLError):
        raise NotSent from None


def sender() -> str:
    """`?from=` of SMTP_URL, else its user where that is an address, else `doplyw@` and the installation's host."""
    parts = urlsplit(current_app.config["SMTP_URL"])
    given = parse_qs(parts.query).get("from", [unquote(parts.username or "")])[0]
    return given if "@" in given else f"doplyw@{urlsplit(current_app.config['EXTERNAL_URL']).hostname}"


@contextmanager
def mail_server() -> Iterator[smtplib.SMTP]:
    """A connection that is encrypted before a password is said, unless it stays on this machine; `smtps` from its first byte."""
    parts = urlsplit(current_app.config["SMTP_URL"])
    address, context = (parts.hostname, parts.port or PORTS[parts.scheme]), ssl.create_default_context()
    if parts.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(*address, timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(*address, timeout=TIMEOUT)
    with server:
        server.ehlo()
        encrypted = parts.scheme == "smtps" or server.has_extn("starttls")
        if parts.scheme == "smtp" and encrypted:
            server.starttls(context=context)
        if parts.username:
            if not encrypted and parts.hostname not in LOOPBACK:
                raise smtplib.SMTPNotSupportedError
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
