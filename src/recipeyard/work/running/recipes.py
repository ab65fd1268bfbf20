"""The recipes of a workspace as a step of one of them has them: to call, look at, start, stop and run again."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from recipeyard.model import assets, runs
from recipeyard.runtime import codec, interface, workspace
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections as connection_rows
from recipeyard.sql import database, listeners
from recipeyard.sql import jobs as job_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import runs as run_rows
from recipeyard.wire import jobs
from recipeyard.work import starting
from recipeyard.work.running import accepting, tables

_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Recipes:
    """The recipes beside the one that a step belongs to.

    `begun` takes the runs that the step waits for: they are its own thread's to carry out, on `node`.
    """

    tx: database.Tx
    run_of_step: runs.Run
    key: str
    node: str
    begun: list[int]

    def call(self, recipe_id: str, parameters: workspace.Row, *, waited_for: bool) -> str:
        """Begin a run of a running recipe; its id."""
        number, caller = _id(recipe_id), self.run_of_step
        listener = listeners.find(self.tx, number)
        if listener is None or listener.kind != "called" or listener.workspace_id != caller.workspace_id:
            raise interface.Failure(f"Recipe {recipe_id} does not run, or is none that can be called", "NotRunning")
        context: workspace.Row = {"calling_recipe_id": caller.recipe_id, "calling_job_id": runs.handle(caller.id)}
        event = interface.Event({"parameters": parameters, "context": context}, self.key)
        accepted = accepting.call(self.tx, caller, number, event, self.node if waited_for else None)
        if waited_for and accepted.new:
            self.begun.append(accepted.run_id)
        return runs.handle(accepted.run_id)

    def run(self, run_id: str) -> workspace.Run:
        """How a run stands that this run has begun."""
        number = runs.number(run_id)
        found = run_rows.by_id(self.tx, number) if number is not None else None
        if found is None or found.workspace_id != self.run_of_step.workspace_id:
            raise interface.Failure(f"There is no job {run_id}", "NotFound")
        reply = run_rows.reply(self.tx, found.id)
        decoded = codec.decode(reply) if reply else None
        return workspace.Run(
            id=run_id,
            ended=found.status in runs.ENDED,
            reply=decoded if isinstance(decoded, dict) else None,
            error=jobs.failure(found.error) if found.error else None,
        )

    def show(self, recipe_id: str) -> workspace.Row:
        """A recipe, in the API's words."""
        with tables.failing():
            recipe = asset_rows.find(self.tx, self._workspace_id, _id(recipe_id), assets.RECIPE)
        state = recipe_rows.states(self.tx, [recipe.id])[recipe.id]
        tally = run_rows.tallies(self.tx, [recipe.id]).get(recipe.id, runs.Tally())
        return {
            "id": recipe.id,
            "name": recipe.name,
            "folder_id": recipe.folder_id,
            "running": recipe.running,
            "trigger_application": state.trigger_application,
            "applications": list(state.applications),
            "version_no": recipe.version_no,
            "job_succeeded_count": tally.succeeded,
            "job_failed_count": tally.failed,
            "lifetime_task_count": tally.tasks,
            "last_run_at": tally.last_run_at,
            "stopped_at": state.stopped_at,
            "stop_cause": state.stop_cause,
            "created_at": state.created_at,
            "updated_at": state.updated_at,
        }

    def start(self, recipe_id: str) -> None:
        """A recipe starts. `Failure` says everything that keeps it from that."""
        with tables.failing():
            refusal = starting.start(self.tx, self._workspace_id, _id(recipe_id))
        if refusal.all:
            said = "; ".join(f"step {each.step}: {each.path}: {each.message}" for each in refusal.all)
            raise interface.Failure(f"Recipe {recipe_id} can't start: {said}", "NotStarted")

    def stop(self, recipe_id: str) -> None:
        """A recipe takes no more events."""
        with tables.failing():
            starting.stop(self.tx, self._workspace_id, _id(recipe_id))

    def jobs(self, recipe_id: str, *, status: str | None, limit: int) -> Sequence[workspace.Row]:
        """A recipe's latest jobs, newest first, in the API's words."""
        with tables.failing():
            recipe = asset_rows.find(self.tx, self._workspace_id, _id(recipe_id), assets.RECIPE)
        if status and status not in jobs.STATUSES:
            raise interface.Failure(f"{status!r} is no status of jobs: {', '.join(jobs.STATUSES)}", "Invalid")
        by = job_rows.Filter(jobs.STATUSES[status] if status else ())
        found = job_rows.page(self.tx, recipe.id, by, job_rows.Window(limit))
        return [msgspec.to_builtins(jobs.job(each, None, None)) for each in found]

    def rerun(self, job_ids: Sequence[str]) -> Sequence[str]:
        """Jobs run again; the ids of the new ones."""
        made: list[str] = []
        for job_id in job_ids:
            number = runs.number(job_id)
            found = run_rows.by_id(self.tx, number) if number is not None else None
            if found is None or found.workspace_id != self._workspace_id:
                raise interface.Failure(f"There is no job {job_id}", "NotFound")
            with tables.failing():
                made.append(runs.handle(accepting.repeat(self.tx, found).run_id))
        return made

    def connections(self) -> Sequence[workspace.Row]:
        """The workspace's connections, in the API's words."""
        return [
            {
                "id": each.asset.id,
                "name": each.asset.name,
                "provider": each.asset.provider,
                "folder_id": each.asset.folder_id,
                "authorization_status": "success" if each.authorized_at else None,
                "authorized_at": each.authorized_at,
            }
            for each in connection_rows.listed(self.tx, self._workspace_id)
        ]

    def summary(self) -> workspace.Row:
        """How many recipes the workspace has, and how many of them run."""
        total, running = recipe_rows.count(self.tx, self._workspace_id)
        return {"recipes_count": total, "active_recipes_count": running}

    @property
    def _workspace_id(self) -> int:
        return self.run_of_step.workspace_id


def _id(recipe_id: str) -> int:
    if recipe_id.isascii() and recipe_id.isdigit() and len(recipe_id) < _DIGITS:
        return int(recipe_id)
    raise interface.Failure(f"{recipe_id!r} is no recipe of this workspace", "NotFound")
