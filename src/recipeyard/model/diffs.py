"""Diffs: what differs between two documents of one asset, or between two sets of rows of one table.

They say the same of the same input, and cost what differs: equal parts are passed over whole. Documents are expected to
be validated. Sidecars are compared elsewhere, by digest.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recipeyard.model import assets, documents, field_diffs, step_diffs, step_trees

STEPS = 500
"""How many steps of a recipe are listed."""

ROWS = 200
"""How many rows of each change are listed."""

PAIRINGS = 10_000
"""How many pairs of rows without a key are compared to find those that changed."""

HIDDEN = "(hidden)"
"""What stands for a value that may be a secret."""

_HARMLESS = frozenset({"name", "provider", "root_folder"})
"""The fields of a connection whose values are shown: others are carried as they came, and may be credentials."""

Row = Sequence[str] | Mapping[str, str]
"""A lookup table's fields, or a data table's texts by column."""


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row before and after."""

    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Rows:
    """What differs between the rows of a table: the first of each change, and how many more there are."""

    added: tuple[Any, ...] = ()
    removed: tuple[Any, ...] = ()
    changed: tuple[ChangedRow, ...] = ()
    more_added: int = 0
    more_removed: int = 0
    more_changed: int = 0


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between two documents: fields, a recipe's steps beside them, a table's rows beside them.

    `fields` and `steps` are the first of each, `more_fields` and `more_steps` count the rest. `cosmetic` says that no
    difference has a meaning. `form` says that no value differs at all, only the order of keys or the spelling.
    """

    fields: tuple[field_diffs.Field, ...] = ()
    steps: tuple[step_diffs.Step, ...] = ()
    rows: Rows | None = None
    cosmetic: bool = False
    form: bool = False
    more_fields: int = 0
    more_steps: int = 0


def of(kind: str, before: str | None, after: str | None) -> Diff | None:
    """What differs between two documents of that kind, None where their texts are the same.

    None for the text of a document is none at all: then everything is added, or removed. The rows in a table's document
    are left out: `rows` compares them, `with_rows` adds them. Of a connection only what it is called and for is shown;
    all else says that it differs, and how is hidden.
    """
    if before == after:
        return None
    old, new = _read(kind, before), _read(kind, after)
    steps = step_diffs.between(old.pop("code", None), new.pop("code", None)) if _has_steps(kind, old, new) else []
    is_recipe = kind == assets.RECIPE
    fields = field_diffs.between(old, new, step_trees.is_cosmetic_of_recipe if is_recipe else _means_something)
    if kind == assets.CONNECTION:
        fields = list(dict.fromkeys(map(_hidden, fields)))
    if not fields and not steps:
        same_form = kind in assets.TABLES and documents.spell(old) == documents.spell(new)
        return None if same_form else Diff(cosmetic=True, form=True)
    return Diff(
        fields=tuple(fields[: field_diffs.FIELDS]),
        steps=tuple(steps[:STEPS]),
        cosmetic=all(each.cosmetic for each in fields) and all(each.cosmetic for each in steps),
        more_fields=max(0, len(fields) - field_diffs.FIELDS),
        more_steps=max(0, len(steps) - STEPS),
    )


def with_rows(diff: Diff | None, found: Rows | None) -> Diff | None:
    """A table's diff together with that of its rows, which always mean something; None where neither differs."""
    if found is None:
        return diff
    return replace(diff or Diff(), rows=found, cosmetic=False, form=False)


def rows(before: Sequence[Row], after: Sequence[Row], key: Sequence[int | str] | None = None) -> Rows | None:
    """What differs between two sets of rows, None where nothing does; their order is no difference.

    `key` names the columns that tell rows apart: places in lists, keys of mappings. Rows whose key is not their own are
    told by all their fields. Without a key, a row of which at most half has changed is the same row, as long as few
    could be meant.
    """
    if before == after:
        return None
    left, right, pairs = _by_key(before, after, key) if key else (before, after, [])
    left, right = _without_common(left, right)
    if not key:
        left, right, pairs = _by_likeness(left, right)
    changed = [ChangedRow(_shown(old), _shown(new)) for old, new in pairs[:ROWS]]
    if not (left or right or pairs):
        return None
    return Rows(
        tuple(_shown(row) for row in right[:ROWS]),
        tuple(_shown(row) for row in left[:ROWS]),
        tuple(changed),
        max(0, len(right) - ROWS),
        max(0, len(left) - ROWS),
        max(0, len(pairs) - ROWS),
    )


