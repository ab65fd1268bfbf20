"""One run is carried out: the walk says what comes next, the journal what came of it before, the actor does the rest.

Pure steps are done at once and written with what follows. A step that changes this workspace commits with its own row
of the journal: exactly once. Before anything leaves this server it is written that it is about to: at least once, told
apart, with the same key each time. A run that rests gives its thread back.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from recipeyard.model import errors, runs
from recipeyard.runtime import codec, growth, interface, values
from recipeyard.runtime.stepping import programs, telling, walking
from recipeyard.sql import database
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import acting, beginning, ending, hands, journal, shell, workplace

HERE_S = 10
"""How long an action may take that changes this workspace: others wait for it."""

_Given = TypeVar("_Given")


class Lost(Exception):
    """Somebody else carries this run out by now: nothing more is to be done for it here."""


class Resting(Exception):
    """The run waits, and goes on later."""


@dataclass
class Carrier:
    """Carries out one run that is this node's."""

    means: shell.Shell
    begun: beginning.Begun
    calls: hands.Hands
    carry_child: Callable[[int], None]
    position: int = 0
    tasks: int = 0
    _actor: acting.Actor = field(init=False)
    _journal: journal.Journal = field(init=False)
    _settled_at: datetime = field(init=False)
    _mine: list[int] = field(default_factory=list)
    _grown: int = 0
    _deaths: int = 0

    def __post_init__(self) -> None:
        run = self.begun.run
        self._settled_at = self.now
        self._deaths = run.deaths
        self._actor = acting.Actor(self.means, run, self.begun.program, self.begun.stubbed)
        self._journal = journal.Journal(
            run.id, dict(self.begun.rows), self.means.seal, self.means.unseal, self.means.bounds
        )

    def carry(self) -> runs.Status:
        """Carry the run out to its end, or until it rests. Raises `Lost`."""
        if self.begun.event is None:
            return self._end(telling.Filtered())
        walk = walking.walk(self.begun.program, self.begun.event, self.begun.facts, self.means.bounds)
        try:
            return self._end(self._follow(walk))
        except Resting:
            return runs.Status.WAITING

    def _follow(self, walk: walking.Walk) -> telling.Ending:
        try:
            self._advance()
            said = next(walk)
            while True:
                heard = self._heard(said)
                if not isinstance(heard, telling.Exhausted):  # that is written with the run's end, or not at all
                    self._pause()
                self._advance()
                said = walk.send(heard)
        except StopIteration as e:
            ended: telling.Ending = e.value
            return ended

    def _heard(self, said: telling.Next) -> telling.Heard:
        try:
            return self._hear(said)
        except journal.Full as e:
            self._journal.give_up(self.position, self.now, e)
            return telling.Exhausted(str(e))

    def _pause(self) -> None:
        """Between two steps: what waits to be written may be enough, and the server may stop. Raises `Resting`."""
        if self.calls.leaving:
            self._leave()
        if self._journal.is_full:
            self._write(_nothing)

    def _leave(self) -> None:
        """The server stops: the run goes on from here at the next start. Raises `Resting`."""
        self._write(lambda tx: run_rows.give_back_some(tx, [self.begun.run.id], self.means.node))
        raise Resting

    def _advance(self) -> None:
        self.position += 1
        row = self._journal.rows.get(self.position)
        self.begun.facts.begin(self.position, list(self._journal.entry(row).get("observed") or ()) if row else None)

    def _hear(self, said: telling.Next) -> telling.Heard:
        """What became of the next thing: before, where the journal knows, else now."""
        self.tasks += isinstance(said, telling.Perform)
        row = self._journal.rows.get(self.position)
        if row and (row.number, row.path) != (said.place.number, said.path):
            raise errors.Unprocessable(f"step {row.number} was done before, and now step {said.place.number} is next")
        if row and row.status is runs.StepStatus.DONE:
            entry = self._journal.entry(row)
            self._grow(entry.get("updates") or {}, said.outputs if isinstance(said, telling.Perform) else {})
            return _done(row, entry, said)
        if row and row.status is runs.StepStatus.FAILED:
            return telling.Failed(row.ended_at or row.started_at, self._journal.failure(row))
        resumed = self._journal.entry(row) if row else {}
        if isinstance(said, telling.Rest):
            self._journal.begin(self.position, said, self.now, self.begun.facts.observed)
            return self._rest(said, resumed)
        return self._perform(said, resumed.get("state"))

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.means.db.clock()

    def _rest(self, said: telling.Rest, resumed: Mapping[str, Any]) -> telling.Heard:
        until = resumed.get("until") or self.now + timedelta(seconds=said.seconds)
        if self.now < until:
            self._wait(interface.Wait({"rests": True}, until=until))
        self._journal.done(self.position, until, {})
        return telling.Done(until)

    def _perform(self, said: telling.Perform, resumed: values.Value) -> telling.Heard:
        try:
            self._journal.begin(self.position, said, self.now, self.begun.facts.observed)
            action = self._actor.action(said.place)
            came, waited = self._do(action, said, resumed), None
            while isinstance(came, interface.Wait):
                if came.runs == waited:
                    raise interface.Failure(f"{action.name} goes on waiting for runs that have ended", "Connector")
                self._wait(came)
                waited = came.runs
                came = self._do(action, said, came.state)
        except interface.Failure as e:
            now = self.now
            self._journal.failed(self.position, now, e)
            return telling.Failed(now, e)
        return telling.Done(self._settled_at, came.output, came.updates)

    def _do(
        self, action: interface.Action, said: telling.Perform, resumed: values.Value
    ) -> interface.Result | interface.Wait:
        ways = {
            interface.Effect.PURE: self._pure,
            interface.Effect.HERE: self._here,
            interface.Effect.OUTSIDE: self._outside,
        }
        return ways[action.effect](action, said, resumed)

    def _pure(
        self, action: interface.Action, said: telling.Perform, resumed: values.Value
    ) -> interface.Result | interface.Wait:
        came = self._watched(action, self._call(action, said, resumed), said.place.provider, action.seconds)
        self._note(said, came)
        return came

    def _here(
        self, action: interface.Action, said: telling.Perform, resumed: values.Value
    ) -> interface.Result | interface.Wait:
        """In one transaction: what the action changes, and the journal up to and with it."""
        call = self._call(action, said, resumed)

        begun: list[int] = []

        def act(tx: database.Tx) -> interface.Result | interface.Wait:
            works = workplace.open_workspace(tx, self.begun.run, call.key, (self.means.node, begun))
            try:
                came = self._watched(action, replace(call, workspace=works), said.place.provider, HERE_S)
            except (hands.Hung, hands.Left):
                tx.connection.invalidate()  # nobody knows whether the call still uses it
                raise
            self._note(said, came)
            if isinstance(came, interface.Result) and came.reply is not None:
                run_rows.answer(tx, self.begun.run.id, codec.encode(came.reply))
            return came

        came = self._write(act)
        self._mine += begun
        if isinstance(came, interface.Result):
            self._carry_children()
        return came

    def _watched(
        self, action: interface.Action, call: interface.Call, provider: str, seconds: float
    ) -> interface.Result | interface.Wait:
        """What an action comes to. One that others wrote may hang, and is given up then."""
        if self._actor.trusts(provider):
            return self._actor.do(action, call)
        work = functools.partial(self._actor.do, action, call)
        return self.calls.within(min(action.seconds, seconds), provider, work)

    def _outside(
        self, action: interface.Action, said: telling.Perform, resumed: values.Value
    ) -> interface.Result | interface.Wait:
        call = self._call(action, said, resumed)
        self._write(_nothing)
        provider = said.place.provider
        work = functools.partial(self._actor.do_renewing, action, call, provider)
        came = self.calls.within(action.seconds, provider, work)
        self._note(said, came)
        return came

    def _call(self, action: interface.Action, said: telling.Perform, resumed: values.Value) -> interface.Call:
        return self._actor.call(action, said, (self.position, self.now), resumed)

    def _note(self, said: telling.Perform, came: interface.Result | interface.Wait) -> None:
        if isinstance(came, interface.Wait):
            self._journal.waits(self.position, {"state": came.state, "until": came.until})
        else:
            self._settled_at = self.now
            before = said.outputs
            entry: dict[str, values.Value] = {"output": growth.less(came.output, before.get(said.place.alias))}
            updates = {alias: growth.less(new, before.get(alias)) for alias, new in came.updates.items()}
            entry["updates"] = updates
            self._grow(updates, before)
            self._journal.done(self.position, self._settled_at, entry)

    def _grow(self, updates: Mapping[str, interface.Object], before: Mapping[str, values.Value]) -> None:
        """Count what lists have grown by. Raises `interface.Failure` where that is more than a run's may."""
        grown = [told for alias, told in updates.items() if alias not in before or growth.has_grown(told)]
        self._grown += sum(map(codec.size, grown))
        if self._grown > (most := self.means.bounds.grown_bytes):
            said = f"the run's lists have grown by {self._grown:,} bytes; the limit is {most:,}"
            raise interface.Failure(said, "TooLarge")

    def _wait(self, wait: interface.Wait) -> None:
        """Raises `Resting`, unless all runs that are waited for have ended in the meantime."""
        awaited = [number for each in wait.runs if (number := runs.number(each)) is not None]
        self._carry_children()
        if awaited and self._have_ended(awaited):
            return
        self._journal.waits(self.position, {"state": wait.state, "until": wait.until})
        self._write(lambda tx: run_rows.wait(tx, self.begun.run.id, wait.until, awaited))
        raise Resting

    def _carry_children(self) -> None:
        """What this run has begun to wait for is carried out here and now."""
        while self._mine:
            self.carry_child(self._mine.pop())

    def _have_ended(self, run_ids: Sequence[int]) -> bool:
        with self.means.db.read() as tx:
            found = run_rows.by_ids(tx, run_ids)
        return all(run_id not in found or found[run_id].status in runs.ENDED for run_id in run_ids)

    def _write(self, work: Callable[[database.Tx], _Given]) -> _Given:
        """One transaction of this run: what work does in it, and the journal. Raises `Lost`."""
        with self.means.db.write() as tx:
            if not run_rows.hold(tx, self.begun.run.id, self.means.node):
                raise Lost
            came = work(tx)
            if self._journal.flush(tx) and self._deaths:
                run_rows.get_on(tx, self.begun.run.id)
                self._deaths = 0
            return came

    def _end(self, ended: telling.Ending) -> runs.Status:
        def end(tx: database.Tx) -> runs.Status:
            self._journal.flush(tx)
            return ending.end(tx, self.begun.run, ended, self.tasks)

        return self._write(end)


