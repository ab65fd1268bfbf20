"""Jobs as people see them: a recipe's runs, what each step was given and came to, and running them again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from recipeyard.model import assets, bundles, documents, errors, recipes, runs
from recipeyard.runtime import codec, growth, interface
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, jobs
from recipeyard.sql import documents as document_rows
from recipeyard.sql import runs as run_rows
from recipeyard.work import activities, hooks
from recipeyard.work.running import accepting

MOST_STEPS = 1000
"""How many steps of a job are shown."""

LARGEST_SHOWN = 64 * 1024
"""How many bytes of JSON one input or output may take to be shown."""

MOST_SHOWN = 4 * 1024 * 1024
"""How many bytes of JSON the inputs and outputs of one job may take together to be shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A job, and the jobs that it names: the caller, the first of the chain."""

    run: runs.Run
    parent: runs.Run | None
    root: runs.Run | None


@dataclass(frozen=True, slots=True)
class Operation:
    """What a step of the recipe calls; `masked` where its data is not to be seen."""

    provider: str
    name: str
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A step of a job, the trigger's without one of its own: what it calls, was given and came to, as JSON.

    Nothing of that where its data is hidden, nor where it is `too_large`.
    """

    operation: Operation
    step: runs.Step | None
    input: Any = None
    output: Any = None
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """A job with its steps, of which the trigger is the first."""

    shown: Shown
    version_no: int | None
    lines: Sequence[Line]
    lines_count: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many jobs: those that succeeded and failed ever, and all with those that have not ended."""

    succeeded: int
    failed: int
    all: int


@dataclass(frozen=True, slots=True)
class Repeated:
    """What became of a job that was to run again: the new run, or why there is none."""

    run_id: int | None
    error: str | None = None


def listed(
    tx: database.Tx, workspace_id: int, recipe_id: int, by: jobs.Filter, window: jobs.Window
) -> tuple[list[Shown], Counts, int]:
    """A page of a recipe's jobs, newest first; how many it has, and how many of those the filter lets through."""
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    tally = run_rows.tallies(tx, [recipe.id]).get(recipe.id, runs.Tally())
    unended = jobs.count(tx, recipe.id, jobs.Filter(tuple(runs.SHOWN - runs.ENDED)))
    counts = Counts(tally.succeeded, tally.failed, tally.succeeded + tally.failed + unended)
    return _shown(tx, jobs.page(tx, recipe.id, by, window)), counts, jobs.count(tx, recipe.id, by)


def show(tx: database.Tx, workspace_id: int, recipe_id: int, handle: str) -> Details:
    """A job with what its steps came to. Raises `errors.NotFound`."""
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    run = _find(tx, recipe.id, handle)
    if run is None:
        raise errors.NotFound(f"Not found: recipe {recipe.name!r} has no job {handle!r}; it is gone, or never was")
    version = jobs.version(tx, run.version_id) if run.version_id else None
    operations = _operations(tx, version[1]) if version else {}
    showing = _Showing()
    lines = [showing.trigger(operations.get(0, _NOTHING), run_rows.event(tx, run.id))]
    kept = jobs.steps(tx, run.id, MOST_STEPS, LARGEST_SHOWN)
    lines += [showing.line(operations.get(each.step.number, _NOTHING), each) for each in kept]
    return Details(
        shown=_shown(tx, [run])[0],
        version_no=version[0] if version else None,
        lines=lines,
        lines_count=jobs.count_steps(tx, run.id) + 1,
    )


def counts(tx: database.Tx, workspace_id: int) -> Counts:
    """How many jobs a workspace's recipes have."""
    tally = jobs.tally(tx, workspace_id)
    return Counts(tally.succeeded, tally.failed, tally.succeeded + tally.failed + jobs.unended(tx, workspace_id))


def repeat(tx: database.Tx, workspace_id: int, recipe_id: int, handles: Sequence[str]) -> list[Repeated]:
    """Let jobs run again on the version that runs now, each as a job of its own; gives what became of each."""
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    repeated = [_repeat(tx, recipe, handle) for handle in handles]
    begun = [runs.handle(each.run_id) for each in repeated if each.run_id is not None]
    if begun:
        activities.record(tx, workspace_id, "jobs_repeated", activities.of_asset(recipe), jobs=begun)
    return repeated


_NOTHING = Operation("", "")


@dataclass
class _Showing:
    """Decodes what a job's steps hold, as far as it may be shown."""

    left: int = MOST_SHOWN

    def trigger(self, operation: Operation, event: bytes) -> Line:
        """The first line: its output is the event. Calls are kept as they were made; the trigger says what they are."""
        if operation.masked:
            return Line(operation, None)
        output, fits = self._plain(event)
        listening = hooks.Trigger(operation.provider, operation.name, {}).listening
        if isinstance(listening, interface.Called) and isinstance(output, dict):
            output = listening.event(output.get("parameters") or {}, output.get("context") or {})
        return Line(operation, None, output=output, too_large=not fits)

    def line(self, operation: Operation, kept: jobs.Kept) -> Line:
        """A step. One that is not done has come to nothing yet."""
        step = kept.step
        if step.masked:
            return Line(operation, step)
        given, fits = self._plain(step.input)
        is_done = step.status is runs.StepStatus.DONE
        came, fits_too = self._plain(step.entry if is_done else None)
        output = growth.shown(came.get("output") or {}) if isinstance(came, dict) else None
        is_large = kept.input_is_large or (is_done and kept.entry_is_large)
        return Line(operation, step, given, output, too_large=is_large or not (fits and fits_too))

    def _plain(self, encoded: bytes | None) -> tuple[Any, bool]:
        """A value as JSON has it, and whether it is small enough to be shown."""
        if encoded is None:
            return None, True
        if len(encoded) > LARGEST_SHOWN:
            return None, False
        value = codec.plain(codec.decode(encoded))
        size = len(msgspec.json.encode(value))
        if size > min(LARGEST_SHOWN, self.left):
            return None, False
        self.left -= size
        return value, True


def _repeat(tx: database.Tx, recipe: assets.Asset, handle: str) -> Repeated:
    run = _find(tx, recipe.id, handle)
    if run is None:
        return Repeated(None, f"recipe {recipe.name!r} has no job {handle!r}; it is gone, or never was")
    if run.status not in runs.ENDED:
        return Repeated(None, "the job has not ended, so it can't run again")
    try:
        return Repeated(accepting.repeat(tx, run).run_id)
    except errors.Conflict as e:
        return Repeated(None, str(e))


def _find(tx: database.Tx, recipe_id: int, handle: str) -> runs.Run | None:
    run_id = runs.number(handle)
    return jobs.find(tx, recipe_id, run_id) if run_id is not None else None


def _shown(tx: database.Tx, found: Sequence[runs.Run]) -> list[Shown]:
    ids = {each for run in found for each in (run.parent_id, run.root_id) if each is not None}
    named = run_rows.by_ids(tx, ids)
    return [Shown(run, named.get(run.parent_id or 0), named.get(run.root_id or 0)) for run in found]


def _operations(tx: database.Tx, digest: str) -> dict[int, Operation]:
    code = bundles.parse_text(bundles.inflate(document_rows.packed(tx, digest)).decode()).get("code")
    found = recipes.steps(code) if isinstance(code, Mapping) else ()
    return {number: _operation(step) for number, (step, _, _) in enumerate(found)}


def _operation(step: Mapping[str, documents.Value]) -> Operation:
    keyword = str(step.get("keyword") or "")
    provider, name = step.get("provider"), step.get("name")
    return Operation(str(provider or "workato"), str(name or keyword), masked=step.get("mask_data") is True)
