"""dlt: pages into its merge, as its manual has it: a resource with a primary key, write disposition `merge`."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from bench.measure import report, spec_of_process

os.environ |= {"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"}


def main() -> None:
    import dlt
    import orjson

    spec = spec_of_process()

    @dlt.resource(
        name="contact",
        primary_key="email",
        write_disposition={"disposition": "merge", "strategy": spec["strategy"]},
    )
    def contacts() -> Iterator[list[dict[str, Any]]]:
        with Path(spec["pages"]).open("rb") as pages:
            for line in pages:
                yield orjson.loads(line)

    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "bench", destination=destination(spec["database"]), dataset_name="bench", pipelines_dir=folder
        )
        started = time.perf_counter()
        pipeline.run(contacts()).raise_on_failed_jobs()
        report(spec["people"], time.perf_counter() - started)


def destination(database: str) -> Any:
    from dlt.destinations import postgres, sqlalchemy

    if database.startswith("sqlite"):
        return sqlalchemy(database)
    parts = urlsplit(database)
    # dlt insists on a password; the server asks for none.
    socket = quote(parse_qs(parts.query)["host"][0], safe="")
    return postgres(f"postgresql://{parts.username}:unused@{socket}:5432{parts.path}")


if __name__ == "__main__":
    main()
