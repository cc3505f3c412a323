"""The one app of a worker process."""

from functools import cache

from flask import Flask

from webapp import create_app


@cache
def worker_app() -> Flask:
    return create_app()
