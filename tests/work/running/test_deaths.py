"""Servers that die while they carry a run out: it is taken up again, unless they may be dying of it."""

from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa

import running
import strangers
import worlds
from recipeyard.model import runs
from recipeyard.runtime import interface
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import carrying, dispatching, hands, shell


@dataclass
class Fate:
    """What calls come to: a server dies of each, or of the first of each step; `calls` are their keys."""

    is_certain: bool
    calls: list[str] = field(default_factory=list)

    def meet(self, call: interface.Call) -> interface.Result:
        self.calls.append(call.key)
        if self.is_certain or self.calls.count(call.key) == 1:
            raise sa.exc.OperationalError("SELECT", {}, OSError("gone"))  # breaks off as a death would
        return interface.Result()


@dataclass
class Servers:
    """Servers one after the other, each of which carries a run out until it dies or the run ends or rests."""

    world: worlds.World
    means: shell.Shell
    run_id: int

    def live(self) -> bool:
        """One more server; whether it has died."""
        with self.world.db.write() as tx:
            run_rows.claim(tx, [self.run_id], self.means.node)
        try:
            carrying.carry(self.means, hands.Hands(), self.run_id, lambda _: None)
        except sa.exc.OperationalError:
            return True
        return False

    def die(self) -> None:
        """A server begins, and dies at once."""
        with self.world.db.write() as tx:
            run_rows.claim(tx, [self.run_id], self.means.node)
        self.take_over()

    def take_over(self) -> None:
        """The next server finds what the one before has left."""
        dispatching.Dispatcher(self.means, dispatching.Bell()).take_over([])

    @property
    def run(self) -> runs.Run:
        with self.world.db.read() as tx:
            found = run_rows.by_id(tx, self.run_id)
        assert found
        return found


def begun(world: worlds.World, recipe: worlds.Recipe) -> Servers:
    """A run of a recipe that nobody carries out yet."""
    means = running.means_of(world.db)
    runner = running.Runner(world, means, dispatching.Dispatcher(means, dispatching.Bell()))
    _, recipe_id = runner.started(recipe)
    return Servers(world, means, runner.accept(recipe_id, strangers.deed("meet")))


def meeting(times: int) -> worlds.Recipe:
    """A recipe that calls so often, after a step that is done at once."""
    recipe = running.hooked().step("logger", "log_message", {"message": "here"})
    for _ in range(times):
        recipe.step(strangers.NAME, interface.Effect.OUTSIDE.value, {"deed": "meet"})
    return recipe


def test_a_run_of_which_servers_die_is_given_up(world: worlds.World, monkeypatch: pytest.MonkeyPatch) -> None:
    fate = Fate(is_certain=True)
    strangers.plug(monkeypatch, strangers.connector({"meet": fate.meet}))
    servers = begun(world, meeting(1))

    while servers.run.status not in runs.ENDED and len(fate.calls) < 2 * runs.MOST_DEATHS:
        servers.live()
        servers.take_over()

    assert servers.run.error
    said = "The server died 10 times while it carried this job out, and no step was done between"
    assert (said, runs.MOST_DEATHS) == (servers.run.error.message, len(fate.calls))


def test_a_run_that_does_a_step_between_deaths_is_never_given_up(
    world: worlds.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fate = Fate(is_certain=False)
    strangers.plug(monkeypatch, strangers.connector({"meet": fate.meet}))
    servers, times = begun(world, meeting(runs.MOST_DEATHS + 2)), 0

    while servers.live():
        servers.take_over()
        times += 1

    assert (runs.Status.SUCCEEDED, runs.MOST_DEATHS + 2) == (servers.run.status, times), servers.run.error


def test_a_run_that_waits_while_servers_die_is_as_it_was(world: worlds.World) -> None:
    servers = begun(world, running.hooked().step("clock", "wait_for_interval", {"unit": "hours", "duration": "1"}))
    servers.live()

    for _ in range(2 * runs.MOST_DEATHS):
        servers.take_over()

    assert (runs.Status.WAITING, 0) == (servers.run.status, servers.run.deaths)


def test_deaths_before_a_run_began_to_wait_count_no_more(world: worlds.World) -> None:
    servers = begun(world, running.hooked().step("clock", "wait_for_interval", {"unit": "hours", "duration": "1"}))

    for _ in range(3):
        for _ in range(runs.MOST_DEATHS - 1):
            servers.die()
        servers.live()

    assert (runs.Status.WAITING, 0) == (servers.run.status, servers.run.deaths)
