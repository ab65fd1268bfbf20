"""What a step's own schemas make of values on their way: `render_input` before a step, `parse_output` after it.

A field's type alone converts nothing. What a conversion can't read stays as it is, and so does what names one that
nobody here knows: those are a custom connector's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeAlias

from recipeyard.runtime import fields, values
from recipeyard.runtime.formulas import spelling
from recipeyard.runtime.stepping import conditions, telling

INPUT, OUTPUT = ("extended_input_schema", "render_input"), ("extended_output_schema", "parse_output")
DEPTH = 60

Convert: TypeAlias = Callable[[values.Value, tzinfo], values.Value]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Conversions:
    """Those of an object's fields, by name: a field's own, and those of the fields in it."""

    members: Mapping[str, tuple[Convert | None, "Conversions | None"]]

    def of(self, given: telling.Object, zone: tzinfo) -> dict[str, values.Value]:
        """The object with its fields converted; times that name no zone are in this one."""
        return {name: self._member(name, value, zone) for name, value in given.items()}

    def _member(self, name: str, value: values.Value, zone: tzinfo) -> values.Value:
        convert, inner = self.members.get(name, (None, None))
        if inner is not None:
            value = inner.inside(value, zone)
        return value if convert is None or value is None else convert(value, zone)

    def inside(self, value: values.Value, zone: tzinfo) -> values.Value:
        """The same for whatever holds such objects: one of them, or a list."""
        if isinstance(value, Mapping):
            return self.of(value, zone)
        return [self.inside(each, zone) for each in value] if isinstance(value, list) else value


def compile_schema(step: telling.Object, where: tuple[str, str]) -> Conversions | None:
    """The conversions of a step's input or output (`INPUT`, `OUTPUT`); None where there are none."""
    schema, key = where
    return _compiled(step.get(schema), key, DEPTH)


def _compiled(schema: values.Value, key: str, depth: int) -> Conversions | None:
    if not isinstance(schema, list) or not depth:
        return None
    members: dict[str, tuple[Convert | None, Conversions | None]] = {}
    for each in schema:
        if isinstance(each, Mapping) and isinstance(each.get("name"), str):
            found = CONVERSIONS.get(str(each.get(key))), _compiled(each.get("properties"), key, depth - 1)
            if any(found):
                members[str(each["name"])] = found
    return Conversions(members) if members else None


def _integer(value: values.Value, _: tzinfo) -> values.Value:
    number = conditions.number(value)
    return value if number is None or number != number or abs(number) == float("inf") else int(number)


def _float(value: values.Value, _: tzinfo) -> values.Value:
    number = conditions.number(value)
    try:
        return value if number is None else float(number)
    except OverflowError:
        return value


def _boolean(value: values.Value, _: tzinfo) -> values.Value:
    return conditions.true(value)


def _text(value: values.Value, _: tzinfo) -> values.Value:
    return spelling.text(value)


def _date(value: values.Value, zone: tzinfo) -> values.Value:
    found = _moment(value, zone)
    return found.date() if isinstance(found, datetime) else found


def _time(value: values.Value, zone: tzinfo) -> values.Value:
    return _moment(value, zone)


def _moment(value: values.Value, zone: tzinfo) -> values.Value:
    """A time, None where there is nothing; what says no time stays."""
    if isinstance(value, str):
        found = fields.moment(value, zone) if value.strip() else None
        return value if found is None and value.strip() else found
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), zone)
    return value


def _spelled(convert: Convert) -> Convert:
    def spell(value: values.Value, zone: tzinfo) -> values.Value:
        found = convert(value, zone)
        if isinstance(found, datetime):
            return found.isoformat(timespec="seconds")
        return found.isoformat() if isinstance(found, date) else found

    return spell


def _counted(per_second: int, kind: type[int] | type[float]) -> Convert:
    """A time as what has passed since 1970."""

    def count(value: values.Value, zone: tzinfo) -> values.Value:
        found = _moment(value, zone)
        return kind((found - _EPOCH) / timedelta(seconds=1) * per_second) if isinstance(found, datetime) else found

    return count


def _from_count(per_second: int) -> Convert:
    """A time of what has passed since 1970."""

    def read(value: values.Value, _: tzinfo) -> values.Value:
        number = conditions.number(value)
        try:
            return value if number is None else _EPOCH + timedelta(seconds=number / per_second)
        except (OverflowError, ValueError):
            return value

    return read


def _listed(value: values.Value, _: tzinfo) -> values.Value:
    return value if isinstance(value, list) else [value]


CONVERSIONS: Mapping[str, Convert] = {
    "integer_conversion": _integer,
    "float_conversion": _float,
    "boolean_conversion": _boolean,
    "string_coercion": _text,
    "item_array_wrap": _listed,
    "date_conversion": _date,
    "parse_iso8601_date": _date,
    "parse_date_output": _date,
    "render_date_input": _date,
    "date_iso8601_conversion": _spelled(_date),
    "render_iso8601_date": _spelled(_date),
    "date_time_conversion": _time,
    "parse_iso8601_timestamp": _time,
    "convert_date_time": _time,
    "convert_to_datetime": _time,
    "date_time_iso8601_conversion": _spelled(_time),
    "render_iso8601_timestamp": _spelled(_time),
    "parse_epoch_time": _from_count(1),
    "parse_float_epoch_time": _from_count(1),
    "parse_date_time_epoch_millis": _from_count(1_000),
    "render_epoch_time": _counted(1, int),
    "render_float_epoch_time": _counted(1, float),
    "render_date_time_epoch_millis": _counted(1_000, int),
}
"""By the names that schemas have for them."""
