"""What tests of pages need besides a browser."""

import re
from typing import Any

from flask import g

from webapp.extensions import db

HTMX = {"HX-Request": "true"}


def element(page: str, id: str) -> str:
    """The opening tag of the element with this id."""
    return re.search(rf'<\w+[^>]*\bid="{id}"[^>]*>', page)[0]


def reread(row: Any) -> Any:
    """The row as it stands in the database now."""
    db.session.rollback()
    db.session.refresh(row)
    return row


def forget() -> None:
    """The next request finds an empty session and nobody known, as in a process of its own."""
    db.session.expunge_all()
    g.pop("_login_user", None)
