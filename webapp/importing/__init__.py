"""The engine: from a vendor's pages to people on lists, with nothing lost on the way."""

from webapp.importing.engine import run

__all__ = ["run"]
