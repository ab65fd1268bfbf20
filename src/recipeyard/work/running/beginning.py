"""All that a run is carried out with, loaded once: its recipe's program, its event, its journal so far, its facts."""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from recipeyard.model import errors, runs
from recipeyard.runtime import codec, installed, interface, values
from recipeyard.runtime.stepping import programs, telling
from recipeyard.sql import database, stubs
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import asking, facts, guarding, listening, loading, shell


@dataclass(frozen=True, slots=True)
class Begun:
    """A run under way. `event` is the trigger's output, None where there is nothing to do for it."""

    run: runs.Run
    program: programs.Program
    event: telling.Object | None
    rows: Mapping[int, runs.Step]
    facts: facts.Facts
    stubbed: bool


def begin(means: shell.Shell, run: runs.Run) -> Begun:
    """Load what a run needs. Raises `errors.NotFound` where its recipe's version is gone, and what loading raises."""
    with means.db.read() as tx:
        if run.version_id is None:
            raise errors.NotFound("Not found: the run has no version")
        recipe = loading.recipe_of(tx, run.recipe_id)
        program = loading.program(tx, run.version_id)
        event = _event(tx, run, program, _object(codec.decode(run_rows.event(tx, run.id))))
        stubbed = stubs.are_bound(tx, run.workspace_id)
        rows = {row.position: row for row in run_rows.journal(tx, run.id)}
    told = facts.Facts(
        started_at=run.started_at or run.accepted_at,
        zone=means.zone,
        job=_job(means, run, recipe),
        ask=_asking(means, run, recipe),
        seed=hashlib.blake2b(str(run.id).encode(), key=means.seed, digest_size=32).digest(),
    )
    return Begun(run, program, event, rows, told, stubbed)


def _job(means: shell.Shell, run: runs.Run, recipe: loading.Recipe) -> telling.Object:
    where = f"{means.address}/recipes/{recipe.id}"
    handle = runs.handle(run.id)
    return {
        "job_id": handle,
        "job_url": f"{where}/job/{handle}",
        "job_created_at": run.accepted_at,
        "recipe_id": recipe.id,
        "recipe_name": recipe.name,
        "recipe_url": where,
        "recipe_path": f"/recipes/{recipe.id}",
        "repeat_count": 1 if run.repeats_id else 0,
        "calling_job_id": runs.handle(run.parent_id) if run.parent_id else None,
        "master_job_id": runs.handle(run.root_id) if run.root_id else handle,
    }


def _asking(means: shell.Shell, run: runs.Run, recipe: loading.Recipe) -> facts.Ask:
    """The workspace's answers to what formulas ask of it, as it is at that moment."""

    def ask(what: str, name: str, criteria: telling.Object) -> Any:
        with means.db.read() as tx:
            answer = asking.of_folder(tx, run.workspace_id, recipe.folder_id)
            return guarding.guarded(what, functools.partial(answer, what, name, criteria))

    return ask


def _event(tx: database.Tx, run: runs.Run, program: programs.Program, stored: telling.Object) -> telling.Object | None:
    """The trigger's output: what happened here, and calls, are stored as they were said. None: none of its business."""
    trigger = installed.trigger(program.trigger.provider, program.trigger.operation)
    how = trigger.listening if trigger else None
    name = program.trigger.operation
    if isinstance(how, interface.Called):
        parameters, context = _object(stored.get("parameters")), _object(stored.get("context"))
        return guarding.output(guarding.guarded(name, lambda: how.event(parameters, context)), name)
    if isinstance(how, interface.Subject):
        heard = listening.hear(tx, run.workspace_id, run.recipe_id, run.version_id or 0)
        event = guarding.guarded(name, lambda: how.event(heard.input, stored))
        return None if event is None else guarding.output(event, name)
    return stored


def _object(value: values.Value) -> telling.Object:
    return value if isinstance(value, Mapping) else {}
