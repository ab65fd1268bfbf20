"""The text of a JSON document: read its members where they stand, change one and leave the rest as it came in.

These functions expect text that a strict decoder has accepted as an object. What they write is spelled as the field's
exporters spell it: two-space indentation, characters raw, no newline at the end.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | Sequence[Value] | Mapping[str, Value] | None"


class Number(str):
    """A number as its text spells it: 1 is not true, 1.0 is not 1, and it leaves as it came.

    It equals another number of the same spelling and nothing else, least of all a text.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and str.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


_DECODER = json.JSONDecoder(parse_float=str, parse_int=str)
_EXACT = json.JSONDecoder(parse_float=Number, parse_int=Number)
_SPACE = re.compile(r"[ \t\n\r]*")


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: its key, and where key and value stand in the text."""

    key: str
    start: int
    value_start: int
    end: int


def read(text: str) -> dict[str, Value]:
    """The document as a value whose numbers are `Number`s: what two documents are compared and merged as."""
    value: dict[str, Value] = _EXACT.decode(text)
    return value


def members(text: str) -> Iterator[Member]:
    """The members of the outermost object, in their order."""
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "}":
        key, key_end = _DECODER.raw_decode(text, at)
        value_start = _skip(text, _skip(text, key_end) + 1)
        _, end = _DECODER.raw_decode(text, value_start)
        yield Member(key, at, value_start, end)
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at


def with_member(text: str, key: str, value: Value) -> str:
    """The document with that member's value replaced, or with the member added at the end."""
    found = list(members(text))
    for member in reversed(found):
        if member.key == key:
            return text[: member.value_start] + spell(value, 1) + text[member.end :]
    added = f"{json.dumps(key, ensure_ascii=False)}: {spell(value, 1)}"
    if not found:
        return "{\n  " + added + "\n}"
    last = found[-1]
    before = found[-2].end if len(found) > 1 else text.index("{") + 1
    gap = re.sub(r"[^\s]", "", text[before : last.start])
    return text[: last.end] + "," + gap + added + text[last.end :]


def without_member(text: str, key: str) -> str:
    """The document without that member; unchanged where it has none."""
    found = list(members(text))
    for position, member in enumerate(found):
        if member.key == key:
            if position:
                return text[: found[position - 1].end] + text[member.end :]
            if len(found) > 1:
                return text[: member.start] + text[found[1].start :]
            return text[: member.start] + text[member.end :]
    return text


def spell(value: Value, level: int = 0) -> str:
    """A value as exporters print it; empty objects and arrays keep their lines open, as they do."""
    inner, outer = "\n" + "  " * (level + 1), "\n" + "  " * level
    if isinstance(value, Mapping):
        if not value:
            return "{" + outer + "}"
        lines = (f"{json.dumps(key, ensure_ascii=False)}: {spell(each, level + 1)}" for key, each in value.items())
        return "{" + inner + ("," + inner).join(lines) + outer + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        if not value:
            return "[\n" + outer + "]"
        return "[" + inner + ("," + inner).join(spell(each, level + 1) for each in value) + outer + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def nested_deeper(content: bytes, limit: int) -> bool:
    """Whether the brackets of a JSON text nest deeper than `limit`; those in strings do not count."""
    if b"\\" in content:
        content = content.translate(_ALL_BRACES, _MEANINGLESS).replace(b"\\\\", b"").replace(b'\\"', b"")
    bare = content.translate(_ALL_BRACES, _NOT_STRUCTURE)
    for quotes in _QUOTES:
        bare = bare.replace(quotes, b"")
    # Looks like a string with braces in it; between two strings it is an object or a list without any in it, and none
    # of these makes more than one level.
    nearly = bare.replace(b'"{}"', b"")
    return _levels_exceed(nearly, limit - 1) and _levels_exceed(bare, limit)


def _levels_exceed(bare: bytes, limit: int) -> bool:
    """Whether braces nest deeper than `limit`, beside what strings there are."""
    bare = re.sub(rb'"[^"]*"', b"", bare)
    for _ in range(limit):
        if not bare:
            return False
        bare = bare.replace(b"{}", b"")
    return bool(bare)


_QUOTES = (b'"' * 16, b'""')
"""Quotes side by side end strings and begin others; any even number of them may go, the many at once first."""


_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
_MEANINGLESS = bytes(set(_NOT_STRUCTURE) - set(b"\\/bfnrtu"))
"""What is neither structure nor may stand behind a backslash."""

_ALL_BRACES = bytes.maketrans(b"[]", b"{}")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at
