"""The values that flow through a run: what JSON has, bytes, dates and times; and what formulas say beside values."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import TypeAlias

Value: TypeAlias = "bool | int | float | str | bytes | date | datetime | Sequence[Value] | Mapping[str, Value] | None"
"""Times are always aware. Lists are lists, objects are dicts in the order of their keys."""


class Special(Enum):
    """What a formula may come to that is no value: leave the field out, or send it empty."""

    SKIP = "skip"
    CLEAR = "clear"


Outcome: TypeAlias = "Value | Special"
