"""The one app of a worker process."""

import gc
import sys
from functools import cache

from flask import Flask

from webapp import create_app

# Importing makes hundreds of thousands of small objects a second, none of them in circles: looking for circles as often
# as Python does by itself took a fifth of the time.
RARELY = 25_000

# One thread of an import talks to the database, another reads the next page: an answer need not wait for a whole turn of the other.
SOON = 0.0005


@cache
def worker_app() -> Flask:
    app = create_app()
    gc.freeze()
    gc.set_threshold(RARELY, 20, 100)
    sys.setswitchinterval(SOON)
    return app
