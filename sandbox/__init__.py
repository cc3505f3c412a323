"""Local stand-ins of the vendors, for the demo, the tests and the benchmarks. Knows nothing of the application."""

from .app import Sandbox
from .options import Options

__all__ = ["Options", "Sandbox", "create_app"]


def create_app(options: Options | None = None) -> Sandbox:
    """The WSGI application with all vendors."""
    return Sandbox(options or Options())
