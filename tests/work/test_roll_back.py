"""Rollbacks: everything that an import changed is as it was, whatever its age; and back again."""

import pytest

import states
import worlds
from recipeyard.model import assets, bindings, errors, packages, proposals, stubs
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import custom_connectors as release_rows
from recipeyard.sql import folders, properties, rows
from recipeyard.work import custom_connectors, plan_import, roll_back, starting, tags
from recipeyard.work import stubs as stub_deeds


def changed() -> dict[str, bytes]:
    """The small project with one recipe changed, a row more, a recipe and a property that are new."""
    files = dict(worlds.project())
    files["first.recipe.json"] = worlds.Recipe("First").step("logger", "log_message", {"message": "hello"}).bytes
    files["prices.lookup_table.json"] = worlds.lookup_table("Prices", "a,1\nb,2\nc,3\n")
    files["New/third.recipe.json"] = worlds.Recipe("Third").calls("first.recipe.json", "First").bytes
    files["account_properties.properties.json"] = worlds.document({"company": None, "region": None})
    return files


def test_a_first_import_leaves_nothing_behind(place: worlds.Place) -> None:
    before = states.of(place)
    package = place.load(worlds.project())

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert before == states.of(place)
    assert (packages.Operation.ROLLBACK, package.id) == (back.operation, back.rolls_back_id)


def test_what_was_changed_is_as_it_was_and_back_again(place: worlds.Place) -> None:
    place.load(worlds.project())
    before = states.of(place)
    package = place.load(changed())
    after = states.of(place)

    back = place.roll_back(package)
    undone = states.of(place)
    again = place.roll_back(back)

    assert {packages.Status.COMPLETED} == {back.status, again.status}, back.error_parts + again.error_parts
    assert before == undone
    assert after == states.of(place)


def test_running_recipes_run_what_they_ran(place: worlds.Place) -> None:
    place.load({"first.recipe.json": worlds.Recipe("First").bytes})
    assert () == place.start("First").all
    before = states.of(place)
    other = worlds.Recipe("First").step("logger", "log_message", {"message": "hello"})
    package = place.load({"first.recipe.json": other.bytes}, restart_recipes=True)

    back = place.roll_back(package)

    assert before == states.of(place)
    assert packages.ImportResult.RESTARTED is place.results(back)["first.recipe.json"].import_result


def test_rows_that_people_wrote_come_back_with_their_ids(place: worlds.Place) -> None:
    place.load(worlds.project())
    table = place.asset(assets.LOOKUP_TABLE, "Prices")
    with place.world.db.write() as tx:
        rows.add(tx, table.id, ["by hand", "9"])
        asset_rows.forget_rows_digest(tx, table.id)
        held = rows.listed(tx, table.id)
    package = place.load(changed())

    place.roll_back(package)

    with place.world.db.read() as tx:
        assert held == rows.listed(tx, table.id)


def test_what_was_changed_since_refuses_the_rollback_whole(place: worlds.Place) -> None:
    place.load(worlds.project())
    package = place.load(changed())
    later = worlds.Recipe("First").step("logger", "log_message", {"message": "later"})
    place.load({"first.recipe.json": later.bytes})
    before = states.of(place)

    back = place.roll_back(package)

    assert packages.Status.FAILED is back.status
    assert any("recipe 'First' has been changed since" in part for part in back.error_parts)
    assert before == states.of(place)


def test_later_changes_that_do_not_touch_are_kept_by_merge(place: worlds.Place) -> None:
    steps = worlds.Recipe("First").step("logger", "log_message", {"message": "one"})
    place.load({"first.recipe.json": steps.bytes})
    two = worlds.Recipe("First").step("logger", "log_message", {"message": "two"})
    package = place.load({"first.recipe.json": two.bytes})
    two.step("logger", "log_message", {"message": "later"})
    place.load({"first.recipe.json": two.bytes})

    back = place.roll_back(package, on_conflict=packages.Policy.MERGE)

    wanted = worlds.Recipe("First").step("logger", "log_message", {"message": "one"})
    wanted.step("logger", "log_message", {"message": "later"})
    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert wanted.bytes == place.export()["first.recipe.json"]


def test_what_is_used_by_later_things_stays_and_says_who_uses_it(place: worlds.Place) -> None:
    package = place.load({"first.recipe.json": worlds.Recipe("First").bytes})
    place.load({"user.recipe.json": worlds.Recipe("User").calls("first.recipe.json", "First").bytes})

    back = place.roll_back(package)

    assert packages.Status.FAILED is back.status
    assert ("first.recipe.json: recipe 'First' can't go: it is used by recipe 'User'",) == back.error_parts


