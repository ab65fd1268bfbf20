"""Values as bytes for the journal and back, as JSON for people, and the check that something is a value at all."""

import base64
import itertools
import math
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo

import msgspec

from recipeyard.runtime import interface, values

MOST_BYTES = 10 * 1024 * 1024
"""What one value may take, encoded and before it is deflated."""

MOST_DEPTH = 200
"""How deep lists and objects may lie in one another."""

_SMALL = 1024
_PLAIN, _DEFLATED = b"\x00", b"\x01"
_WHOLE, _DATE, _ZONED, _OFFSET = 1, 2, 3, 4
_DIRECT = frozenset({str, bool, float, bytes, type(None)})
_NUMBERS = frozenset({int, float, bool, type(None)})
_LONG = range(-(2**63), 2**64)


def encode(value: values.Value, what: str = "The value", most: int = MOST_BYTES) -> bytes:
    """A value's bytes; what is decoded from them is equal to it, time zones included.

    `Failure` with the sentence's subject `what`: for no value, and for one of more than `most` bytes.
    """
    packed = _packed(value, what)
    if len(packed) > most:
        raise interface.Failure(
            f"{what} takes {len(packed):,} bytes; the limit is {most:,}", kind="TooLarge", details={"limit": most}
        )
    if len(packed) > _SMALL:
        return _DEFLATED + zlib.compress(packed, 1)
    return _PLAIN + packed


def size(value: values.Value) -> int:
    """How many bytes a value takes before it is deflated. `Failure` for no value."""
    return len(_packed(value, "The value"))


def _packed(value: values.Value, what: str) -> bytes:
    try:
        return msgspec.msgpack.encode(_quick(value, 0))
    except (_Unusual, UnicodeEncodeError):
        return msgspec.msgpack.encode(_quick(_walked(value, what, ()), 0))


def decode(data: bytes) -> values.Value:
    """The value that was encoded. Only for bytes that `encode` made."""
    packed = zlib.decompress(data[1:]) if data[:1] == _DEFLATED else data[1:]
    value: values.Value = msgspec.msgpack.decode(packed, ext_hook=_unpacked)
    return value


def checked(value: object, what: str) -> values.Value:
    """The same value, lists as lists and objects as dicts. `Failure` names the operation (`what`), place and type."""
    return value if _sound(value, 0) else _walked(value, what, ())


def legible(text: object, most: int) -> str:
    """A text that every database and every client can hold, cut where it is longer than `most` characters."""
    said = str(text)
    whole = said if len(said) <= most else f"{said[: most - 1]}…"
    return whole.encode(errors="replace").decode().replace("\x00", "\ufffd")


def plain(value: values.Value) -> values.Value:
    """A value as JSON can say it to people: times as ISO 8601, bytes in Base64 or, where they are many, described."""
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, bytes):
        return base64_text(value) if len(value) <= _SMALL else f"({len(value):,} bytes)"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(each) for each in value]
    return _spelled(value)


def base64_text(value: bytes) -> str:
    """Bytes in Base64."""
    return base64.b64encode(value).decode()


