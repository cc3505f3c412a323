"""What both databases need to behave alike: times in UTC, JSON, enums, and SQLite's transactions."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    String,
    case,
    event,
    func,
    literal,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import TypeDecorator

from webapp.extensions import db

FAR_MORE = 4
POSTGRESQL_DISK_FULL = "53100"  # class 53 of its appendix of error codes

BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def insert_new(model: Any) -> Any:
    """An insert that leaves rows alone which are there already, whichever constraint says so."""
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    return insert(model).on_conflict_do_nothing()


def refresh_outgrown(added: int, *models: Any) -> None:
    """Let PostgreSQL count again by what rows are found, once somebody has added several times as many as it knows of. Commits.

    A plan made for an empty table reads a full one from end to end. To count the values of all the other columns would take
    most of the time; that is left to autovacuum. Whoever counts already is left to it.
    """
    if db.engine.dialect.name == "postgresql":
        known = min(map(_known_rows, models))
        db.session.commit()
        if added > FAR_MORE * known:
            tables = ", ".join(f"{model.__tablename__} ({_keys_of(model)})" for model in models)
            db.session.execute(text(f"ANALYZE (SKIP_LOCKED) {tables}"))
            db.session.commit()


def _known_rows(model: Any) -> float:
    """How many rows PostgreSQL thinks there are; -1 where it has never looked."""
    known = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")
    return db.session.scalar(known, {"name": model.__tablename__})


def _keys_of(model: Any) -> str:
    """The columns that indexes and constraints name."""
    indexed = {column.name for index in model.__table__.indexes for column in index.columns}
    unique = {column.name for one in model.__table__.constraints for column in getattr(one, "columns", ())}
    quote = db.engine.dialect.identifier_preparer.quote
    return ", ".join(quote(name) for name in sorted(indexed | unique))


def json_object(values: Mapping[str, Any]) -> ColumnElement[Any]:
    """An object with these names and columns, as `json.dumps` would write it; made by the database."""
    pairs = [part for name, value in values.items() for part in (name, _json_value(value))]
    if db.engine.dialect.name == "postgresql":
        return func.jsonb_build_object(*pairs, type_=Json)
    return func.json_object(*pairs, type_=Json)


def _json_value(column: Any) -> ColumnElement[Any]:
    """SQLite keeps truth values as numbers, and JSON as text."""
    if db.engine.dialect.name == "sqlite" and isinstance(column.type, JSON):
        return func.json(column, type_=Json)
    if db.engine.dialect.name == "sqlite" and isinstance(column.type, Boolean):
        return func.json(case((column, "true"), else_="false"), type_=Json)
    return column


def json_list(query: Select[Any], outside: Any) -> ColumnElement[Any]:
    """A list of what this query finds, one JSON value a row and in its order, for each row of the model `outside`."""
    rows = query.correlate(outside).subquery()
    (value,) = rows.c
    if db.engine.dialect.name == "postgresql":
        made = func.coalesce(func.jsonb_agg(value), func.jsonb_build_array(), type_=Json)
    else:
        made = func.json_group_array(func.json(value), type_=Json)
    return select(made).scalar_subquery()


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.value if isinstance(value, StrEnum) else value


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, whatever the database keeps."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[StrEnum]):
    """One of a closed set of words, kept as text."""

    impl = String(32)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]):
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Any) -> StrEnum | None:
        return None if value is None else self.kind(value)


def now() -> datetime:
    """The database's clock, aware UTC: hosts may disagree about the time, leases may not.

    SQLite lives on one host, whose clock is the database's.
    """
    if db.engine.dialect.name == "postgresql":
        return db.session.execute(select(text("clock_timestamp()"))).scalar_one().astimezone(UTC)
    return datetime.now(UTC)


def commit_at_leisure() -> None:
    """Let PostgreSQL not wait for its disk at the end of this transaction, as SQLite's WAL does not either.

    What a crash of the server itself may take back is the end of a row of whole transactions: for those alone that are done again then.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL synchronous_commit TO OFF"))


def clock() -> ColumnElement[datetime]:
    """`now()` as a column, for a query that reads something else anyway."""
    if db.engine.dialect.name == "postgresql":
        return func.clock_timestamp(type_=UtcDateTime)
    return literal(now(), UtcDateTime)


def no_room_is_left(error: OperationalError) -> bool:
    """Whether the disk of the database is full, as the database says it."""
    full = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return full or getattr(error.orig, "sqlstate", None) == POSTGRESQL_DISK_FULL


_reading: ContextVar[bool] = ContextVar("reading", default=False)


def start_reading() -> None:
    """Transactions from here on only read, so that on SQLite they never wait for a writer. Reset by `start_writing`."""
    _reading.set(True)


def start_writing() -> None:
    _reading.set(False)


@contextmanager
def writing() -> Iterator[None]:
    """One short transaction of its own inside a request that reads.

    What was read ends here: SQLite refuses to let a transaction write that began before somebody else's last change.
    """
    before = _reading.get()
    if before and db.session().in_transaction():
        db.session.commit()
    _reading.set(False)
    try:
        yield
    finally:
        _reading.set(before)


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        _prepare_postgresql(connection)
        return
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "busy_timeout=30000",
        "foreign_keys=ON",
        "secure_delete=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_postgresql(connection: Any) -> None:
    """PostgreSQL translates queries that it takes for long ones into machine code: 10 ms before each tick, for nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET jit TO off")
    connection.commit()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if _reading.get() else "BEGIN IMMEDIATE")
