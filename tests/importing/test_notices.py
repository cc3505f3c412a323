"""Owners are told once that an integration was lost."""

import smtplib
from email.message import EmailMessage

import pytest

from tests.factories import make_integration
from webapp import mail
from webapp.extensions import db
from webapp.importing import notices
from webapp.models import IntegrationState
from webapp.models.scope import everyone


class Post:
    """A mail server that keeps what it is given, or refuses it."""

    letters: list[EmailMessage]

    def __init__(self):
        self.letters, self.refuses = [], False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def send_message(self, letter):
        if self.refuses:
            raise smtplib.SMTPRecipientsRefused({"owner@example.com": (550, b"no")})
        self.letters.append(letter)


@pytest.fixture
def post(app, monkeypatch) -> Post:
    app.config["SMTP_URL"] = "smtp://biuro%40sklep.example:haslo@poczta.example"
    post = Post()
    monkeypatch.setattr(mail, "mail_server", lambda: post)
    return post


@pytest.fixture
def lost(account):
    return make_integration("Sklep\nBukowina", state=IntegrationState.NEEDS_RECONNECTING, reason="unauthorized")


def due() -> bool:
    with everyone():
        return notices.is_due()


def test_the_owner_is_told_what_happened_and_where_to_mend_it_once(post, lost):
    assert due()
    notices.tell_owners()
    notices.tell_owners()
    [letter] = post.letters
    assert letter["To"] == "owner@example.com" and letter["From"] == "biuro@sklep.example"
    assert letter["Subject"] == "Shopify: konto Sklep Bukowina wymaga ponownego połączenia"
    assert "SHP-401" in letter.get_content() and "/integracje?aplikacja=shopify" in letter.get_content()
    assert not due()


def test_nobody_is_told_of_what_works_or_was_disconnected(post, account):
    make_integration("a.myshopify.com")
    make_integration("b.myshopify.com", state=IntegrationState.DISCONNECTED)
    assert not due()
    notices.tell_owners()
    assert post.letters == []


def test_without_a_mail_server_nothing_is_due(app, lost):
    assert not due()


def test_a_letter_that_was_not_taken_is_tried_again(post, lost):
    post.refuses = True
    notices.tell_owners()
    assert due()
    post.refuses = False
    notices.tell_owners()
    assert len(post.letters) == 1


def test_an_account_that_is_lost_again_after_reconnecting_is_told_again(post, lost):
    notices.tell_owners()
    db.session.refresh(lost)
    lost.reconnect("client", lost.name, {})
    lost.lose("unauthorized")
    db.session.commit()
    notices.tell_owners()
    assert len(post.letters) == 2


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("smtp://poczta.example", "doplyw@127.0.0.1"),
        ("smtp://konto:x@poczta.example", "doplyw@127.0.0.1"),
        ("smtps://poczta.example?from=sklep@example.com", "sklep@example.com"),
    ],
)
def test_letters_come_from_an_address_that_the_server_may_send_for(app, url, sender):
    app.config["SMTP_URL"] = url
    assert mail.sender() == sender
