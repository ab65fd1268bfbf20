"""Stubs: recorded answers in place of a connector, as an asset that travels in packages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from recipeyard.model import documents, shapes

Object = Mapping[str, documents.Value]

_STUB = {"name": shapes.TEXT, "provider": shapes.TEXT, "answers": shapes.LIST}
_ANSWER = {
    "operation": shapes.TEXT,
    "input": shapes.OBJECT,
    "output": shapes.OBJECT,
    "error": shapes.OBJECT,
    "times": shapes.COUNT,
}
_FAULT = {"message": shapes.TEXT, "kind": shapes.TEXT, "details": shapes.OBJECT}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something could not be done: a sentence, one word that says what failed, and what a catch step may read."""

    message: str
    kind: str = "Error"
    details: Object = field(default_factory=dict)


Outcome = Object | Fault
"""What a step comes to: its output, or why there is none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one operation answers where its input has these fields, whatever else it has.

    It is given `times` times, None for always.
    """

    operation: str
    input: Object
    outcome: Outcome
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """Recorded answers of one provider, in the order in which they are tried."""

    name: str
    provider: str
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """What a stub answers for: connections, and steps of its provider that have none."""

    connection_ids: tuple[int, ...] = ()
    without_connection: bool = False


def shape(value: Object) -> Iterator[str]:
    """What is wrong with a stub's document."""
    wrong = list(shapes.issues(value, _STUB, frozenset({"provider", "answers"})))
    yield from wrong
    answers = value.get("answers")
    for at, each in enumerate(answers if isinstance(answers, list) else ()):
        where = f"answers.{at}"
        if not isinstance(each, Mapping):
            yield f"{where} must be an object"
            continue
        yield from shapes.issues(each, _ANSWER, frozenset({"operation"}), f"{where}.")
        yield from outcome_shape(each, where)


def outcome_shape(value: Object, where: str) -> Iterator[str]:
    """What is wrong with what a step comes to: `output` or `error`, one of them."""
    if (value.get("output") is None) == (value.get("error") is None):
        yield f"{where} must have either output or error"
    if isinstance(value.get("error"), Mapping):
        yield from shapes.issues(shapes.mapping(value["error"]), _FAULT, frozenset({"message"}), f"{where}.error.")


def unknown(value: Object) -> Iterator[str]:
    """The members of a stub's document that mean nothing: misspelled ones, most likely."""
    yield from shapes.unknown(value, _STUB)
    answers = value.get("answers")
    for at, each in enumerate(answers if isinstance(answers, list) else ()):
        yield from shapes.unknown(each, _ANSWER, f"answers.{at}.")


def parse(value: Object) -> Stub:
    """The stub that a document of the right shape is."""
    answers = value["answers"]
    found = [_answer(shapes.mapping(each)) for each in (answers if isinstance(answers, list) else ())]
    return Stub(shapes.text(value.get("name")), shapes.text(value["provider"]), tuple(found))


def outcome(value: Object) -> Outcome:
    """What a step comes to, as a stub or a test case says it."""
    fault = value.get("error")
    if not isinstance(fault, Mapping):
        return shapes.mapping(value.get("output"))
    kind = shapes.text(fault.get("kind")) or "Error"
    return Fault(shapes.text(fault["message"]), kind, shapes.mapping(fault.get("details")))


def _answer(value: Object) -> Answer:
    times = value.get("times")
    asked = shapes.mapping(value.get("input"))
    return Answer(str(value["operation"]), asked, outcome(value), times if isinstance(times, int) else None)
