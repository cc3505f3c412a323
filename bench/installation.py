"""An account with recurring imports of the bench's vendor, made before anything is measured: hashing a password takes memory."""

import os
import tempfile
import time
from typing import Any

from bench.engine import COLUMNS, FIELD_TYPES, VENDOR, environment
from bench.measure import report, spec_of_process


def main() -> None:
    spec = spec_of_process()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(spec["database"], folder))
        make(spec)
    report(1, time.perf_counter() - started)


def make(spec: dict[str, Any]) -> None:
    """As many recurring imports as `imports` says, each into a list of its own; their ids count from 1."""
    from tests import factories
    from webapp import create_app
    from webapp.extensions import db
    from webapp.models.scope import acting_for
    from webapp.values.fields import FieldType

    with create_app().app_context():
        db.create_all()
        with acting_for(factories.make_account("Bench", "bench@example.com").id):
            for key, kind in FIELD_TYPES.items():
                factories.make_custom_field(key, key, FieldType(kind))
            for number in range(1, spec.get("imports", 1) + 1):
                integration = factories.make_integration(f"Sklep {number}", vendor=VENDOR)
                factories.make_recurring_import(integration, factories.make_list(f"Lista {number}"), columns=COLUMNS)


if __name__ == "__main__":
    main()
