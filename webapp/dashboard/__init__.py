"""Pulpit: what ran, what needs the user, what comes next."""

from webapp.dashboard.routes import bp

__all__ = ["bp"]
