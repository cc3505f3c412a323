from typing import Any

from flask import Blueprint

from webapp.health.checks import report
from webapp.health.heartbeats import queue_warnings

bp = Blueprint("health", __name__)
bp.add_app_template_global(queue_warnings)


@bp.get("/healthz")
def show() -> tuple[dict[str, Any], int]:
    """For probes, without signing in: 200 when all is well, else 503."""
    facts, well = report()
    return {"ok": well, **facts}, 200 if well else 503
