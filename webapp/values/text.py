"""Texts as they may be stored and shown: one line, one normal form, nothing invisible."""

import re
import unicodedata

from anyascii import anyascii

# Of a text that is far too long only so many times its limit is read: normalising combining marks takes quadratic time.
READ_AHEAD = 8

# C0, DEL and C1 controls but for white space, soft hyphen, bidi marks, overrides and isolates, zero-width characters
# but for the joiner, tags, lone surrogates, non-characters. PostgreSQL or XLSX refuse some, the others deceive the eye.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_PICTOGRAM = "[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_LOOSE_JOINER = re.compile(f"(?<!{_PICTOGRAM}\ufe0f])\u200d|\u200d(?!{_PICTOGRAM}])")


def clean(raw: object, limit: int = 255) -> str:
    """One trimmed line of at most `limit` characters in NFC; None becomes "", anything else its text."""
    if raw is None:
        return ""
    text = raw if isinstance(raw, str) else str(raw)
    if not (text.isascii() and text.isprintable()):
        text = _without_invisible(text[: READ_AHEAD * limit])
    return _cut(" ".join(text.split()), limit)


def search_key(text: str, limit: int = 255) -> str:
    """What a search compares, so that "lukasz" finds "Łukasz": lower-case ASCII, single spaces."""
    plain = text if text.isascii() else anyascii(text[:limit])
    return " ".join(plain.lower().split())[:limit].rstrip()


def _without_invisible(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    if "\u200d" in text:
        text = _LOOSE_JOINER.sub("", text)
    return unicodedata.normalize("NFC", text)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rstrip(" \u200d")
