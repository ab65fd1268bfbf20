"""A run ends: its status, its recipe's tally, who waits for it, who wants to hear of it, in one transaction."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from recipeyard.model import runs
from recipeyard.runtime import codec, interface
from recipeyard.runtime.stepping import telling
from recipeyard.sql import database, listeners
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import accepting, loading

LONGEST_MESSAGE = 10_000
"""How many characters the message of a failure may have; what is longer is cut."""

_TOLD = "failure:"


def end(tx: database.Tx, run: runs.Run, ended: telling.Ending, tasks: int) -> runs.Status:
    """Write down how a run has ended; gives its status. `tasks` counts the steps that it has done."""
    run_rows.forget_masked(tx, run.id)
    if isinstance(ended, telling.Filtered):
        _close(tx, run, runs.Status.FILTERED, None, {})
        return runs.Status.FILTERED
    error = None
    if isinstance(ended, telling.Broken):
        said = codec.legible(ended.message, LONGEST_MESSAGE)
        error = runs.Error(ended.number, ended.where, said, ended.kind)
    report = {name: codec.plain(value) for name, value in ended.report.items()}
    status = runs.Status.FAILED if error else runs.Status.SUCCEEDED
    _close(tx, run, status, error, report)
    run_rows.count(tx, run.recipe_id, failed=error is not None, tasks=tasks)
    if error:
        _publish(tx, run, error)
    return status


def _close(
    tx: database.Tx, run: runs.Run, status: runs.Status, error: runs.Error | None, report: Mapping[str, Any]
) -> None:
    """A run's row, then its parent's: everybody locks them in this order, and whatever else there is after them."""
    run_rows.end(tx, run.id, status, error, report)
    if run.parent_id is not None:
        run_rows.wake(tx, run.parent_id, run.id)


def fail(tx: database.Tx, run: runs.Run, message: str) -> None:
    """End a run that can't be carried out at all."""
    end(tx, run, telling.Broken(0, "", message, "Server"), 0)


def _publish(tx: database.Tx, run: runs.Run, error: runs.Error) -> None:
    """Tell recipes that listen to failures; a failure of one of those is told to nobody, or it would never end."""
    first = run_rows.by_id(tx, run.root_id) if run.root_id else run
    if first and first.event_key.startswith(_TOLD):
        return
    subject = "job_stopped_with_error" if error.kind == telling.STOPPED else "job_failed"
    recipe = loading.recipe_of(tx, run.recipe_id)
    payload: Mapping[str, Any] = {
        "job_id": runs.handle(run.id),
        "recipe_id": recipe.id,
        "recipe_name": recipe.name,
        "message": error.message,
        "step": error.step,
        "type": error.kind,
        "started_at": run.started_at,
        "completed_at": tx.now,
    }
    event = interface.Event(payload, f"{_TOLD}{run.id}")
    for listener in listeners.to(tx, run.workspace_id, subject):
        with suppress(interface.Failure):  # for one that takes no more it ends here; the others hear of it
            accepting.tell(tx, listener, event, run)
