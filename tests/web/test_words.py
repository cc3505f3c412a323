"""Every member of a closed set has its words, and they are found by what the database keeps: plain text."""

import pytest

from webapp import words
from webapp.connectors.base import Consent, Group
from webapp.connectors.reasons import Reason
from webapp.models import (
    Absence,
    ContactStatus,
    Criterion,
    Kept,
    RunKind,
    RunMode,
    RunReason,
    RunStatus,
    Skip,
    WriteRule,
)
from webapp.values.email import EmailFault
from webapp.values.fields import FieldType


@pytest.mark.parametrize(
    ("known", "members"),
    [
        (words.STATUS, [*RunStatus]),
        (words.REASON, [*RunReason, *Reason]),
        (words.SKIP, [*Skip]),
        (words.KEPT, [*Kept]),
        (words.ABSENCE, [*Absence]),
        (words.REJECT, [*EmailFault, "unreadable"]),
        (words.REJECT_ADVICE, [*EmailFault, "unreadable"]),
        (words.CRITERION, [*Criterion]),
        (words.GROUP, [*Group]),
        (words.RULE, [*WriteRule]),
        (words.KIND, [*RunKind]),
        (words.MODE, [*RunMode]),
        (words.CONTACT_STATUS, [*ContactStatus]),
        (words.CONSENT, [*Consent]),
        (words.FIELD, [*FieldType]),
    ],
)
def test_every_member_has_words_and_nothing_else_has(known, members):
    assert {str(key) for key in known} == {str(member) for member in members}
    assert all(known[str(member)] for member in members)


def test_every_reason_says_what_happened_and_what_to_do():
    for sentence, step in words.REASON.values():
        assert sentence.endswith(".")
        assert step.endswith(".")


def test_our_own_reason_is_shown_with_its_next_step(app):
    with app.test_request_context():
        text = words.reason_text(RunReason.STORAGE_FULL, "shopify")
    assert text.count(".") >= 2


def test_a_vendors_reason_is_shown_in_its_own_sentence_with_a_code(app):
    with app.test_request_context():
        text = words.reason_text("unauthorized", "shopify")
    assert "Shopify" in text
    assert text.endswith("(SHP-401)")


def test_a_vendors_reason_is_understood_when_the_vendor_is_no_longer_known(app):
    with app.test_request_context():
        assert words.reason_text("unauthorized", "forgotten")
        assert words.vendor_label("forgotten") == "forgotten"


def test_no_reason_gives_no_words():
    assert words.reason_text(None, "shopify") == words.reason_short(None) == ""
