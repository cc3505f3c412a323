"""Answering queries: which records, in which order, how many at once, and the cursors that go on (docs: resources-query)."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request

from ..faults import Fault
from ..people import Person
from . import answers
from .campaigns import CAMPAIGNS, members
from .columns import RELATED, RELATED_OF, columns_of
from .faulty import disturbed
from .orgs import Org, record_id
from .soql import Compare, Junction, Query, parse

LARGEST, SMALLEST, OPEN_AT_ONCE = 2_000, 200, 10
LONGEST = 16_000
VALUES: Mapping[str, Any] = {"boolean": bool, "double": (int, float), "datetime": tuple}
Test = Callable[[Person], bool]


def run(org: Org, text: str, request: Request, session: str, deleted: bool, faults: dict[str, Fault]) -> dict[str, Any]:
    """One query from its start; `deleted` says whether the recycle bin is looked into (queryAll)."""
    if len(request.query_string) > LONGEST:
        raise answers.too_long()
    query = parse(text)
    if query.entity in ("Organization", "Campaign"):
        return _whole(_small_table(org, query))
    if query.entity not in RELATED_OF or (query.entity == "Lead" and not org.profile.leads):
        raise answers.unknown_type(query.entity)
    people = chosen(org, query, deleted, faults)
    if not query.columns:
        return {"totalSize": len(people), "done": True, "records": []}
    people = disturbed(people, query, org, faults)
    records = [record(org, query.entity, person, query.columns) for person in people]
    return _batch(org, records, 0, _batch_size(org, query, request), session)


def go_on(org: Org, name: str, request: Request, session: str) -> dict[str, Any]:
    """The next records of an open cursor, which only the session that opened it may read."""
    locator, _, offset = name.rpartition("-")
    cursor = org.locators.get(locator)
    if cursor is None or cursor["session"] != session or not offset.isdigit():
        raise answers.lost_locator()
    return _batch(org, cursor["records"], int(offset), cursor["size"], session, locator)


def _batch(org: Org, records: list[Any], start: int, size: int, session: str, locator: str = "") -> dict[str, Any]:
    shown, done = records[start : start + size], start + size >= len(records)
    body: dict[str, Any] = {"totalSize": len(records), "done": done}
    if not done:
        locator = locator or f"01gRO{secrets.token_hex(6)}AAA"
        org.locators[locator] = {"records": records, "session": session, "size": size}
        while len(org.locators) > OPEN_AT_ONCE:
            org.locators.pop(next(iter(org.locators)))
        body["nextRecordsUrl"] = f"/services/data/v67.0/query/{locator}-{start + size}"
    return {**body, "records": shown}


def _whole(records: list[dict[str, Any]]) -> dict[str, Any]:
    return {"totalSize": len(records), "done": True, "records": records}


def _batch_size(org: Org, query: Query, request: Request) -> int:
    """What is asked for is a hint; two long texts in a record make it two hundred."""
    known = columns_of(org, query.entity)
    if sum(name in known and known[name].kind == "textarea" for name in query.columns) > 1:
        return SMALLEST
    text = request.headers.get("Sforce-Query-Options", "").partition("batchSize=")[2]
    return min(LARGEST, max(SMALLEST, int(text))) if text.isdigit() else LARGEST


def record(org: Org, entity: str, person: Person, names: Sequence[str]) -> dict[str, Any]:
    """One record: what was asked for, related columns inside an object of their own."""
    known = columns_of(org, entity)
    number = record_id(entity, person)
    found: dict[str, Any] = {"attributes": _attributes(entity, number)}
    for name in names:
        if name in known:
            value = vars(person).get(name, known[name].read(person))
            found[name] = None if value == "" else value  # what is empty is nothing to Salesforce
        elif name in RELATED_OF[entity]:
            parent, _, part = name.partition(".")
            value = RELATED[name](person)
            found[parent] = value and {"attributes": _attributes(parent, "001RO0000123456AAA"), part: value}
        else:
            raise answers.unknown_field(name, entity)
    return found


def _attributes(entity: str, number: str) -> dict[str, str]:
    return {"type": entity, "url": f"/services/data/v67.0/sobjects/{entity}/{number}"}


def chosen(org: Org, query: Query, deleted: bool, faults: dict[str, Fault]) -> list[Person]:
    """Whom the query chooses, in its order; raises Refused."""
    known = columns_of(org, query.entity)
    for name in [*query.columns, *(name for name, _ in query.order)]:
        if name not in known and name not in RELATED_OF[query.entity]:
            raise answers.unknown_field(name, query.entity)
    if any(name in known and known[name].kind == "address" for name, _ in query.order):
        raise answers.malformed("ORDER BY")
    where = query.where if "cursor_stuck" not in faults else _without_ids(query.where)
    test = _test(org, query.entity, where) if where else lambda person: True
    population = org.people_of(query.entity)
    people = [person for person in population if test(person)]
    if deleted:
        people += [person for person in _gone(org, query.entity) if test(person)]
    for name, descending in reversed(query.order):
        read = known[name].read if name in known else RELATED[name]
        people.sort(key=lambda person: (read(person) is not None, read(person)), reverse=descending)
    # Without an order Salesforce promises none: here the newest come first, so that whoever relies on one is found out.
    people = people if query.order else people[::-1]
    return people if query.limit is None else people[: query.limit]


def _gone(org: Org, entity: str) -> list[Person]:
    population = org.people_of(entity)
    return [
        Person(population.seed, index, population.number(index), updated_at=moment, IsDeleted=True)
        for index, moment in population.deleted.items()
    ]


def _without_ids(where: Any) -> Any:
    if isinstance(where, Junction) and where.kind == "AND":
        rest = tuple(part for part in where.parts if not (isinstance(part, Compare) and part.field == "Id"))
        return Junction("AND", rest)
    return None if isinstance(where, Compare) and where.field == "Id" else where


def _test(org: Org, entity: str, where: Any) -> Test:
    if isinstance(where, Junction):
        tests = [_test(org, entity, part) for part in where.parts]
        if where.kind == "NOT":
            return lambda person: not tests[0](person)
        combine = all if where.kind == "AND" else any
        return lambda person: combine(test(person) for test in tests)
    known = columns_of(org, entity)
    if where.field not in known:
        raise answers.unknown_field(where.field, entity)
    column, wanted = known[where.field], where.value
    if isinstance(wanted, Query):
        return members(entity, wanted)
    _require_fitting(where, column.kind)
    read = _reader(where.field, column.read, column.kind)
    return _compared(read, where.operator, _wanted(wanted))


def _require_fitting(where: Compare, kind: str) -> None:
    if kind == "address":
        raise answers.wrong_value(where.field, kind)
    for value in where.value if isinstance(where.value, list) else [where.value]:
        if value is None and where.operator not in ("=", "!=", "<>", "IN"):
            raise answers.malformed("null")
        if value is not None and not isinstance(value, VALUES.get(kind, str)):
            raise answers.wrong_value(where.field, kind)


def _reader(name: str, read: Any, kind: str) -> Any:
    def value(person: Person) -> Any:
        found = vars(person).get(name, read(person))
        return _moment(found) if kind == "datetime" and found else found

    return value


def _wanted(value: Any) -> Any:
    return _moment(value[1]) if isinstance(value, tuple) else value


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        raise answers.malformed(text) from None


def _compared(read: Any, operator: str, wanted: Any) -> Test:
    tests: dict[str, Callable[[Any], bool]] = {
        "=": lambda found: found == wanted,
        "!=": lambda found: found != wanted,
        "<>": lambda found: found != wanted,
        "<": lambda found: found is not None and found < wanted,
        "<=": lambda found: found is not None and found <= wanted,
        ">": lambda found: found is not None and found > wanted,
        ">=": lambda found: found is not None and found >= wanted,
        "IN": lambda found: found in wanted,
        "LIKE": lambda found: found is not None and str(wanted).strip("%").lower() in str(found).lower(),
    }
    test = tests[operator]
    return lambda person: test(read(person))


def _small_table(org: Org, query: Query) -> list[dict[str, Any]]:
    rows: list[Mapping[str, Any]] = [{"Id": org.number, "Name": org.profile.title}]
    if query.entity == "Campaign":
        rows = [{"Id": number, "Name": one.name, "IsActive": True} for number, one in CAMPAIGNS.items()]
        if isinstance(query.where, Compare) and query.where.field == "Id":
            rows = [row for row in rows if row["Id"] == query.where.value]
    for name in query.columns:
        if rows and name not in rows[0]:
            raise answers.unknown_field(name, query.entity)
    return [
        {"attributes": _attributes(query.entity, str(row["Id"])), **{name: row[name] for name in query.columns}}
        for row in rows
    ]
