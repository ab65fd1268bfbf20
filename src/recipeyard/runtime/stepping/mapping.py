"""The input of a step: a tree of fields compiled once, evaluated each time the step's turn comes.

A field whose formula says so is left out or sent empty. An object with `____source` is a list: one object for each
item of the source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from recipeyard.model import documents, recipes
from recipeyard.runtime import interface, values
from recipeyard.runtime.stepping import expressions, faults, reading

SOURCE = "____source"
DEPTH = 60


class Node(Protocol):
    """Something that evaluates to a value, or to nothing. Raises `Fault`."""

    def evaluate(self, now: reading.Reading) -> values.Outcome:
        """Its value at this moment."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is the same at each turn."""

    value: values.Value

    def evaluate(self, now: reading.Reading) -> values.Outcome:
        """Its value."""
        del now
        return self.value


@dataclass(frozen=True, slots=True)
class Leaf:
    """A formula, or a text with pills in it."""

    where: str
    expression: expressions.Expression

    def evaluate(self, now: reading.Reading) -> values.Outcome:
        """What it comes to; `Fault` names the field, and the place in its text."""
        frame = now.frame(self.where)
        try:
            return self.expression.run(frame)
        except expressions.ExpressionError as error:
            message = f"{error.message} (at character {error.position + 1})"
            raise faults.Fault(self.where, message, faults.FORMULA) from None
        except interface.Failure as failure:
            raise faults.Fault(self.where, failure.message, failure.kind, failure.details) from None
        finally:
            now.spend(frame)


@dataclass(frozen=True, slots=True)
class Fields:
    """An object."""

    members: tuple[tuple[str, Node], ...]

    def evaluate(self, now: reading.Reading) -> dict[str, values.Value]:
        """A new object, its keys in their order."""
        found: dict[str, values.Value] = {}
        for key, node in self.members:
            value = node.evaluate(now)
            if value is values.Special.CLEAR:
                found[key] = None
            elif not isinstance(value, values.Special):
                found[key] = value
        return found


@dataclass(frozen=True, slots=True)
class Items:
    """A list written out item by item."""

    items: tuple[Node, ...]

    def evaluate(self, now: reading.Reading) -> list[values.Value]:
        """A new list, without what is left out."""
        outcomes = [node.evaluate(now) for node in self.items]
        cleared = [None if each is values.Special.CLEAR else each for each in outcomes]
        return [each for each in cleared if not isinstance(each, values.Special)]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A list made of another: `lists` are the pills that stand for its items while it is made."""

    where: str
    source: Node
    lists: tuple[tuple[str, reading.Path], ...]
    item: Fields

    def evaluate(self, now: reading.Reading) -> values.Outcome:
        """A new list, empty where there is no source; `Fault` where the source is no list."""
        source = self.source.evaluate(now)
        if isinstance(source, values.Special):
            return source
        if source is not None and not isinstance(source, list):
            raise faults.Fault(f"{self.where}.{SOURCE}", "is no list", faults.FORMULA)
        made: list[values.Value] = []
        before = now.mapped()
        try:
            for index, item in enumerate(source or ()):
                now.map(self.lists, item, index)
                mapped = self.item.evaluate(now)
                for value in (index, *mapped.values()):
                    now.weigh(self.where, value)
                made.append(mapped)
        finally:
            now.return_to(before)
        return made


@dataclass(slots=True)
class Findings:
    """What is wrong with the fields of one step."""

    number: int
    problems: list[recipes.Problem]

    def has(self, where: str) -> bool:
        """Whether something is wrong in that field."""
        return any((each.step, each.path) == (self.number, where) for each in self.problems)

    def add(self, where: str, value: documents.Value, message: str) -> None:
        """One more problem, in that field."""
        label = where.rpartition(".")[2].replace("_", " ").strip().capitalize()
        self.problems.append(recipes.Problem(self.number, label, value, message, where))


def compile_field(value: documents.Value, where: str, findings: Findings, depth: int = DEPTH) -> Node:
    """A field's value, with all that is in it. Everything wrong is added to the findings."""
    if isinstance(value, str):
        return compile_leaf(value, where, findings)
    if not isinstance(value, Mapping | Sequence):
        return Constant(value)
    if not depth:
        findings.add(where, None, f"nests deeper than {DEPTH} levels")
        return Constant(None)
    if isinstance(value, Sequence):
        return Items(tuple(compile_field(each, f"{where}.{at}", findings, depth - 1) for at, each in enumerate(value)))
    source = compile_field(value.get(SOURCE), f"{where}.{SOURCE}", findings, depth - 1)
    members = {
        key: compile_field(each, f"{where}.{key}", findings, depth - 1) for key, each in value.items() if key != SOURCE
    }
    fields = Fields(tuple(members.items()))
    return Mapped(where, source, _lists(source), fields) if SOURCE in value else fields


def compile_object(value: documents.Value, where: str, findings: Findings) -> Fields:
    """A field's value that is an object; nothing has no fields, and anything else is wrong."""
    node = compile_field(value or {}, where, findings)
    if isinstance(node, Fields):
        return node
    findings.add(where, None, "must be an object")
    return Fields(())


def compile_leaf(text: str, where: str, findings: Findings) -> Node:
    """A text: a literal, a formula, or a text with pills in it."""
    try:
        expression = expressions.compile_text(text)
    except expressions.ExpressionError as error:
        findings.add(where, text, f"can't be understood at character {error.position + 1}: {error.message}")
        return Constant(None)
    return Constant(text) if expression.is_literal else Leaf(where, expression)


def _lists(source: Node) -> tuple[tuple[str, reading.Path], ...]:
    found = source.expression.pills if isinstance(source, Leaf) else ()
    return tuple({(pill.line, pill.path): None for pill in found})
