"""How values are spelled as texts: as `to_s` and interpolation spell them, as `inspect` does, and as JSON."""

import base64
import json
import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from recipeyard.runtime import values
from recipeyard.runtime.formulas import frames, kinds

_ESCAPES = (
    ("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r"), ("\x1b", "\\e"), ("#{", "\\#{"),
)  # fmt: skip


def text(value: Any, frame: frames.Frame | None = None) -> str:
    """A value's `to_s`: nil is the empty text, lists and objects are spelled as Ruby inspects them."""
    if type(value) is str:
        return value
    spell = _TEXTS.get(type(value))
    if spell:
        return spell(value)
    if frame:
        kinds.weigh(frame, value)
    return inspect(value)


def real(value: float) -> str:
    """A float as Ruby spells it: `1.0`, `1.0e+16`, `Infinity`."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if not value or 1e-4 <= abs(value) < 1e16:
        return repr(value)
    mantissa, exponent = f"{value:e}".split("e")
    for precision in range(17):
        if float(f"{value:.{precision}e}") == value:
            mantissa, exponent = f"{value:.{precision}e}".split("e")
            break
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{exponent}"


def seconds(value: kinds.Duration) -> int | float:
    """A duration in seconds, without a fraction where it has none."""
    total = value.total()
    return int(total) if total == int(total) else total


def time(value: datetime, digits: int = 6) -> str:
    """A time as ISO 8601 with so many digits of a second and its offset."""
    fraction = f".{value.microsecond:06d}"[: digits + 1] if digits else ""
    offset = value.strftime("%z") or "+0000"
    return f"{value:%Y-%m-%dT%H:%M:%S}{fraction}{offset[:3]}:{offset[3:5]}"


_TEXTS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "",
    bool: lambda value: "true" if value else "false",
    int: str,
    float: real,
    bytes: lambda value: value.decode("utf-8", "replace"),
    date: date.isoformat,
    datetime: time,
    values.Special: lambda _: "",
    kinds.Duration: lambda value: str(seconds(value)),
    kinds.Range: lambda value: f"{text(value.first)}{'...' if value.exclusive else '..'}{text(value.last)}",
    kinds.Pattern: lambda value: value.source,
}


def inspect(value: Any) -> str:
    """A value as Ruby inspects it: `[1, "a", nil]`, `{"key"=>1.5}`."""
    if isinstance(value, str):
        return quoted(value)
    if value is None:
        return "nil"
    if isinstance(value, list):
        return "[" + ", ".join(map(inspect, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{inspect(key)}=>{inspect(item)}" for key, item in value.items()) + "}"
    if isinstance(value, bytes):
        return quoted(value.decode("utf-8", "replace"))
    return text(value) if type(value) in _TEXTS else text(kinds.plain(value))


def quoted(value: str) -> str:
    """A text in double quotes, with what needs it escaped."""
    for plain, escaped in _ESCAPES:
        value = value.replace(plain, escaped)
    return f'"{value}"'


def to_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON: times to the millisecond, bytes in base64, no number that JSON has not."""
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(jsonable(value), ensure_ascii=False, separators=separators, indent=indent)


def jsonable(value: Any) -> Any:
    """The value in what JSON has."""
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(jsonable, value))
    if value is None or isinstance(value, (bool, int, str)):
        return value
    spell = _JSON.get(type(value))
    return spell(value) if spell else text(kinds.plain(value))


_JSON: dict[type, Callable[[Any], Any]] = {
    float: lambda value: value if math.isfinite(value) else None,
    datetime: lambda value: time(value, 3),
    bytes: lambda value: base64.b64encode(value).decode(),
    kinds.Duration: seconds,
    values.Special: lambda _: None,
}
