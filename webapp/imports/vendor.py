"""What the pages ask the vendor while the user waits. A vendor that does not answer leaves a page that says so."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from webapp.connectors.base import Connector, Field, Group, Person, Source, Window
from webapp.connectors.reasons import ConnectorError
from webapp.importing.access import asking
from webapp.models import Integration
from webapp.words import reason_text

SAMPLES = 3
SAMPLE_PAGE = 25


@dataclass
class Sources:
    """What can be imported from a group, or why that is not known at the moment."""

    found: list[Source] = field(default_factory=list)
    trouble: str = ""

    def get(self, source_id: str | None) -> Source | None:
        return next((source for source in self.found if source.id == source_id), None)


@dataclass
class Columns:
    """The source's fields and, by their keys, what a few people have in them; `trouble` says what could not be read."""

    fields: list[Field] = field(default_factory=list)
    samples: dict[str, list[Any]] = field(default_factory=dict)
    trouble: str = ""


@dataclass
class Values:
    """What one column may hold, as far as the vendor says, and what a few people have in it."""

    options: Sequence[tuple[str, str]] = ()
    values: list[Any] = field(default_factory=list)
    trouble: str = ""


def read_sources(integration: Integration, group: Group) -> Sources:
    sources = Sources()
    sources.trouble = _attempt(integration, lambda connector: sources.found.extend(connector.sources(group)))
    return sources


def read_columns(integration: Integration, settings: Mapping[str, Any]) -> Columns:
    """The fields first, then the samples: where only the second fails, the first are still of use."""
    columns, group, source_id = Columns(), Group(settings["group"]), settings["source_id"]

    def read(connector: Connector) -> None:
        columns.fields = connector.fields(group, source_id)
        columns.samples = _samples(connector, group, source_id, [column.key for column in columns.fields])

    columns.trouble = _attempt(integration, read)
    return columns


def read_values(integration: Integration, settings: Mapping[str, Any], column: str) -> Values:
    """The options of one column, and its values on a first page of people."""
    found, group, source_id = Values(), Group(settings["group"]), settings["source_id"]

    def read(connector: Connector) -> None:
        fields = {field.key: field for field in connector.fields(group, source_id)}
        if column in fields:
            found.options = fields[column].options
            found.values = [
                person.values.get(column) for person in _first_people(connector, group, source_id, [column])
            ]

    found.trouble = _attempt(integration, read)
    return found


def _samples(connector: Connector, group: Group, source_id: str, keys: Sequence[str]) -> dict[str, list[Any]]:
    people = _first_people(connector, group, source_id, keys)[:SAMPLES]
    return {key: [person.values.get(key) for person in people] for key in keys} if people else {}


def _first_people(connector: Connector, group: Group, source_id: str, keys: Sequence[str]) -> list[Person]:
    page = next(iter(connector.people(group, source_id, keys, Window(None, datetime.now(UTC)), None)), None)
    return [person for person in page.people if not person.unreadable] if page else []


def _attempt(integration: Integration, work: Callable[[Connector], None]) -> str:
    """Empty when it worked; else the sentence to show."""
    try:
        with asking(integration, SAMPLE_PAGE) as connector:
            work(connector)
    except ConnectorError as error:
        return reason_text(error.reason, integration.vendor)
    return ""
