"""What the texts of an input become: the types that an operation's fields say. Names the field that can't be so."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, tzinfo

from dateutil import parser

from recipeyard.runtime import abbreviations, interface, values
from recipeyard.runtime.formulas import spelling

_YES = frozenset({"true", "yes", "1", "t", "y", "on"})
_NO = frozenset({"false", "no", "0", "f", "n", "off"})
_SPELLED = frozenset({"integer", "number", "boolean"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)


def take(fields: Iterable[interface.Field], given: interface.Object, at: str = "") -> dict[str, values.Value]:
    """An input with the types of its fields. What no field names passes as it is; what is empty may be missing.

    `Failure` names the field (`at` before it) that is required and empty, or is not of its type.
    """
    taken = dict(given)
    for field in fields:
        value = given.get(field.name)
        path = f"{at}.{field.name}" if at else field.name
        if not field.optional and _blank(value):
            raise interface.Failure(f"{path} is required", kind="Invalid")
        if field.name in given:
            taken[field.name] = convert(field, value, path)
    return taken


def convert(field: interface.Field, value: values.Value, path: str = "") -> values.Value:
    """One value as its field's type. Empty text is None, but for texts. `Failure` names `path`, or the field."""
    if value is None:
        return None
    if value == "" and field.type != "string":
        return None
    convert_to = _CONVERSIONS.get(field.type)
    return value if convert_to is None else convert_to(field, value, path or field.name)


def fit(known: Iterable[interface.Field], given: interface.Object) -> dict[str, values.Value]:
    """Values as a recipe's own schema wants them. Lists and objects stay what they are, even where it says text."""
    types = {field.name: field for field in known}
    return {name: _fit(types.get(name), value) for name, value in given.items()}


def _fit(field: interface.Field | None, value: values.Value) -> values.Value:
    if field is None or (field.type == "string" and _holds(value)):
        return value
    return convert(field, value)


def rendered(known: Sequence[interface.Field], given: values.Value) -> values.Value:
    """A value with numbers and switches where a recipe's schema has such and a text spells one. All else stays."""
    if isinstance(given, list | tuple):
        return [rendered(known, each) for each in given]
    if not isinstance(given, Mapping):
        return given
    types = {field.name: field for field in known}
    return {name: _rendered(types.get(name), value) for name, value in given.items()}


def _rendered(field: interface.Field | None, value: values.Value) -> values.Value:
    if field is None:
        return value
    if _holds(value):
        return rendered(field.fields, value)
    if field.type not in _SPELLED or not isinstance(value, str):
        return value
    try:
        return convert(field, value)
    except interface.Failure:
        return value


def items(known: Sequence[interface.Field], given: values.Value, where: str) -> list[values.Value]:
    """The items of a list as a recipe's schema wants them. Nothing is no items, and one object is one."""
    listed = convert(interface.Field(where, "array"), given)
    if not isinstance(listed, list):
        return []
    return [fit(known, each) if isinstance(each, Mapping) else each for each in listed]


def first(given: interface.Object, *names: str) -> values.Value:
    """The first of those fields that is not empty; older and newer recipes call one thing by different names."""
    return next((given[name] for name in names if not _blank(given.get(name))), None)


def outputs(step: interface.Object) -> tuple[interface.Field, ...]:
    """What a step's own schema says of its output."""
    return schema(step.get("extended_output_schema"))


def schema(given: values.Value) -> tuple[interface.Field, ...]:
    """The fields of a schema: a list of field objects, or JSON text of one. Nothing, where it is neither."""
    listed = _json(given)
    if not isinstance(listed, Sequence) or isinstance(listed, str | bytes):
        return ()
    return tuple(_field(each) for each in listed if isinstance(each, Mapping) and isinstance(each.get("name"), str))


def _field(each: interface.Object) -> interface.Field:
    return interface.Field(
        name=str(each["name"]),
        type=str(each.get("type") or "string"),
        optional=True,
        label=str(each.get("label") or ""),
        fields=schema(each.get("properties")) if each.get("properties") else (),
    )


