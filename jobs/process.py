"""The one app of a worker process."""

import gc
import sqlite3
import sys
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import event

from webapp import create_app
from webapp.extensions import db

# Importing makes hundreds of thousands of small objects a second, none of them in circles: looking for circles as often
# as Python does by itself took a fifth of the time.
RARELY = 25_000

# One thread of an import talks to the database, another reads the next page: an answer need not wait for a whole turn of the other.
SOON = 0.0005

# SQLite's own 2 MB hold too little of the indexes of a million people: a quarter more of them are found a second with this.
CACHE_KB = 16_384


@cache
def worker_app() -> Flask:
    app = create_app()
    gc.freeze()
    gc.set_threshold(RARELY, 20, 100)
    sys.setswitchinterval(SOON)
    with app.app_context():
        event.listen(db.engine, "connect", _give_room)
    return app


def _give_room(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
