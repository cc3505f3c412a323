"""What was measured, in words: bench/RESULTS.md."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench.contest import CASES, COLD, DLT, FLOOR, HALF_NEW, INTO_HELD, LARGE_CASES, OURS, OURS_SMALL, Arena, Results
from bench.measure import ROOT, Measured, median

FILE = ROOT / "bench" / "RESULTS.md"
ORDER = [*CASES, *LARGE_CASES]
TARGETS = {DLT: (3.0, "3 × dlt"), FLOOR: (0.6, "60 % of the floor")}


def write(arena: Arena, command: str, settings: dict[str, object]) -> str:
    text = "\n".join(
        [
            "# What the bench measured",
            "",
            f"{datetime.now(UTC):%Y-%m-%d}, {machine()}. Made by `{command}`. Only ratios within one run count: "
            "the machine is shared and noisy. Medians, with the lowest and the highest in brackets; memory is the peak of the process.",
            "",
            *method(settings),
            *([f"Without PostgreSQL: {arena.without}.", ""] if arena.without else []),
            *([f"Failed: {'; '.join(sorted(arena.failures))}.", ""] if arena.failures else []),
            *rates(arena.results),
            *ratios(arena.results),
            *others(arena.results, settings),
        ]
    )
    FILE.write_text(text.rstrip() + "\n", encoding="utf-8")
    return text


def machine() -> str:
    """Cores, processor and interpreter; nothing that names the machine."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{os.cpu_count()} cores ({model}), {platform.system()}, Python {platform.python_version()}"


def method(settings: dict[str, object]) -> list[str]:
    return [
        f"{settings['rows']} people with e-mail, both names, five custom fields and consent; every thousandth has an address that is none. "
        "They come as JSON pages from a file, so that no network is measured. Half new: every second person is new, and every "
        "second of the known ones has changed. Ours checks, converts, decides, counts, keeps what an undo needs and commits each page with its "
        "cursor, those together that came meanwhile; the others store what they get. Every contestant keeps its own settings of durability, PostgreSQL the ones it is installed with. "
        + (f"A large list has {settings['held']} people." if settings["held"] else ""),
        "",
    ]


def rates(results: Results) -> list[str]:
    rows = [key for key in results if key[2] in ORDER]
    lines = ["| database | | case | rows/s | peak MB | runs |", "|---|---|---|---|---|---|"]
    for database, name, case in sorted(rows, key=lambda key: (key[0], ORDER.index(key[2]))):
        some = results[database, name, case]
        lines.append(
            f"| {database} | {name} | {case} | {spread([m.rate for m in some])} | {memory(some)} | {len(some)} |"
        )
    return [*lines, ""]


def spread(values: list[float]) -> str:
    return f"**{median(values):,.0f}** ({min(values):,.0f}–{max(values):,.0f})".replace(",", " ")


def memory(some: list[Measured]) -> str:
    return f"{max(measured.megabytes for measured in some):.0f}"


def ratios(results: Results) -> list[str]:
    """Ours beside each other, from the medians."""
    lines = ["| ours ÷ theirs | database | case | pages of 2000 | pages of 250 | target |", "|---|---|---|---|---|---|"]
    for (database, name, case), some in sorted(results.items(), key=lambda item: (item[0][1], item[0][0])):
        ours = [results.get((database, one, case)) for one in (OURS, OURS_SMALL)]
        if name in (OURS, OURS_SMALL) or not any(ours):
            continue
        theirs = rate(some)
        shown = [f"{rate(one) / theirs:.2f}" if one else "–" for one in ours]
        target = TARGETS.get(name, (0, ""))[1] if case in (COLD, HALF_NEW) else ""
        lines.append(f"| {name} | {database} | {case} | {' | '.join(shown)} | {target} |")
    return [*lines, ""]


def others(results: Results, settings: dict[str, object]) -> list[str]:
    lines = []
    for (database, name, case), some in results.items():
        seconds = median([measured.seconds for measured in some])
        if name.startswith("vendor"):
            ideal = settings["slow_pages"] * settings["delay"]
            lines.append(
                f"- {database}, {name}, {case}: {seconds:.1f} s for {settings['slow_pages']} pages, {seconds / ideal:.2f} × the vendor's own time (target: 1.1)."
            )
        if name == "tick":
            quiet, nothing = (median([m.notes[key] for m in some]) * 1000 for key in ("quiet", "nothing_due"))
            lines.append(
                f"- {database}, {name}, {case}: {seconds:.2f} s until all are in the queue (target: 1 s); "
                f"{nothing:.1f} ms to see that nothing is due (target: 2 ms), {quiet:.1f} ms for such a tick as a whole."
            )
        if name == "watchers":
            p50, p99, page = (median([m.notes[key] for m in some]) * 1000 for key in ("p50", "p99", "page"))
            lines.append(
                f"- {database}, {name}, {case}: {p50:.0f} ms for half, {p99:.0f} ms for 99 % of the fragments (target: 150 ms), "
                f"{rate(some):.0f} a second, beside two imports; {page:.0f} ms for 95 % of the pages Integracje with 50 imports (target: 100 ms)."
            )
        if (name, case) == (OURS, INTO_HELD) and (database, name, HALF_NEW) in results:
            share = rate(some) / rate(results[database, name, HALF_NEW])
            lines.append(
                f"- {database}, {case}: {share:.0%} of the rate of the same into a list that is not large (target: 70 %)."
            )
    return [*lines, ""] if lines else []


def rate(some: list[Measured]) -> float:
    return median([measured.rate for measured in some])
