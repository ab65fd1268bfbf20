"""The two spellings of a data pill, `_dp('{…}')` and `_('data.…', …)`, read into Pills."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from recipeyard.runtime.formulas import frames
from recipeyard.runtime.stepping import pills

_QUOTED = r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""
CALL = re.compile(rf"(_dp|_)\(\s*({_QUOTED})((?:\s*,\s*(?:{_QUOTED}|[\w:.]+))*)\s*\)", re.DOTALL)
INTERPOLATION = re.compile(rf"#\{{\s*(?={CALL.pattern}\s*\}})")
CLOSING = re.compile(r"\s*\}")
_ESCAPE = re.compile(r"\\([\\'\"])")


def read(call: re.Match[str], position: int) -> pills.Pill:
    """The pill that a match of CALL names; ExpressionError where it is none."""
    notation, quoted = call.group(1), call.group(2)
    inner = _ESCAPE.sub(r"\1", quoted[1:-1]) if quoted[0] == "'" else _double(quoted)
    try:
        return _new(inner) if notation == "_dp" else _old(inner, call.group(3) or "")
    except (ValueError, LookupError, TypeError, msgspec.DecodeError):
        raise frames.ExpressionError(f"this is no data pill: {inner[:200]}", position) from None


def spelled(text: str, position: int) -> pills.Pill:
    """The pill that a call spells; ExpressionError where it spells none."""
    call = CALL.fullmatch(text)
    if not call:
        raise frames.ExpressionError(f"this is no data pill: {text[:200]}", position)
    return read(call, position)


def _double(quoted: str) -> str:
    return _ESCAPE.sub(r"\1", quoted[1:-1])


def _new(text: str) -> pills.Pill:
    said = msgspec.json.decode(text)
    kind = pills.Kind(said["pill_type"])
    if kind in (pills.Kind.PROJECT_PROPERTY, pills.Kind.ACCOUNT_PROPERTY):
        return pills.Pill(kind, name=str(said["property_name"]))
    if kind is pills.Kind.JOB:
        path = said.get("path") or said["key"]
        return pills.Pill(kind, name=path if isinstance(path, str) else ".".join(path))
    if kind is pills.Kind.LOOP:
        return pills.Pill(kind, "foreach", str(said["line"]), name=str(said["key"]))
    path = tuple(_elements(said.get("path") or []))
    return pills.Pill(kind, str(said["provider"]), str(said["line"]), path)


def _elements(path: list[Any]) -> Iterator[str | pills.Element]:
    """A path's elements. A related record that a connector joins is found under the key that leads to it."""
    for element in path:
        if not isinstance(element, dict):
            yield str(element)
        elif element["path_element_type"] == "join":
            yield str(element["src_key"])
        else:
            yield pills.Element(element["path_element_type"])


def _old(text: str, extra: str) -> pills.Pill:
    data, provider, *rest = text.split(".")
    if data != "data":
        raise ValueError(text)
    if provider == "workato" and rest[0] == "job_context":
        return _context(rest[1:])
    line, *path = rest
    if provider == "foreach" and "foreach_meta" in extra:
        return pills.Pill(pills.Kind.LOOP, provider, line, name=path[0].strip("_").lower())
    return pills.Pill(pills.Kind.OUTPUT, provider, line, tuple(_old_elements(path)))


def _context(rest: list[str]) -> pills.Pill:
    if rest[0] == "account_properties":
        return pills.Pill(pills.Kind.ACCOUNT_PROPERTY, name=".".join(rest[1:]))
    if rest[0] == "project_properties":
        return pills.Pill(pills.Kind.PROJECT_PROPERTY, name=".".join(rest[1:]))
    return pills.Pill(pills.Kind.JOB, name=".".join(rest))


def _old_elements(path: list[str]) -> list[str | pills.Element]:
    """`list.first` is the item of a list; `list.first.____Size` its length, which is asked of the list."""
    elements: list[str | pills.Element] = []
    for part in path:
        if part in _META:
            if elements and elements[-1] is pills.Element.CURRENT_ITEM:
                elements.pop()
            elements.append(_META[part])
        else:
            elements.append(pills.Element.CURRENT_ITEM if part == "first" else part)
    return elements


_META = {"____Size": pills.Element.SIZE, "____Index": pills.Element.INDEX}
