"""Methods that every value has, and those of nil."""

from collections.abc import Callable
from typing import Any

from recipeyard.runtime.formulas import frames, kinds, operators, patterns, spelling

_TRUE = {"true", "yes", "y", "t", "1", "on"}


def _present(_: frames.Frame, value: Any) -> bool:
    return not kinds.blank(value)


def _presence(_: frames.Frame, value: Any) -> Any:
    return None if kinds.blank(value) else value


def is_true(value: Any) -> bool:
    """Whether a value says yes: true, a number that is not 0, or a text such as `true`, `yes`, `1`."""
    if isinstance(value, str):
        return value.strip().lower() in _TRUE
    return bool(value) if isinstance(value, (bool, int, float)) else False


def _in(frame: frames.Frame, value: Any, *given: Any) -> bool:
    if len(given) == 1:
        return contains(frame, given[0], value)
    return any(kinds.same(value, each) for each in given)


def contains(frame: frames.Frame, whole: Any, part: Any) -> bool:
    """Whether a list, an object's keys, a text or a range holds something."""
    if isinstance(whole, str):
        return kinds.text(part) in whole
    if isinstance(whole, list):
        frame.spend(len(whole))
        return any(kinds.same(part, each) for each in whole)
    if isinstance(whole, dict):
        return spelling.text(part) in whole
    if isinstance(whole, kinds.Range):
        return operators.within(frame, whole, part)
    raise frames.Refusal(f"{kinds.name(whole)} holds nothing")


def _to_json(frame: frames.Frame, value: Any, _: Any = None) -> str:
    kinds.weigh(frame, value)
    text = spelling.to_json(value)
    frame.room(len(text))
    return text


def _to_s(frame: frames.Frame, value: Any) -> str:
    text = spelling.text(value, frame)
    frame.room(len(text))
    return text


def _inspect(frame: frames.Frame, value: Any) -> str:
    kinds.weigh(frame, value)
    text = spelling.inspect(value)
    frame.room(len(text))
    return text


def _then(_: frames.Frame, value: Any, *, block: kinds.Block) -> Any:
    return block(value)


def _operator(operate: operators.Operator) -> Callable[..., Any]:
    return lambda frame, value, other: operate(frame, value, other)


def _to_param(frame: frames.Frame, value: Any, name: Any = None) -> str:
    return patterns.query(frame, value, None if name is None else kinds.text(name))


OBJECT: dict[str, Callable[..., Any]] = {
    **{sign: _operator(operate) for sign, operate in operators.BINARY.items()},
    "present?": _present,
    "blank?": lambda _, value: kinds.blank(value),
    "presence": _presence,
    "is_true?": lambda _, value: is_true(value),
    "is_not_true?": lambda _, value: not is_true(value),
    "is_false?": lambda _, value: not is_true(value),
    "nil?": lambda _, value: value is None,
    "in?": _in,
    "to_s": _to_s,
    "to_json": _to_json,
    "as_json": lambda _, value: spelling.jsonable(value),
    "inspect": _inspect,
    "then": _then,
    "eql?": lambda _, value, other: kinds.same(value, other),
    "class": lambda _, value: kinds.name(value),
    "itself": lambda _, value: value,
    "to_query": _to_param,
    "to_param": _to_param,
}
NIL: dict[str, Callable[..., Any]] = {
    "to_a": lambda _, __: [],
    "to_i": lambda _, __: 0,
    "to_f": lambda _, __: 0.0,
    "to_h": lambda _, __: {},
    "inspect": lambda _, __: "nil",
}
