"""Drift: what counts as deployed once packages were taken back, or applied and left recipes stopped."""

from typing import Any

import sqlalchemy as sa

import worlds
from recipeyard.model import histories, packages, proposals
from recipeyard.sql import recipes, tables
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import drifting, writing

PATH = "tick.recipe.json"
Policy = packages.Policy


def tick(message: str) -> bytes:
    return worlds.Recipe("Tick").step("logger", "log_message", {"message": message}).bytes


def edit(place: worlds.Place, message: str) -> None:
    """Change the recipe by hand."""
    recipe = place.asset("recipe", "Tick")
    with place.world.db.write() as tx:
        writing.revise(writing.Desk(tx, workspace_rows.lock(tx, place.workspace.id)), recipe, tick(message).decode())


def drift(place: worlds.Place) -> dict[str, tuple[histories.Status, int | None]]:
    with place.world.db.read() as tx:
        items = drifting.drift(tx, place.workspace, place.project.id).items
    return {item.path: (item.status, item.package_id) for item in items}


def test_what_was_changed_by_hand_has_drifted_again_once_a_rollback_brought_it_back(place: worlds.Place) -> None:
    first = place.load({PATH: tick("deployed")})
    edit(place, "by hand")
    second = place.load({PATH: tick("overwritten")})
    place.roll_back(second)

    content = place.plan({PATH: tick("against")}, on_conflict=Policy.FAIL).content

    assert {PATH: (histories.Status.DRIFTED, first.id)} == drift(place)
    assert content
    assert [proposals.Code.CONFLICT] == [blocker.code for blocker in content.blockers]


def test_what_no_package_deployed_is_still_so_after_a_rollback(place: worlds.Place) -> None:
    document = tick("by hand")
    with place.world.db.write() as tx:
        desk = writing.Desk(tx, workspace_rows.lock(tx, place.workspace.id))
        made = writing.create(desk, "recipe", document.decode(), place.project.id)
        recipes.add(tx, {made.id: ("clock", ["clock", "logger"])})
    package = place.load({PATH: tick("overwritten")})
    place.roll_back(package)

    assert {PATH: (histories.Status.NEVER_DEPLOYED, None)} == drift(place)


def test_what_a_package_left_is_no_drift_once_a_rollback_brought_it_back(place: worlds.Place) -> None:
    place.load({PATH: tick("deployed")})
    back = place.roll_back(place.load({PATH: tick("next")}))

    undone = drift(place)
    place.roll_back(back)

    assert {} == undone
    assert {} == drift(place)


def test_what_a_package_finds_that_a_rollback_brought_back_counts_as_deployed(place: worlds.Place) -> None:
    place.load({PATH: tick("deployed")})
    edit(place, "by hand")
    place.roll_back(place.load({PATH: tick("overwritten")}))
    place.load({PATH: tick("by hand")})

    assert {} == drift(place)


def test_changes_that_a_rollback_kept_by_merging_have_drifted(place: worlds.Place) -> None:
    place.load({PATH: tick("deployed")})
    second = place.load({PATH: tick("next")})
    recipe = worlds.Recipe("Tick").step("logger", "log_message", {"message": "next"})
    recipe.step("logger", "log_message", {"message": "later"})
    with place.world.db.write() as tx:
        desk = writing.Desk(tx, workspace_rows.lock(tx, place.workspace.id))
        writing.revise(desk, place.asset("recipe", "Tick"), recipe.bytes.decode())

    back = place.roll_back(second, Policy.MERGE)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert [PATH] == list(drift(place))


def test_a_version_that_a_rollback_makes_and_runs_has_run(place: worlds.Place) -> None:
    place.load({PATH: tick("deployed")})
    place.start("Tick")
    place.roll_back(place.load({PATH: tick("next")}, restart_recipes=True))

    versions = sa.select(tables.versions.c.version_no, tables.versions.c.ran_at)
    with place.world.db.read() as tx:
        ran = {row.version_no for row in tx.all(versions) if row.ran_at}

    assert {1, 2, 3} == ran


def test_what_was_applied_and_left_a_recipe_stopped_was_deployed(place: worlds.Place) -> None:
    place.load({PATH: tick("deployed")})
    place.start("Tick")
    lacking = worlds.Recipe("Tick").uses("rest", worlds.reference("c.connection.json", "C")).bytes
    files = {PATH: lacking, "other.recipe.json": worlds.Recipe("Other").bytes}
    keep = packages.RestartFailure.KEEP
    package = place.load(files, restart_recipes=True, on_restart_failure=keep)
    other = place.asset("recipe", "Other")
    with place.world.db.write() as tx:
        tx.run(sa.delete(tables.assets).where(tables.assets.c.id == other.id))

    assert packages.Status.FAILED is package.status
    assert {"other.recipe.json": (histories.Status.DELETED, package.id)} == drift(place)


def test_drift_of_a_connection_does_not_show_what_its_document_carries(place: worlds.Place) -> None:
    carried: dict[str, Any] = {
        "name": "C",
        "provider": "rest",
        "root_folder": False,
        "input": {"password": "s3cret-one"},
    }
    place.load({"c.connection.json": worlds.document(carried)})
    with place.world.db.write() as tx:
        desk = writing.Desk(tx, workspace_rows.lock(tx, place.workspace.id))
        other = worlds.document(carried | {"input": {"password": "s3cret-two"}})
        writing.revise(desk, place.asset("connection", "C"), other.decode())

    with place.world.db.read() as tx:
        items = drifting.drift(tx, place.workspace, place.project.id).items

    diff = items[0].diff
    assert diff
    assert diff.document
    assert ["input.password"] == [each.path for each in diff.document.fields]
    assert "s3cret" not in repr(items)
