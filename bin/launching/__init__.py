"""What `bin/run` does once the dependencies are installed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


class CannotStart(Exception):
    """Why Dopływ cannot start and what to do: one Polish sentence or two, shown as they are."""
