"""Play a recipe for a test case: the stepper as it is, in a world that answers from stubs, at once, without a clock."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo

from recipeyard.model import stubs, test_cases
from recipeyard.runtime import codec, expecting, fields, interface, stubbing, values, workspace
from recipeyard.runtime.cases import unanswered
from recipeyard.runtime.stepping import programs, telling, walking

BOUNDS = telling.Bounds(steps=10_000)
"""What one run of a case may take."""

MOST_NESTED = 25
MOST_WAITS = 1000
_THROWN = (ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Bench:
    """What cases are played on: connectors by provider, and what is at hand of recipes (by id) and other documents.

    `recorded` are stubs that answer for steps that a case says nothing of. `program` raises `programs.Refused`, and
    gives None for a recipe that is not at hand.
    """

    connectors: Mapping[str, interface.Connector]
    program: Callable[[str], programs.Program | None]
    document: unanswered.Documents
    recorded: tuple[stubs.Stub, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case says of the world: always the same."""

    case: test_cases.Case
    zone: tzinfo
    job: telling.Object
    made: list[uuid.UUID] = field(default_factory=list)

    @property
    def started_at(self) -> datetime:
        """The first moment."""
        return self.case.now

    def property_of(self, name: str) -> str | None:
        """A property's value."""
        return self.case.properties.get(name)

    def lookup(self, table: str, criteria: telling.Object) -> telling.Object | None:
        """The first row of the case's table that is so; its values are texts, as those of tables are."""
        rows = (expecting.values_of(row) for row in self.case.lookups.get(table, ()))
        wanted = {name: _text(value) for name, value in criteria.items()}
        return next((row for row in rows if all(_text(row.get(name)) == text for name, text in wanted.items())), None)

    def uuid(self) -> str:
        """The next id."""
        self.made.append(uuid.UUID(int=len(self.made) + 1, version=4))
        return str(self.made[-1])


