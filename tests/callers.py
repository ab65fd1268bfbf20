"""What connectors of calling are given in tests: recipes that remember what they were asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from recipeyard.runtime import interface, outbound, workspace

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Recipes:
    """Recipes whose runs stand as the test says."""

    runs: dict[str, workspace.Run] = field(default_factory=dict)
    called: list[tuple[str, Any, bool]] = field(default_factory=list)
    done: list[tuple[str, Any]] = field(default_factory=list)

    def call(self, recipe_id: str, parameters: workspace.Row, *, waited_for: bool) -> str:
        self.called.append((recipe_id, parameters, waited_for))
        return f"j-{len(self.called)}"

    def run(self, run_id: str) -> workspace.Run:
        return self.runs.get(run_id, workspace.Run(run_id, ended=False, reply=None, error=None))

    def show(self, recipe_id: str) -> workspace.Row:
        return {"id": int(recipe_id), "name": "Shown"}

    def start(self, recipe_id: str) -> None:
        self.done.append(("start", recipe_id))

    def stop(self, recipe_id: str) -> None:
        self.done.append(("stop", recipe_id))

    def jobs(self, recipe_id: str, *, status: str | None, limit: int) -> Sequence[workspace.Row]:
        self.done.append(("jobs", (recipe_id, status, limit)))
        return [{"id": "j-7"}, {"id": "j-6"}]

    def rerun(self, job_ids: Sequence[str]) -> Sequence[str]:
        self.done.append(("rerun", list(job_ids)))
        return [f"{each}0" for each in job_ids]

    def connections(self) -> Sequence[workspace.Row]:
        return [
            {"id": 1, "name": "Sales CRM", "provider": "salesforce"},
            {"id": 2, "name": "Mail", "provider": "email"},
        ]

    def summary(self) -> workspace.Row:
        return {"recipes_count": 3, "active_recipes_count": 1}

    def ended(self, run_id: str, reply: workspace.Row | None = None, error: str | None = None) -> None:
        """A run has ended so."""
        self.runs[run_id] = workspace.Run(run_id, ended=True, reply=reply, error=error)


@dataclass
class Workspace:
    """A workspace of nothing but recipes."""

    recipes: Recipes = field(default_factory=Recipes)


def perform(
    connector: interface.Connector, name: str, recipes: Recipes, given: interface.Object, **more: Any
) -> interface.Result | interface.Wait:
    """Do one action."""
    action = connector.action(name)
    assert action
    asked = {"step": {}, "connection": None, "key": "k", "now": NOW, "outputs": {}} | more
    place = cast(workspace.Workspace, Workspace(recipes))
    return action.run(interface.Call(input=given, workspace=place, outbound=cast(outbound.Outbound, None), **asked))
