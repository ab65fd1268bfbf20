"""One run of a program, told step by step: a generator that says what is next and is told what came of it.

Pure: what it says follows from the program, the event, the facts and what it has heard, so a run can be told again up
to where it was. It has no clock; the moment is that of what it heard last.
"""

from collections.abc import Callable, Generator
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any, NoReturn, TypeAlias

from recipeyard.runtime import values
from recipeyard.runtime.formulas import spelling
from recipeyard.runtime.stepping import conditions, converting, faults, mapping, programs, reading, telling

Walk: TypeAlias = Generator[telling.Next, telling.Heard, telling.Ending]
_Part: TypeAlias = Generator[telling.Next, telling.Heard, None]


class _Over(Exception):
    """The run ends here, whatever is around it."""

    def __init__(self, ending: telling.Finished | telling.Broken) -> None:
        super().__init__()
        self.ending = ending


def walk(program: programs.Program, event: telling.Object, facts: telling.Facts, bounds: telling.Bounds) -> Walk:
    """A run for a trigger's output. It returns how the run ends, and raises nothing."""
    run = _Run(reading.Reading(facts, bounds), bounds)
    if program.trigger.alias:
        run.now.outputs[program.trigger.alias] = run.parsed(program.parses, event)
    try:
        if program.filter and not run.holds(program.trigger, program.filter):
            return telling.Filtered()
        yield from run.block(program.body, "")
    except faults.Fault as fault:
        number = fault.place.number if fault.place else 0
        return telling.Broken(number, fault.where, fault.shown, fault.kind, run.report(program))
    except _Over as over:
        return replace(over.ending, report=run.report(program))
    return telling.Finished(run.report(program))


def trigger_input(program: programs.Program, facts: telling.Facts) -> telling.Object:
    """The trigger's own input, for whoever listens; `Fault` where a formula in it fails."""
    try:
        return program.input.evaluate(reading.Reading(facts, telling.Bounds()))
    except faults.Fault as fault:
        raise fault.at(program.trigger) from None


