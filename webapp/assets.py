"""Serves htmx from the installed package, which is only found and never imported (it is a Django package by name alone)."""

from importlib.util import find_spec
from pathlib import Path

from flask import Blueprint, Response, send_from_directory

bp = Blueprint("assets", __name__, url_prefix="/assets")
FOLDER = Path(find_spec("js_lib_htmx").origin).parent / "static" / "htmx"


@bp.get("/htmx.min.js")
def htmx() -> Response:
    return send_from_directory(FOLDER, "htmx.min.js", max_age=86_400)