@dataclass
class Play:
    """One case being played. `done` are the recipe's own steps by number, each time with its input, in their order."""

    case: test_cases.Case
    bench: Bench
    facts: Facts
    done: list[tuple[int, telling.Object]] = field(default_factory=list)
    _now: datetime = field(init=False)
    _turns: Counter[tuple[str, int]] = field(default_factory=Counter)
    _given: stubbing.Given = field(default_factory=dict)
    _runs: dict[str, workspace.Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._now = self.case.now

    def run(self, recipe_id: str, program: programs.Program) -> tuple[telling.Ending, interface.Object | None]:
        """The recipe with the case's event: how it ends, and what it replies. Raises `unanswered.Unanswered`."""
        return self._carry((recipe_id, program), expecting.values_of(self.case.trigger), 0)

    def _carry(
        self, recipe: tuple[str, programs.Program], event: telling.Object, depth: int
    ) -> tuple[telling.Ending, interface.Object | None]:
        walk = walking.walk(recipe[1], event, self.facts, BOUNDS)
        reply: interface.Object | None = None
        try:
            said = next(walk)
            while True:
                heard: telling.Heard
                if isinstance(said, telling.Rest):
                    self._now += timedelta(seconds=said.seconds)
                    heard = telling.Done(self._now)
                else:
                    came = self._perform(recipe[0], said, depth)
                    heard = self._heard(came)
                    reply = came.reply if isinstance(came, interface.Result) and came.reply is not None else reply
                said = walk.send(heard)
        except StopIteration as e:
            ending: telling.Ending = e.value
            return ending, reply

    def _heard(self, came: interface.Result | interface.Failure) -> telling.Heard:
        if isinstance(came, interface.Failure):
            return telling.Failed(self._now, came)
        return telling.Done(self._now, came.output, came.updates)

    def _perform(self, recipe_id: str, said: telling.Perform, depth: int) -> interface.Result | interface.Failure:
        place = said.place
        if depth == 0:
            self.done.append((place.number, said.input))
        turn = self._turns[recipe_id, place.number]
        self._turns[recipe_id, place.number] += 1
        told = self.case.stubs.get(place.alias) or self.case.stubs.get(place.uuid)
        try:
            if told:
                return _in_turn(told, turn)
            if any(each.provider == place.provider for each in self.bench.recorded):
                return self._recorded(said)
            return self._done(said, depth)
        except interface.Failure as e:
            return e
        except unanswered.Reached as e:
            what = f"step {place.number} ({place.alias or place.uuid}): {place.operation} of {place.provider} {e}"
            raise unanswered.Unanswered(recipe_id, place.number, what) from e
        except _THROWN as e:
            return interface.Failure(f"{place.operation} failed unexpectedly: {type(e).__name__}", "Connector")

    def _recorded(self, said: telling.Perform) -> interface.Result | interface.Failure:
        """What the first stub answers that has an answer. Raises `unanswered.Reached` where none has."""
        why = ""
        for stub in self.bench.recorded:
            found = stubbing.answer(stub, said.place.provider, said.place.operation, said.input, self._given)
            if not isinstance(found, stubbing.NoAnswer):
                return found
            why = why if stub.provider != said.place.provider else found.message
        raise unanswered.Reached(f"needs a stub: {why}")

    def _done(self, said: telling.Perform, depth: int) -> interface.Result:
        """What the connector itself does. Raises `interface.Failure`, and `unanswered.Reached` where that goes out."""
        place = said.place
        connector = self.bench.connectors.get(place.provider)
        action = connector.action(place.operation) if connector else None
        if action is None or action.effect is interface.Effect.OUTSIDE:
            raise unanswered.Reached("needs a stub")
        call = interface.Call(
            input=fields.take(action.input, said.input),
            step=place.source,
            connection=None,
            key=f"test-{place.number}-{said.path}",
            now=self._now,
            outputs=said.outputs,
            workspace=self._workspace(depth),
            outbound=unanswered.Out(),
        )
        for _ in range(MOST_WAITS):
            came = action.run(call)
            if isinstance(came, interface.Result):
                return came
            self._now = max(self._now, came.until or self._now)
            call = replace(call, resumed=came.state, now=self._now)
        raise unanswered.Reached(f"waits more than {MOST_WAITS:,} times")

    def _workspace(self, depth: int) -> unanswered.Workspace:
        def begin(recipe_id: str, parameters: interface.Object) -> workspace.Run:
            return self._called(recipe_id, parameters, depth + 1)

        return unanswered.Workspace(unanswered.Recipes(begin, self._runs), self.bench.document)

    def _called(self, recipe_id: str, parameters: interface.Object, depth: int) -> workspace.Run:
        if depth > MOST_NESTED:
            raise interface.Failure(f"calls nest deeper than {MOST_NESTED}", "Limit")
        try:
            program = self.bench.program(recipe_id)
        except programs.Refused as e:
            raise unanswered.Reached(f"calls a recipe that can't run: {e}") from e
        if program is None:
            raise unanswered.Reached("needs a stub: the recipe that it calls is not at hand")
        event = self._event(program.trigger, parameters)
        ending, reply = self._carry((recipe_id, program), event, depth)
        error = ending.message if isinstance(ending, telling.Broken) else None
        return workspace.Run(f"j-{len(self._runs) + 1}", ended=True, reply=reply, error=error)

    def _event(self, trigger: telling.Place, parameters: interface.Object) -> interface.Object:
        connector = self.bench.connectors.get(trigger.provider)
        found = connector.trigger(trigger.operation) if connector else None
        if found is None or not isinstance(found.listening, interface.Called):
            raise unanswered.Reached(f"calls a recipe that {trigger.provider} begins, which takes no calls")
        return found.listening.event(parameters, {})


def _in_turn(told: test_cases.Told, turn: int) -> interface.Result | interface.Failure:
    """What a case says of a step. Raises `unanswered.Reached` for a turn that it does not tell of."""
    if told.in_turn and turn >= len(told.outcomes):
        raise unanswered.Reached(f"is done {turn + 1} times, and its stubs tell of {len(told.outcomes)}")
    return stubbing.told(told.outcomes[turn if told.in_turn else 0])


def _text(value: values.Value) -> str:
    return "" if value is None else str(codec.plain(value))
