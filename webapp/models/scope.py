"""The one wall between accounts: every ORM statement runs for a named account, or for everyone by express wish.

Without either it raises. Statements on bare tables and raw SQL are not covered, so they are not used (a test looks for them).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ForeignKey, event
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria

from webapp.extensions import db

KEY = "account_id"
EVERYONE = "everyone"


class NoAccount(RuntimeError):
    """A statement that was about to run without saying for whom."""


class Owned:
    """Rows that belong to exactly one account."""

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)


def act_for(account_id: int) -> None:
    """From here on this session sees and writes the rows of one account only."""
    db.session.info[KEY] = account_id


def acting_account() -> int:
    """The account whose rows this session writes; raises NoAccount where none was named."""
    account_id = db.session.info.get(KEY)
    if account_id in (None, EVERYONE):
        raise NoAccount("no account was named for these rows")
    return account_id


@contextmanager
def acting_for(account_id: int) -> Iterator[None]:
    """Within the block the session sees and writes the rows of one account only."""
    with _scoped(account_id):
        yield


@contextmanager
def everyone() -> Iterator[None]:
    """Within the block the session sees all accounts: for signing in, the tick and the administrator's commands."""
    with _scoped(EVERYONE):
        yield


@contextmanager
def _scoped(value: int | str) -> Iterator[None]:
    info = db.session.info
    before = info.get(KEY)
    info[KEY] = value
    try:
        yield
    finally:
        info[KEY] = before


@event.listens_for(Session, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    if not state.is_orm_statement or state.is_column_load or state.is_relationship_load:
        return
    account_id = state.session.info.get(KEY)
    if account_id is None:
        raise NoAccount("no account was named for this query")
    if account_id != EVERYONE and not state.is_insert:
        state.statement = state.statement.options(_only(account_id))


def _only(account_id: int) -> Any:
    return with_loader_criteria(Owned, lambda model: model.account_id == account_id, include_aliases=True)


@event.listens_for(Session, "before_flush")
def _stamp(session: Session, _context: Any, _instances: Any) -> None:
    account_id = session.info.get(KEY)
    for row in session.new:
        if isinstance(row, Owned):
            _claim(row, account_id)


def _claim(row: Owned, account_id: int | str | None) -> None:
    if account_id is None:
        raise NoAccount("no account was named for this row")
    if account_id == EVERYONE:
        return
    if row.account_id not in (None, account_id):
        raise NoAccount("the row belongs to another account")
    row.account_id = account_id
