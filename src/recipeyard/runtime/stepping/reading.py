"""A run at one moment, as its expressions see it: what its steps put out, which item each loop and mapping is at.

What is not there is None: a step that did not run, a key of something that is no object.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from recipeyard.runtime import values
from recipeyard.runtime.formulas import frames
from recipeyard.runtime.stepping import faults, pills, telling

Path = tuple[str | pills.Element, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a loop is: its turn from 0 on, of how many; `size` is None where nobody knows."""

    index: int
    size: int | None
    turns: int | None

    def facts(self) -> Mapping[str, values.Value]:
        """What pills may ask of it."""
        last = None if self.turns is None else self.index == self.turns - 1
        return {"index": self.index, "size": self.size, "is_first": self.index == 0, "is_last": last}


class Reading:
    """What expressions are evaluated in. The walk writes to it, expressions read."""

    __slots__ = ("_mapped", "_operations", "_seconds", "_size", "bounds", "facts", "now", "outputs", "turns", "zone")

    def __init__(self, facts: telling.Facts, bounds: telling.Bounds) -> None:
        self.facts = facts
        self.bounds = bounds
        self.now: datetime = facts.started_at
        self.zone: tzinfo = facts.zone
        self.outputs: dict[str, values.Value] = {}
        self.turns: dict[str, Turn] = {}
        self._mapped: dict[tuple[str, Path], tuple[values.Value, int]] = {}
        self._size = 0
        self._operations = bounds.operations
        self._seconds = bounds.pattern_seconds

    def pill(self, pill: pills.Pill) -> values.Value:
        """What a pill stands for."""
        if pill.kind is pills.Kind.OUTPUT:
            return self._output(pill)
        if pill.kind is pills.Kind.JOB:
            return self.facts.job.get(pill.name)
        if pill.kind is pills.Kind.LOOP:
            turn = self.turns.get(pill.line)
            return turn.facts().get(pill.name) if turn else None
        return self.facts.property_of(pill.name)

    def lookup(self, table: str, criteria: Mapping[str, values.Value]) -> Mapping[str, values.Value] | None:
        """The first row of a lookup table that is so."""
        return self.facts.lookup(table, criteria)

    def uuid(self) -> str:
        """A new id."""
        return self.facts.uuid()

    def map(self, sources: tuple[tuple[str, Path], ...], item: values.Value, index: int) -> None:
        """The lists of these pills are at this item now."""
        for source in sources:
            self._mapped[source] = (item, index)

    def mapped(self) -> dict[tuple[str, Path], tuple[values.Value, int]]:
        """Where the lists are that are being mapped, to come back to."""
        return dict(self._mapped)

    def return_to(self, before: dict[tuple[str, Path], tuple[values.Value, int]]) -> None:
        """The lists are where they were."""
        self._mapped = before

    def frame(self, where: str) -> frames.Frame:
        """What the next formula is evaluated in; `Fault` where the run's formulas have taken all they may."""
        if self._operations <= 0:
            said = f"the run's formulas take more than {self.bounds.operations} operations"
            raise faults.Limit(where, said)
        if self._seconds <= 0:
            said = f"the run's regular expressions take longer than {self.bounds.pattern_seconds} seconds"
            raise faults.Limit(where, said)
        return frames.Frame(self, frames.DEFAULT)

    def spend(self, frame: frames.Frame) -> None:
        """A formula has been evaluated: what it took is gone."""
        self._operations -= 1 + frames.DEFAULT.operations - frame.left
        self._seconds -= frames.DEFAULT.pattern_seconds - frame.seconds

    def begin(self) -> None:
        """Another field is mapped: its size counts from nothing."""
        self._size = 0

    def weigh(self, where: str, value: values.Outcome) -> None:
        """Count what a mapping puts together; `Fault` where it becomes larger than an output may be."""
        self._size += 8 + (len(value) if isinstance(value, str | bytes) else 0)
        if self._size > self.bounds.output_bytes:
            raise faults.Limit(where, f"is larger than {self.bounds.output_bytes} bytes")

    def _output(self, pill: pills.Pill) -> values.Value:
        value = self.outputs.get(pill.line)
        for at, element in enumerate(pill.path):
            value = _member(value, element) if type(element) is str else self._element(pill, at, value)
        return value

    def _element(self, pill: pills.Pill, at: int, value: values.Value) -> values.Value:
        path, element = pill.path[:at], pill.path[at]
        if element is pills.Element.SIZE:
            return len(value) if isinstance(value, list) else 0 if value is None else None
        if element is pills.Element.INDEX and path and path[-1] is pills.Element.CURRENT_ITEM:
            path = path[:-1]
        mapped = self._mapped.get((pill.line, path))
        if element is pills.Element.INDEX:
            return mapped[1] if mapped else 0
        return mapped[0] if mapped else _first(value)


def _member(value: values.Value, key: str) -> values.Value:
    if type(value) is dict:
        return value.get(key)
    first = _first(value)
    return first.get(key) if isinstance(first, Mapping) else None


def _first(value: values.Value) -> values.Value:
    if not isinstance(value, list):
        return value
    return value[0] if value else None
