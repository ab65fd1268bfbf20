"""Run test cases of a workspace: chosen, accepted with their work, run as they are when their turn comes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from recipeyard.model import assets, errors, manifests, test_runs, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, links
from recipeyard.sql import test_runs as run_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import benches, parts, selecting

MOST = 1000
"""How many cases one run may have."""

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def request(deed: parts.Parts, workspace_id: int, case_ids: Sequence[int]) -> test_runs.Run:
    """Accept a run. When this returns, it and its work are on disk.

    Raises `errors.Unprocessable` for none, and for too many.
    """
    if not case_ids:
        raise errors.Unprocessable("There are no test cases there")
    if len(case_ids) > MOST:
        raise errors.Unprocessable(f"These are {len(case_ids):,} test cases; at most {MOST:,} run at once")
    with deed.db.write() as tx:
        made = run_rows.insert(tx, workspace_id, case_ids)
        deed.enqueue(tx, parts.Queue.TESTS, workspace_id, made.id)
        return made


def run(deed: parts.Parts, run_id: int) -> None:
    """Do the work of an accepted run. Doing it again after it ended changes nothing."""
    with deed.db.read() as tx:
        made = run_rows.by_id(tx, run_id)
        if made is None or made.status is not test_runs.Status.IN_PROGRESS:
            return
        results = play(tx, workspace_rows.find(tx, made.workspace_id), made.case_ids)
    with deed.db.write() as write:
        run_rows.settle(write, run_id, results)


def fail(deed: parts.Parts, run_id: int, failure: errors.Failure) -> None:
    """A run can't be made: it says why."""
    with deed.db.write() as tx:
        run_rows.settle(tx, run_id, (), failure.message)


def play(tx: database.Tx, workspace: workspaces.Workspace, case_ids: Iterable[int]) -> list[test_runs.Result]:
    """What cases come to, in the order of their ids. Those that are gone are passed over."""
    bench = benches.Bench(tx, workspace)
    found = asset_rows.by_ids(tx, workspace.id, case_ids)
    return [bench.run(found[each]) for each in sorted(found) if found[each].kind == assets.TEST_CASE]


def of_recipe(tx: database.Tx, workspace_id: int, recipe_id: int) -> list[assets.Asset]:
    """The test cases of a recipe, by id. Raises `errors.NotFound`."""
    recipe = asset_rows.find(tx, workspace_id, recipe_id, assets.RECIPE)
    found = asset_rows.by_ids(tx, workspace_id, links.test_cases_of(tx, [recipe.id]))
    return [found[each] for each in sorted(found)]


def of_folder(tx: database.Tx, workspace_id: int, folder_id: int) -> list[int]:
    """The ids of the test cases of a folder, and of the recipes in it."""
    options = manifests.Options(auto=True)
    return of_manifest(tx, manifests.Manifest(0, workspace_id, folder_id, "", options, (), None, _NEVER, _NEVER))


def of_manifest(tx: database.Tx, manifest: manifests.Manifest) -> list[int]:
    """The ids of the test cases of the recipes that an export would hold."""
    asked = replace(manifest, options=replace(manifest.options, include_test_cases=True))
    return sorted(each.asset.id for each in selecting.select(tx, asked).chosen if each.asset.kind == assets.TEST_CASE)
