"""Runs the application's own commands in a process of their own."""

import subprocess
import sys
from collections.abc import Mapping

from launching import ROOT


def flask(environment: Mapping[str, str], *arguments: str) -> int:
    """The exit code of `bin/flask …` with these settings."""
    command = [sys.executable, str(ROOT / "bin" / "command.py"), *arguments]
    return subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
