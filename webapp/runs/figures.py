"""What a run's numbers say, in words: shown while it moves, and afterwards."""

from datetime import timedelta
from typing import Any, NamedTuple

from flask_babel import format_datetime, gettext, ngettext

from webapp.formats import number
from webapp.importing.hold import previous
from webapp.models import ImportRun, RunReason

MOST_MISFITS = 20

# A rate of the first moments says nothing.
SHORTEST_MEASURE = timedelta(seconds=2)


def title(run: ImportRun) -> str:
    """Import z 23 listopada 2026, 6:15"""
    return gettext("Import of %(moment)s", moment=format_datetime(run.slot or run.created_at, "d MMMM yyyy, H:mm"))


def lasting(run: ImportRun) -> timedelta | None:
    """How long the run took, from its first claim to its end."""
    return run.finished_at - run.started_at if run.started_at and run.finished_at else None


def delivered(run: ImportRun) -> str:
    """6 240 z 8 900 kontaktów; only the first number where the vendor does not count."""
    if not run.expected:
        return ngettext("%(count)s contact", "%(count)s contacts", run.fetched, count=number(run.fetched))
    return ngettext(
        "%(done)s of %(count)s contact", "%(done)s of %(count)s contacts", run.expected,
        done=number(run.fetched), count=number(run.expected),
    )  # fmt: skip


def tallies(run: ImportRun) -> str:
    """+1 204 nowe · 5 021 zaktualizowanych · …; new and updated always, the others where there are any."""
    added = ngettext("+%(count)s new", "+%(count)s new", run.added, count=number(run.added))
    updated = ngettext("%(count)s updated", "%(count)s updated", run.updated, count=number(run.updated))
    unchanged = ngettext("%(count)s unchanged", "%(count)s unchanged", run.unchanged, count=number(run.unchanged))
    skipped = ngettext("%(count)s skipped", "%(count)s skipped", run.skipped, count=number(run.skipped))
    rejected = ngettext("%(count)s rejected", "%(count)s rejected", run.rejected, count=number(run.rejected))
    others = ((run.unchanged, unchanged), (run.skipped, skipped), (run.rejected, rejected))
    return " · ".join([added, updated, *(text for count, text in others if count)])


class Pace(NamedTuple):
    per_second: float
    left: timedelta | None


def pace(run: ImportRun) -> Pace | None:
    """People a second since the run began, and the time that the others will take; None while it is too early to say."""
    if not run.started_at or not run.progress_at or not run.fetched:
        return None
    span = run.progress_at - run.started_at
    if span < SHORTEST_MEASURE:
        return None
    rate = run.fetched / span.total_seconds()
    return Pace(rate, None if run.remaining is None else timedelta(seconds=run.remaining / rate))


def pace_text(run: ImportRun) -> str:
    """150 osób/s · skończy się za około 2 min"""
    found = pace(run)
    if found is None:
        return ""
    speed = number(round(found.per_second, 0 if found.per_second >= 10 else 1))
    rate = gettext("%(rate)s people/s", rate=speed)
    return rate if found.left is None else f"{rate} · {ending(found.left)}"


def ending(left: timedelta) -> str:
    """When about the run will end: never more exact than can be known."""
    minutes = round(left.total_seconds() / 60)
    if minutes < 1:
        return gettext("will end in less than a minute")
    if minutes < 90:
        return ngettext("will end in about %(num)s min", "will end in about %(num)s min", minutes)
    hours = round(minutes / 60)
    return ngettext("will end in about %(num)s hour", "will end in about %(num)s hours", hours)


def doubt(run: ImportRun) -> str:
    """The numbers that made a run ask before it goes on."""
    if run.reason == RunReason.MANY_REJECTED:
        return gettext(
            "%(rejected)s of %(fetched)s people rejected.", rejected=number(run.rejected), fetched=number(run.fetched)
        )
    before = previous(run)
    if before is None or run.source_size is None:
        return ""
    return gettext(
        "%(now)s people now, %(before)s last time.", now=number(run.source_size), before=number(before.source_size)
    )


def shortfall(run: ImportRun) -> str:
    """The numbers of a pass that delivered another number of people than was announced."""
    if run.expected is None:
        return ""
    return gettext(
        "%(fetched)s delivered, %(expected)s announced.", fetched=number(run.fetched), expected=number(run.expected)
    )


def rest(run: ImportRun) -> str:
    """How many people the cap left for the next time."""
    if not run.remaining:
        return gettext("The rest will come with the next import.")
    left = number(run.remaining)
    return ngettext("%(count)s contact remains.", "%(count)s contacts remain.", run.remaining, count=left)


def outcomes(run: ImportRun) -> list[tuple[str, str, int]]:
    """What a dry run foresees, as (kind, label, people)."""
    return [
        ("added", gettext("to be added"), run.added),
        ("updated", gettext("to be updated"), run.updated),
        ("unchanged", gettext("without changes"), run.unchanged),
        ("skipped", gettext("to be skipped"), run.skipped),
        ("rejected", gettext("to be rejected"), run.rejected),
        ("over_cap", gettext("above the limit, for the next imports"), run.over_cap),
    ]


def misfits(kept: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Values of a column that did not fit, the most frequent first."""
    return sorted(kept["values"].items(), key=lambda one: (-one[1]["count"], one[0]))[:MOST_MISFITS]


SHOWN_EVERYWHERE = {
    "shown_misfits": misfits,
    "run_title": title,
    "run_lasted": lasting,
    "run_delivered": delivered,
    "run_tallies": tallies,
    "run_pace": pace_text,
    "run_doubt": doubt,
    "run_shortfall": shortfall,
    "run_rest": rest,
}
