"""The tables in `runtime/formulas`: the formula language's specification, an expression and its value to a line.

`$name` in an expression is a data pill. A value is JSON, or `date`, `time` or `bytes` (hexadecimal) and what follows,
`skip`, `clear`, or `error`, a position, and a part of the message.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from recipeyard.runtime import values
from recipeyard.runtime.stepping import expressions, pills

FOLDER = Path(__file__).parent / "runtime" / "formulas"
NOW = datetime(2026, 3, 5, 14, 30, 15, 123456, UTC)
PILLS: dict[str, values.Value] = {
    "name": "Ann Lee",
    "empty": "",
    "nothing": None,
    "count": 3,
    "price": 12.5,
    "yes": True,
    "no": False,
    "day": date(2026, 1, 31),
    "moment": datetime(2026, 3, 5, 14, 30, 15, 123456, UTC),
    "file": b"abc",
    "numbers": (1, 2, 3),
    "tags": ["b", "a", "b"],
    "user": {"id": 7, "name": "Ann", "address": {"city": "Oslo"}},
    "rows": [
        {"id": 1, "name": "Ann", "age": 31, "city": {"name": "Oslo"}, "score": "9"},
        {"id": 2, "name": "Bob", "age": 25, "city": {"name": "Rome"}, "score": "10"},
        {"id": 3, "name": "Cat", "age": 40, "city": None, "score": None},
    ],
}


@dataclass(slots=True)
class Run:
    """A run that stands still: every pill is called by the last of its path."""

    now: datetime = NOW
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("America/Los_Angeles"))
    ids: int = 0

    def pill(self, pill: pills.Pill) -> values.Value:
        last = pill.path[-1] if pill.path else pill.name
        return PILLS.get(last) if isinstance(last, str) else None

    def lookup(self, table: str, criteria: Mapping[str, values.Value]) -> Mapping[str, values.Value] | None:
        return {"Name": "Norway"} if table == "Countries" and criteria == {"Code": "NO"} else None

    def uuid(self) -> str:
        self.ids += 1
        return f"00000000-0000-4000-8000-{self.ids:012d}"


def pill(name: str) -> str:
    """A pill's call, as recipes spell it."""
    said = {"pill_type": "output", "provider": "x", "line": "a1", "path": [name]}
    return f"_dp('{json.dumps(said, separators=(',', ':'))}')"


def evaluated(formula: str) -> Any:
    return expressions.compile_text(f"={spelled(formula)}").evaluate(Run())


def spelled(formula: str) -> str:
    return re.sub(r"\$([a-z]+)", lambda name: pill(name.group(1)), formula)


def lines() -> Iterator[tuple[str, str, str]]:
    """Every line of every table: where it stands, its expression, and its value as it is spelled."""
    for path in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            formula, arrow, value = line.partition(" → ")
            if arrow and not line.startswith("#"):
                yield f"{path.stem}:{number}", formula.strip(), value.strip()


_WORDS = {"skip": values.Special.SKIP, "clear": values.Special.CLEAR, "Infinity": float("inf")}


def value(text: str) -> Any:
    kind, _, rest = text.partition(" ")
    if text in _WORDS:
        return _WORDS[text]
    if kind == "bytes":
        return bytes.fromhex(rest)
    if kind in ("date", "time"):
        return date.fromisoformat(rest) if kind == "date" else datetime.fromisoformat(rest)
    return json.loads(text)
