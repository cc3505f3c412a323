"""The contestants, and what each has to do: everybody new, then everybody unchanged, then half of them new."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import people
from bench.measure import COMPETITORS, PRODUCT, Broken, Measured, measure
from bench.servers import Unavailable, new_sqlite, postgres_server

POSTGRES, SQLITE = "PostgreSQL", "SQLite"
COLD, UNCHANGED, HALF_NEW = CASES = ("cold", "all unchanged", "half new")
MANY, INTO_HELD = LARGE_CASES = ("cold, as many as a large list has", "half new, into a large list")
OURS, OURS_SMALL, FLOOR, DLT = (
    "Dopływ, pages of 2000",
    "Dopływ, pages of 250",
    "floor, 10 000 a commit",
    "dlt, delete-insert",
)

Key = tuple[str, str, str]
Results = dict[Key, list[Measured]]


@dataclass(frozen=True)
class Contestant:
    """`size` is how many people a page has; `share` divides the number of people where all would take hours."""

    name: str
    module: str
    databases: tuple[str, ...] = (POSTGRES, SQLITE)
    spec: dict[str, Any] = field(default_factory=dict)
    cases: tuple[str, ...] = CASES
    size: int = 2000
    share: int = 1

    @property
    def ours(self) -> bool:
        return self.module == "bench.engine"

    @property
    def python(self) -> str:
        return PRODUCT if self.module in ("bench.engine", "bench.floor") else COMPETITORS


CONTESTANTS = (
    Contestant(OURS, "bench.engine"),
    Contestant(OURS_SMALL, "bench.engine", size=250, cases=(COLD, HALF_NEW)),
    Contestant(FLOOR, "bench.floor", spec={"batch": 10_000}),
    Contestant("floor, 250 a commit", "bench.floor", spec={"batch": 250}, size=250, cases=(COLD, HALF_NEW)),
    Contestant(DLT, "bench.competitor_dlt", (POSTGRES,), {"strategy": "delete-insert"}),
    Contestant("dlt, upsert", "bench.competitor_dlt", (POSTGRES,), {"strategy": "upsert"}),
    Contestant(DLT, "bench.competitor_dlt", (SQLITE,), {"strategy": "delete-insert"}, cases=(COLD,)),
    Contestant(
        "dlt, delete-insert, 10 % of the people",
        "bench.competitor_dlt",
        (SQLITE,),
        {"strategy": "delete-insert"},
        share=10,
    ),
    Contestant("Singer target-postgres, COPY", "bench.competitor_singer", (POSTGRES,)),
    Contestant("django-import-export, 10 % of the people", "bench.competitor_django", share=10),
)
LARGE = tuple(one for one in CONTESTANTS if one.name in (OURS, FLOOR, DLT))


class Arena:
    """Folders, servers and pages for the measurements of one run of the bench; results by (database, contestant, case)."""

    def __init__(self, folder: Path, say: Callable[[str], None]):
        self.folder, self.say = folder, say
        self.results: Results = defaultdict(list)
        self.without, self.failures = "", set[str]()
        self._stack = ExitStack()
        self._numbers = iter(range(1_000_000))

    def __enter__(self) -> "Arena":
        try:
            self._server = self._stack.enter_context(postgres_server())
        except Unavailable as reason:
            self._server, self.without = None, str(reason)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def databases(self) -> tuple[str, ...]:
        return (POSTGRES, SQLITE) if self._server else (SQLITE,)

    def new_database(self, kind: str, imports: int = 0) -> str:
        """An empty one, or one with as many recurring imports as said."""
        url = self._server.new_database() if kind == POSTGRES else new_sqlite(self.folder, str(next(self._numbers)))
        if imports:
            measure(PRODUCT, "bench.installation", {"database": url, "imports": imports})
        return url

    def pages(self, name: str, crowd: Iterable[dict[str, Any]], size: int) -> str:
        file = self.folder / f"{name}-{size}"
        if not file.exists():
            people.write_pages(file, crowd, size)
        return str(file)

    def enter(self, key: Key, python: str, module: str, spec: dict[str, Any]) -> bool:
        """Measure and note; False if it failed, so that what builds on it is left out and the others go on."""
        try:
            self.note(key, measure(python, module, spec))
        except Broken as error:
            self.failures.add(" · ".join(key))
            self.say(f"{' · '.join(key)}: {error}")
            return False
        return True

    def note(self, key: Key, measured: Measured) -> None:
        self.results[key].append(measured)
        self.say(f"{' · '.join(key):<75} {measured.rate:>8.0f} rows/s {measured.megabytes:>6.0f} MB")


def contest(arena: Arena, rows: int, only: str = "") -> None:
    """Every contestant once, on every database that it knows."""
    for database in arena.databases:
        for one in CONTESTANTS:
            if database in one.databases and only in one.name:
                compete(arena, one, database, rows // one.share)


def compete(arena: Arena, one: Contestant, database: str, rows: int) -> None:
    url = arena.new_database(database, imports=int(one.ours))
    for case in one.cases:
        crowd = people.half_new(rows, rows) if case == HALF_NEW else people.everyone(rows)
        pages = arena.pages(f"{'half' if case == HALF_NEW else 'all'}-{rows}", crowd, one.size)
        spec = one.spec | {"database": url, "pages": pages, "people": rows}
        if not arena.enter((database, one.name, case), one.python, one.module, spec):
            return


def contest_at_large(arena: Arena, held: int, rows: int) -> None:
    """`held` people into an empty list, then `rows`, half of them new, into the list that holds them."""
    for database in arena.databases:
        for one in LARGE:
            if database not in one.databases:
                continue
            url = arena.new_database(database, imports=int(one.ours))
            steps = ((MANY, people.everyone(held), held), (INTO_HELD, people.half_new(rows, held), rows))
            for case, crowd, count in steps[: 1 if (database, one.name) == (SQLITE, DLT) else 2]:
                pages = arena.pages(f"{case}-{held}-{rows}", crowd, one.size)
                spec = one.spec | {"database": url, "pages": pages, "people": count}
                if not arena.enter((database, one.name, case), one.python, one.module, spec):
                    break


def slow_vendor(arena: Arena, pages: int, delay: float) -> None:
    """One import alone, then two of two shops at once, each from a vendor that takes `delay` seconds a page."""
    count = pages * 250
    file = arena.pages(f"all-{count}", people.everyone(count), 250)
    for database in arena.databases:
        for together in (1, 2):
            url = arena.new_database(database, imports=together)
            spec = {"database": url, "pages": file, "people": count, "delay": delay}
            with ThreadPoolExecutor(together) as pool:
                runs = [
                    pool.submit(measure, PRODUCT, "bench.engine", spec | {"import": n + 1}) for n in range(together)
                ]
            slowest = max((run.result() for run in runs), key=lambda measured: measured.seconds)
            arena.note((database, f"vendor of {delay * 1000:.0f} ms a page", f"{together} at once"), slowest)


def many_schedules(arena: Arena, imports: int, due: int) -> None:
    for database in arena.databases:
        spec = {"database": arena.new_database(database), "imports": imports, "due": due}
        arena.enter((database, "tick", f"{imports} imports, {due} due"), PRODUCT, "bench.tick", spec)


def watching(arena: Arena, watchers: int, seconds: int, delay: float) -> None:
    """Two imports from vendors that take `delay` seconds a page, and people who watch them for so many seconds."""
    count = 250 * (int(seconds / delay) + 150)
    file = arena.pages(f"all-{count}", people.everyone(count), 250)
    for database in arena.databases:
        spec = {"database": arena.new_database(database, imports=2), "pages": file, "people": count, "delay": delay}
        spec |= {"watchers": watchers, "seconds": seconds}
        arena.enter((database, "watchers", f"{watchers} every 2 s"), PRODUCT, "bench.watchers", spec)
