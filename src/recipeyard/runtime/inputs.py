"""What operations read in their inputs: a name that must be there, a list in whatever it is wrapped, a switch.

Each names the field that can't be read, in a `Failure`.
"""

import re
from collections.abc import Iterable, Mapping

from recipeyard.runtime import fields as types
from recipeyard.runtime import interface, values

_WRAPPERS = frozenset({"record", "entry", "parameters", "fields"})
_DIGITS = re.compile(r"\d{1,18}(\.0)?", re.ASCII)
_CLEARS = re.compile(r"=.*\bclear\b", re.DOTALL)


def word(given: interface.Object, name: str) -> str:
    """A text that must not be blank."""
    value = given.get(name)
    if value is None or not str(value).strip() or isinstance(value, Mapping | list | tuple):
        raise interface.Failure(f"{name} is required, and says nothing here", "Invalid")
    return str(value).strip()


def number(given: interface.Object, name: str, standard: int, most: int) -> int:
    """A whole number from 0 to `most`; `standard` where there is none."""
    value = given.get(name)
    if value is None or value == "":
        return standard
    spelled = str(value).strip()
    if not _DIGITS.fullmatch(spelled) or int(float(spelled)) > most:
        raise interface.Failure(f"{name} must be a whole number from 0 to {most}, not {spelled[:60]!r}", "Invalid")
    return int(float(spelled))


def switch(given: interface.Object, name: str, *, standard: bool = False) -> bool:
    """Whether a switch is on; `standard` where it says nothing."""
    value = given.get(name)
    if value is None or value == "":
        return standard
    return types.truth(value) is True


def fields(given: interface.Object, name: str) -> interface.Object:
    """An object of fields; nothing where there is none."""
    value = given.get(name)
    if value is None or value == "":
        return {}
    if not isinstance(value, Mapping):
        raise interface.Failure(f"{name} must be an object of fields", "Invalid")
    return value


def filled(given: interface.Object, step: interface.Object, name: str) -> dict[str, values.Value]:
    """The fields of an object that say something. Of the empty ones, those stay whose formula says `clear`: as null."""
    source = step.get("input")
    inner = source.get(name) if isinstance(source, Mapping) else None
    formulas = inner if isinstance(inner, Mapping) else {}
    taken = {key: None if _is_blank(value) else value for key, value in fields(given, name).items()}
    return {
        key: value for key, value in taken.items() if value is not None or _CLEARS.match(str(formulas.get(key, "")))
    }


def said(item: interface.Object) -> dict[str, values.Value]:
    """The fields of an object that say something."""
    return {key: value for key, value in item.items() if not _is_blank(value)}


def items(given: interface.Object, names: Iterable[str]) -> list[values.Value]:
    """The items of the list in one of these fields, else of the only list there is; one object is one item."""
    wanted = list(names)
    found = [given[name] for name in wanted if isinstance(given.get(name), Mapping | list | tuple)]
    found += [value for value in given.values() if isinstance(value, list | tuple)]
    if not found:
        raise interface.Failure(f"{wanted[0]} must be a list", "Invalid")
    first = found[0]
    return list(first) if isinstance(first, list | tuple) else [first]


def objects(given: interface.Object, names: Iterable[str]) -> list[interface.Object]:
    """`items` that are objects, without what is wrapped around their fields."""
    made: list[interface.Object] = []
    for at, each in enumerate(items(given, names), 1):
        if not isinstance(each, Mapping):
            raise interface.Failure(f"item {at} of the list is no object of fields", "Invalid")
        made.append(_unwrapped(each))
    return made


def identities(given: interface.Object, names: Iterable[str], keys: Iterable[str]) -> list[str]:
    """What `items` are called: a text each, or an object that has it under one of these keys."""
    wanted = list(keys)
    made: list[str] = []
    for at, each in enumerate(items(given, names), 1):
        plain = _unwrapped(each) if isinstance(each, Mapping) else {wanted[0]: each}
        found = [str(plain[key]) for key in wanted if plain.get(key) not in (None, "")]
        if not found:
            raise interface.Failure(f"item {at} of the list has no {wanted[0]}", "Invalid")
        made.append(found[0])
    return made


def _unwrapped(item: interface.Object) -> interface.Object:
    inner = next(iter(item.values())) if len(item) == 1 else None
    return inner if isinstance(inner, Mapping) and next(iter(item)) in _WRAPPERS else item


def _is_blank(value: values.Value) -> bool:
    return value is None or value == ""
