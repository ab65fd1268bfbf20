"""What differs between two values, field by field: walked down to the leaves that differ, and shown within bounds.

A reference to another asset is one value, not three. Elements of a list are told by their `uuid`, `id`, `provider` or
`name` where these are their own and most of them stay; else by their places, if there are as many as before; else the
list is one value.
"""

import enum
import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from recipeyard.model import documents, step_trees

TEXT = 2000
"""How many characters of a value are shown."""

BEGINNING = 200
"""How many characters are shown of a value that is longer."""

FIELDS = 200
"""How many fields of one step, or of one document, are listed."""

_INTEGERS = 2**63
_ELEMENT_KEYS = ("uuid", "id", "provider", "name")


class Absence(enum.Enum):
    """What stands where a key does not."""

    MISSING = "missing"


MISSING = Absence.MISSING

Held: TypeAlias = "documents.Value | Absence"
Cosmetic = Callable[[step_trees.Path, str], bool]
"""Tells by its path and its change whether a field is cosmetic."""


@dataclass(frozen=True, slots=True)
class Large:
    """A value too large to be shown: its SHA-256 in hex and its length in characters, spelled if it is no text."""

    digest: str
    size: int
    beginning: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field that differs. `change` is added, removed, changed, or moved: a list's elements in another order.

    `before` and `after` are plain JSON values or a `Large`, None where there is none; of a moved list, the names of its
    elements. The path spells keys with dots and elements in brackets.
    """

    path: str
    change: str
    before: Any
    after: Any
    cosmetic: bool


def between(before: step_trees.Object, after: step_trees.Object, cosmetic: Cosmetic) -> list[Field]:
    """Every field that differs, in the order of `before` and then of `after`."""
    return list(_walk(before, after, cosmetic))


def shown(value: Held) -> Any:
    """A value as it is shown: plain, or a `Large`."""
    if value is None or isinstance(value, bool | Absence):
        return value if isinstance(value, bool) else None
    if isinstance(value, str) and not isinstance(value, documents.Number):
        return value if len(value) <= TEXT else _large(value)
    spelled = documents.spell(value)
    return _large(spelled) if len(spelled) > TEXT else json.loads(spelled, parse_int=_integer, parse_float=_decimal)


def is_reference(value: Held) -> bool:
    """Whether a value names another asset."""
    return isinstance(value, Mapping) and "zip_name" in value


def by_element(values: Sequence[documents.Value]) -> dict[str, documents.Value] | None:
    """The elements of a list by what names each of them, None where nothing does."""
    for key in _ELEMENT_KEYS:
        named = {name: each for each in values if isinstance(each, Mapping) and isinstance(name := each.get(key), str)}
        if len(named) == len(values):
            return {f"[{name}]": each for name, each in named.items()}
    return None


def spell(path: Iterable[str]) -> str:
    """A path as it is shown."""
    return "".join(part if part.startswith("[") else f".{part}" for part in path).removeprefix(".")


def _walk(before: Held, after: Held, cosmetic: Cosmetic) -> Iterator[Field]:
    stack: list[tuple[step_trees.Path, Held, Held]] = [((), before, after)]
    while stack:
        path, old, new = stack.pop()
        if old == new:
            continue
        parts = None if path and (is_reference(old) or is_reference(new)) else _parts(old, new)
        if parts is None:
            yield _field(path, old, new, cosmetic)
            continue
        if isinstance(old, list) and (names := _moved(*parts)):
            yield Field(spell(path), "moved", shown(names[0]), shown(names[1]), cosmetic(path, "moved"))
        keys = [*parts[0], *(key for key in parts[1] if key not in parts[0])]
        stack += [((*path, key), parts[0].get(key, MISSING), parts[1].get(key, MISSING)) for key in reversed(keys)]


def _parts(old: Held, new: Held) -> tuple[Mapping[str, Held], Mapping[str, Held]] | None:
    """Both values by key or element, None where they are compared as wholes."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old, new
    if isinstance(old, list) and isinstance(new, list):
        lefts, rights = by_element(old), by_element(new)
        if lefts and rights and 2 * len(lefts.keys() & rights.keys()) >= max(len(lefts), len(rights)):
            return lefts, rights
        if len(old) == len(new):
            return {f"[{at}]": each for at, each in enumerate(old)}, {f"[{at}]": each for at, each in enumerate(new)}
    return None


def _moved(old: Mapping[str, Held], new: Mapping[str, Held]) -> tuple[list[str], list[str]] | None:
    """The names of the elements of both lists, where those they share have changed their order."""
    stay = [key for key in old if key in new], [key for key in new if key in old]
    return None if stay[0] == stay[1] else ([key[1:-1] for key in old], [key[1:-1] for key in new])


def _field(path: step_trees.Path, old: Held, new: Held, cosmetic: Cosmetic) -> Field:
    change = "added" if old is MISSING else "removed" if new is MISSING else "changed"
    return Field(spell(path), change, shown(old), shown(new), cosmetic(path, change))


def _large(text: str) -> Large:
    content = text.encode("utf-8", "surrogatepass")
    return Large(hashlib.sha256(content).hexdigest(), len(text), text[:BEGINNING])


def _integer(text: str) -> int | str:
    """A number that every reader can hold, else its spelling."""
    value = int(text)
    return value if -_INTEGERS <= value < _INTEGERS else text


def _decimal(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text
