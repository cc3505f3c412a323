"""The file that remembers who was erased, as keyed hashes only: DATA_DIR/erasures. It is only ever added to.

A line is: when, account, when the account was made (an id may be given to another account after a backup was restored), hash.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from flask import current_app

from webapp.models import Account
from webapp.models.database import now

Whose = tuple[int, datetime]


def note(account: Account, marks: Iterable[str]) -> None:
    """Add these hashes; they are on the disk afterwards."""
    moment, whose = now().isoformat(), f"{account.id} {account.created_at.isoformat()}"
    lines = "".join(f"{moment} {whose} {mark}\n" for mark in sorted(marks))
    handle = os.open(file(), os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
    with open(handle, "r+b", buffering=0) as stream:
        size = stream.seek(0, os.SEEK_END)
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        stream.write(("\n" if torn else "").encode() + lines.encode())
        os.fsync(handle)


def read() -> dict[Whose, set[str]]:
    """All hashes, by account. A line that was not written to its end says nothing."""
    found: dict[Whose, set[str]] = {}
    if not file().exists():
        return found
    for line in file().read_text(encoding="ascii", errors="replace").splitlines():
        with suppress(ValueError):
            _, account_id, created_at, mark = line.split()
            if len(mark) == 64:
                found.setdefault((int(account_id), datetime.fromisoformat(created_at)), set()).add(mark)
    return found


def file() -> Path:
    return current_app.config["DATA_DIR"] / "erasures"
