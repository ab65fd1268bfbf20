"""Dates and times written and read by Ruby's formats, and read as people write them."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

from dateutil import parser as dateutil_parser

from recipeyard.runtime import abbreviations
from recipeyard.runtime.formulas import frames, zones

_CODE = re.compile(r"%([-0^#_]*)(\d{0,3})(:{0,2}[A-Za-z%+])")
_LONGEST = 1_000
_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_COMPOSED = {
    "c": "%a %b %e %H:%M:%S %Y", "D": "%m/%d/%y", "x": "%m/%d/%y", "F": "%Y-%m-%d", "T": "%H:%M:%S", "X": "%H:%M:%S",
    "R": "%H:%M", "r": "%I:%M:%S %p", "v": "%e-%^b-%Y", "+": "%a %b %e %H:%M:%S %Z %Y", "n": "\n", "t": "\t", "%": "%",
}  # fmt: skip
Moment = datetime
_NUMBERS: dict[str, tuple[Callable[[Moment], int], int, str]] = {
    "Y": (lambda at: at.year, 4, "0"), "C": (lambda at: at.year // 100, 2, "0"),
    "y": (lambda at: at.year % 100, 2, "0"),
    "m": (lambda at: at.month, 2, "0"), "d": (lambda at: at.day, 2, "0"), "e": (lambda at: at.day, 2, " "),
    "j": (lambda at: at.timetuple().tm_yday, 3, "0"), "H": (lambda at: at.hour, 2, "0"),
    "k": (lambda at: at.hour, 2, " "), "I": (lambda at: at.hour % 12 or 12, 2, "0"),
    "l": (lambda at: at.hour % 12 or 12, 2, " "), "M": (lambda at: at.minute, 2, "0"),
    "S": (lambda at: at.second, 2, "0"),
    "u": (lambda at: at.isoweekday(), 1, "0"), "w": (lambda at: at.isoweekday() % 7, 1, "0"),
    "G": (lambda at: at.isocalendar().year, 4, "0"), "g": (lambda at: at.isocalendar().year % 100, 2, "0"),
    "V": (lambda at: at.isocalendar().week, 2, "0"), "U": (lambda at: int(f"{at:%U}"), 2, "0"),
    "W": (lambda at: int(f"{at:%W}"), 2, "0"), "s": (lambda at: int(at.timestamp() // 1), 1, "0"),
    "Q": (lambda at: int(at.timestamp() * 1000 // 1), 1, "0"),
}  # fmt: skip
_WORDS: dict[str, Callable[[Moment], str]] = {
    "A": lambda at: _DAYS[at.isoweekday() % 7], "a": lambda at: _DAYS[at.isoweekday() % 7][:3],
    "B": lambda at: _MONTHS[at.month - 1], "b": lambda at: _MONTHS[at.month - 1][:3],
    "h": lambda at: _MONTHS[at.month - 1][:3], "p": lambda at: "AM" if at.hour < 12 else "PM",
    "P": lambda at: "am" if at.hour < 12 else "pm", "Z": lambda at: zone_name(at),
}  # fmt: skip


def written(value: datetime, form: str) -> str:
    """A time by a format of Ruby's `strftime`, with its flags and widths; codes that are none stay as they are."""
    if len(form) > _LONGEST:
        raise frames.Refusal(f"a format of more than {_LONGEST} characters is too long")
    return _CODE.sub(lambda code: _code(value, code), form)


def _code(value: datetime, code: re.Match[str]) -> str:
    flags, width, letter = code.groups()
    size = int(width) if width else 0
    if letter in ("N", "L"):
        return f"{value.microsecond:06d}000"[: size or (3 if letter == "L" else 9)].ljust(size, "0")
    if letter in _NUMBERS:
        read, usual, padding = _NUMBERS[letter]
        padding = " " if "_" in flags else "0" if "0" in flags else padding
        return str(read(value)) if "-" in flags else str(read(value)).rjust(size or usual, padding)
    if letter in _WORDS or letter in _COMPOSED:
        text = (
            _WORDS[letter](value) if letter in _WORDS else written(value, _COMPOSED[letter]) if letter != "%" else "%"
        )
        return _cased(text, letter, flags).rjust(size, "0" if "0" in flags else " ")
    return offset(value, letter.count(":")).rjust(size, "0") if letter.endswith("z") else code.group()


