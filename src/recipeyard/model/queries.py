"""Queries: which records of a data table are asked for, in which order, and how many at a time.

Conditions are all met by a record or it is not given. A record without a value in a column meets no comparison with it
but "is not". Everything else that a query could say is refused in words.
"""

import base64
import binascii
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recipeyard.model import data_tables, errors, tables

MOST = 200
DEPTH = 10
"""How many records a page has at most, and how deep conditions may nest."""

OPERATORS = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$starts_with")

META = tuple(
    data_tables.Column(key, f"${key}", data_tables.STRING if key == data_tables.RECORD_ID else data_tables.DATE_TIME)
    for key in data_tables.SYSTEM
)
"""What a query may name beside a table's columns."""

_EQUALITY = frozenset({"$eq", "$ne", "$in"})
_UNORDERED = frozenset({data_tables.BOOLEAN, data_tables.FILE, data_tables.RELATION})
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "$eq": operator.eq,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
    "$in": lambda value, listed: value in listed,
    "$starts_with": lambda value, start: bool(value.startswith(start)),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it came: `order` is a column, or `by`, `order` (asc, desc) and `case_sensitive`."""

    select: Sequence[str] | None = None
    where: Mapping[str, Any] | None = None
    order: str | Mapping[str, Any] | None = None
    limit: int | None = None
    continuation_token: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """The records that a query gives, the columns they are shown with, and where the next page begins, if any."""

    records: Sequence[data_tables.Record]
    columns: Mapping[str, data_tables.Column]
    limit: int
    next: str | None


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison with a column; `operand` is as `data_tables.comparable` has values, a list of them for `$in`."""

    column: data_tables.Column
    operator: str
    operand: Any
    fold: bool

    def holds(self, record: data_tables.Record) -> bool:
        """Whether a record meets it."""
        value = _value(self.column, record, fold=self.fold)
        if self.operator == "$ne":
            return bool(value != self.operand)
        if value is None or self.operand is None:
            return self.operator == "$eq" and value is self.operand
        return _TESTS[self.operator](value, self.operand)


@dataclass(frozen=True, slots=True)
class Order:
    """Records by the values of a column; those without one come last, whichever way it goes."""

    column: data_tables.Column
    descending: bool
    fold: bool

    def sort(self, held: Sequence[data_tables.Record]) -> list[data_tables.Record]:
        """Records in this order; equals stay in theirs."""
        values = {record.row_id: _value(self.column, record, fold=self.fold) for record in held}
        some = [record for record in held if values[record.row_id] is not None]
        some.sort(key=lambda record: values[record.row_id], reverse=self.descending)
        return some + [record for record in held if values[record.row_id] is None]


@dataclass(frozen=True, slots=True)
class Query:
    """A query that can be asked of its table: what records must meet, and in which order they come."""

    conditions: Sequence[Condition]
    order: Order | None

    @property
    def keys(self) -> list[str]:
        """What the query looks at: the keys of its columns."""
        ordered = [self.order.column] if self.order else []
        return list(dict.fromkeys(each.key for each in [*(each.column for each in self.conditions), *ordered]))

    def pick(self, held: Sequence[data_tables.Record]) -> list[data_tables.Record]:
        """Those of these records that meet all conditions, in order. Their texts need hold no other `keys`."""
        return [record for record in self.sort(held) if self.meets(record)]

    def sort(self, held: Sequence[data_tables.Record]) -> Sequence[data_tables.Record]:
        """Records in order."""
        return self.order.sort(held) if self.order else held

    def meets(self, record: data_tables.Record) -> bool:
        """Whether a record meets all conditions."""
        return all(condition.holds(record) for condition in self.conditions)


def read(table: str, columns: Sequence[data_tables.Column], asked: Asked) -> Query:
    """The query that is asked, without its page. Raises `errors.Invalid` for what can't be asked."""
    issues: list[errors.Issue] = []
    query = _query(_Names.of(table, columns), asked, issues)
    if issues:
        raise errors.Invalid.listing(issues)
    return query


def run(table: str, columns: Sequence[data_tables.Column], asked: Asked, held: Sequence[data_tables.Record]) -> Page:
    """The page of a table's records that is asked for. Raises `errors.Invalid` for what can't be asked."""
    names = _Names.of(table, columns)
    issues: list[errors.Issue] = []
    query = _query(names, asked, issues)
    limit, start = _limit(asked, issues), _start(asked, issues)
    shown = _selected(names, columns, asked.select, issues)
    if issues:
        raise errors.Invalid.listing(issues)
    found = query.pick(held)
    first = _first(found, start)
    page = found[first : first + limit]
    more = len(found) > first + limit
    return Page(page, shown, limit, _token(first + limit, page[-1].row_id) if more else None)


@dataclass(frozen=True, slots=True)
class _Names:
    """A table's columns by all their names."""

    table: str
    known: Mapping[str, data_tables.Column]

    @classmethod
    def of(cls, table: str, columns: Sequence[data_tables.Column]) -> "_Names":
        return cls(table, data_tables.by_reference(columns) | {column.name: column for column in META})

    def find(self, name: str, issues: list[errors.Issue]) -> data_tables.Column | None:
        if name not in self.known:
            issues.append(tables.unknown(self.table, name))
        return self.known.get(name)