def truth(value: values.Value) -> bool | None:
    """What a switch says, None where it says nothing that is known."""
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None


def moment(words: str, zone: tzinfo = UTC) -> datetime | None:
    """The time that words say, in that zone where they name none. None where they say no time."""
    try:
        found = datetime.fromisoformat(words.strip())
    except ValueError:
        try:
            found = parser.parse(words, default=_MIDNIGHT.replace(tzinfo=zone), tzinfos=abbreviations.OFFSETS)
        except (parser.ParserError, OverflowError):
            return None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def text(value: values.Value) -> str:
    """A value in words: nothing as empty text, times as ISO 8601, lists and objects as JSON, numbers as in formulas."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return spelling.real(value)
    return json.dumps(value, ensure_ascii=False, default=_worded) if _holds(value) else str(value)


def _worded(value: values.Value) -> str:
    return text(value)


def _holds(value: values.Value) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _blank(value: values.Value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _json(value: values.Value) -> values.Value:
    if not isinstance(value, str):
        return value
    try:
        decoded: values.Value = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return decoded


def _wrong(path: str, value: values.Value, wanted: str) -> interface.Failure:
    shown = text(value)
    return interface.Failure(f"{path} must be {wanted}, not “{shown[:60]}{'…' * (len(shown) > 60)}”", kind="Invalid")


def _text(_: interface.Field, value: values.Value, path: str) -> values.Value:
    del path
    return value if isinstance(value, bytes) else text(value)


def _integer(_: interface.Field, value: values.Value, path: str) -> values.Value:
    number = _numeric(value)
    if number is None or (isinstance(number, float) and not number.is_integer()):
        raise _wrong(path, value, "a whole number")
    return int(number)


def _number(_: interface.Field, value: values.Value, path: str) -> values.Value:
    number = _numeric(value)
    if number is None:
        raise _wrong(path, value, "a number")
    return number


def _numeric(value: values.Value) -> int | float | None:
    if isinstance(value, int | float):
        return int(value) if isinstance(value, bool) else value
    if not isinstance(value, str) or not _NUMBER.fullmatch(value.strip()):
        return None
    try:
        return int(value)
    except ValueError:
        return float(value)


def _boolean(_: interface.Field, value: values.Value, path: str) -> values.Value:
    said = truth(value)
    if said is None:
        raise _wrong(path, value, "true or false")
    return said


def _date(_: interface.Field, value: values.Value, path: str) -> values.Value:
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    return _moment(value, path, "a date").date()


def _time(_: interface.Field, value: values.Value, path: str) -> values.Value:
    if isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, time(), UTC)
    return _moment(value, path, "a date and time")


def _moment(value: values.Value, path: str, wanted: str) -> datetime:
    found = moment(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong(path, value, wanted)
    return found


def _object(field: interface.Field, value: values.Value, path: str) -> values.Value:
    given = _json(value)
    if not isinstance(given, Mapping):
        raise _wrong(path, value, "an object")
    return take(field.fields, given, path)


def _array(field: interface.Field, value: values.Value, path: str) -> values.Value:
    given = _json(value)
    if isinstance(given, Mapping):
        given = [given]
    if not isinstance(given, list | tuple):
        raise _wrong(path, value, "a list")
    if not field.fields:
        return list(given)
    inner = interface.Field(field.name, "object", fields=field.fields)
    return [_item(inner, each, f"{path}[{number}]") for number, each in enumerate(given)]


def _item(field: interface.Field, value: values.Value, path: str) -> values.Value:
    return _object(field, value, path) if isinstance(value, Mapping) else value


_CONVERSIONS: Mapping[str, Callable[[interface.Field, values.Value, str], values.Value]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "date_time": _time,
    "timestamp": _time,
    "object": _object,
    "array": _array,
}
