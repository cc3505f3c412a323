"""Configuring a recurring import: what goes where (settings), and which field goes where (mapping)."""

from webapp.imports.routes import bp

__all__ = ["bp"]
