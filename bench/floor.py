"""What the storage can do: the same pages, no checks, no counts, no records of the source, one set-wise merge a batch.

PostgreSQL: COPY to a temporary table, then INSERT … ON CONFLICT. SQLite: executemany of INSERT … ON CONFLICT.
Rows that did not change are not written. `batch` is how many people one transaction takes.
"""

import json
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from bench.measure import report, spec_of_process
from bench.people import FIELDS

COLUMNS = "email_key, email, first_name, last_name, vals, consent, updated_at"
UPDATES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])
TABLE = """CREATE TABLE IF NOT EXISTS floor_contact (id {id} PRIMARY KEY, list_id BIGINT NOT NULL,
 email_key VARCHAR(320) NOT NULL, email VARCHAR(320) NOT NULL, first_name VARCHAR(255) NOT NULL, last_name VARCHAR(255) NOT NULL,
 vals {json} NOT NULL, consent VARCHAR(16), updated_at {time}, UNIQUE (list_id, email_key))"""
DIFFERS = "(c.email, c.first_name, c.last_name, c.vals, c.consent, c.updated_at) {differs} (excluded.email, excluded.first_name, excluded.last_name, excluded.vals, excluded.consent, excluded.updated_at)"


def main() -> None:
    spec = spec_of_process()
    merge = into_postgres if spec["database"].startswith("postgresql") else into_sqlite
    people, seconds = merge(spec["database"], batches(Path(spec["pages"]), spec["batch"]))
    report(people, seconds)


def batches(file: Path, size: int) -> Iterator[list[tuple[Any, ...]]]:
    rows: list[tuple[Any, ...]] = []
    with file.open("rb") as pages:
        for line in pages:
            rows += map(as_row, json.loads(line))
            if len(rows) >= size:
                yield rows
                rows = []
    if rows:
        yield rows


def as_row(person: dict[str, Any]) -> tuple[Any, ...]:
    values = json.dumps({name: person[name] for name in FIELDS}, ensure_ascii=False)
    email = person["email"]
    return (
        email.lower(),
        email,
        person["first_name"],
        person["last_name"],
        values,
        person["consent"],
        person["updated_at"],
    )


def into_postgres(url: str, rows: Iterator[list[tuple[Any, ...]]]) -> tuple[int, float]:
    total = 0
    differs = DIFFERS.format(differs="IS DISTINCT FROM")
    with psycopg.connect(url) as connection:
        connection.execute(TABLE.format(id="BIGSERIAL", json="JSONB", time="TIMESTAMPTZ"))
        connection.execute("CREATE TEMPORARY TABLE page (LIKE floor_contact) ON COMMIT DELETE ROWS")
        connection.execute("ALTER TABLE page DROP COLUMN id, DROP COLUMN list_id")
        connection.commit()
        started = time.perf_counter()
        for batch in rows:
            with connection.cursor().copy(f"COPY page ({COLUMNS}) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)
            connection.execute(
                f"INSERT INTO floor_contact AS c (list_id, {COLUMNS}) SELECT 1, {COLUMNS} FROM page ORDER BY email_key "
                f"ON CONFLICT (list_id, email_key) DO UPDATE SET {UPDATES} WHERE {differs}"
            )
            connection.commit()
            total += len(batch)
        return total, time.perf_counter() - started


def into_sqlite(url: str, rows: Iterator[list[tuple[Any, ...]]]) -> tuple[int, float]:
    total = 0
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(TABLE.format(id="INTEGER", json="TEXT", time="TEXT"))
    differs = DIFFERS.format(differs="IS NOT")
    merge = (
        f"INSERT INTO floor_contact AS c (list_id, {COLUMNS}) VALUES (1, ?, ?, ?, ?, ?, ?, ?) "
        f"ON CONFLICT (list_id, email_key) DO UPDATE SET {UPDATES} WHERE {differs}"
    )
    started = time.perf_counter()
    for batch in rows:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(merge, batch)
        connection.execute("COMMIT")
        total += len(batch)
    return total, time.perf_counter() - started


if __name__ == "__main__":
    main()
