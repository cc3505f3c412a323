"""What a bulk read job is asked for: a module, a view, fields and criteria (docs: bulk-read/create-job v8)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..people import Person
from . import answers
from .fields import Entry, Read, entries, is_hidden
from .orgs import LEADS, Org, record_id
from .records import Refused, is_converted
from .views import VIEWS

MOST_FIELDS, MOST_CRITERIA, MOST_VALUES = 200, 25, 200
CONVERTED, ID, EMPTY = "$converted", "id", "${EMPTY}"
NOT_EXPORTED = frozenset({"profileimage", "fileupload", "imageupload", "multiselectlookup", "subform"})
NUMBERS = frozenset({"integer", "bigint", "double", "currency", "percent", ID})
MOMENTS = frozenset({"date", "datetime"})
EQUAL = ("equal", "not_equal", "in", "not_in")
ORDER = ("less_than", "less_equal", "greater_than", "greater_equal")
COMPARATORS: Mapping[str, Sequence[str]] = {
    "boolean": ("equal",),
    "lookup": EQUAL,
    "ownerlookup": EQUAL,
    **dict.fromkeys(NUMBERS, (*EQUAL, *ORDER)),
    **dict.fromkeys(MOMENTS, (*EQUAL, *ORDER, "between", "not_between")),
}
OF_TEXTS = (*EQUAL, "contains", "not_contains", "starts_with", "ends_with")
TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equal": lambda own, asked: own == asked,
    "in": lambda own, asked: own in asked,
    "less_than": lambda own, asked: own < asked,
    "less_equal": lambda own, asked: own <= asked,
    "greater_than": lambda own, asked: own > asked,
    "greater_equal": lambda own, asked: own >= asked,
    "contains": lambda own, asked: asked in own,
    "starts_with": lambda own, asked: own.startswith(asked),
    "ends_with": lambda own, asked: own.endswith(asked),
    "between": lambda own, asked: asked[0] <= own <= asked[1],
}
Test = Callable[[Person], bool]


class Column(NamedTuple):
    """A column of the file."""

    name: str
    read: Read


def columns(org: Org, module: str, wanted: Any) -> tuple[Column, ...]:
    """The columns behind the id, in the order of the module; raises Refused. None or too many asked for are all there are."""
    if wanted is not None and not (isinstance(wanted, list) and all(isinstance(name, str) for name in wanted)):
        raise Refused(answers.refusal(400, "INVALID_REQUEST", "The request is invalid"))
    known = {column.name: column for column in _known(org, module)}
    if not wanted or len(wanted) > MOST_FIELDS:
        return tuple(column for column in known.values() if "." not in column.name)
    for name in wanted:
        if name != ID and name not in known:
            listed = name in entries(org, module)
            code = "FIELD_NOT_SUPPORTED" if listed else "FIELD_NOT_AVAILABLE"
            raise Refused(answers.refusal(400, code, "The field is not available", api_name=name))
    return tuple(column for column in known.values() if column.name in wanted)


def _known(org: Org, module: str) -> list[Column]:
    refused = org.jobs.ways.unsupported
    found = [Column(one.name, one.read) for one in entries(org, module).values() if _is_exported(org, one)]
    found += [
        Column("Owner.first_name", lambda person: "Jan"),
        Column("Owner.last_name", lambda person: "Kowalski"),
        Column("Owner.email", lambda person: "jan@example.com"),
    ]
    found += [Column("Account_Name.Account_Name", lambda person: person.company)] if module != LEADS else []
    found += [Column(CONVERTED, is_converted)] if module == LEADS else []
    return [column for column in found if column.name not in refused]


def _is_exported(org: Org, entry: Entry) -> bool:
    return entry.kind not in NOT_EXPORTED and not is_hidden(org, entry)


def chosen(org: Org, module: str, query: Mapping[str, Any]) -> list[int]:
    """The indexes of the people of a view who meet the criteria; raises Refused. Without a view leads are all that there are."""
    tests = [_of_view(org, module, query["cvid"])] if query.get("cvid") else []
    if query.get("criteria") is not None:
        left = [MOST_CRITERIA]
        tests.append(_criteria(org, module, query["criteria"], left))
    found = [person for person in org.people_of(module) if all(test(person) for test in tests)]
    indexes = [person.index for person in found]
    if org.jobs.ways.order == "halves":
        return indexes[len(indexes) // 2 :] + indexes[: len(indexes) // 2]
    if org.jobs.ways.order == "changed":
        return [person.index for person in sorted(found, key=lambda person: (person.updated_at, person.index))]
    return indexes


def _of_view(org: Org, module: str, cvid: Any) -> Test:
    view = VIEWS[module].get(str(cvid))
    if view is None:
        raise Refused(answers.refusal(400, "INVALID_DATA", "the id given seems to be invalid", api_name="cvid"))
    if not org.jobs.ways.views:
        raise Refused(answers.refusal(400, "CVID_NOT_SUPPORTED", "The given cvid is not supported"))
    return lambda person: view.test(person) and not (module == LEADS and is_converted(person))


def _criteria(org: Org, module: str, asked: Any, left: list[int]) -> Test:
    if not isinstance(asked, dict):
        raise Refused(answers.refusal(400, "INVALID_CRITERIA", "The criteria given are invalid"))
    if "group" in asked:
        return _group(org, module, asked, left)
    left[0] -= 1
    if left[0] < 0:
        raise Refused(answers.refusal(400, "CRITERIA_LIMIT_EXCEEDED", "Too many criteria", max_limit=MOST_CRITERIA))
    return _criterion(org, module, asked)


def _group(org: Org, module: str, asked: dict[str, Any], left: list[int]) -> Test:
    operator = str(asked.get("group_operator")).lower()
    if operator not in ("and", "or"):
        code, message = "GROUP_OPERATOR_NOT_SUPPORTED", "The group operator is not supported"
        raise Refused(answers.refusal(400, code, message, supported=["and", "or"]))
    if not isinstance(asked["group"], list) or len(asked["group"]) < 2:
        raise Refused(answers.refusal(400, "INVALID_CRITERIA", "The criteria given are invalid"))
    tests = [_criteria(org, module, one, left) for one in asked["group"]]
    return lambda person: (all if operator == "and" else any)(test(person) for test in tests)


def _criterion(org: Org, module: str, asked: dict[str, Any]) -> Test:
    field = asked.get("field")
    name = field.get("api_name") if isinstance(field, dict) else None
    kind, read = _compared(org, module, name)
    comparator, value = asked.get("comparator"), asked.get("value")
    allowed = COMPARATORS.get(kind, OF_TEXTS)
    if comparator not in allowed:
        code, message = "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", "The comparator is not supported for the field"
        raise Refused(answers.refusal(400, code, message, api_name=name, supported=list(allowed)))
    several = comparator in ("in", "not_in", "between", "not_between")
    if several is not isinstance(value, list) or (several and len(value) > MOST_VALUES):
        code, message = "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", "The comparator and the value do not fit"
        raise Refused(answers.refusal(400, code, message, api_name=name, comparator=comparator))
    wanted = [_value(kind, one) for one in value] if several else _value(kind, value)
    negated, test = comparator.startswith("not_"), TESTS[comparator.removeprefix("not_")]
    return lambda person: _holds(test, _own(kind, read(person)), wanted) is not negated


def _compared(org: Org, module: str, name: Any) -> tuple[str, Read]:
    if name == ID and org.jobs.ways.id_criteria:
        return ID, record_id
    if name == CONVERTED and module == LEADS:
        return "boolean", is_converted
    entry = entries(org, module).get(name)
    if entry is None or entry.kind in (*NOT_EXPORTED, "textarea"):
        code, message = "FIELD_IN_CRITERIA_NOT_SUPPORTED", "The field is not supported in criteria"
        raise Refused(answers.refusal(400, code, message, api_name=name))
    return entry.kind, entry.read


def _own(kind: str, value: Any) -> Any:
    value = value["id"] if isinstance(value, dict) else value
    return int(value) if kind == ID else value


def _value(kind: str, value: Any) -> Any:
    if value == EMPTY:
        return None
    try:
        if kind == "boolean":
            return {"true": True, "false": False}[str(value).lower()]
        return (int(value) if kind in (ID, "integer", "bigint") else float(value)) if kind in NUMBERS else str(value)
    except (ValueError, TypeError, KeyError):
        raise Refused(answers.refusal(400, "INVALID_CRITERIA", "The criteria given are invalid")) from None


def _holds(test: Callable[[Any, Any], bool], own: Any, wanted: Any) -> bool:
    """Whoever has nothing there meets only the question for nothing."""
    return wanted is None if own is None else wanted is not None and test(own, wanted)