def _spelled(value: values.Value) -> values.Value:
    """Numbers that JSON has no word for, or that clients can't hold, as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and value not in _LONG:
        return str(value)
    return value


_Path = tuple[str | int, ...]


def _walked(value: object, what: str, path: _Path) -> values.Value:
    if len(path) > MOST_DEPTH:
        raise interface.Failure(f"{what} lies more than {MOST_DEPTH} levels deep", kind="TooLarge")
    if isinstance(value, Mapping):
        return {_key(key, what, path): _walked(each, what, (*path, str(key))) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_walked(each, what, (*path, number)) for number, each in enumerate(value)]
    return _scalar(value, what, path)


def _key(key: object, what: str, path: _Path) -> str:
    if isinstance(key, str):
        return _scalar_text(key, what, path)
    raise interface.Failure(
        f"{what} has {_named(key)} as the name of a field{_where(path)}; names are text", "WrongType"
    )


def _scalar(value: object, what: str, path: _Path) -> values.Value:
    if isinstance(value, date) and _is_naive(value):
        raise interface.Failure(f"{what} has a time without a time zone{_where(path)}", kind="WrongType")
    if isinstance(value, str):
        return _scalar_text(value, what, path)
    if value is None or isinstance(value, bool | int | float | bytes | date):
        return value
    raise interface.Failure(f"{what} has {_named(value)}{_where(path)}, which is no value", kind="WrongType")


def _scalar_text(value: str, what: str, path: _Path) -> str:
    if not _is_unicode(value):
        raise interface.Failure(f"{what} has text that is no Unicode{_where(path)}", kind="WrongType")
    return value


def _named(value: object) -> str:
    return f"something of the type {type(value).__name__}"


def _where(path: _Path) -> str:
    if not path:
        return ""
    return " at " + "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path).lstrip(".")


def _sound(value: object, depth: int) -> TypeGuard[values.Value]:
    """Whether something is a value as it is, all through. Most is, and this is quick."""
    kind = type(value)
    if kind in _NUMBERS:
        return True
    if isinstance(value, str):
        return value.isascii() or _is_unicode(value)
    if isinstance(value, dict) and depth <= MOST_DEPTH:
        return _are_sound(value, 0) and _are_sound(value.values(), depth + 1) and all(map(_is_text, value))
    if isinstance(value, list) and depth <= MOST_DEPTH:
        return _are_sound(value, depth + 1)
    return isinstance(value, bytes | int | float) or (isinstance(value, date) and not _is_naive(value))


def _are_sound(found: Iterable[object], depth: int) -> bool:
    odd = [each for each in found if type(each) not in _NUMBERS]
    return all(map(_sound, odd, itertools.repeat(depth)))


def _is_text(key: object) -> bool:
    return isinstance(key, str)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_naive(value: date) -> bool:
    return isinstance(value, datetime) and value.utcoffset() is None


class _Unusual(Exception):
    """A value that wants a closer look: no value, or one of a type that only resembles a value's."""


def _quick(value: object, depth: int) -> object:
    """A value as msgpack spells it, tagged where that has no word of its own. Raises `_Unusual`."""
    if type(value) in _DIRECT or (type(value) is int and value in _LONG):
        return value
    if depth > MOST_DEPTH:
        raise _Unusual
    if isinstance(value, dict):
        if not all(map(_is_text, value)):
            raise _Unusual
        return {key: each if type(each) in _DIRECT else _quick(each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [each if type(each) in _DIRECT else _quick(each, depth + 1) for each in value]
    return _tagged(value)


def _tagged(value: object) -> object:
    if isinstance(value, date) and not _is_naive(value):
        return _moment(value)
    if isinstance(value, int) and value not in _LONG:
        return msgspec.msgpack.Ext(_WHOLE, format(value, "x").encode())
    if isinstance(value, int | float | str | bytes):
        return value
    raise _Unusual


def _moment(value: date) -> msgspec.msgpack.Ext:
    """A date or a time. A zone is kept by name, as its rules decide what a later sum comes to."""
    if not isinstance(value, datetime):
        return msgspec.msgpack.Ext(_DATE, value.isoformat().encode())
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key:
        text = f"{value.replace(tzinfo=None).isoformat()} {value.fold} {zone.key}"
        return msgspec.msgpack.Ext(_ZONED, text.encode())
    return msgspec.msgpack.Ext(_OFFSET, value.isoformat().encode())


def _unpacked(code: int, data: memoryview) -> object:
    text = bytes(data).decode()
    if code == _WHOLE:
        return int(text, 16)
    if code == _DATE:
        return date.fromisoformat(text)
    if code == _ZONED:
        wall, fold, key = text.split(" ", 2)
        return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(key), fold=int(fold))
    return datetime.fromisoformat(text)