def _query(names: _Names, asked: Asked, issues: list[errors.Issue]) -> Query:
    return Query(_conditions(names, asked.where or {}, issues, DEPTH), _order(names, asked.order, issues))


def _conditions(names: _Names, where: Any, issues: list[errors.Issue], depth: int) -> list[Condition]:
    if not isinstance(where, Mapping) or not depth:
        issues.append(errors.Issue("where", f"must hold objects of conditions by column, at most {DEPTH} deep"))
        return []
    found: list[Condition] = []
    for name, tests in where.items():
        if name == "$and" and isinstance(tests, list):
            for each in tests:
                found += _conditions(names, each, issues, depth - 1)
        elif name in {"$and", "$or", "$not"}:
            issues.append(errors.Issue("where", f"{name} can't be asked so: conditions are joined by a list in $and"))
        elif not isinstance(tests, Mapping):
            issues.append(errors.Issue("where", f'{name}: must be an object such as {{"$eq": value}}'))
        elif column := names.find(name, issues):
            found += [_condition(column, test, operand, issues) for test, operand in tests.items()]
    return found


def _condition(column: data_tables.Column, test: str, operand: Any, issues: list[errors.Issue]) -> Condition:
    sensitive = True
    if isinstance(operand, Mapping):
        sensitive, operand = operand.get("case_sensitive") is not False, operand.get("value")
    fold = column.type == data_tables.STRING and not sensitive
    if what := _problem(column, test, operand):
        issues.append(errors.Issue("where", what))
        return Condition(column, test, None, fold)
    values = [_operand(column, each, fold=fold) for each in (operand if test == "$in" else [operand])]
    return Condition(column, test, values if test == "$in" else values[0], fold)


def _problem(column: data_tables.Column, test: str, operand: Any) -> str | None:
    """What is wrong with a condition."""
    if test not in OPERATORS:
        return f"operator unknown: {test!r} is not one of {', '.join(OPERATORS)}"
    if column.type in _UNORDERED and test not in _EQUALITY:
        return f"{test} can't be asked of column {column.name!r}, which is {column.type}"
    if test == "$starts_with" and column.type != data_tables.STRING:
        return f"$starts_with can't be asked of column {column.name!r}, which is {column.type}"
    if test == "$in" and not isinstance(operand, list):
        return "$in takes a list of values"
    if operand is None and test not in {"$eq", "$ne"}:
        return f"{test} takes a value, not null"
    plain = replace(column, read_only=False, multivalue=False)
    problems = [data_tables.problem(plain, each) for each in (operand if test == "$in" else [operand])]
    return next((what for what in problems if what), None)


def _operand(column: data_tables.Column, value: Any, *, fold: bool) -> Any:
    text = data_tables.text(value)
    return data_tables.comparable(column, text.casefold() if fold else text)


def _value(column: data_tables.Column, record: data_tables.Record, *, fold: bool) -> Any:
    text = record.texts.get(column.key, "")
    return data_tables.comparable(column, text.casefold() if fold else text)


def _selected(
    names: _Names, columns: Sequence[data_tables.Column], select: Sequence[str] | None, issues: list[errors.Issue]
) -> dict[str, data_tables.Column]:
    labels = data_tables.labelled(columns)
    if not select:
        return labels
    wanted = {column.key for name in select if (column := names.find(name, issues))}
    return {label: column for label, column in labels.items() if column.key in wanted}


def _order(names: _Names, order: Any, issues: list[errors.Issue]) -> Order | None:
    if order is None:
        return None
    wanted = {"by": order} if isinstance(order, str) else order
    how = wanted.get("order", "asc")
    if not isinstance(wanted.get("by"), str) or how not in {"asc", "desc"}:
        issues.append(errors.Issue("order", "must name a column in `by`, and asc or desc in `order`"))
        return None
    column = names.find(wanted["by"], issues)
    if column is None:
        return None
    return Order(column, how == "desc", column.type == data_tables.STRING and wanted.get("case_sensitive") is False)


def _limit(asked: Asked, issues: list[errors.Issue]) -> int:
    limit = 100 if asked.limit is None else asked.limit
    if limit < 1:
        issues.append(errors.Issue("limit", f"must be 1 to {MOST}"))
    return min(limit, MOST)


def _start(asked: Asked, issues: list[errors.Issue]) -> tuple[int, int]:
    """Where a page begins: so many records before it, the last of them with that row id."""
    if not asked.continuation_token:
        return 0, 0
    try:
        offset, _, row_id = base64.urlsafe_b64decode(asked.continuation_token).decode().partition(".")
        return max(int(offset), 0), int(row_id)
    except (binascii.Error, ValueError):
        issues.append(errors.Issue("continuation_token", "is none that this server has given"))
        return 0, 0


def _first(found: Sequence[data_tables.Record], start: tuple[int, int]) -> int:
    """Behind the last record of the page before; where that is gone, as many records in as there were before."""
    offset, row_id = start
    return next((at + 1 for at, record in enumerate(found) if record.row_id == row_id), offset)


def _token(offset: int, row_id: int) -> str:
    return base64.urlsafe_b64encode(f"{offset}.{row_id}".encode()).decode()
