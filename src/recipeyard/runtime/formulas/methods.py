"""All methods by receiver's kind and name: the only things that a formula can call."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from recipeyard.runtime import values
from recipeyard.runtime.formulas import (
    anything,
    bytes_methods,
    date_methods,
    digests,
    durations,
    frames,
    hashes,
    kinds,
    list_blocks,
    lists,
    numbers,
    places,
    rows,
    text_forms,
    text_patterns,
    texts,
    words,
)


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what runs it, and what it can be given."""

    run: Callable[..., Any]
    least: int
    most: int
    labels: Mapping[str, str]
    rest: bool = False
    block: bool = False
    needs_block: bool = False

    @property
    def alone(self) -> bool:
        """Whether it can be called with nothing but its receiver."""
        return not self.least and not self.needs_block

    def called(
        self, frame: frames.Frame, receiver: Any, given: tuple[Any, ...], named: dict[str, Any], block: Any
    ) -> Any:
        """Call it; Refusal where it cannot be given this. Labels that it has no names for become one last Hash."""
        labels: dict[str, Any] = {}
        if named:
            if self.labels and named.keys() <= self.labels.keys():
                labels = {self.labels[name]: value for name, value in named.items()}
            else:
                given = (*given, named)
        if not self.least <= len(given) <= self.most:
            raise frames.Refusal(self._expected(len(given)))
        if self.block or block is not None:
            labels = {**labels, **self._blocked(block)}
        return self.run(frame, receiver, *given, **labels)

    def _blocked(self, block: Any) -> dict[str, Any]:
        if block is None and self.needs_block:
            raise frames.Refusal("it takes a block")
        if block is not None and not self.block:
            raise frames.Refusal("it takes no block")
        return {} if block is None else {"block": block}

    def _expected(self, count: int) -> str:
        if self.most == self.least:
            return f"it takes {self.least} arguments, not {count}"
        return f"it takes {self.least} to {self.most} arguments, not {count}"


ByKind: TypeAlias = Mapping[type, Method]
_MANY = 1_000


def of(function: Callable[..., Any]) -> Method:
    """A method made of a function `(frame, receiver, arguments…, *, labels…, block)`."""
    parameters = list(inspect.signature(function).parameters.values())[2:]
    positional = [each for each in parameters if each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    rest = any(each.kind is inspect.Parameter.VAR_POSITIONAL for each in parameters)
    named = [each for each in parameters if each.kind is inspect.Parameter.KEYWORD_ONLY]
    block = next((each for each in named if each.name == "block"), None)
    return Method(
        function,
        sum(each.default is inspect.Parameter.empty for each in positional),
        _MANY if rest else len(positional),
        {each.name.rstrip("_"): each.name for each in named if each.name != "block"},
        rest,
        block is not None,
        block is not None and block.default is inspect.Parameter.empty,
    )


Table: TypeAlias = Mapping[str, Callable[..., Any]]
_TABLES: tuple[tuple[type, tuple[Table, ...]], ...] = (
    (type(None), (anything.NIL,)),
    (bool, ()),
    (int, (numbers.NUMBER, numbers.INTEGER, durations.UNITS)),
    (float, (numbers.NUMBER, numbers.FLOAT, durations.UNITS)),
    (str, (texts.TEXT, text_patterns.TEXT, text_forms.TEXT, digests.TEXT, places.TEXT)),
    (bytes, (bytes_methods.BINARY, digests.BINARY)),
    (date, (date_methods.DATE,)),
    (datetime, (date_methods.TIME,)),
    (list, (lists.LIST, list_blocks.LIST, rows.LIST)),
    (dict, (hashes.HASH,)),
    (kinds.Range, (lists.RANGE, list_blocks.RANGE)),
    (kinds.Duration, (durations.DURATION,)),
    (kinds.Pattern, (text_patterns.PATTERN,)),
    (values.Special, ()),
)


def _assembled() -> dict[str, dict[type, Method]]:
    found: dict[str, dict[type, Method]] = {}
    for kind, tables in _TABLES:
        for table in (anything.OBJECT, *tables):
            for name, function in table.items():
                found.setdefault(name, {})[kind] = of(function)
    return found


_BY_NAME = _assembled()
FUNCTIONS: Mapping[str, Method] = {name: of(function) for name, function in words.FUNCTIONS.items()}
NOTHING = Method(lambda *_, **__: None, 0, _MANY, {}, rest=True, block=True)
KINDS = frozenset(kind for kind, _ in _TABLES)


def named(name: str) -> ByKind:
    """The methods of a name, by the receiver's kind; none where none has it."""
    return _BY_NAME.get(name, {})


def missing(name: str, value: Any) -> Method:
    """What to call where a value's own kind has no such method: its plain kind's, or nothing at all."""
    settled = kinds.plain(value)
    if type(settled) is not type(value) and (found := named(name).get(type(settled))):
        run = found.run
        return dataclasses.replace(found, run=lambda frame, _, *given, **labels: run(frame, settled, *given, **labels))
    raise NoMethod(f"{kinds.name(value)} has no method {name!r}{_hint(value)}")


class NoMethod(frames.Refusal):
    """A receiver that has no such method: its message is whole as it is."""


def said(name: str, refusal: frames.Refusal) -> str:
    """A refusal, with the name of the method that refused."""
    return str(refusal) if isinstance(refusal, NoMethod) else f"{name}: {refusal}"


def _hint(value: Any) -> str:
    return "; &. or .presence guards against nil" if value is None else ""