def _done(row: runs.Step, entry: Mapping[str, Any], said: telling.Next) -> telling.Done:
    """What a row of the journal tells; lists that grew are told by what was new in them."""
    at = row.ended_at or row.started_at
    if isinstance(said, telling.Rest):
        return telling.Done(at)
    updates = {alias: growth.more(new, said.outputs.get(alias)) for alias, new in (entry.get("updates") or {}).items()}
    return telling.Done(at, growth.more(entry.get("output") or {}, said.outputs.get(said.place.alias)), updates)


def _nothing(_: database.Tx) -> None:
    """The journal alone."""


def carry(means: shell.Shell, calls: hands.Hands, run_id: int, carry_child: Callable[[int], None]) -> None:
    """Carry out a run that is this node's, and with `carry_child` those that it waits for.

    Raises `Lost` where it is this node's no more, `hands.Left` where the server stops in the middle of a call.
    """
    with means.db.read() as tx:
        run = run_rows.by_id(tx, run_id)
    if run is None:
        raise Lost
    try:
        begun = beginning.begin(means, run)
    except (errors.Failure, programs.Refused, interface.Failure) as e:
        with means.db.write() as tx:
            if run_rows.hold(tx, run_id, means.node):
                ending.fail(tx, run, str(e))
        return
    Carrier(means, begun, calls, carry_child).carry()
