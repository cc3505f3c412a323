"""Lists, the people on them, and the fields that people may have."""

from webapp.lists.routes import bp

__all__ = ["bp"]
