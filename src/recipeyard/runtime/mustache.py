"""Mustache templates: text with values in it, escaped for HTML. No partials, nothing but the values, and limits."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chevron import tokenizer

from recipeyard.runtime import fields, interface, values

MOST_TEMPLATE = 256 * 1024
"""How long a template may be, in characters."""

MOST_TEXT = 10 * 1024 * 1024
"""How long a text may become, in characters."""

MOST_STEPS = 1_000_000
"""How many tags may be followed in all, in loops too."""

MOST_DEPTH = 50
"""How deep sections may lie in one another."""


@dataclass(frozen=True, slots=True)
class _Tag:
    """A piece of a template: text, a value (raw or not), or a section with what is in it (for what is, or is not)."""

    kind: str
    key: str
    inner: tuple["_Tag", ...] = ()


def render(template: str, given: interface.Object) -> str:
    """A template with values. `Failure` for one that can't be read, and for each limit."""
    if len(template) > MOST_TEMPLATE:
        raise interface.Failure(f"the template is longer than {MOST_TEMPLATE:,} characters", kind="TooLarge")
    return _Rendering().text(_tags(template), given)


def _tags(template: str) -> tuple[_Tag, ...]:
    try:
        tokens = list(tokenizer.tokenize(template))
    except (SyntaxError, IndexError, ValueError) as error:
        raise interface.Failure(f"the template can't be read: {' '.join(str(error).split())}", "Invalid") from None
    return _nested(iter(tokens), 0)


def _nested(tokens: Iterator[tuple[str, str]], depth: int) -> tuple[_Tag, ...]:
    if depth > MOST_DEPTH:
        raise interface.Failure(f"the template has sections more than {MOST_DEPTH} deep", kind="TooLarge")
    found: list[_Tag] = []
    for kind, key in tokens:
        if kind == "end":
            break
        if kind == "partial":
            raise interface.Failure(f"the template names another one, “{key}”: there are none here", kind="Unsupported")
        inner = _nested(tokens, depth + 1) if kind in ("section", "inverted section") else ()
        found.append(_Tag(kind, key, inner))
    return tuple(found)


class _Rendering:
    """One text as it grows."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._steps = 0

    def text(self, tags: Sequence[_Tag], given: interface.Object) -> str:
        self._all(tags, [given])
        return "".join(self._parts)

    def _all(self, tags: Sequence[_Tag], scopes: list[values.Value]) -> None:
        for tag in tags:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise interface.Failure(f"the template takes more than {MOST_STEPS:,} steps", kind="TooLarge")
            self._one(tag, scopes)

    def _one(self, tag: _Tag, scopes: list[values.Value]) -> None:
        if tag.kind == "literal":
            return self._add(tag.key)
        value = _found(tag.key, scopes)
        if tag.kind == "variable":
            return self._add(html.escape(fields.text(value), quote=True))
        if tag.kind == "no escape":
            return self._add(fields.text(value))
        if tag.kind == "inverted section":
            return None if _holds(value) else self._all(tag.inner, scopes)
        for each in value if isinstance(value, list | tuple) else [value] if _holds(value) else []:
            self._all(tag.inner, [*scopes, each])
        return None

    def _add(self, text: str) -> None:
        self._length += len(text)
        if self._length > MOST_TEXT:
            raise interface.Failure(f"the text becomes longer than {MOST_TEXT:,} characters", kind="TooLarge")
        self._parts.append(text)


def _found(key: str, scopes: Sequence[values.Value]) -> values.Value:
    """What a key stands for in the innermost scope that has it."""
    if key == ".":
        return scopes[-1]
    first, *rest = key.split(".")
    scope = next((each for each in reversed(scopes) if isinstance(each, Mapping) and first in each), None)
    value = scope[first] if isinstance(scope, Mapping) else None
    for part in rest:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _holds(value: values.Value) -> bool:
    return value not in (None, False, "", [], ())