@pytest.mark.parametrize("is_running", [True, False])
def test_a_stub_stays_while_it_answers_for_recipes_that_run(place: worlds.Place, *, is_running: bool) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").uses("netsuite", None, "get_customer").bytes})
    answers = worlds.document({"name": "Answers", "provider": "netsuite", "answers": []})
    package = place.load({"answers.stub.json": answers})
    stub_id = place.asset(assets.STUB, "Answers").id
    with place.world.db.write() as tx:
        stub_deeds.bind(tx, place.workspace.id, stub_id, stubs.Bound(without_connection=True))
    if is_running:
        assert not place.start("A").all

    back = place.roll_back(package)

    told = "answers.stub.json: stub 'Answers' can't go: it is used by recipe 'A'"
    assert ((told,) if is_running else ()) == back.error_parts


def test_a_connection_that_was_given_credentials_stays(place: worlds.Place) -> None:
    package = place.load(worlds.project())
    place.authorize("CRM")

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert "CRM" == place.asset(assets.CONNECTION, "CRM").name


def test_a_rollback_is_planned_without_changing_anything_and_applied_as_it_was_planned(place: worlds.Place) -> None:
    place.load(worlds.project())
    before = states.of(place)
    package = place.load(changed())
    after = states.of(place)
    options = packages.Options(restart_recipes=True, on_conflict=packages.Policy.FAIL)

    plan = roll_back.plan(place.world.deed, place.workspace.id, package.id, options)
    untouched = states.of(place)
    back = place.apply(plan)

    assert after == untouched
    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert plan.content == place.plan_of(back)
    assert before == states.of(place)
    assert {proposals.Action.DELETE, proposals.Action.UPDATE} == {line.action for line in place.plan_of(back).changes}


def test_a_stale_plan_of_a_rollback_is_refused(place: worlds.Place) -> None:
    place.load(worlds.project())
    package = place.load(changed())
    plan = roll_back.plan(place.world.deed, place.workspace.id, package.id, packages.Options(restart_recipes=True))
    place.load({"first.recipe.json": worlds.Recipe("First").bytes})

    with pytest.raises(errors.Conflict, match="does not hold any more"):
        plan_import.apply(place.world.deed, place.workspace.id, plan.id)


def test_a_package_that_changed_nothing_can_not_be_rolled_back(place: worlds.Place) -> None:
    failed = place.load({"first.recipe.json": b"{"})

    with pytest.raises(errors.Unprocessable, match="has changed nothing"):
        place.roll_back(failed)


def test_references_that_an_import_healed_mean_nothing_again(place: worlds.Place) -> None:
    place.load({"user.recipe.json": worlds.Recipe("User").calls("first.recipe.json", "First").bytes})
    before = states.of(place)
    package = place.load({"first.recipe.json": worlds.Recipe("First").bytes})
    after = states.of(place)

    back = place.roll_back(package)
    undone = states.of(place)
    place.roll_back(back)

    assert before == undone
    assert after == states.of(place)


def test_what_was_pruned_together_comes_back_referring_to_each_other(place: worlds.Place) -> None:
    place.load(
        {
            "a.recipe.json": worlds.Recipe("A").calls("b.recipe.json", "B").bytes,
            "b.recipe.json": worlds.Recipe("B").calls("a.recipe.json", "A").bytes,
        }
    )
    before = states.of(place)
    package = place.load({"c.recipe.json": worlds.Recipe("C").bytes}, prune=True)

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert before == states.of(place)


def logs(message: str) -> worlds.Recipe:
    return worlds.Recipe("First").step("logger", "log_message", {"message": message})


def test_a_merged_recipe_refers_to_what_it_names(place: worlds.Place) -> None:
    a, b = worlds.reference("a.connection.json", "A"), worlds.reference("b.connection.json", "B")
    connections = {"a.connection.json": worlds.connection("A", "slack"), "b.connection.json": worlds.connection("B")}
    place.load({"first.recipe.json": logs("one").uses("rest", b).bytes, **connections})
    package = place.load({"first.recipe.json": logs("two").uses("rest", b).bytes, **connections})
    later = logs("two").uses("rest", b).uses("slack", a).value
    later["config"] = [later["config"][0], later["config"][2], later["config"][1]]
    place.load({"first.recipe.json": worlds.document(later), **connections})

    back = place.roll_back(package, packages.Policy.MERGE)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert [place.asset(assets.CONNECTION, name).id for name in ("A", "B")] == place.meant_in_order("First")


