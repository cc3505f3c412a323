"""The page „Przypisz pola dodatkowe”: a card for each column of the source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import render_template, request
from flask_babel import gettext

from webapp.connectors import CONNECTORS
from webapp.connectors.base import Field
from webapp.extensions import db
from webapp.formats import gettext_of
from webapp.importing.proposals import Proposal, Target, default_field_for, propose
from webapp.importing.settings import SKIPPED, UNKNOWN
from webapp.imports import drafts
from webapp.imports.columns import CREATE, CUSTOM, Choice, NewField
from webapp.imports.fields import custom_fields, options_of
from webapp.imports.vendor import Columns, read_columns
from webapp.models import ContactList, CustomField, RecurringImport
from webapp.values.fields import TYPE_LABELS, FieldType
from webapp.values.masking import mask
from webapp.words import RULE

# With more options than this on the page, a select holds only its chosen one until somebody opens it.
MOST_OPTIONS = 3000


@dataclass
class Card:
    """One column: what it holds, where it goes, and why we think so."""

    number: int
    choice: Choice
    samples: list[str] = field(default_factory=list)
    proposal: Proposal | None = None
    is_new: bool = False
    error: str = ""

    @property
    def agreed(self) -> Proposal | None:
        """The proposal, while it is what is chosen."""
        return self.proposal if self.proposal and self.proposal.target == self.choice.target else None

    @property
    def state(self) -> str:
        return {UNKNOWN: "unknown", SKIPPED: "skipped", CREATE: "create"}.get(self.choice.target, "auto")


@dataclass
class Grid:
    """All cards, and what their selects offer."""

    cards: Sequence[Card]
    fields: Sequence[CustomField]
    trouble: str = ""
    full: bool = False

    @cached_property
    def options(self) -> list[tuple[str, str]]:
        return options_of(self.fields)

    @cached_property
    def readable(self) -> set[str]:
        """Targets whose values can be read in several ways."""
        return {CUSTOM + row.key for row in self.fields if row.type not in (FieldType.TEXT, FieldType.COUNTRY)}

    @cached_property
    def types(self) -> list[tuple[str, str]]:
        return [(kind.value, gettext_of(label)) for kind, label in TYPE_LABELS.items()]

    def label_of(self, target: str) -> str:
        """What a select shows while it holds only its chosen option."""
        return self._names.get(target) or gettext("Assign field")

    @cached_property
    def _names(self) -> dict[str, str]:
        return dict(self.options) | {CREATE: gettext("Create a field…"), SKIPPED: gettext("Skip")}

    @property
    def lazy(self) -> bool:
        return not self.full and len(self.cards) * (len(self.options) + len(self.types)) > MOST_OPTIONS

    @cached_property
    def rules(self) -> list[tuple[str, str]]:
        return [(rule.value, gettext_of(label)) for rule, label in RULE.items()]

    @property
    def recognised(self) -> int:
        return sum(card.agreed is not None for card in self.cards)

    @property
    def has_samples(self) -> bool:
        return any(card.samples for card in self.cards)


def read_grid(recurring_import: RecurringImport, choices: Sequence[Choice] | None = None) -> Grid:
    """The grid with the draft's choices or with those that were sent; asks the vendor for columns and samples."""
    draft = drafts.of(recurring_import)
    if choices is None:
        choices = [Choice.of_entry(column, entry) for column, entry in draft["columns"].items()]
    chosen = {choice.column: choice for choice in choices}
    columns = read_columns(recurring_import.integration, draft["settings"])
    columns.fields = columns.fields or [Field(choice.column, choice.label) for choice in choices]
    fields = custom_fields()
    cards = deal(columns, chosen, fields, set(recurring_import.known_columns))
    return Grid(cards, fields, columns.trouble, full="pelne" in request.args)


def deal(columns: Columns, chosen: Mapping[str, Choice], fields: Sequence[CustomField], known: set[str]) -> list[Card]:
    """A card for each column; one that nobody decided about takes its proposal, unless another column has that target."""
    targets = [Target(row.key, row.label, row.type, tuple(row.options)) for row in fields]
    proposals = propose(columns.fields, columns.samples, targets)
    taken = {choice.target for choice in chosen.values()}
    cards = []
    for number, source in enumerate(columns.fields):
        proposal = proposals.get(source.key)
        choice = chosen.get(source.key) or _first_choice(
            source, proposal if proposal and proposal.target not in taken else None
        )
        choice.label = gettext_of(source.label) or source.key
        if not choice.new.label:
            choice.new = _suggestion(choice.label, source)
        samples = _samples(source, columns.samples.get(source.key, ()))
        cards.append(Card(number, choice, samples, proposal, is_new=bool(known) and source.key not in known))
    return cards


def _first_choice(source: Field, proposal: Proposal | None) -> Choice:
    return Choice(source.key, source.label, proposal.target if proposal else UNKNOWN)


def _suggestion(label: str, source: Field) -> NewField:
    """What a new field for this column would be called and hold."""
    _key, _label, kind = default_field_for(source)
    return NewField(label[:120], kind.value, [name for _value, name in source.options])


def _samples(source: Field, values: Sequence[Any]) -> list[str]:
    return ["" if value in (None, "", []) else gettext_of(mask(source.kind, value)) for value in values]


def render_grid(recurring_import: RecurringImport, grid: Grid, skip_unknown: bool) -> str:
    settings = drafts.of(recurring_import)["settings"]
    return render_template(
        "imports/mapping.html",
        recurring_import=recurring_import,
        grid=grid,
        skip_unknown=skip_unknown,
        mark=drafts.mark(recurring_import),
        contact_list=db.session.get(ContactList, settings["list_id"]),
        source_name=settings["source_name"],
        connector=CONNECTORS[recurring_import.integration.vendor],
    )


def lone_card(choice: Choice, number: int, error: str = "") -> tuple[Card, Grid]:
    """One card by itself, for an answer that replaces only its head."""
    return Card(number, choice, error=error), Grid([], custom_fields())
