"""Signing in and out."""

from webapp.signin.routes import bp

__all__ = ["bp"]