def _cased(text: str, letter: str, flags: str) -> str:
    if "^" in flags:
        return text.upper()
    if "#" in flags:
        return text.lower() if letter in ("p", "Z") else text.upper()
    return text


def offset(value: datetime, colons: int) -> str:
    """A time's offset: `+0100`, `+01:00`, `+01:00:00`."""
    spelled = f"{value:%z}" or "+0000"
    sign, hours, minutes, seconds = spelled[0], spelled[1:3], spelled[3:5], spelled[5:7] or "00"
    return sign + (":" if colons else "").join((hours, minutes, seconds)[: 3 if colons == 2 else 2])


def zone_name(value: datetime) -> str:
    """A time's zone as it is abbreviated; empty where it has an offset alone."""
    name = value.tzname() or ""
    return "" if re.match(r"(?:UTC)?[+-]\d", name) else name


_HUMAN = {"DD": "%d", "MM": "%m", "YYYY": "%Y"}
_HUMAN_FORMAT = re.compile(r"(DD|MM|YYYY)([/-])(DD|MM|YYYY)\2(DD|MM|YYYY)")
_READ: dict[str, tuple[str, str]] = {
    "Y": ("year", r"[+-]?\d{1,4}"),
    "y": ("short_year", r"\d{1,2}"),
    "m": ("month", r"\d{1,2}"),
    "d": ("day", r" ?\d{1,2}"),
    "e": ("day", r" ?\d{1,2}"),
    "j": ("day_of_year", r"\d{1,3}"),
    "H": ("hour", r" ?\d{1,2}"),
    "k": ("hour", r" ?\d{1,2}"),
    "I": ("half_hour", r" ?\d{1,2}"),
    "l": ("half_hour", r" ?\d{1,2}"),
    "M": ("minute", r"\d{1,2}"),
    "S": ("second", r"\d{1,2}"),
    "L": ("fraction", r"\d{1,3}"),
    "N": ("fraction", r"\d{1,9}"),
    "p": ("half", r"[AaPp]\.?[Mm]\.?"),
    "P": ("half", r"[AaPp]\.?[Mm]\.?"),
    "B": ("month_name", r"[A-Za-z]{3,9}"),
    "b": ("month_name", r"[A-Za-z]{3,9}"),
    "h": ("month_name", r"[A-Za-z]{3,9}"),
    "A": ("day_name", r"[A-Za-z]{3,9}"),
    "a": ("day_name", r"[A-Za-z]{3,9}"),
    "z": ("offset", r"Z|UTC|GMT|[+-]\d{1,2}:?\d{0,2}"),
    "Z": ("zone", r"[A-Za-z]+(?:[+-]\d{1,2}:?\d{0,2})?|[+-]\d{1,2}:?\d{0,2}"),
    "s": ("epoch", r"-?\d{1,12}"),
    "Q": ("epoch_ms", r"-?\d{1,15}"),
    "u": ("weekday", r"[1-7]"),
    "w": ("weekday", r"[0-6]"),
}


def read(text: str, form: str, zone: tzinfo) -> datetime:
    """A time that a text says by a format of Ruby's `strptime` or one like `DD/MM/YYYY`; Refusal where it does not."""
    if human := _HUMAN_FORMAT.fullmatch(form):
        form = human.group(2).join(_HUMAN[human.group(at)] for at in (1, 3, 4))
    if len(form) > _LONGEST:
        raise frames.Refusal(f"a format of more than {_LONGEST} characters is too long")
    said: dict[str, str] = {}
    pattern = _reading(form, said)
    found = re.match(pattern, text[:_LONGEST])
    if not found:
        raise frames.Refusal(f"{text[:100]!r} is no date of the format {form!r}")
    parts = {said[name]: value.strip() for name, value in found.groupdict().items()}
    try:
        return _assembled(parts, zone)
    except (ValueError, OverflowError):
        raise frames.Refusal(f"{text[:100]!r} is no date of the format {form!r}") from None


def _reading(form: str, said: dict[str, str]) -> str:
    for letter, composed in _COMPOSED.items():
        form = form.replace(f"%{letter}", composed) if letter != "%" else form
    pieces: list[str] = []
    at = 0
    for code in _CODE.finditer(form):
        pieces.append(_literal(form[at : code.start()]))
        at = code.end()
        letter = code.group(3)[-1]
        if letter not in _READ:
            pieces.append(_literal(letter))
            continue
        name = f"g{len(said)}"
        said[name], pattern = _READ[letter]
        pieces.append(f"(?P<{name}>{pattern})")
    return r"\s*" + "".join(pieces) + _literal(form[at:])


