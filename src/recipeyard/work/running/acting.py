"""A step is done: its operation is found, its input typed, its connection opened, and what comes of it is checked."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from recipeyard.model import assets, runs
from recipeyard.model import stubs as model
from recipeyard.runtime import codec, fields, installed, interface, stubbing, values
from recipeyard.runtime.stepping import programs, telling
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, stubs
from recipeyard.work import stubs as stub_deeds
from recipeyard.work.running import credentials, guarding, shell, workplace


@dataclass
class Actor:
    """Does the steps of one run; `stubbed` says whether stubs answer for anything in its workspace."""

    means: shell.Shell
    run: runs.Run
    program: programs.Program
    stubbed: bool
    _connections: dict[str, interface.Object | None] = field(default_factory=dict)
    _stubs: dict[str, model.Stub | None] = field(default_factory=dict)
    _given: dict[tuple[str, int], int] = field(default_factory=dict)

    def action(self, place: telling.Place) -> interface.Action:
        """The action of a step: its stub's where one answers for it. Raises `interface.Failure` where nobody can."""
        if stub := self._stub(place.provider):
            answer = functools.partial(_answer, stub, place, self._given)
            return interface.Action(place.operation, answer, effect=interface.Effect.PURE)
        connector = installed.connector(place.provider)
        if connector is None:
            raise interface.Failure(f"provider {place.provider!r} is not installed here", "NotInstalled")
        action = connector.action(place.operation)
        if action is None:
            raise interface.Failure(f"{place.operation!r} is not an action of {place.provider}", "NotInstalled")
        return action

    def trusts(self, provider: str) -> bool:
        """Whether a provider's actions need no watch: ours, and stubs."""
        return provider in installed.ours() or self._stub(provider) is not None

    def do(self, action: interface.Action, call: interface.Call) -> interface.Result | interface.Wait:
        """What an action comes to. Whatever else a connector throws or gives is a failure that names it."""
        came = guarding.guarded(action.name, lambda: action.run(call))
        if isinstance(came, interface.Wait):
            return _sound_wait(came, action.name)
        if not isinstance(came, interface.Result):
            raise interface.Failure(f"{action.name} gave {type(came).__name__}, which is no result", "Connector")
        if not isinstance(came.updates, Mapping):
            raise interface.Failure(f"{action.name} gave updates that are no object", "Connector")
        return interface.Result(
            guarding.output(came.output, action.name),
            {alias: guarding.output(each, action.name) for alias, each in came.updates.items()},
            None if came.reply is None else guarding.output(came.reply, action.name),
        )

    def do_renewing(
        self, action: interface.Action, call: interface.Call, provider: str
    ) -> interface.Result | interface.Wait:
        """`do`, and once more where the connection's credentials had to be got again."""
        try:
            return self.do(action, call)
        except interface.Stale:
            again = renewed(self.means, self.program, provider, call.connection)
            self._connections[provider] = again
            return self.do(action, replace(call, connection=again, renewed=True))

    def call(
        self, action: interface.Action, said: telling.Perform, where: tuple[int, datetime], resumed: values.Value
    ) -> interface.Call:
        """What an action is given; `where` is the position in the journal, and the moment."""
        position, now = where
        return interface.Call(
            input=fields.take(action.input, said.input),
            step=said.place.source,
            connection=self._connection(said.place.provider),
            key=f"{self.run.id}-{position}",
            now=now,
            outputs=said.outputs,
            workspace=workplace.Nowhere(self.run.id),
            outbound=self.means.outbound,
            resumed=resumed,
        )

    def _connection(self, provider: str) -> interface.Object | None:
        if self._stub(provider):
            return None
        if provider not in self._connections:
            self._connections[provider] = open_for(self.means, self.run.workspace_id, self.program, provider)
        return self._connections[provider]

    def _stub(self, provider: str) -> model.Stub | None:
        if self.stubbed and provider not in self._stubs:
            with self.means.db.read() as tx:
                self._stubs[provider] = stub_for(tx, self.run.workspace_id, self.program, provider)
        return self._stubs.get(provider)


def stub_for(tx: database.Tx, workspace_id: int, program: programs.Program, provider: str) -> model.Stub | None:
    """The stub that answers for a recipe's steps of a provider; None where the provider itself does."""
    stub_id = stubs.answering(tx, workspace_id).stub(provider, program.connection(provider))
    if stub_id is None:
        return None
    stub = asset_rows.find(tx, workspace_id, stub_id, assets.STUB)
    return stub_deeds.content(tx, stub)


def open_for(
    means: shell.Shell, workspace_id: int, program: programs.Program, provider: str
) -> interface.Object | None:
    """The fields of the connection that a recipe of a workspace has for a provider; None where it has none.

    Raises `interface.Failure` for one that is not this workspace's, whoever may have written its id into the document.
    """
    account = program.connection(provider)
    if account is None:
        return None
    with means.db.read() as tx:
        if account not in asset_rows.by_ids(tx, workspace_id, [account]):
            raise interface.Failure(f"The connection for {provider} is not here", "Disconnected")
        return credentials.open_connection(tx, account, means.unseal)


def renewed(
    means: shell.Shell, program: programs.Program, provider: str, before: interface.Object | None
) -> interface.Object:
    """A connection's fields with credentials got again. Raises `interface.Failure` where they can't be."""
    account, connector = program.connection(provider), installed.connector(provider)
    if account is None or before is None or connector is None or connector.connecting is None:
        raise interface.Failure(f"The credentials of {provider} are refused", "Unauthorized")
    renew = functools.partial(means.keeper.renew, account, provider, connector.connecting, before)
    return guarding.guarded(f"The renewal of {provider}", renew)


def _sound_wait(wait: interface.Wait, name: str) -> interface.Wait:
    """Raises `interface.Failure` for a wait that nothing would ever end."""
    until, named = wait.until, wait.runs
    is_moment = until is None or (isinstance(until, datetime) and until.utcoffset() is not None)
    are_runs = isinstance(named, tuple) and all(isinstance(each, str) for each in named)
    if wait.state is None or not is_moment or not are_runs or (until is None and not named):
        raise interface.Failure(f"{name} waits for nothing that could come", "Connector")
    return replace(wait, state=codec.checked(wait.state, name))


def _answer(stub: model.Stub, place: telling.Place, given: stubbing.Given, call: interface.Call) -> interface.Result:
    came = stubbing.answer(stub, place.provider, place.operation, call.input, given)
    if isinstance(came, interface.Failure):
        raise came
    return came
