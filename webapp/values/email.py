"""E-mail addresses: which are valid, and which two are the same one. Never asks the network."""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from webapp.values.marks import N_

ADDRESS_LIMIT = 254
LOCAL_LIMIT = 64

# White space, and the zero-width characters that come along when an address is copied from a page.
_AROUND = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200c\u200d\u2060\ufeff"
_ATOM = r"[A-Za-z0-9_!#$%&'*+\-/=?^`{|}~]+"
_COMMON = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@([A-Za-z0-9.-]+)")


class EmailFault(StrEnum):
    """Why an address cannot be used."""

    MISSING = "missing"
    NO_AT = "no_at"
    MANY_AT = "many_at"
    NO_DOMAIN = "no_domain"
    BAD_LOCAL = "bad_local"
    BAD_DOMAIN = "bad_domain"
    TOO_LONG = "too_long"


FAULT_SENTENCES = {
    EmailFault.MISSING: N_("There is no e-mail address. Add it in the source."),
    EmailFault.NO_AT: N_("The address has no @ sign. Correct it in the source."),
    EmailFault.MANY_AT: N_("The address has more than one @ sign. Leave one address in the source."),
    EmailFault.NO_DOMAIN: N_("The address has no domain. Complete the part after the @ sign in the source."),
    EmailFault.BAD_LOCAL: N_("The part of the address before the @ sign is invalid. Correct it in the source."),
    EmailFault.BAD_DOMAIN: N_("The domain of the address is invalid. Correct the part after the @ sign in the source."),
    EmailFault.TOO_LONG: N_("The address is too long. Correct it in the source."),
}


class InvalidEmail(ValueError):
    """The address cannot be used; `reason` says why. The message never carries the address."""

    def __init__(self, reason: EmailFault):
        super().__init__(reason.value)
        self.reason = reason


class Email(NamedTuple):
    """`key` is the same for every spelling of one address, `display` is what was typed."""

    key: str
    display: str


def parse(raw: object) -> Email:
    """The address in `raw`; raises InvalidEmail.

    Common addresses are recognised by a pattern and a cached check of their domain, email-validator decides the others.
    """
    text = _trimmed(raw)
    common = _COMMON.fullmatch(text)
    local, domain = common.groups() if common else _halves(text)
    _check_length(text, local)
    ascii_domain = _ascii_domain(domain.lower() if common else domain)
    if ascii_domain is None:
        raise InvalidEmail(EmailFault.BAD_DOMAIN)
    key = f"{_folded(local)}@{ascii_domain}"
    _check_length(key, local)
    if not common and not _is_accepted(text):
        raise InvalidEmail(EmailFault.BAD_LOCAL)
    return Email(key, text)


def _trimmed(raw: object) -> str:
    text = raw if isinstance(raw, str) else "" if raw is None else str(raw)
    if text.isascii():
        return text.strip()
    return unicodedata.normalize("NFC", text.strip(_AROUND)[: 2 * ADDRESS_LIMIT])


def _halves(text: str) -> tuple[str, str]:
    if not text:
        raise InvalidEmail(EmailFault.MISSING)
    if "@" not in text:
        raise InvalidEmail(EmailFault.NO_AT)
    if text.count("@") > 1:
        raise InvalidEmail(EmailFault.MANY_AT)
    local, _, domain = text.partition("@")
    if not domain:
        raise InvalidEmail(EmailFault.NO_DOMAIN)
    return local, domain


def _check_length(text: str, local: str) -> None:
    octets = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    if octets > ADDRESS_LIMIT or len(local) > LOCAL_LIMIT:
        raise InvalidEmail(EmailFault.TOO_LONG)


@lru_cache(maxsize=50_000)
def _ascii_domain(domain: str) -> str | None:
    """The domain as DNS writes it, or None when it is invalid."""
    try:
        return validate_email(f"a@{domain}", check_deliverability=False).ascii_domain
    except EmailNotValidError:
        return None


def _is_accepted(text: str) -> bool:
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _folded(local: str) -> str:
    if local.isascii():
        return local.lower()
    return unicodedata.normalize("NFC", local.lower())
