"""Recipes that really run, in worlds without a server: events go in, threads carry the runs out."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any

import worlds
from recipeyard.model import assets, runs
from recipeyard.runtime import codec, interface
from recipeyard.runtime.reaching import network
from recipeyard.runtime.stepping import telling
from recipeyard.sql import database
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import accepting, credentials, dispatching, shell

PATIENCE_S = 30


@dataclass
class Runner:
    """Carries out the runs of a world."""

    world: worlds.World
    means: shell.Shell
    dispatcher: dispatching.Dispatcher

    def started(self, recipe: worlds.Recipe, files: worlds.Files | None = None) -> tuple[worlds.Place, int]:
        """A workspace in which a recipe runs; the recipe's id."""
        place = self.world.workspace()
        package = place.load({"a.recipe.json": recipe.bytes, **(files or {})})
        assert not package.error_parts, package
        refusal = place.start(recipe.name)
        assert not refusal.all, refusal
        return place, place.asset(assets.RECIPE, recipe.name).id

    def again(self) -> None:
        """Die, and start again: what was under way is taken up."""
        self.dispatcher.stop()
        self.dispatcher = dispatching.Dispatcher(self.means, dispatching.Bell())
        self.dispatcher.take_over([])
        self.dispatcher.start()

    def accept(self, recipe_id: int, output: Mapping[str, Any], key: str | None = None) -> int:
        """An event for a recipe; the id of its run."""
        with self.means.db.write() as tx:
            return accepting.accept(tx, recipe_id, interface.Event(output, key)).run_id

    def accepted(self, recipe_id: int, many: int) -> list[int]:
        """The runs of a recipe, once it has so many."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with self.means.db.read() as tx:
                found = run_rows.of_recipe(tx, recipe_id)
            if len(found) >= many:
                return found
            time.sleep(0.01)
        raise AssertionError(f"recipe {recipe_id} has {len(found)} runs")

    def ended(self, run_id: int) -> runs.Run:
        """A run, once it has ended."""
        return self.when(run_id, *runs.ENDED)

    def when(self, run_id: int, *wanted: runs.Status) -> runs.Run:
        """A run, once it stands as wanted."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            with self.means.db.read() as tx:
                run = run_rows.by_id(tx, run_id)
            if run and run.status in wanted:
                return run
            time.sleep(0.01)
        raise AssertionError(f"run {run_id} stands as {run}")

    def run(self, recipe_id: int, output: Mapping[str, Any]) -> runs.Run:
        """A run of a recipe for an event, from its beginning to its end."""
        return self.ended(self.accept(recipe_id, output))

    def steps(self, run_id: int) -> list[tuple[int, str, Any]]:
        """What a run's steps came to: (number, status, output)."""
        with self.means.db.read() as tx:
            rows = run_rows.journal(tx, run_id)
        return [(row.number, row.status.value, _output(row)) for row in rows]

    def reply(self, run_id: int) -> Any:
        """What a run has answered."""
        with self.means.db.read() as tx:
            found = run_rows.reply(tx, run_id)
        return codec.decode(found) if found else None


def hooked(name: str = "A") -> worlds.Recipe:
    """A recipe that begins with a webhook's event."""
    return worlds.Recipe(name, trigger=("workato_webhooks", "new_event"))


def pill(*path: Any, line: str = "t", provider: str = "workato_webhooks") -> str:
    """A pill as it stands in a formula."""
    said = {"pill_type": "output", "provider": provider, "line": line, "path": path}
    return f"_dp('{json.dumps(said, separators=(',', ':'))}')"


def _output(row: runs.Step) -> Any:
    entry = codec.decode(row.entry) if row.entry and not row.masked else None
    return entry.get("output") if isinstance(entry, Mapping) else None


def means_of(db: database.Database, node: str = "test", **bounds: Any) -> shell.Shell:
    """What carrying out runs takes."""
    out = network.Network(to_private=True)
    seal, unseal = b"sealed:".__add__, lambda data: data.removeprefix(b"sealed:")
    return shell.Shell(
        db=db,
        node=node,
        outbound=out,
        seal=seal,
        unseal=unseal,
        keeper=credentials.Keeper(db, seal, unseal, out),
        seed=b"test",
        zone=UTC,
        address="http://127.0.0.1",
        bounds=telling.Bounds(**bounds),
    )


@contextmanager
def running(world: worlds.World, **bounds: Any) -> Iterator[Runner]:
    """The world's runs are carried out meanwhile."""
    bell = dispatching.Bell()
    world.deed = replace(world.deed, db=world.db.noticing(bell.ring))
    means = means_of(world.db, **bounds)
    runner = Runner(world, means, dispatching.Dispatcher(means, bell))
    runner.dispatcher.start()
    try:
        yield runner
    finally:
        runner.dispatcher.stop()