Pairs = list[tuple[Row, Row]]


def _read(kind: str, text: str | None) -> dict[str, documents.Value]:
    value = {} if text is None else documents.read(text)
    if kind in assets.TABLES:
        value.pop("data", None)
    return value


def _has_steps(kind: str, *values: Mapping[str, documents.Value]) -> bool:
    codes = [value["code"] for value in values if "code" in value]
    return kind == assets.RECIPE and all(isinstance(code, Mapping) for code in codes)


def _means_something(_: step_trees.Path, __: str) -> bool:
    return False


def _hidden(field: field_diffs.Field) -> field_diffs.Field:
    """A connection's field as it may be told: what is not known to be harmless, without its values.

    Elements of lists are not told apart, as what tells them apart is a value too.
    """
    if field.path in _HARMLESS:
        return field
    path, *elements = field.path.split("[", 1)
    change = "changed" if elements else field.change
    before, after = (None if change == absent else HIDDEN for absent in ("added", "removed"))
    return field_diffs.Field(path, change, before, after, field.cosmetic)


def _by_key(
    before: Sequence[Row], after: Sequence[Row], key: Sequence[int | str]
) -> tuple[Sequence[Row], Sequence[Row], Pairs]:
    """The rows that no key pairs, before and after, and the pairs that differ."""
    lefts, rights = _unique(before, key), _unique(after, key)
    shared = lefts.keys() & rights.keys()
    pairs = [(before[lefts[name]], after[at]) for name, at in rights.items() if name in shared]
    taken_left, taken_right = ({found[name] for name in shared} for found in (lefts, rights))
    left = [row for at, row in enumerate(before) if at not in taken_left]
    right = [row for at, row in enumerate(after) if at not in taken_right]
    return left, right, [(old, new) for old, new in pairs if old != new]


def _unique(found: Sequence[Row], key: Sequence[int | str]) -> dict[Hashable, int]:
    keys = [tuple(_field(row, column) for column in key) for row in found]
    times = Counter(keys)
    return {name: at for at, name in enumerate(keys) if times[name] == 1}


def _field(row: Row, column: int | str) -> str:
    if isinstance(row, Mapping):
        return row.get(str(column), "")
    return row[column] if isinstance(column, int) and column < len(row) else ""


def _without_common(before: Sequence[Row], after: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """Both without the rows that stand in both, as often as they do."""
    lefts, rights = Counter(map(_whole, before)), Counter(map(_whole, after))
    return _left_over(before, rights), _left_over(after, lefts)


def _left_over(found: Iterable[Row], other: Counter[Hashable]) -> list[Row]:
    left: list[Row] = []
    for row in found:
        whole = _whole(row)
        if other[whole] > 0:
            other[whole] -= 1
        else:
            left.append(row)
    return left


def _whole(row: Row) -> Hashable:
    return frozenset(row.items()) if isinstance(row, Mapping) else tuple(row)


def _by_likeness(before: list[Row], after: list[Row]) -> tuple[list[Row], list[Row], Pairs]:
    """Pairs of rows that share half of their fields or more, each the first that shares the most; and the rest."""
    if not before or not after or len(before) * len(after) > PAIRINGS:
        return before, after, []
    left = dict(enumerate(before))
    right: list[Row] = []
    pairs: Pairs = []
    for row in after:
        likeness, at = max(((_likeness(each, row), -at) for at, each in left.items()), default=(0.0, 0))
        if likeness >= 0.5:
            pairs.append((left.pop(-at), row))
        else:
            right.append(row)
    return list(left.values()), right, pairs


def _likeness(before: Row, after: Row) -> float:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return len(before.items() & after.items()) / len(before.keys() | after.keys())
    shared = sum(old == new for old, new in zip(before, after, strict=False))
    return shared / max(len(before), len(after))


def _shown(row: Row) -> Any:
    if isinstance(row, Mapping):
        return {key: field_diffs.shown(text) for key, text in row.items()}
    return [field_diffs.shown(text) for text in row]
