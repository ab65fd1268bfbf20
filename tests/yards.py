"""Workspaces of the corpus: imported, mended as people would, their apps stubbed, their recipes started and run."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import made_up
import running
import worlds
from recipeyard.model import assets, recipes, runs, stubs
from recipeyard.runtime import installed, interface
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders, runtime_tables
from recipeyard.sql import runs as run_rows
from recipeyard.work import hooks, starting
from recipeyard.work import recipes as recipe_deeds
from recipeyard.work import stubs as stub_deeds

Step = Mapping[str, Any]


@dataclass(frozen=True)
class Trouble:
    """A step that failed, of what kind; without one, a step that is only done where something was caught."""

    path: str
    step: int
    kind: str | None


@dataclass
class Yard:
    """A workspace: its recipes' documents and paths, by id. `chosen` are those in which something was set by hand."""

    runner: running.Runner
    place: worlds.Place
    documents: dict[int, dict[str, Any]] = field(default_factory=dict)
    paths: dict[int, str] = field(default_factory=dict)
    chosen: set[str] = field(default_factory=set)
    _made: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """The workspace's id."""
        return self.place.workspace.id

    def load(self, top: Path) -> None:
        """Import every project that lies in a folder."""
        for root in sorted(path for path in top.iterdir() if path.is_dir()):
            files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
            with self.runner.world.db.write() as tx:
                home = folders.find(tx, self.id, self.place.workspace.root_folder_id)
                folder = folders.create(tx, home, root.name)
            package = self.place.load(files, folder.id)
            assert not package.error_parts
            for path, result in self.place.results(package).items():
                if result.kind == assets.RECIPE and result.asset_id:
                    self.documents[result.asset_id] = json.loads(files[path])
                    self.paths[result.asset_id] = f"{root.name}/{path}"

    def mend(self) -> None:
        """Choose by hand, as people do in an editor, what documents name without saying where it is, or is missing."""
        for recipe_id, value in self.documents.items():
            if named := {name for step in made_up.steps([value]) if (name := _called_by_name(step))}:
                self._choose_recipes(recipe_id, named)
            for entry in value["config"]:
                if entry.get("account_id"):
                    self._choose_connection(recipe_id, entry["provider"], entry["account_id"]["name"])

    def _choose_recipes(self, recipe_id: int, named: Iterable[str]) -> None:
        with self.runner.world.db.write() as tx:
            ids = {each.name: each.id for each in asset_rows.named(tx, self.id, assets.RECIPE, sorted(named))}
            code: Any = recipe_deeds.show(tx, self.id, [recipe_id])[0].value["code"]
            for step in made_up.steps([{"code": code}]):
                if name := _called_by_name(step):
                    step["input"]["flow_id"] = str(ids[name])
            recipe_deeds.change(tx, self.id, recipe_id, recipe_deeds.Edit({"code": code}))
        self.chosen.add(self.paths[recipe_id])

    def _choose_connection(self, recipe_id: int, provider: str, name: str) -> None:
        with self.runner.world.db.read() as tx:
            shown = recipe_deeds.show(tx, self.id, [recipe_id])[0].value
        if recipes.connection(shown, provider) is not None:
            return
        if (provider, name) not in self._made:
            document = worlds.connection(name, provider)
            self._made[provider, name] = self.place.make(assets.CONNECTION, document, provider)
        with self.runner.world.db.write() as tx:
            wanted = recipe_deeds.Connect(provider, self._made[provider, name])
            recipe_deeds.connect(tx, self.id, recipe_id, wanted)
        self.chosen.add(self.paths[recipe_id])

    def built_in(self) -> list[int]:
        """The recipes that use nothing but what is built in."""
        known = installed.installed().keys()
        providers = {
            each: {step["provider"] for step in made_up.steps([value])} for each, value in self.documents.items()
        }
        return [each for each, used in providers.items() if used <= known]

    def stub(self) -> None:
        """Let stubs answer for all that is not built in."""
        for provider, document in made_up.stubs(self.documents.values(), installed.installed()).items():
            stub_id = self.place.make(assets.STUB, document, provider)
            with self.runner.world.db.write() as tx:
                found = asset_rows.of_kind(tx, self.id, assets.CONNECTION)
                mine = tuple(sorted(each.id for each in found if each.provider == provider))
                stub_deeds.bind(tx, self.id, stub_id, stubs.Bound(mine, without_connection=True))

    def start(self, recipe_ids: Iterable[int]) -> dict[str, list[str]]:
        """Start recipes; what keeps those from it that do not, by path."""
        refused: dict[str, list[str]] = {}
        for each in recipe_ids:
            with self.runner.world.db.write() as tx:
                refusal = starting.start(tx, self.id, each)
            if refusal.all:
                refused[self.paths[each]] = [f"{one.value} {one.message}" for one in refusal.all]
        return refused

    def run(self, event_of: Callable[[Step], made_up.Object]) -> dict[str, runs.Run]:
        """One event for each recipe that runs, made of its trigger; their runs once they have ended, by path."""
        with self.runner.world.db.read() as tx:
            found = asset_rows.by_ids(tx, self.id, list(self.documents))
        triggers = {each: value["code"] for each, value in self.documents.items() if found[each].running}
        sent = {each: self._send(each, trigger, event_of(trigger)) for each, trigger in triggers.items()}
        return {self.paths[each]: self.runner.ended(run_id) for each, run_id in sent.items()}

    def _send(self, recipe_id: int, trigger: Step, output: made_up.Object) -> int:
        """By the recipe's address where a stub answers for its trigger; else as its trigger would put it out."""
        if trigger["provider"] in installed.installed():
            return self.runner.accept(recipe_id, output)
        request = interface.Request("POST", {}, {}, json.dumps(output).encode())
        return hooks.receive(self.runner.world.db, recipe_id, request, keep=False).run_id

    def troubles(self) -> Iterator[Trouble]:
        """What went wrong in any run so far, a called recipe's too, whether it was caught or not."""
        table = runtime_tables.runs
        with self.runner.world.db.read() as tx:
            for run in tx.all(sa.select(table.c.id, table.c.recipe_id).where(table.c.workspace_id == self.id)):
                catches = set(_caught_by(self.documents[run.recipe_id]["code"]))
                for row in run_rows.journal(tx, run.id):
                    if row.status is not runs.StepStatus.DONE or row.number in catches:
                        yield Trouble(self.paths[run.recipe_id], row.number, (row.error or {}).get("kind"))


def _called_by_name(step: Step) -> str | None:
    """The recipe that a step calls where nothing but its name says which."""
    called = (step.get("input") or {}).get("flow_id")
    return called["name"] if isinstance(called, Mapping) and "zip_name" not in called else None


def _caught_by(step: Step, *, inside: bool = False) -> Iterator[int]:
    """The numbers of the steps that are done only where something was caught."""
    if inside:
        yield step["number"]
    for each in step.get("block") or ():
        yield from _caught_by(each, inside=inside or step.get("keyword") == "catch")
