"""Test cases: an event, what steps come to without the world outside, and what is expected of the run.

They are assets that travel in packages, and run offline.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from recipeyard.model import documents, references, shapes, stubs

Object = Mapping[str, documents.Value]

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
"""When a run of a case begins that says nothing else."""

_CASE = {
    "name": shapes.TEXT,
    "recipe": shapes.REFERENCE,
    "description": shapes.WORDS,
    "trigger": shapes.OBJECT,
    "stubs": shapes.OBJECT,
    "answered_by": shapes.LIST,
    "properties": shapes.TEXTS,
    "lookups": shapes.OBJECT,
    "now": shapes.MOMENT,
    "time_zone": shapes.TEXT,
    "expected": shapes.OBJECT,
}
_OUTCOME = {"output": shapes.OBJECT, "error": shapes.OBJECT}
_EXPECTED = {
    "status": shapes.TEXT,
    "error": shapes.TEXT,
    "reply": shapes.ANY,
    "report": shapes.OBJECT,
    "steps": shapes.OBJECT,
}
_STEP = {"input": shapes.OBJECT, "ran": shapes.FLAG, "times": shapes.COUNT}


class Status(StrEnum):
    """How a run ends: `filtered` where the trigger's conditions do not hold."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Told:
    """What a step comes to. A list is one outcome for each time the step is done, else it is always the same."""

    outcomes: tuple[stubs.Outcome, ...]
    in_turn: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What is expected of a step: fields of its last input, whether it was done, and how often; None for whatever."""

    input: Object | None = None
    ran: bool | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of a run. `error` stands somewhere in the failure's sentence.

    Of `reply` and `report` the members that are named count.
    """

    status: Status = Status.SUCCEEDED
    error: str | None = None
    reply: documents.Value = None
    report: Object = field(default_factory=dict)
    steps: Mapping[str, Step] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One test case. Steps are named by `as` or uuid; `answered_by` are stubs for steps that `stubs` does not name.

    `unknown` are members of its document that mean nothing.
    """

    name: str
    recipe: references.Reference
    trigger: Object = field(default_factory=dict)
    stubs: Mapping[str, Told] = field(default_factory=dict)
    answered_by: tuple[references.Reference, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    lookups: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    now: datetime = MOMENT
    time_zone: str = "UTC"
    expected: Expected = field(default_factory=Expected)
    unknown: tuple[str, ...] = ()


def shape(value: Object) -> Iterator[str]:
    """What is wrong with a test case's document."""
    yield from shapes.issues(value, _CASE, frozenset({"recipe"}))
    for name, told in _members(value, "stubs"):
        yield from _told_shape(told, f"stubs.{name}")
    for name, rows in _members(value, "lookups"):
        if not isinstance(rows, list) or not all(isinstance(each, Mapping) for each in rows):
            yield f"lookups.{name} must be a list of objects"
    listed = value.get("answered_by")
    for at, each in enumerate(listed if isinstance(listed, list) else ()):
        if not shapes.REFERENCE.holds(each):
            yield f"answered_by.{at} must be {shapes.REFERENCE.spoken}"
    yield from _expected_shape(shapes.mapping(value.get("expected")))


def parse(value: Object) -> Case:
    """The test case that a document of the right shape is."""
    listed = value.get("answered_by")
    recipe = shapes.mapping(value["recipe"])
    return Case(
        name=shapes.text(value.get("name")),
        recipe=references.parse(recipe),
        trigger=shapes.mapping(value.get("trigger")),
        stubs={name: _told(told) for name, told in _members(value, "stubs")},
        answered_by=tuple(
            references.parse(each) for each in (listed if isinstance(listed, list) else ()) if isinstance(each, Mapping)
        ),
        properties={name: str(each) for name, each in _members(value, "properties")},
        lookups={name: [shapes.mapping(row) for row in _list(rows)] for name, rows in _members(value, "lookups")},
        now=datetime.fromisoformat(shapes.text(value["now"])) if value.get("now") else MOMENT,
        time_zone=shapes.text(value.get("time_zone")) or "UTC",
        expected=_expected(shapes.mapping(value.get("expected"))),
        unknown=tuple(_unknown(value)),
    )


def _told_shape(told: documents.Value, where: str) -> Iterator[str]:
    turns = told if isinstance(told, list) else [told]
    for at, each in enumerate(turns):
        place = f"{where}.{at}" if isinstance(told, list) else where
        if not isinstance(each, Mapping):
            yield f"{place} must be an object with output or error"
            continue
        yield from shapes.issues(each, _OUTCOME, frozenset(), f"{place}.")
        yield from stubs.outcome_shape(each, place)


def _expected_shape(value: Object) -> Iterator[str]:
    yield from shapes.issues(value, _EXPECTED, frozenset(), "expected.")
    status = value.get("status")
    if isinstance(status, str) and status not in set(Status):
        yield f"expected.status must be one of {', '.join(Status)}"
    for name, step in _members(value, "steps"):
        if isinstance(step, Mapping):
            yield from shapes.issues(step, _STEP, frozenset(), f"expected.steps.{name}.")
        else:
            yield f"expected.steps.{name} must be an object"


def _unknown(value: Object) -> Iterator[str]:
    yield from shapes.unknown(value, _CASE)
    for name, told in _members(value, "stubs"):
        for at, each in enumerate(told if isinstance(told, list) else [told]):
            where = f"stubs.{name}.{at}." if isinstance(told, list) else f"stubs.{name}."
            yield from shapes.unknown(shapes.mapping(each), _OUTCOME, where)
    expected = shapes.mapping(value.get("expected"))
    yield from shapes.unknown(expected, _EXPECTED, "expected.")
    for name, step in _members(expected, "steps"):
        yield from shapes.unknown(shapes.mapping(step), _STEP, f"expected.steps.{name}.")


def _told(value: documents.Value) -> Told:
    turns = value if isinstance(value, list) else [value]
    return Told(tuple(stubs.outcome(shapes.mapping(each)) for each in turns), isinstance(value, list))


def _expected(value: Object) -> Expected:
    return Expected(
        status=Status(shapes.text(value.get("status")) or Status.SUCCEEDED),
        error=shapes.text(value.get("error")) or None,
        reply=value.get("reply"),
        report=shapes.mapping(value.get("report")),
        steps={name: _step(shapes.mapping(step)) for name, step in _members(value, "steps")},
    )


def _step(value: Object) -> Step:
    given, ran, times = value.get("input"), value.get("ran"), value.get("times")
    return Step(
        given if isinstance(given, Mapping) else None,
        ran if isinstance(ran, bool) else None,
        times if isinstance(times, int) else None,
    )


def _members(value: Object, name: str) -> Iterator[tuple[str, documents.Value]]:
    yield from shapes.mapping(value.get(name)).items()


def _list(value: documents.Value) -> Sequence[documents.Value]:
    return value if isinstance(value, list) else ()
