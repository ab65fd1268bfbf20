"""Plans: what an import would change, decided without changing anything, and applied as it is or not at all."""

import pytest

import worlds
from recipeyard.model import assets, errors, packages, proposals
from recipeyard.work import import_package, plan_import


def changed() -> dict[str, bytes]:
    """The small project with another step in one of its recipes."""
    files = dict(worlds.project())
    files["first.recipe.json"] = worlds.Recipe("First").step("logger", "log_message", {"message": "hello"}).bytes
    return files


def content(plan: proposals.Plan) -> proposals.Content:
    assert plan.content, plan.error_parts
    return plan.content


def test_a_plan_changes_nothing(place: worlds.Place) -> None:
    before = place.world.counts()

    plan = place.plan(worlds.project())

    assert proposals.Status.READY is plan.status
    assert before == place.world.counts()


def test_a_plan_says_what_is_made_and_nothing_else(place: worlds.Place) -> None:
    files = worlds.project()
    planned = content(place.plan(files))

    assert sorted(files) == sorted(line.path for line in planned.changes)
    assert {proposals.Action.CREATE} == {line.action for line in planned.changes}
    assert 0 == planned.unchanged


def test_a_plan_of_what_is_here_is_empty(place: worlds.Place) -> None:
    place.load(worlds.project())

    planned = content(place.plan(worlds.project()))

    assert () == planned.changes
    assert len(worlds.project()) == planned.unchanged


def test_two_plans_of_one_state_are_equal(place: worlds.Place) -> None:
    place.load(worlds.project())

    assert content(place.plan(changed())) == content(place.plan(changed()))


def test_an_applied_plan_does_what_it_said(place: worlds.Place) -> None:
    place.load(worlds.project())
    plan = place.plan(changed())

    package = place.apply(plan)

    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert content(plan) == place.plan_of(package)
    assert {"first.recipe.json": "updated"} == {p: a for p, a in place.actions(package).items() if a != "unchanged"}


def test_a_change_is_told_step_by_step(place: worlds.Place) -> None:
    place.load(worlds.project())

    line = content(place.plan(changed())).changes[0]

    assert line.diff
    assert line.diff.document
    assert {"changed", "removed"} == {step.change for step in line.diff.document.steps}
    assert (proposals.Action.UPDATE, "First", place.asset(assets.RECIPE, "First").id) == (
        line.action,
        line.name,
        line.asset_id,
    )


def test_an_ordinary_import_leaves_the_plan_that_it_was(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())

    package = place.load(worlds.project())

    assert content(plan) == place.plan_of(package)


def test_a_plan_is_applied_once(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())
    place.apply(plan)

    with pytest.raises(errors.Conflict, match="applied already"):
        place.apply(plan)


def test_a_plan_does_not_hold_where_the_target_was_changed_since(place: worlds.Place) -> None:
    place.load(worlds.project())
    plan = place.plan(changed())
    place.load({"first.recipe.json": worlds.Recipe("First").step("logger", "log_message", {"message": "other"}).bytes})

    with pytest.raises(errors.Conflict, match=r"first\.recipe\.json: recipe 'First' is at version 2 by now, not at 1"):
        place.apply(plan)


def test_a_plan_does_not_hold_where_what_it_makes_is_here_by_now(place: worlds.Place) -> None:
    plan = place.plan(worlds.project())
    place.load({"first.recipe.json": worlds.Recipe("First").bytes})

    with pytest.raises(errors.Conflict, match=r"first\.recipe\.json: there is a recipe 'First' by now"):
        place.apply(plan)


def test_what_moves_after_a_plan_was_accepted_fails_its_package(place: worlds.Place) -> None:
    place.load(worlds.project())
    plan = place.plan(changed())
    before = place.asset(assets.RECIPE, "First")
    accepted = plan_import.apply(place.world.deed, place.workspace.id, plan.id)
    place.load(
        {"Sub/second.recipe.json": worlds.Recipe("Second").step("logger", "log_message", {"message": "other"}).bytes}
    )

    import_package.run(place.world.deed, accepted.id)
    ended = place.package(accepted.id)

    assert packages.Status.FAILED is ended.status
    assert "does not hold any more" in ended.error_parts[0]
    assert before == place.asset(assets.RECIPE, "First")


def test_a_plan_tells_what_recipes_can_not_do_without_and_what_is_kept_under_another_name(place: worlds.Place) -> None:
    place.load({"first.recipe.json": worlds.Recipe("Other").bytes})
    recipe = worlds.Recipe("First").uses("acme_connector_1_2", None)
    arriving = {"first.recipe.json": recipe.bytes, "Crm.connection.json": worlds.connection("Crm")}

    found = content(place.plan(arriving)).warnings

    assert [
        (
            proposals.Code.MISSING_CONNECTOR,
            "custom connector 'acme_connector_1_2' is neither in the package nor here",
        ),
        (proposals.Code.NAME_CLASH, "its file name is taken here; it is kept as first.1.recipe.json"),
    ] == [(notice.code, notice.message) for notice in found]
