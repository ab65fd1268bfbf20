"""Numbers and texts by format: Ruby's `%`, and Rails' money, phone numbers and ordinals."""

import math
import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from recipeyard.runtime.formulas import frames, kinds, spelling

_DIRECTIVE = re.compile(
    r"%(?P<flags>[-+ 0#]*)(?:<(?P<named>\w+)>(?P<more>[-+ 0#]*))?(?P<width>\d+|\*)?(?:\.(?P<precision>\d+))?"
    r"(?:(?P<kind>[a-zA-Z%])|\{(?P<plain>[^}]+)\})|%"
)
_WIDEST = 10_000


def formatted(frame: frames.Frame, form: str, given: Any) -> str:
    """A text with its directives filled from a list, an object (`%{name}`, `%<name>d`) or one value."""
    values = given if isinstance(given, list) else [given]
    names = given if isinstance(given, dict) else values[0] if values and isinstance(values[0], dict) else {}
    rest = iter(values)
    text = _DIRECTIVE.sub(lambda found: _filled(frame, found, names, rest), form)
    frame.room(len(text))
    return text


def _filled(frame: frames.Frame, found: re.Match[str], names: Any, rest: Iterator[Any]) -> str:
    kind = found["kind"]
    if kind == "%":
        return "%"
    if kind is None and found["plain"] is None:
        raise frames.Refusal("a % in a format must be followed by a directive; %% is a % itself")
    width = kinds.whole(next(rest, None), "the width") if found["width"] == "*" else int(found["width"] or 0)
    precision = int(found["precision"]) if found["precision"] else None
    if abs(width) > _WIDEST or (precision or 0) > _WIDEST:
        raise frames.Refusal(f"a format is no wider than {_WIDEST}")
    frame.spend(1 + (abs(width) + (precision or 0)) // frames.CHARACTERS)
    flags = found["flags"] + (found["more"] or "") + ("-" if width < 0 else "")
    name = found["plain"] or found["named"]
    value = _named(names, name) if name else _next(rest)
    return _spelled(kind or "s", value, flags, abs(width), precision)


def _named(names: Any, name: str) -> Any:
    if name not in names:
        raise frames.Refusal(f"the format asks for {name!r}, which is not given")
    return names[name]


def _next(rest: Iterator[Any]) -> Any:
    for value in rest:
        return value
    raise frames.Refusal("the format asks for more values than are given")


def _spelled(kind: str, value: Any, flags: str, width: int, precision: int | None) -> str:
    if kind in ("s", "p"):
        text = spelling.text(value) if kind == "s" else spelling.inspect(value)
        return _padded(text[:precision], flags.replace("0", ""), width)
    if kind == "c":
        return _padded(
            chr(value) if type(value) is int and 0 <= value < 0x110000 else spelling.text(value)[:1], flags, width
        )
    spell = _SPELLERS.get(kind)
    if not spell:
        raise frames.Refusal(f"%{kind} is no directive of a format")
    number = _number(value)
    text = spell(abs(number), precision, "#" in flags)
    negative = number < 0 or (number == 0 and math.copysign(1, number) < 0)
    sign = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    if "0" in flags and "-" not in flags:
        text = text.rjust(width - len(sign), "0")
    return _padded(sign + text, flags, width)


def _padded(text: str, flags: str, width: int) -> str:
    return text.ljust(width) if "-" in flags else text.rjust(width)


def _number(value: Any) -> int | float:
    if isinstance(value, str):
        try:
            return int(value.replace("_", ""), 0) if re.fullmatch(r"\s*[+-]?\d[\d_]*\s*", value) else float(value)
        except ValueError:
            raise frames.Refusal(f"{value[:100]!r} is no number for a format") from None
    return kinds.number(value, "what a number's directive is given")


_SPELLERS: dict[str, Callable[[Any, int | None, bool], str]] = {
    "d": lambda value, precision, _: str(math.floor(value)).rjust(precision or 0, "0"),
    "i": lambda value, precision, _: str(math.floor(value)).rjust(precision or 0, "0"),
    "u": lambda value, precision, _: str(math.floor(value)).rjust(precision or 0, "0"),
    "f": lambda value, precision, _: fixed(value, 6 if precision is None else precision),
    "e": lambda value, precision, _: f"{value:.{6 if precision is None else precision}e}",
    "E": lambda value, precision, _: f"{value:.{6 if precision is None else precision}E}",
    "g": lambda value, precision, _: f"{value:.{6 if precision is None else precision}g}",
    "G": lambda value, precision, _: f"{value:.{6 if precision is None else precision}G}",
    "x": lambda value, precision, sharp: ("0x" if sharp else "") + f"{int(value):x}".rjust(precision or 0, "0"),
    "X": lambda value, precision, sharp: ("0X" if sharp else "") + f"{int(value):X}".rjust(precision or 0, "0"),
    "o": lambda value, precision, sharp: ("0" if sharp else "") + f"{int(value):o}".rjust(precision or 0, "0"),
    "b": lambda value, precision, sharp: ("0b" if sharp else "") + f"{int(value):b}".rjust(precision or 0, "0"),
}


def fixed(value: float, precision: int) -> str:
    """A number with so many digits after the point, as the machine's float rounds."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Inf"
    return f"{Decimal(value):.{precision}f}" if isinstance(value, int) else f"{value:.{precision}f}"


_EXACT = Context(prec=2_000)


def grouped(value: int | float | Decimal, precision: int, separator: str, delimiter: str) -> str:
    """A number's absolute value rounded half up, its thousands parted."""
    rounded = abs(Decimal(str(value))).quantize(Decimal(1).scaleb(-precision), ROUND_HALF_UP, _EXACT)
    whole, _, fraction = f"{rounded:f}".partition(".")
    parted = f"{int(whole):,}".replace(",", delimiter)
    return parted + (separator + fraction if fraction else "")


def to_currency(frame: frames.Frame, value: Any, options: Any = None) -> str:
    """An amount of money. Options: unit, precision, separator, delimiter, format, negative_format."""
    said: dict[str, Any] = {**_MONEY, **(kinds.options(options) if options is not None else {})}
    number = _amount(value)
    if number is None:
        return f"{said['unit']}{value}"
    precision = kinds.whole(said["precision"], "precision")
    if not 0 <= precision <= 100:
        raise frames.Refusal("precision must be from 0 to 100")
    digits = grouped(number, precision, spelling.text(said["separator"]), spelling.text(said["delimiter"]))
    form = spelling.text(said["format"])
    if number < 0 and any(digit in digits for digit in "123456789"):
        form = spelling.text(said["negative_format"]) if said["negative_format"] is not None else f"-{form}"
    text = form.replace("%n", digits).replace("%u", spelling.text(said["unit"]))
    frame.room(len(text))
    return text


_MONEY = {"unit": "$", "precision": 2, "separator": ".", "delimiter": ",", "format": "%u%n", "negative_format": None}


def _amount(value: Any) -> int | float | None:
    if isinstance(value, str):
        plain = value.strip()
        return float(plain) if re.fullmatch(r"[+-]?\d{1,300}(\.\d*)?", plain) else None
    number = kinds.number(value)
    return number if math.isfinite(number) else None


def to_phone(frame: frames.Frame, value: Any, options: Any = None) -> str:
    """A phone number in groups. Options: area_code, delimiter, extension, country_code."""
    said = kinds.options(options) if options is not None else {}
    digits, delimiter = spelling.text(value).strip(), spelling.text(said.get("delimiter", "-"))
    if len(digits) > 100:
        raise frames.Refusal("a phone number has no more than 100 characters")
    pattern = r"(\d{1,3})(\d{3})(\d{4}$)" if said.get("area_code") else r"(\d{0,3})(\d{3})(\d{4})$"
    found = re.search(pattern, digits)
    if found:
        first, second, third = found.groups()
        start = f"({first}) " if said.get("area_code") else f"{first}{delimiter}" if first else ""
        digits = digits[: found.start()] + f"{start}{second}{delimiter}{third}"
    if country := said.get("country_code"):
        digits = f"+{spelling.text(country)}{delimiter}{digits}"
    if extension := said.get("extension"):
        digits = f"{digits} x {spelling.text(extension)}"
    frame.room(len(digits))
    return digits


def ordinalize(_: frames.Frame, value: Any) -> str:
    """`1st`, `2nd`, `3rd`, `11th`."""
    text = spelling.text(value).strip()
    if not re.fullmatch(r"-?\d{1,300}", text):
        raise frames.Refusal(f"{text[:100]!r} is no whole number")
    number = abs(int(text))
    return text + ("th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th"))
