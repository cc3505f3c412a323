"""Logs: one JSON object a line, in UTC, without people's data. Libraries' records pass through the same pipe."""

import logging
import sys

import structlog
from flask import Flask, g, has_request_context

log = structlog.get_logger()

NOISY = ("httpx", "httpcore", "rq.worker", "rq_scheduler.scheduler")
SHARED = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def init_app(app: Flask) -> None:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False)),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers, root.level = [handler], logging.INFO
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def security_event(name: str, **facts: int | str | None) -> None:
    """One line for the security log. Facts are ids and codes, never addresses of people, never secrets."""
    request_id = g.get("request_id") if has_request_context() else None
    log.info("security", event_name=name, request_id=request_id, **facts)
