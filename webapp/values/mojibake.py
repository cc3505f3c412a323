"""Polish letters that somebody read in the wrong encoding: „WiÅ›niewski” for „Wiśniewski”."""

import re

# What UTF-8's first bytes for letters of Latin scripts look like in Windows-1250, Windows-1252 and Latin-1, before a second one.
_MARK = re.compile(
    "[\u00c2-\u00c6\u0102\u0139\u00c5\u00e2][\u0080-\u00bf\u0104-\u0178\u02c6-\u02dd\u2010-\u2122\u20ac]"
)


_READ_AS = ("cp1252", "cp1250", "latin-1")


def repaired(value: object) -> str | None:
    """The text as it was meant, or None where nothing is wrong with it. Texts without a mark are not looked at any closer."""
    if not isinstance(value, str) or value.isascii() or not _MARK.search(value):
        return None
    text = _read_again(value) or _untangled(value)
    return text if text != value else None


def _read_again(value: str) -> str | None:
    """What a text of one mistake was: hardly anything else gives back UTF-8 without a fault."""
    for encoding in _READ_AS:
        try:
            return value.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return None


def _untangled(value: str) -> str:
    """What a text of several mistakes was."""
    from ftfy import fix_encoding  # 2 MB, for what few imports ever meet

    return fix_encoding(value)
