"""Runs of recurring imports: starting and stopping them, watching them, and what came of them."""

from webapp.runs.routes import bp

__all__ = ["bp"]
