"""Integracje: the applications, the vendor accounts that are connected, and the imports of each."""

from webapp.integrations import apps  # noqa: F401 - its routes belong to the blueprint
from webapp.integrations.routes import bp

__all__ = ["bp"]
