"""Methods of texts: case, space, length, conversion."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from recipeyard.runtime.formulas import date_formats, formats, frames, kinds, operators, text_patterns, zones

_WHOLE = re.compile(r"\s*([+-]?\d[\d_]*)", re.ASCII)
_REAL = re.compile(r"\s*([+-]?(?:\d[\d_]*(?:\.\d[\d_]*)?|\.\d+)(?:[eE][+-]?\d+)?)", re.ASCII)
_SPACES = " \t\n\v\f\r\0"


def _to_i(frame: frames.Frame, text: str, base: Any = 10) -> int:
    if base != 10:
        return _in_base(frame, text, kinds.whole(base, "the base"))
    found = _WHOLE.match(text)
    return frame.integer(int(found.group(1).replace("_", "")[:4_000])) if found else 0


def _in_base(frame: frames.Frame, text: str, base: int) -> int:
    if not 2 <= base <= 36:
        raise frames.Refusal("the base goes from 2 to 36")
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"[:base]
    plain = re.sub(r"^([+-]?)0[xob]", r"\1", text.strip().lower()) if base in (2, 8, 16) else text.strip().lower()
    found = re.match(f"[+-]?[{digits}]+", plain)
    return frame.integer(int(found.group()[:4_000], base)) if found else 0


def _to_f(_: frames.Frame, text: str) -> float:
    found = _REAL.match(text)
    return float(found.group(1).replace("_", "")) if found else 0.0


def is_number(text: str) -> bool:
    """Whether all of a text is a number."""
    return bool(re.fullmatch(r"\s*[+-]?(\d[\d_]*)(\.\d+)?([eE][+-]?\d+)?\s*", text, re.ASCII))


def _to_date(frame: frames.Frame, text: str, *, format_: Any = None) -> date:
    zone = frame.scope.zone
    if format_:
        return date_formats.read(text, kinds.text(format_, "the format"), zone).date()
    return date_formats.parsed(text, zone, frame.scope.now).date()


def _to_time(frame: frames.Frame, text: str, *, format_: Any = None) -> datetime:
    """What names no zone is in UTC, and so is the result."""
    if format_:
        return date_formats.read(text, kinds.text(format_, "the format"), UTC).astimezone(UTC)
    return date_formats.parsed(text, UTC, frame.scope.now).astimezone(UTC)


def _in_time_zone(frame: frames.Frame, text: str, name: Any = None) -> datetime:
    zone = frame.scope.zone if name is None else zones.zone(kinds.text(name, "the time zone"))
    return date_formats.parsed(text, zone, frame.scope.now).astimezone(zone)


def _justified(side: str) -> Callable[..., str]:
    def run(frame: frames.Frame, text: str, width: Any, padding: Any = " ") -> str:
        size, fill = kinds.whole(width, "the width"), kinds.text(padding, "the padding")
        if not fill:
            raise frames.Refusal("the padding must not be empty")
        missing = max(size - len(text), 0)
        frame.room(len(text) + missing)
        left = {"left": missing, "right": 0}.get(side, missing // 2)
        return _filler(fill, left) + text + _filler(fill, missing - left)

    return run


def _filler(fill: str, length: int) -> str:
    return (fill * (length // len(fill) + 1))[:length] if length else ""


def _capitalize(_: frames.Frame, text: str) -> str:
    return text[:1].title() + text[1:].lower()


def _include(_: frames.Frame, text: str, part: Any) -> bool:
    return kinds.text(part) in text


def _starts(frame: frames.Frame, text: str, *given: Any) -> bool:
    for each in given:
        if isinstance(each, kinds.Pattern):
            with frame.timed() as seconds:
                if each.program.match(text, timeout=seconds):
                    return True
        elif text.startswith(kinds.text(each)):
            return True
    return False


def _ends(_: frames.Frame, text: str, *given: Any) -> bool:
    return any(text.endswith(kinds.text(each)) for each in given)


def _first(_: frames.Frame, text: str, count: Any = 1) -> str:
    return text[: max(kinds.whole(count), 0)]


def _last(_: frames.Frame, text: str, count: Any = 1) -> str:
    size = max(kinds.whole(count), 0)
    return text[-size:] if size else ""


def _truncate(_: frames.Frame, text: str, length: Any, *, omission: Any = "...", separator: Any = None) -> str:
    size, dots = kinds.whole(length, "the length"), kinds.text(omission)
    if len(text) <= size:
        return text
    end = max(size - len(dots), 0)
    if separator is not None:
        place = text.rfind(kinds.text(separator), 0, end + 1)
        end = place if place > 0 else end
    return text[:end] + dots


def _insert(frame: frames.Frame, text: str, at: Any, part: Any) -> Any:
    place = kinds.whole(at)
    place += len(text) + 1 if place < 0 else 0
    if not 0 <= place <= len(text):
        raise frames.Refusal(f"there is no place {at} in the text")
    return operators.plus(frame, text[:place] + kinds.text(part), text[place:])


def _concat(frame: frames.Frame, text: str, *given: Any) -> Any:
    for each in given:
        text = operators.plus(frame, text, each)
    return text


def _lines(frame: frames.Frame, text: str) -> list[str]:
    frame.items(text.count("\n") + 1)
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _chars(frame: frames.Frame, text: str) -> list[str]:
    frame.items(len(text))
    return list(text)


def _each_byte(frame: frames.Frame, text: str) -> list[int]:
    frame.items(len(text.encode()))
    return list(text.encode())


def _byteslice(_: frames.Frame, text: str, start: Any, length: Any = 1) -> str | None:
    octets = text_patterns.stretch(text.encode(), kinds.whole(start), kinds.whole(length))
    return None if octets is None else octets.decode("utf-8", "ignore")


def _squish(_: frames.Frame, text: str) -> str:
    return " ".join(text.split())


def _casecmp(_: frames.Frame, text: str, other: Any) -> bool:
    return text.casefold() == kinds.text(other).casefold()


def _chomp(_: frames.Frame, text: str, end: Any = None) -> str:
    if end is not None:
        return text.removesuffix(kinds.text(end))
    return text[:-2] if text.endswith("\r\n") else text[:-1] if text.endswith(("\n", "\r")) else text


def _ord(_: frames.Frame, text: str) -> int:
    if not text:
        raise frames.Refusal("an empty text has no first character")
    return ord(text[0])


def _to_r(_: frames.Frame, text: str) -> str:
    return text


TEXT: dict[str, Callable[..., Any]] = {
    "to_s": _to_r,
    "to_str": _to_r,
    "to_sym": _to_r,
    "as_string": lambda _, text, __=None: text,
    "as_utf8": _to_r,
    "to_i": _to_i,
    "to_f": _to_f,
    "to_d": _to_f,
    "to_date": _to_date,
    "to_time": _to_time,
    "to_datetime": _to_time,
    "in_time_zone": _in_time_zone,
    "to_currency": formats.to_currency,
    "to_phone": formats.to_phone,
    "ordinalize": formats.ordinalize,
    "is_int?": lambda _, text: bool(text) and text.isascii() and text.isdigit(),
    "is_number?": lambda _, text: is_number(text),
    "length": lambda _, text: len(text),
    "size": lambda _, text: len(text),
    "bytesize": lambda _, text: len(text.encode()),
    "bytes": _each_byte,
    "byteslice": _byteslice,
    "empty?": lambda _, text: not text,
    "binary?": lambda _, __: False,
    "upcase": lambda _, text: text.upper(),
    "downcase": lambda _, text: text.lower(),
    "swapcase": lambda _, text: text.swapcase(),
    "capitalize": _capitalize,
    "upcase_first": lambda _, text: text[:1].upper() + text[1:],
    "downcase_first": lambda _, text: text[:1].lower() + text[1:],
    "strip": lambda _, text: text.strip(_SPACES),
    "lstrip": lambda _, text: text.lstrip(_SPACES),
    "rstrip": lambda _, text: text.rstrip(_SPACES),
    "squish": _squish,
    "chomp": _chomp,
    "chop": lambda _, text: text[:-1],
    "chr": lambda _, text: text[:1],
    "ord": _ord,
    "reverse": lambda _, text: text[::-1],
    "ljust": _justified("right"),
    "rjust": _justified("left"),
    "center": _justified("both"),
    "include?": _include,
    "exclude?": lambda _, text, part: kinds.text(part) not in text,
    "starts_with?": _starts,
    "start_with?": _starts,
    "ends_with?": _ends,
    "end_with?": _ends,
    "first": _first,
    "last": _last,
    "from": lambda frame, text, at: text_patterns.sliced(frame, text, kinds.Range(kinds.whole(at), -1)),
    "to": lambda frame, text, at: text_patterns.sliced(frame, text, kinds.Range(0, kinds.whole(at))),
    "truncate": _truncate,
    "insert": _insert,
    "concat": _concat,
    "prepend": lambda frame, text, *given: _concat(frame, "".join(map(kinds.text, given)), text),
    "delete_prefix": lambda _, text, part: text.removeprefix(kinds.text(part)),
    "delete_suffix": lambda _, text, part: text.removesuffix(kinds.text(part)),
    "lines": _lines,
    "chars": _chars,
    "hex": lambda frame, text: _in_base(frame, text, 16),
    "oct": lambda frame, text: _in_base(frame, text, 8),
    "casecmp?": _casecmp,
    "between?": lambda _, text, low, high: kinds.text(low) <= text <= kinds.text(high),
    "quote": lambda _, text: text.replace("'", "''"),
    "scrub": lambda _, text, by="": text.encode("utf-8", "replace").decode().replace("\ufffd", kinds.text(by)),
    "unicode_normalize": lambda _, text, form="nfc": _normalized(text, form),
    "strftime": lambda _, __, ___: _refused_strftime(),
}


def _refused_strftime() -> str:
    raise frames.Refusal("a String is no date: .to_date or .to_time makes one of it")


def _normalized(text: str, form: Any) -> str:
    if form not in ("nfc", "nfd", "nfkc", "nfkd"):
        raise frames.Refusal("the form must be nfc, nfd, nfkc or nfkd")
    return unicodedata.normalize(form.upper(), text)