class _Run:
    """The run: what it reads from, how many steps it has taken, and which loops it is in."""

    def __init__(self, now: reading.Reading, bounds: telling.Bounds) -> None:
        self.now = now
        self._left = bounds.steps
        self._bounds = bounds
        self._loops: list[telling.Place] = []
        self._outputs = MappingProxyType(now.outputs)
        self._walks: dict[type, Callable[[Any, str], _Part]] = {
            programs.Action: self._action,
            programs.If: self._if,
            programs.ForEach: self._foreach,
            programs.Repeat: self._repeat,
            programs.Try: self._try,
            programs.Stop: self._stop,
        }

    def block(self, steps: programs.Block, path: str) -> _Part:
        """Steps one after the other."""
        for step in steps:
            self._count(step.place)
            yield from self._walks[type(step)](step, path)

    def holds(self, place: telling.Place, group: conditions.Group) -> bool:
        """Whether a step's conditions hold."""
        try:
            return group.holds(self.now)
        except faults.Fault as fault:
            raise fault.at(place) from None

    def parsed(self, parses: converting.Conversions | None, output: telling.Object) -> telling.Object:
        """An output as the step's schema has it."""
        return parses.of(output, self.now.zone) if parses else output

    def report(self, program: programs.Program) -> telling.Object:
        """The job's own columns; what is not there gives none."""
        found: dict[str, values.Value] = {}
        for key, node in program.report.members:
            try:
                value = node.evaluate(self.now)
            except faults.Fault:
                continue
            if value is not None and not isinstance(value, values.Special):
                found[key] = value
        return found

    def _count(self, place: telling.Place) -> None:
        self._left -= 1
        if self._left < 0:
            looping = self._loops[-1] if self._loops else place
            what = f"A run may take {self._bounds.steps} steps"
            said = f"{what}, and the loop at step {looping.number} goes on" if self._loops else what
            raise _Over(telling.Broken(looping.number, "", said, faults.LIMIT))

    def _evaluate(self, place: telling.Place, node: mapping.Node) -> values.Outcome:
        self.now.begin()
        try:
            return node.evaluate(self.now)
        except faults.Fault as fault:
            raise fault.at(place) from None

    def _fields(self, step: programs.Action) -> telling.Object:
        self.now.begin()
        try:
            given = step.input.evaluate(self.now)
        except faults.Fault as fault:
            raise fault.at(step.place) from None
        return step.renders.of(given, self.now.zone) if step.renders else given

    def _number(self, place: telling.Place, node: mapping.Node, where: str) -> float:
        value = self._evaluate(place, node)
        number = 0 if value in (None, "") or isinstance(value, values.Special) else conditions.number(value)
        if number is None or not 0 <= number <= programs.MOST:
            raise faults.Fault(where, f"must be a number from 0 to {programs.MOST}", faults.FORMULA).at(place)
        return number

    def _hear(self, place: telling.Place, heard: telling.Heard) -> None:
        if isinstance(heard, telling.Exhausted):
            raise _Over(telling.Broken(place.number, "", heard.message, faults.LIMIT))
        self.now.now = heard.at
        if isinstance(heard, telling.Failed):
            failure = heard.failure
            raise faults.Fault("", failure.message, failure.kind, failure.details).at(place)

    def _action(self, step: programs.Action, path: str) -> _Part:
        heard = yield telling.Perform(step.place, self._fields(step), path, self._outputs)
        self._hear(step.place, heard)
        if isinstance(heard, telling.Done):
            self.now.outputs.update(heard.updates)
            if step.place.alias:
                self.now.outputs[step.place.alias] = self.parsed(step.parses, heard.output)

    def _if(self, step: programs.If, path: str) -> _Part:
        for branch in step.branches:
            if branch is not step.branches[0]:
                self._count(branch.place)
            if branch.test is None or self.holds(branch.place, branch.test):
                yield from self.block(branch.body, path)
                return

    def _foreach(self, step: programs.ForEach, path: str) -> _Part:
        items = self._items(step)
        size = 0 if step.batch is None else int(self._number(step.place, step.batch, "batch_size")) or 1
        turns = -(-len(items) // (size or 1))
        for index in range(turns):
            self._turn(step.place, reading.Turn(index, len(items), turns))
            for alias in step.forgets:
                self.now.outputs.pop(alias, None)
            self.now.outputs[step.place.alias] = items[index * size : (index + 1) * size] if size else items[index]
            yield from self._inside(step.place, step.body, f"{path}/{index}" if path else str(index))
        self.now.outputs.pop(step.place.alias, None)
        self.now.turns.pop(step.place.alias, None)

    def _items(self, step: programs.ForEach) -> list[values.Value]:
        found = self._evaluate(step.place, step.source)
        if found is None or isinstance(found, values.Special):
            return []
        if not isinstance(found, list):
            raise faults.Fault("source", "is no list that could be gone through", faults.LOOP).at(step.place)
        return list(found)

    def _repeat(self, step: programs.Repeat, path: str) -> _Part:
        index = 0
        while True:
            self._turn(step.place, reading.Turn(index, None, None))
            yield from self._inside(step.place, step.body, f"{path}/{index}" if path else str(index))
            if step.end is None or step.end.test is None or not self.holds(step.end.place, step.end.test):
                break
            index += 1
        self.now.turns.pop(step.place.alias, None)

    def _turn(self, place: telling.Place, turn: reading.Turn) -> None:
        if turn.index:
            self._loops.append(place)
            self._count(place)
            self._loops.pop()
        self.now.turns[place.alias] = turn

    def _inside(self, place: telling.Place, body: programs.Block, path: str) -> _Part:
        self._loops.append(place)
        try:
            yield from self.block(body, path)
        finally:
            self._loops.pop()

    def _try(self, step: programs.Try, path: str) -> _Part:
        tries = 0
        while True:
            try:
                yield from self.block(step.body, path)
            except faults.Fault as fault:
                caught = fault
            else:
                return
            if step.catch is None:
                raise caught
            place = step.catch.place
            self._count(place)
            self.now.outputs[place.alias] = self._told(caught, tries)
            if not self._tries_again(step.catch, tries):
                break
            tries += 1
            seconds = self._number(place, step.catch.interval, "input.retry_interval")
            if seconds:
                self._hear(place, (yield telling.Rest(place, seconds, path)))
        yield from self.block(step.catch.body, path)

    def _tries_again(self, catch: programs.Catch, tries: int) -> bool:
        if tries >= self._number(catch.place, catch.retries, "input.max_retry_count"):
            return False
        return catch.test is None or self.holds(catch.place, catch.test)

    def _told(self, fault: faults.Fault, tries: int) -> telling.Object:
        """What a catch step puts out."""
        place = fault.place
        return {
            **fault.details,
            "message": fault.message,
            "type": fault.kind,
            "line_number": place.number if place else None,
            "adapter": (place.provider or None) if place else None,
            "action": (place.operation or None) if place else None,
            "uuid": (place.uuid or None) if place else None,
            "error_type_id": fault.details.get("error_type_id", fault.kind),
            "error_at": self.now.now,
            "retry_count": tries,
        }

    def _stop(self, step: programs.Stop, path: str) -> NoReturn:
        del path
        failing = self._evaluate(step.place, step.failing)
        reason = self._evaluate(step.place, step.reason)
        said = spelling.text(reason) if isinstance(reason, str | int | float | date) else ""
        if not isinstance(failing, values.Special) and conditions.true(failing):
            said = said or "The job was stopped by the recipe"
            raise _Over(telling.Broken(step.place.number, "", said, telling.STOPPED))
        raise _Over(telling.Finished({}, said))