def test_what_a_merged_recipe_calls_can_not_go(place: worlds.Place) -> None:
    place.load({"first.recipe.json": logs("one").bytes})
    package = place.load({"first.recipe.json": logs("two").bytes, "helper.recipe.json": worlds.Recipe("Helper").bytes})
    place.load({"first.recipe.json": logs("two").calls("helper.recipe.json", "Helper").bytes})

    back = place.roll_back(package, packages.Policy.MERGE)

    assert ("helper.recipe.json: recipe 'Helper' can't go: it is used by recipe 'First'",) == back.error_parts


def test_what_people_did_beside_the_document_since_stays(place: worlds.Place) -> None:
    place.load({"first.recipe.json": logs("one").bytes})
    place.start("First")
    package = place.load({"first.recipe.json": logs("two").bytes}, restart_recipes=True)
    recipe = place.asset(assets.RECIPE, "First")
    with place.world.db.write() as tx:
        starting.stop(tx, place.workspace.id, recipe.id)
        tag = tags.create(tx, place.workspace.id, "later", {})
        tags.assign(tx, place.workspace.id, tags.Assignment(add=[tag.handle], recipe_ids=[recipe.id]))

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert ("first.recipe.json: recipe 'First' has been stopped since, and stays so",) == back.warnings
    assert not place.asset(assets.RECIPE, "First").running
    with place.world.db.read() as tx:
        assert {recipe.id: ("later",)} == tags.titles_of(tx, [recipe.id])


def test_a_description_that_was_written_since_refuses_and_stays_where_it_may(place: worlds.Place) -> None:
    package = place.load({"project.json": worlds.document({"name": "P", "description": "brought"})})
    with place.world.db.write() as tx:
        assert place.project.project_id
        project = folders.find_project(tx, place.workspace.id, place.project.project_id)
        folders.describe_project(tx, project, "by hand")

    refused = place.roll_back(package)
    place.roll_back(package, packages.Policy.TARGET)

    assert packages.Status.FAILED is refused.status
    assert ("the description of 'Project' has been set since",) == refused.error_parts
    assert {(project.id, project.folder_id, "by hand")} == states.of(place)["projects"]


def test_a_value_that_a_binding_gave_goes_and_the_plan_says_so(place: worlds.Place) -> None:
    place.load({"account_properties.properties.json": worlds.document({"company": None})})
    before = states.of(place)
    place.bind(bindings.Scope(None, {"company": "Live Ltd."}))
    package = place.load({"account_properties.properties.json": worlds.document({"company": None})})
    options = packages.Options(restart_recipes=True, on_conflict=packages.Policy.FAIL)

    plan = roll_back.plan(place.world.deed, place.workspace.id, package.id, options)
    back = place.apply(plan)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert [("properties", ["values.company"])] == [
        (line.kind, [field.path for field in line.diff.document.fields])
        for line in place.plan_of(back).changes
        if line.diff and line.diff.document
    ]
    assert before == states.of(place)


def test_a_value_that_was_set_over_it_since_refuses(place: worlds.Place) -> None:
    place.bind(bindings.Scope(None, {"company": "Live Ltd."}))
    package = place.load({"account_properties.properties.json": worlds.document({"company": None})})
    with place.world.db.write() as tx:
        properties.upsert(tx, place.workspace.root_folder_id, {"company": "By hand"})

    back = place.roll_back(package)

    assert ("property 'company' has been set since",) == back.error_parts


def test_a_draft_that_was_not_released_is_not_released_by_taking_back(place: worlds.Place) -> None:
    title = worlds.document({"title": "My API"})
    place.load({"a.custom_adapter.json": title, "a.custom_adapter.rb": b"{a: 1}"})
    connector = place.asset(assets.CUSTOM_ADAPTER, "My API")
    with place.world.db.write() as tx:
        custom_connectors.change(tx, place.workspace.id, connector.id, custom_connectors.Edit(code="{draft: 1}"))
    package = place.load({"a.custom_adapter.json": title, "a.custom_adapter.rb": b"{b: 2}"})

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    with place.world.db.read() as tx:
        released = release_rows.releases(tx, [connector.id])[connector.id]
    assert [1] == [release.version_no for release in released]
