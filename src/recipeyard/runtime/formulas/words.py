"""The words and functions that stand alone in a formula: `now`, `skip`, `lookup(…)`, `workato.uuid`."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from recipeyard.runtime import values
from recipeyard.runtime.formulas import ciphers, durations, frames, kinds, spelling, text_forms, web_tokens


def _today(frame: frames.Frame) -> date:
    return durations.now(frame).date()


WORDS: Mapping[str, Callable[[frames.Frame], Any]] = {
    "now": durations.now,
    "today": _today,
    "skip": lambda _: values.Special.SKIP,
    "clear": lambda _: values.Special.CLEAR,
    "uuid": lambda frame: frame.scope.uuid(),
}


def _lookup(frame: frames.Frame, _: None, table: Any, *criteria: Any) -> Any:
    """The first row whose columns are so; an empty object where none is, so that a column of it is nil."""
    asked: dict[str, Any] = {}
    for each in criteria:
        asked.update(kinds.options(each))
    return kinds.plain(frame.scope.lookup(spelling.text(table), asked) or {})


def _uuid(frame: frames.Frame, _: None) -> str:
    return frame.scope.uuid()


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **ciphers.FUNCTIONS,
    **web_tokens.FUNCTIONS,
    "lookup": _lookup,
    "now": lambda frame, _: durations.now(frame),
    "today": lambda frame, _: _today(frame),
    "uuid": _uuid,
    "workato.uuid": _uuid,
    "workato.parse_json": lambda frame, _, text: text_forms.parse_json(frame, text),
    "workato.parse_yaml": lambda frame, _, text: text_forms.parse_yaml(frame, text),
    "workato.render_yaml": lambda frame, _, value: text_forms.render_yaml(frame, value),
}
