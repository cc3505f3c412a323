"""Which column of the source probably belongs to which of our fields. What is not likely enough stays unassigned."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from webapp.connectors.base import Field, FieldKind, Role
from webapp.importing.naming import Likeness, Name, phrase
from webapp.values import email
from webapp.values.fields import FieldType, Unfit, convert
from webapp.values.marks import N_
from webapp.values.text import clean

RECOGNISED = N_("Recognised")
SAME_NAME = N_("The name is the same")
SAME_MEANING = N_("The name means the same")
LIKE_EMAILS = N_("The values look like e-mail addresses")
LIKE_PHONES = N_("The values look like phone numbers")

CUSTOM = "field:"
KEY_LIMIT, LABEL_LIMIT = 64, 120

# Beside Likeness: what the vendor declares beats every name, what the values look like is the weakest reason,
# and between two equal names the one whose type is exactly right wins.
DECLARED, BY_CONTENT, RIGHT_TYPE = 100, 40, 3
ENOUGH_VALUES = 2

DEFAULT_TYPES = {
    FieldKind.TEXT: FieldType.TEXT,
    FieldKind.NUMBER: FieldType.NUMBER,
    FieldKind.BOOLEAN: FieldType.TEXT,
    FieldKind.DATE: FieldType.DATE,
    FieldKind.DATETIME: FieldType.DATE,
    FieldKind.EMAIL: FieldType.TEXT,
    FieldKind.PHONE: FieldType.PHONE,
    FieldKind.COUNTRY: FieldType.COUNTRY,
    FieldKind.CHOICE: FieldType.CHOICE,
    FieldKind.LIST: FieldType.TEXT,
}
ALSO_FITS = {
    FieldKind.TEXT: frozenset(FieldType),
    FieldKind.NUMBER: frozenset({FieldType.CHOICE}),
    FieldKind.BOOLEAN: frozenset({FieldType.CHOICE}),
    FieldKind.CHOICE: frozenset({FieldType.COUNTRY}),
}

# One full name, or its two halves.
EXCLUDES = {
    Role.FIRST_NAME: {Role.FULL_NAME},
    Role.LAST_NAME: {Role.FULL_NAME},
    Role.FULL_NAME: {Role.FIRST_NAME, Role.LAST_NAME},
}

# Shopify fills it with the e-mail or the phone where the name is missing.
NEVER_A_NAME = "display name"


@dataclass(frozen=True)
class Target:
    """A custom field of ours."""

    key: str
    label: str
    type: FieldType
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """`target` is "email", "first_name", "last_name", "full_name" or "field:<key>".

    `sure`: the vendor declares it; otherwise it is a guess, to be shown as one. `why` is a message id.
    """

    target: str
    sure: bool
    why: str


@dataclass(frozen=True)
class _Column:
    field: Field
    name: Name
    values: list[Any]


@dataclass(frozen=True)
class _Candidate:
    score: int
    column: str
    target: str
    why: str


def propose(
    columns: Sequence[Field], samples: Mapping[str, Sequence[Any]], custom_fields: Sequence[Target]
) -> dict[str, Proposal]:
    """A proposal for each column that has a likely one, by the column's key. Each target is proposed once at most.

    `samples` are values as the source delivers them, by column; a column without samples may be missing.
    """
    seen = [_column(field, samples.get(field.key, ())) for field in columns]
    named = [(target, Name.of(target.key, target.label)) for target in custom_fields]
    candidates = [candidate for column in seen for candidate in _candidates(column, named)]
    return _assign(_without_ties(candidates))


def default_field_for(column: Field) -> tuple[str, str, FieldType]:
    """Key, label and type of a new custom field for the column. The key may be taken; the caller numbers it then."""
    words = phrase(column.label) or phrase(column.key)
    key = words.replace(" ", "_")[:KEY_LIMIT].strip("_") or "field"
    kind = DEFAULT_TYPES[column.kind]
    if kind is FieldType.CHOICE and not column.options:
        kind = FieldType.TEXT
    return key, clean(column.label, LABEL_LIMIT) or key, kind


def _column(field: Field, samples: Sequence[Any]) -> _Column:
    return _Column(field, Name.of(field.key, field.label), [value for value in samples if value not in (None, "", [])])


def _candidates(column: _Column, named: Sequence[tuple[Target, Name]]) -> Iterator[_Candidate]:
    for role in Role:
        if _may_be(role, column):
            yield from _standard_candidate(role, column)
    for target, name in named:
        likeness = column.name.like(name)
        if likeness and _fits(column, target):
            why = SAME_NAME if likeness >= Likeness.SAME_CORE else SAME_MEANING
            yield _Candidate(likeness + _type_bonus(column, target), column.field.key, CUSTOM + target.key, why)
    phones = [target for target, _ in named if target.type is FieldType.PHONE]
    if len(phones) == 1 and _holds_phones(column) and _fits(column, phones[0]):
        yield _Candidate(BY_CONTENT, column.field.key, CUSTOM + phones[0].key, LIKE_PHONES)


def _standard_candidate(role: Role, column: _Column) -> Iterator[_Candidate]:
    likeness = column.name.meaning(frozenset({role.value}))
    if column.field.role is role:
        yield _Candidate(DECLARED, column.field.key, role.value, RECOGNISED)
    elif likeness:
        yield _Candidate(likeness, column.field.key, role.value, SAME_MEANING)
    elif role is Role.EMAIL and _holds_emails(column):
        yield _Candidate(BY_CONTENT, column.field.key, role.value, LIKE_EMAILS)


def _may_be(role: Role, column: _Column) -> bool:
    """Whether nothing speaks against that role."""
    if column.field.role:
        return column.field.role is role
    if role is Role.EMAIL:
        return column.field.kind in (FieldKind.TEXT, FieldKind.EMAIL) and _most(map(_is_email, column.values))
    if column.field.kind is not FieldKind.TEXT or NEVER_A_NAME in column.name.core:
        return False
    return not any("@" in str(value) for value in column.values)


def _fits(column: _Column, target: Target) -> bool:
    """Whether the types agree, and most of the values with them."""
    kind = column.field.kind
    if target.type not in {FieldType.TEXT, DEFAULT_TYPES[kind], *ALSO_FITS.get(kind, ())}:
        return False
    values = column.values or [text for option in column.field.options for text in option]
    return _most(_converts(target, value) for value in values)


def _converts(target: Target, value: Any) -> bool:
    try:
        convert(target.type, value, target.options)
    except Unfit:
        return False
    return True


def _type_bonus(column: _Column, target: Target) -> int:
    return RIGHT_TYPE if target.type is DEFAULT_TYPES[column.field.kind] else 0


def _holds_emails(column: _Column) -> bool:
    if column.field.kind is FieldKind.EMAIL:
        return True
    return len(column.values) >= ENOUGH_VALUES and all(map(_is_email, column.values))


def _holds_phones(column: _Column) -> bool:
    """Bare digits may be any number, so that texts count only with a country code."""
    if column.field.kind is FieldKind.PHONE:
        return True
    return len(column.values) >= ENOUGH_VALUES and all(str(value).startswith("+") for value in column.values)


def _is_email(value: Any) -> bool:
    try:
        email.parse(value)
    except email.InvalidEmail:
        return False
    return True


def _most(fits: Iterable[bool]) -> bool:
    """True for at least half of them, and for none at all."""
    counted = Counter(fits)
    return counted[True] >= counted[False]


def _without_ties(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Without the guesses by values alone that would suit several columns."""
    guesses = Counter(candidate.target for candidate in candidates if candidate.score == BY_CONTENT)
    return [candidate for candidate in candidates if candidate.score != BY_CONTENT or guesses[candidate.target] == 1]


def _assign(candidates: Sequence[_Candidate]) -> dict[str, Proposal]:
    """The best candidates first; each column and each target once. Halves of a name go before a whole one."""
    proposals: dict[str, Proposal] = {}
    taken: set[str] = set()
    for candidate in sorted(candidates, key=lambda candidate: (-candidate.score, candidate.target == Role.FULL_NAME)):
        if candidate.column in proposals or candidate.target in taken:
            continue
        proposals[candidate.column] = Proposal(candidate.target, candidate.score == DECLARED, candidate.why)
        taken |= {candidate.target, *EXCLUDES.get(candidate.target, ())}
    return proposals
