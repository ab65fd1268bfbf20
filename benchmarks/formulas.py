"""Formulas against the same said in Python: what evaluating costs over a lambda that takes the same pills.

`python -m benchmarks.formulas` prints these alone.
"""

import functools
import json
import timeit
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from recipeyard.runtime import values
from recipeyard.runtime.stepping import expressions, pills

REPEATS, CALLS = 25, 4_000
VALUES: dict[str, Any] = {
    "name": "Ann Lee",
    "email": "ann@example.com",
    "count": 3,
    "rows": [{"id": at, "name": f"row {at}", "age": at % 90} for at in range(20)],
}


@dataclass(frozen=True, slots=True)
class Still:
    """A run that stands still."""

    now: datetime = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)
    zone: tzinfo = UTC

    def pill(self, pill: pills.Pill) -> values.Value:
        """The value of a pill's last key."""
        found: values.Value = VALUES[str(pill.path[-1])]
        return found

    def lookup(self, table: str, criteria: Mapping[str, values.Value]) -> Mapping[str, values.Value] | None:
        """No tables."""

    def uuid(self) -> str:
        """One id."""
        return "00000000-0000-4000-8000-000000000000"


def _pill(key: str) -> pills.Pill:
    return pills.Pill(pills.Kind.OUTPUT, "x", "a1", (key,))


NAME, EMAIL, COUNT, ROWS = map(_pill, ("name", "email", "count", "rows"))
Spoken = Callable[[Callable[[pills.Pill], Any], Still], object]
CASES: list[tuple[str, Spoken]] = [
    ("$name", lambda pill, _: pill(NAME)),
    ('$name.present? ? $name : "none"', lambda pill, _: pill(NAME) if pill(NAME).strip() else "none"),
    ('"Dear " + $name + ", " + $email', lambda pill, _: "Dear " + pill(NAME) + ", " + pill(EMAIL)),
    ('$name.split(" ").first.upcase', lambda pill, _: pill(NAME).split(" ")[0].upper()),
    ("($count + 1) * 2 > 7", lambda pill, _: (pill(COUNT) + 1) * 2 > 7),
    (
        '(now - 2.hours).strftime("%Y-%m-%d")',
        lambda _, run: (run.now.astimezone(run.zone) - timedelta(hours=2)).strftime("%Y-%m-%d"),
    ),
    (
        '$rows.where("age >": 10).pluck("name").join(",")',
        lambda pill, _: ",".join([row["name"] for row in pill(ROWS) if row["age"] > 10]),
    ),
    ('$rows.map { |row| row["id"] * 2 }.sum', lambda pill, _: sum([row["id"] * 2 for row in pill(ROWS)])),
]


@dataclass(frozen=True, slots=True)
class Ratio:
    """A formula, and how long it and its lambda take, in seconds."""

    formula: str
    took_s: float
    lambda_s: float


def ratios() -> list[Ratio]:
    """Each formula measured against its lambda, after both have come to the same."""
    run, found = Still(), []
    for formula, spoken in CASES:
        expression = expressions.compile_text("=" + _spelled(formula))
        assert expression.evaluate(run) == spoken(run.pill, run), formula
        deeds = functools.partial(expression.evaluate, run), functools.partial(spoken, run.pill, run)
        rounds = [[timeit.timeit(deed, number=CALLS) / CALLS for deed in deeds] for _ in range(REPEATS)]
        found.append(Ratio(formula, *map(min, zip(*rounds, strict=True))))
    return found


def compiling_s() -> float:
    """How long it takes to compile a formula that was never seen, as long as most are."""
    texts = iter(["=" + _spelled(f'$name.present? ? $name : "none {at}"') for at in range(2_000)])
    return timeit.timeit(lambda: expressions.compile_text(next(texts)), number=2_000) / 2_000


def _spelled(formula: str) -> str:
    for key in VALUES:
        said = {"pill_type": "output", "provider": "x", "line": "a1", "path": [key]}
        formula = formula.replace(f"${key}", f"_dp('{json.dumps(said)}')")
    return formula


def main() -> None:
    """Print the table."""
    print("| formula | evaluated | the same in Python | ratio |")
    print("|---|---|---|---|")
    for each in ratios():
        took, floor = each.took_s * 1e6, each.lambda_s * 1e6
        print(f"| `{each.formula}` | {took:.2f} µs | {floor:.2f} µs | {took / floor:.1f} |")
    print(f"\nCompiling one: {compiling_s() * 1e6:.0f} µs.")


if __name__ == "__main__":
    main()
