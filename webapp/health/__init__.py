"""Whether the parts of the house are alive: for the page's banner, and for whoever watches the installation."""

from webapp.health.routes import bp

__all__ = ["bp"]
