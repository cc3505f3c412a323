"""Many rows at once, each database's own fastest way: COPY and sets of JSON for PostgreSQL, executemany for SQLite.

The wall between accounts stands here too: what is added belongs to the account that the session acts for, and nothing of
another account is changed. Rows are tuples in the order of `columns`; JSON and times in them are as `json_value` and
`time_writer` give them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from webapp.extensions import db
from webapp.models.scope import acting_account

Row = tuple[Any, ...]
SQLITE_TIME = len("2026-11-23 06:15:00.000000")

_encode = msgspec.json.Encoder().encode


def json_value(value: Any) -> str:
    """A value of a JSON column as the driver takes it."""
    return _encode(value).decode()


def on_postgresql() -> bool:
    return db.engine.dialect.name == "postgresql"


def time_writer() -> Callable[[datetime | None], str | None]:
    """What writes a moment (aware UTC) as the database reads it; its drivers are slower at that."""
    return _with_zone if on_postgresql() else _without_zone


def _with_zone(moment: datetime | None) -> str | None:
    return moment and moment.isoformat(" ", "microseconds")


def _without_zone(moment: datetime | None) -> str | None:
    return moment and moment.isoformat(" ", "microseconds")[:SQLITE_TIME]


def take_ids(model: Any, count: int) -> Sequence[int]:
    """Ids for rows that are about to be added. On SQLite nobody else writes within this transaction."""
    if on_postgresql():
        sequence = func.nextval(f"{model.__tablename__}_id_seq")
        return db.session.connection().scalars(select(sequence).select_from(func.generate_series(1, count))).all()
    highest = db.session.connection().scalar(select(func.max(model.__table__.c.id))) or 0
    return range(highest + 1, highest + 1 + count)


def add(model: Any, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows of the acting account. PostgreSQL stores the first of them while the last are still being made."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    rows = chain((first,), rows)
    connection, account_id = db.session.connection(), acting_account()
    names = ("account_id", *columns)
    if on_postgresql():
        with _copying(connection, _copy(model, names)) as copy:
            for row in rows:
                copy.write_row((account_id, *row))
    else:
        connection.exec_driver_sql(_insert(model, names), [(account_id, *row) for row in rows])


def change(model: Any, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Change rows of the acting account; the last value of each is the row's id."""
    if not rows:
        return
    connection, account_id = db.session.connection(), acting_account()
    if on_postgresql():
        names = (*columns, "id")
        records = json_value([dict(zip(names, row, strict=True)) for row in rows])
        connection.exec_driver_sql(_update_from_json(model, tuple(columns)), (records, account_id))
    else:
        connection.exec_driver_sql(_update(model, tuple(columns)), [(*row, account_id) for row in rows])


@contextmanager
def _copying(connection: Connection, statement: str) -> Iterator[Any]:
    """The driver's own COPY; its errors become SQLAlchemy's, as those of every other statement do."""
    driver = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            yield copy
    except connection.dialect.loaded_dbapi.Error as error:
        if driver.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(statement, None, error, connection.dialect.loaded_dbapi.Error) from error


def _quoted(names: Sequence[str]) -> list[str]:
    return [db.engine.dialect.identifier_preparer.quote(name) for name in names]


@lru_cache
def _copy(model: Any, names: tuple[str, ...]) -> str:
    return f"COPY {model.__tablename__} ({', '.join(_quoted(names))}) FROM STDIN"


@lru_cache
def _insert(model: Any, names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {model.__tablename__} ({', '.join(_quoted(names))}) VALUES ({marks})"


@lru_cache
def _update(model: Any, columns: tuple[str, ...]) -> str:
    changes = ", ".join(f"{name} = ?" for name in _quoted(columns))
    return f"UPDATE {model.__tablename__} SET {changes} WHERE id = ? AND account_id = ?"


@lru_cache
def _update_from_json(model: Any, columns: tuple[str, ...]) -> str:
    dialect, quoted = db.engine.dialect, _quoted(columns)
    types = [model.__table__.c[name].type.compile(dialect) for name in columns]
    changes = ", ".join(f"{name} = new.{name}::{kind}" for name, kind in zip(quoted, types, strict=True))
    texts = ", ".join(f"{name} text" for name in quoted)
    return (
        f"UPDATE {model.__tablename__} AS old SET {changes} FROM json_to_recordset(%s::json) AS new({texts}, id bigint)"
        " WHERE old.id = new.id AND old.account_id = %s"
    )
