"""Methods of lists of objects: `where`, `pluck`, `format_map`, CSV and the like."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from recipeyard.runtime.formulas import formats, frames, kinds, lists, markup, operators, patterns, spelling, texts

_OPERATION = re.compile(r" *([><=!]=?) *\Z")
Items = list[Any]


Test = Callable[[Any], bool]
"""Whether a row is what is asked for."""


def _criteria(frame: frames.Frame, given: Any) -> list[Test]:
    """What is asked, one test for each key: a path, perhaps an operation after it, and what it is compared with."""
    tests = []
    for key, value in kinds.options(given).items():
        operation = _OPERATION.search(key)
        path = [part.strip() for part in (key[: operation.start()] if operation else key).split(".") if part.strip()]
        tests.append(_test(path, _holding(frame, key, operation.group(1) if operation else "", value)))
    return tests


def _test(path: list[str], holds: Test) -> Test:
    if len(path) == 1:
        (only,) = path
        return lambda row: holds(row.get(only))
    return lambda row: holds(_inside(row, path))


def _inside(row: Any, path: list[str]) -> Any:
    for key in path:
        row = row.get(key) if isinstance(row, dict) else None
    return row


def _holding(frame: frames.Frame, key: str, operation: str, value: Any) -> Test:
    """Whether a row's value stands so to what it is compared with."""
    if not operation and isinstance(value, (list, kinds.Range, kinds.Pattern)):
        return lambda found: _matches(frame, found, value)
    if operation in ("", "=", "=="):
        return lambda found: operators.equal(frame, *_alike(found, value))
    if operation in ("!", "!="):
        return lambda found: not operators.equal(frame, *_alike(found, value))
    compare = operators.BINARY[operation]

    def holds(found: Any) -> bool:
        left, right = _alike(found, value)
        if left is None or right is None:
            raise frames.Refusal(f"{key!r} cannot compare with nil")
        return bool(compare(frame, left, right))

    return holds


def _alike(found: Any, value: Any) -> tuple[Any, Any]:
    if type(found) is type(value):
        return found, value
    return _numeric(found, value), _numeric(value, found)


def _matches(frame: frames.Frame, found: Any, value: Any) -> bool:
    if isinstance(value, kinds.Pattern):
        return isinstance(found, str) and patterns.found(frame, value, found) is not None
    if isinstance(value, kinds.Range):
        return found is not None and operators.within(frame, value, _numeric(found, value.first))
    frame.spend(len(value))
    return any(kinds.same(_numeric(found, each), _numeric(each, found)) for each in value)


def _numeric(value: Any, other: Any) -> Any:
    """A text that spells a number as that number, where what it is compared with is one."""
    if (
        isinstance(value, str)
        and isinstance(other, (int, float))
        and not isinstance(other, bool)
        and texts.is_number(value)
    ):
        return int(value) if value.strip().isdigit() and len(value) < 400 else float(value)
    return value


def _where(frame: frames.Frame, items: Items, criteria: Any = None) -> Items:
    asked = _criteria(frame, criteria) if criteria is not None else []
    frame.spend(len(items) * (1 + len(asked)))
    return [each for each in items if isinstance(each, dict) and all(test(each) for test in asked)]


def _not(frame: frames.Frame, items: Items, criteria: Any = None) -> Items:
    asked = _criteria(frame, criteria) if criteria is not None else []
    frame.spend(len(items) * (1 + len(asked)))
    return [each for each in items if not asked or not (isinstance(each, dict) and all(test(each) for test in asked))]


def _pluck(frame: frames.Frame, items: Items, *keys: Any) -> Any:
    if not keys:
        raise frames.Refusal("it takes the keys to pluck")
    frame.items(len(items) * len(keys))
    paths = [tuple(key) if isinstance(key, list) else (key,) for key in keys]
    if len(paths) == 1:
        return [lists.dug(frame, each, paths[0]) for each in items]
    return [[lists.dug(frame, each, path) for path in paths] for each in items]


def _format_map(frame: frames.Frame, items: Items, form: Any) -> Any:
    if kinds.blank(form):
        return items
    made = [formats.formatted(frame, kinds.text(form, "the format"), each) for each in items]
    return kinds.weigh(frame, made)


def _to_csv(frame: frames.Frame, items: Items, options: Any = None) -> str:
    """One line of values, or a line for each list in the list. Options: col_sep, row_sep, quote_char, force_quotes."""
    said = kinds.options(options) if options is not None else {}
    if unknown := said.keys() - {"col_sep", "row_sep", "quote_char", "force_quotes", "multi_line"}:
        raise frames.Refusal(f"there is no option {min(unknown)!r}")
    kinds.weigh(frame, items)
    many = bool(items) and isinstance(items[0], list) and said.get("multi_line") is not False
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=_letter(said.get("col_sep", ",")),
        quotechar=_letter(said.get("quote_char", '"')),
        lineterminator=kinds.text(said.get("row_sep", "\n")),
        quoting=csv.QUOTE_ALL if kinds.truthy(said.get("force_quotes", False)) else csv.QUOTE_MINIMAL,
    )
    writer.writerows([*map(_cell, row)] for row in _lines(items, many=many))
    frame.room(out.tell())
    return out.getvalue()


def _lines(items: Items, *, many: bool) -> Iterator[Items]:
    if not many:
        yield items
        return
    for row in items:
        yield row if isinstance(row, list) else [row]


def _cell(value: Any) -> str:
    return spelling.text(value)


def _letter(value: Any) -> str:
    text = kinds.text(value)
    if len(text) != 1:
        raise frames.Refusal("separators and quotes of CSV are one character")
    return text


LIST: dict[str, Callable[..., Any]] = {
    "where": _where,
    "not": _not,
    "pluck": _pluck,
    "format_map": _format_map,
    "to_csv": _to_csv,
    "to_xml": markup.to_xml,
}