def _literal(text: str) -> str:
    return "".join(r"\s+" if part.isspace() else re.escape(part) for part in re.split(r"(\s+)", text) if part)


def _assembled(parts: dict[str, str], zone: tzinfo) -> datetime:
    if "epoch" in parts:
        return datetime.fromtimestamp(int(parts["epoch"]), UTC)
    if "epoch_ms" in parts:
        return datetime.fromtimestamp(int(parts["epoch_ms"]) / 1000, UTC)
    day = _day(parts)
    hour = int(parts.get("hour", 0)) if "half_hour" not in parts else int(parts["half_hour"]) % 12
    hour += 12 if parts.get("half", "a").lower().startswith("p") and hour < 12 else 0
    fraction = int(parts.get("fraction", "0").ljust(6, "0")[:6])
    named = parts.get("offset") or parts.get("zone")
    at = datetime(day.year, day.month, day.day, hour % 24, int(parts.get("minute", 0)), 0, fraction, _zone(named, zone))
    return at + timedelta(seconds=int(parts.get("second", 0)), days=hour // 24)


def _zone(named: str | None, zone: tzinfo) -> tzinfo:
    if not named:
        return zone
    if named in ("Z", "UTC", "GMT"):
        return UTC
    return abbreviations.OFFSETS.get(named.upper()) or zones.zone(named)


def _day(parts: dict[str, str]) -> date:
    short = int(parts.get("short_year", 70))
    year = int(parts["year"]) if "year" in parts else short + (2000 if short < 69 else 1900)
    if "day_of_year" in parts:
        return date(year, 1, 1) + timedelta(days=int(parts["day_of_year"]) - 1)
    month = _month(parts["month_name"]) if "month_name" in parts else int(parts.get("month", 1))
    return date(year, month, int(parts.get("day", 1)))


def _month(name: str) -> int:
    for at, each in enumerate(_MONTHS):
        if name.lower() in (each.lower(), each[:3].lower()):
            return at + 1
    raise ValueError(name)


_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?)?"
)


def parsed(text: str, zone: tzinfo, now: datetime) -> datetime:
    """A time as people write it; what names no zone is in this one, what names no day or year in those of `now`.

    Refusal where nobody would understand it.
    """
    text = text.strip()
    if iso := _ISO.fullmatch(text):
        year, month, day, hour, minute, second, fraction, named = iso.groups()
        try:
            return datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
                int((fraction or "0").ljust(6, "0")[:6]), _zone(named, zone),
            )  # fmt: skip
        except ValueError:
            raise frames.Refusal(f"{text!r} is no date") from None
    return _guessed(text, zone, now)


_APART = ((1972, 1, 1), (1976, 3, 2))
"""Two days that have no part in common: what a text comes to on both of them, it says itself."""

_DAY_FIRST = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}")


def _guessed(text: str, zone: tzinfo, now: datetime) -> datetime:
    if not 3 <= len(text) <= 100 or not any(each.isdigit() for each in text):
        raise frames.Refusal(f"{text[:100]!r} is no date")
    try:
        found = _completed(text, now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0))
    except (ValueError, OverflowError, TypeError):
        raise frames.Refusal(f"{text!r} is no date") from None
    return datetime.combine(found.date(), found.time(), zone if found.tzinfo is zone else timezone(found.utcoffset()))


def _completed(text: str, today: datetime) -> Any:
    """What a text says, and beside it this year, this month, the first; where it names no day at all, today."""
    one, other = (_read(text, today.replace(year=year, month=month, day=day)) for year, month, day in _APART)
    has_year, has_month, has_day = one.year == other.year, one.month == other.month, one.day == other.day
    if not (has_year or has_month or has_day):
        return _read(text, today)
    return one.replace(
        year=one.year if has_year else today.year,
        month=one.month if has_month else 1 if has_year else today.month,
        day=one.day if has_day else 1,
    )


def _read(text: str, default: datetime) -> Any:
    by_day = bool(_DAY_FIRST.match(text))
    return dateutil_parser.parse(text, default=default, tzinfos=abbreviations.OFFSETS, dayfirst=by_day)
