"""Shapes: what is wrong with a decoded object, member by member, in sentences that say where."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import documents

Object = Mapping[str, documents.Value]


@dataclass(frozen=True, slots=True)
class Type:
    """What a member may be, in words, and how it is told."""

    spoken: str
    holds: Callable[[documents.Value], bool]


def _is_text(value: documents.Value) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_moment(value: documents.Value) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_texts(value: documents.Value) -> bool:
    return isinstance(value, Mapping) and all(isinstance(each, str) for each in value.values())


def _is_count(value: documents.Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


ANY = Type("anything", lambda _: True)
TEXT = Type("a text that is not blank", _is_text)
WORDS = Type("a text", lambda value: isinstance(value, str))
FLAG = Type("true or false", lambda value: isinstance(value, bool))
COUNT = Type("a whole number, 0 or more", _is_count)
OBJECT = Type("an object", lambda value: isinstance(value, Mapping))
LIST = Type("a list", lambda value: isinstance(value, list))
TEXTS = Type("an object of texts", _is_texts)
MOMENT = Type("a moment with its offset, as in 2026-01-31T09:00:00Z", _is_moment)
REFERENCE = Type(
    "a reference (zip_name, name, folder)", lambda value: isinstance(value, Mapping) and "zip_name" in value
)


def issues(value: Object, members: Mapping[str, Type], needed: frozenset[str], where: str = "") -> Iterator[str]:
    """What is wrong with an object's members. One that is null is taken as not there; others than these may be."""
    for name in sorted(needed):
        if value.get(name) is None:
            yield f"{where}{name} is missing"
    for name, kind in members.items():
        if value.get(name) is not None and not kind.holds(value[name]):
            yield f"{where}{name} must be {kind.spoken}"


def unknown(value: Object, members: Mapping[str, Type], where: str = "") -> Iterator[str]:
    """The members that mean nothing, each with its place."""
    yield from (f"{where}{name}" for name in value if name not in members)


def mapping(value: documents.Value) -> Object:
    """An object, empty where it is none."""
    return value if isinstance(value, Mapping) else {}


def text(value: documents.Value) -> str:
    """A text, empty where it is none."""
    return value if isinstance(value, str) else ""
