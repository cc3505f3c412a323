"""One measurement: a process of its own, which reports its seconds, its people and the most memory it had."""

import json
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PRODUCT = str(ROOT / ".venv" / "bin" / "python")
COMPETITORS = str(ROOT / ".venv-bench" / "bin" / "python")


@dataclass(frozen=True)
class Measured:
    """`people` went through in `seconds`; `megabytes` is the process's peak. `notes` are its own words."""

    people: int
    seconds: float
    megabytes: float
    notes: dict[str, Any]

    @property
    def rate(self) -> float:
        return self.people / self.seconds


class Broken(Exception):
    """The process failed; carries the end of what it said."""


def measure(python: str, module: str, spec: dict[str, Any], environ: dict[str, str] | None = None) -> Measured:
    """Run `python -m module` with the spec as its argument; raises Broken."""
    finished = subprocess.run(
        [python, "-m", module, json.dumps(spec)], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    if finished.returncode:
        raise Broken(f"{module}: {finished.stderr[-2000:]}")
    return Measured(**json.loads(finished.stdout.splitlines()[-1]))


def spec_of_process() -> dict[str, Any]:
    return json.loads(sys.argv[1])


def report(people: int, seconds: float, **notes: Any) -> None:
    print(json.dumps({"people": people, "seconds": seconds, "megabytes": peak_megabytes(), "notes": notes}))


def peak_megabytes() -> float:
    """This program's own peak: getrusage also counts what the process was before it became this program."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
