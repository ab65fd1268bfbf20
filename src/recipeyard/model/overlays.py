"""Overlays: what rows that arrive do to those of a table that is here, by a workspace's own rule.

Rows are told by a key: places in a lookup table's lists, columns of a data table's records. A record that stays one
keeps its id and its time of creation, whichever key tells it; two that differ in these alone are the same.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from recipeyard.model import assets, bindings, data_tables, documents, tables

Key = tuple[int | str, ...]
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Overlay:
    """Rows that get other fields, by their place among those that are here, and rows that are added behind them."""

    changed: Mapping[int, Any] = field(default_factory=dict)
    added: tuple[Any, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.added)

    def over(self, here: Sequence[Any]) -> list[Any]:
        """The rows that there are afterwards."""
        return [*(self.changed.get(at, row) for at, row in enumerate(here)), *self.added]


def between(policy: bindings.Policy, key: Key, here: Sequence[Any], arriving: Sequence[Any]) -> Overlay:
    """What arriving rows, each of its own key, do to those that are here. A mirror has no overlay: it replaces."""
    if policy not in {bindings.Policy.INSERT, bindings.Policy.UPDATE}:
        return Overlay()
    wanted = {told(key, row): row for row in arriving}
    held = [told(key, row) for row in here]
    changed = {
        at: _renewed(here[at], wanted[name])
        for at, name in enumerate(held)
        if policy is bindings.Policy.UPDATE and name in wanted and _meaning(here[at]) != _meaning(wanted[name])
    }
    known = set(held)
    taken = {row.get(data_tables.RECORD_ID) for row in here if isinstance(row, Mapping)}
    added = [_free(row, taken) for name, row in wanted.items() if name not in known]
    return Overlay(changed, tuple(added))


def told(key: Key, row: Any) -> tuple[str, ...]:
    """A row's key."""
    if isinstance(row, Mapping):
        return tuple(row.get(str(column), "") for column in key)
    return tuple(row[at] if isinstance(at, int) and at < len(row) else "" for at in key)


def columns(kind: str, value: Mapping[str, documents.Value], names: Sequence[str]) -> Key:
    """The columns of these labels or names. Raises `errors.Invalid` naming those that a table's document has not."""
    name = str(value.get("name"))
    if kind == assets.LOOKUP_TABLE:
        return tuple(tables.places(name, tables.columns(value), names).values())
    known = data_tables.by_reference(data_tables.columns(value))
    keys = {each: known[each].key for each in known} | {each: each for each in data_tables.SYSTEM}
    return tuple(tables.among(name, keys, names).values())


def shared(key: Key, arriving: Sequence[Any]) -> str | None:
    """What is wrong with a key that does not tell arriving rows apart; None where it does."""
    times = Counter(told(key, row) for row in arriving)
    several = [", ".join(name) for name, count in times.items() if count > 1]
    if not several:
        return None
    more = f" and {len(several) - _SHOWN} more" if len(several) > _SHOWN else ""
    return f"rows that arrive share a key that should tell them apart: {'; '.join(several[:_SHOWN])}{more}"


def carried(kind: str, row: Any, before: Mapping[str, documents.Value], after: Mapping[str, documents.Value]) -> Any:
    """A row as it stands once its table has the columns of another document."""
    if kind == assets.DATA_TABLE:
        gone = {each.key for each in data_tables.columns(before)} - {each.key for each in data_tables.columns(after)}
        return {name: text for name, text in row.items() if name not in gone}
    old, new = tables.columns(before), tables.columns(after)
    names = [column.name for column in old]
    return row if names == [column.name for column in new] else tables.carried(row, old, new, names)


def _meaning(row: Any) -> Any:
    if isinstance(row, Mapping):
        return {name: text for name, text in row.items() if text and name not in data_tables.SYSTEM}
    return tables.told(row)


def _renewed(here: Any, arriving: Any) -> Any:
    if not isinstance(here, Mapping):
        return arriving
    kept = {name: here[name] for name in (data_tables.RECORD_ID, data_tables.CREATED_AT) if name in here}
    return {**arriving, **kept}


def _free(row: Any, taken: set[str | None]) -> Any:
    """A new row; a record whose id another one bears here gets one of its own, always the same."""
    if not isinstance(row, Mapping):
        return row
    record_id = data_tables.free_id(row[data_tables.RECORD_ID], taken)
    taken.add(record_id)
    return {**row, data_tables.RECORD_ID: record_id}
