"""Singer: a tap's messages into MeltanoLabs' target-postgres, whose COPY goes to a temporary table that it merges."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

from target_postgres.target import TargetPostgres

from bench.measure import report, spec_of_process
from bench.people import FIELDS

TEXT = {"type": ["string", "null"]}
STREAM = "contact"


class Messages:
    """What a tap would write to the pipe, line by line."""

    def __init__(self, file: Path):
        self.file = file

    def __iter__(self) -> Iterator[str]:
        yield json.dumps({"type": "SCHEMA", "stream": STREAM, "schema": schema(), "key_properties": ["email"]})
        with self.file.open("rb") as pages:
            for line in pages:
                for person in json.loads(line):
                    yield json.dumps({"type": "RECORD", "stream": STREAM, "record": person})


def schema() -> dict[str, object]:
    names = ("id", "email", "first_name", "last_name", *FIELDS, "consent")
    kinds = dict.fromkeys(names, TEXT) | {"orders": {"type": ["integer", "null"]}}
    return {"type": "object", "properties": kinds | {"updated_at": {"type": "string", "format": "date-time"}}}


def main() -> None:
    spec = spec_of_process()
    url = spec["database"].replace("postgresql://", "postgresql+psycopg://", 1)
    config = {"sqlalchemy_url": url, "use_copy": True, "add_record_metadata": False, "activate_version": False}
    target = TargetPostgres(config=config)
    started = time.perf_counter()
    target.listen(Messages(Path(spec["pages"])))
    report(spec["people"], time.perf_counter() - started)


if __name__ == "__main__":
    main()
