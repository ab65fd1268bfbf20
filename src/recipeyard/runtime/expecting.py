"""Compare what is expected with what is found: the members that are named must be so, all others may be anything."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recipeyard.model import documents
from recipeyard.runtime import codec, interface, values


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as expected."""

    path: str
    expected: documents.Value
    found: values.Value


def meets(expected: documents.Value, found: values.Value) -> bool:
    """Whether nothing differs."""
    return next(differences(expected, found), None) is None


def differences(expected: documents.Value, found: values.Value, path: str = "") -> Iterator[Difference]:
    """What differs, field by field. A list must be as long; a member that is null may be missing."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for name, each in expected.items():
            yield from differences(each, found.get(name), f"{path}.{name}" if path else name)
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for at, (wanted, here) in enumerate(zip(expected, found, strict=True)):
            yield from differences(wanted, here, f"{path}.{at}" if path else str(at))
    elif not _same(expected, codec.plain(found)):
        yield Difference(path, expected, codec.plain(found))


def values_of(value: Mapping[str, documents.Value]) -> interface.Object:
    """A document's object as a run's."""
    return {name: _value(each) for name, each in value.items()}


def _value(value: documents.Value) -> values.Value:
    if isinstance(value, Mapping):
        return {name: _value(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_value(each) for each in value]
    return value


def _same(expected: documents.Value, found: values.Value) -> bool:
    """Whether two values are equal; yes is not 1."""
    return isinstance(expected, bool) == isinstance(found, bool) and expected == found
