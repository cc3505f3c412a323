"""django-import-export: its bulk way, page by page, with rows that did not change skipped."""

import json
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import django
import tablib
from django.conf import settings

from bench.measure import report, spec_of_process
from bench.people import FIELDS

NAMES = ("email", "first_name", "last_name", *FIELDS, "consent", "updated_at")
BATCH = 1000


def configure(database: str) -> None:
    parts = urlsplit(database)
    if parts.scheme == "sqlite":
        chosen = {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path[1:]}
    else:
        server = {"USER": parts.username, "HOST": parse_qs(parts.query)["host"][0]}
        chosen = {"ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:]} | server
    settings.configure(DATABASES={"default": chosen}, INSTALLED_APPS=["import_export"], USE_TZ=True)
    django.setup()


def make_resource() -> tuple[type, type]:
    from django.db import models
    from import_export import resources

    texts = {name: models.CharField(max_length=255) for name in NAMES if name not in ("email", "orders", "updated_at")}
    body = texts | {
        "__module__": __name__,
        "Meta": type("Meta", (), {"app_label": "bench"}),
        "email": models.CharField(max_length=254, unique=True),
        "orders": models.IntegerField(),
        "updated_at": models.DateTimeField(),
    }
    contact = type("Contact", (models.Model,), body)
    options = {
        "model": contact,
        "import_id_fields": ("email",),
        "fields": NAMES,
        "use_bulk": True,
        "batch_size": BATCH,
        "widgets": {"updated_at": {"format": "%Y-%m-%dT%H:%M:%SZ"}},
        "skip_unchanged": True,
        "skip_diff": True,
        "report_skipped": False,
    }
    return contact, type("ContactResource", (resources.ModelResource,), {"Meta": type("Meta", (), options)})


def main() -> None:
    spec = spec_of_process()
    configure(spec["database"])
    from django.db import connection

    contact, resource = make_resource()
    if contact._meta.db_table not in connection.introspection.table_names():
        with connection.schema_editor() as editor:
            editor.create_model(contact)
    started = time.perf_counter()
    with Path(spec["pages"]).open("rb") as pages:
        for line in pages:
            rows = [[person[name] for name in NAMES] for person in json.loads(line)]
            resource().import_data(tablib.Dataset(*rows, headers=NAMES), raise_errors=True)
    report(spec["people"], time.perf_counter() - started)


if __name__ == "__main__":
    main()
