"""What is shown of personal values: enough to recognise them, too little to use them."""

import re
from typing import Any

from webapp.values.marks import N_
from webapp.values.text import clean

HIDDEN = "•••"
SAMPLE_LIMIT = 40

_DOMAIN = re.compile(r"[\w.-]*")
_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s,;<>]*")
_PHONE = re.compile(r"\+[0-9][0-9 ()-]{8,20}")


def mask_email(raw: str) -> str:
    """An address, valid or not, with only the first letter before each @: "a•••@example.com", "a•••@"."""
    *before, domain = clean(raw).split("@")
    if not before or not _DOMAIN.fullmatch(domain):
        domain = _first_letter(domain)
    return "@".join([*map(_first_letter, before), domain])


def _first_letter(part: str) -> str:
    return part[:1] + HIDDEN if part else ""


def mask_phone(raw: str) -> str:
    """A phone number with only its last three digits; of a short one nothing."""
    digits = re.sub(r"\D", "", raw)
    return f"{HIDDEN} {HIDDEN} {digits[-3:]}" if len(digits) >= 6 else HIDDEN


def mask(kind: str, value: Any, limit: int = SAMPLE_LIMIT) -> str:
    """A sample of a source column of that kind (a FieldKind), short enough for a cell.

    Yes and no come as message ids for the caller to translate. An address in a text is masked too: some vendors put
    it where a name is missing.
    """
    if isinstance(value, bool):
        return N_("Yes") if value else N_("No")
    text = ", ".join(clean(item) for item in value) if isinstance(value, list) else clean(value)
    if kind == "phone" or _PHONE.fullmatch(text):
        return mask_phone(text) if text else ""
    if kind == "email":
        return _shortened(mask_email(text), limit)
    return _shortened(_ADDRESS.sub(lambda address: mask_email(address[0]), text), limit)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
