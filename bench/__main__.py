"""`bin/bench`: the whole contest in one run. Prints each measurement as it comes, and the tables at the end."""

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

from bench import results
from bench.contest import OURS, Arena, contest, contest_at_large, many_schedules, slow_vendor, watching
from bench.measure import Broken

PARTS = ["contest", "slow", "tick", "watchers"]


def main() -> None:
    arguments = parse()
    settings = {"rows": arguments.rows, "held": arguments.million, "slow_pages": arguments.slow_pages, "delay": 0.2}
    command = shlex.join(["bin/bench", *sys.argv[1:]])
    with tempfile.TemporaryDirectory(prefix="doplyw-bench-") as folder, Arena(Path(folder), say) as arena:
        parts = {
            "contest": lambda: contest(arena, arguments.rows, arguments.only),
            "slow": lambda: slow_vendor(arena, arguments.slow_pages, settings["delay"]),
            "tick": lambda: many_schedules(arena, arguments.imports, arguments.due),
            "watchers": lambda: watching(arena, arguments.watchers, arguments.watch, settings["delay"]),
        }
        for _ in range(arguments.repeat):
            for part in arguments.parts:
                try:
                    parts[part]()
                except Broken as error:
                    arena.failures.add(part)
                    say(str(error))
                results.write(arena, command, settings)
        if arguments.million:
            contest_at_large(arena, arguments.million, arguments.rows)
        print(results.write(arena, command, settings))
        if arena.failures:
            sys.exit("Not everybody finished.")


def say(line: str) -> None:
    print(line, flush=True)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="people in the contest")
    parser.add_argument("--repeat", type=int, default=3, help="how often everything is measured, in turns")
    parser.add_argument("--only", default="", help=f"contestants whose name contains this, e.g. '{OURS}'")
    parser.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS)
    parser.add_argument(
        "--million",
        type=int,
        nargs="?",
        const=1_000_000,
        default=0,
        help="also that many people, and a list that holds them",
    )
    parser.add_argument("--imports", type=int, default=100_000, help="recurring imports for the tick")
    parser.add_argument("--due", type=int, default=10_000, help="how many of them are due at once")
    parser.add_argument("--slow-pages", type=int, default=50, help="pages of the slow vendor")
    parser.add_argument("--watchers", type=int, default=200, help="people who watch two imports of the slow vendor")
    parser.add_argument("--watch", type=int, default=20, help="for how many seconds they do")
    return parser.parse_args()


if __name__ == "__main__":
    try:
        main()
    except Broken as error:
        sys.exit(str(error))
