"""What a package with `prune` takes away, what it leaves alone, and what stands in its way."""

from dataclasses import replace

import pytest

import worlds
from recipeyard.model import assets, errors, packages, proposals, stubs
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders, snapshots
from recipeyard.work import recipes
from recipeyard.work import stubs as stub_deeds

A = worlds.Recipe("A").step("clock", "wait", {}).bytes
B = worlds.Recipe("B").bytes
CALLER = worlds.Recipe("Caller").calls("b.recipe.json", "B").bytes


def names(place: worlds.Place) -> set[str]:
    """What stands in the project's tree."""
    with place.world.db.read() as tx:
        below = folders.subtree(tx, place.workspace.id, place.project.id)
        return {asset.name for asset in asset_rows.in_folders(tx, place.workspace.id, [each.id for each in below])}


def test_what_the_package_does_not_have_goes_from_the_whole_tree(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "b.recipe.json": B, "Sub/c.lookup_table.json": worlds.lookup_table("C", "x,1\n")})

    done = place.load({"a.recipe.json": A}, prune=True)

    assert (packages.Status.COMPLETED, {"A"}) == (done.status, names(place))
    actions = {"a.recipe.json": "unchanged", "b.recipe.json": "deleted", "Sub/c.lookup_table.json": "deleted"}
    assert actions == place.actions(done)


def test_without_prune_all_of_it_stays(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "b.recipe.json": B})

    place.load({"a.recipe.json": A})

    assert {"A", "B"} == names(place)


def test_the_plan_has_a_line_for_each_asset_that_goes_and_rests_on_it(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "b.recipe.json": B})
    gone = place.asset(assets.RECIPE, "B")

    content = place.plan_of(place.load({"a.recipe.json": A}, prune=True))

    line = proposals.Line(
        proposals.Action.DELETE, assets.RECIPE, "B", "b.recipe.json", gone.id, digest_before=gone.content.digest
    )
    assert ([line], 1) == ([replace(each, state=None) for each in content.changes], content.unchanged)
    assert proposals.Rest("b.recipe.json", assets.RECIPE, "B", gone.id, 1) in content.rests_on


def test_what_stands_outside_of_the_folder_stays(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "Sub/b.recipe.json": B})

    place.load({"b.recipe.json": B}, place.folder("Sub"), prune=True)

    assert {"A", "B"} == names(place)


def test_what_somebody_elsewhere_calls_refuses_the_import_and_names_the_caller(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "b.recipe.json": B, "caller.recipe.json": CALLER})

    refused = place.load({"a.recipe.json": A, "caller.recipe.json": CALLER}, prune=True)

    content = place.plan_of(refused)
    assert ("b.recipe.json: recipe 'B' would be deleted, and is still used by recipe 'Caller'",) == refused.error_parts
    assert [(proposals.Action.DELETE, ("recipe 'Caller'",))] == [
        (each.action, each.used_by) for each in content.changes
    ]
    assert [proposals.Code.IN_USE] == [notice.code for notice in content.blockers]
    assert {"A", "B", "Caller"} == names(place)


def test_a_caller_that_goes_too_or_calls_no_more_is_in_nobodys_way(place: worlds.Place) -> None:
    stops_calling = worlds.Recipe("Second").calls("b.recipe.json", "B").bytes
    place.load({"b.recipe.json": B, "caller.recipe.json": CALLER, "second.recipe.json": stops_calling})

    done = place.load({"second.recipe.json": worlds.Recipe("Second").bytes}, prune=True)

    assert (packages.Status.COMPLETED, {"Second"}) == (done.status, names(place))


def test_a_running_caller_of_another_project_is_in_the_way(place: worlds.Place) -> None:
    place.load({"b.recipe.json": B}, place.project.id)
    other = place.world.deed
    with other.db.write() as tx:
        root = folders.find(tx, place.workspace.id, place.workspace.root_folder_id)
        far = folders.create(tx, root, "Far")
    calls = {"zip_name": "Project/b.recipe.json", "name": "B", "folder": "Project", "folder_full_path": "Home/Project"}
    far_caller = worlds.Recipe("Far").step("workato_recipe_function", "call_recipe", {"flow_id": calls})
    place.load({"far.recipe.json": far_caller.bytes}, far.id)
    place.start("Far")

    refused = place.load({"a.recipe.json": A}, prune=True)

    assert ("b.recipe.json: recipe 'B' would be deleted, and is still used by recipe 'Far'",) == refused.error_parts


def test_a_table_that_formulas_look_up_by_name_is_used(place: worlds.Place) -> None:
    formula = worlds.Recipe("Looks").step("logger", "log", {"m": '=lookup("Prices", a: 1)'}).bytes
    place.load({"looks.recipe.json": formula, "prices.lookup_table.json": worlds.lookup_table("Prices")})

    refused = place.load({"looks.recipe.json": formula}, prune=True)

    what = "lookup table 'Prices' would be deleted, and is still used by recipe 'Looks'"
    assert (f"prices.lookup_table.json: {what}",) == refused.error_parts


def test_a_running_recipe_goes_only_where_recipes_may_restart_and_is_told_as_stopped(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "b.recipe.json": B})
    place.start("B")

    refused = place.load({"a.recipe.json": A}, prune=True)
    after_refusal = names(place)
    done = place.load({"a.recipe.json": A}, prune=True, restart_recipes=True)

    what = "recipe 'B' is running and would be deleted; set restart_recipes=true"
    assert (f"b.recipe.json: {what}",) == refused.error_parts
    assert {"A", "B"} == after_refusal
    assert packages.ImportResult.STOPPED is place.results(done)["b.recipe.json"].import_result
    assert {"A"} == names(place)


def test_a_connection_that_holds_credentials_stays_and_one_that_holds_none_goes(place: worlds.Place) -> None:
    crm, chat = worlds.connection("CRM"), worlds.connection("Chat", "slack")
    place.load({"a.recipe.json": A, "crm.connection.json": crm, "chat.connection.json": chat})
    place.authorize("CRM")

    done = place.load({"a.recipe.json": A}, prune=True)

    what = "connection 'CRM' is not in the package, and stays: it holds credentials"
    assert {"A", "CRM"} == names(place)
    assert (f"crm.connection.json: {what}",) == done.warnings
    assert [proposals.Code.KEPT] == [notice.code for notice in place.plan_of(done).warnings]


def test_property_files_and_project_files_stay(place: worlds.Place) -> None:
    files = {
        "project.json": worlds.document({"description": "Ours"}),
        "properties.project_properties.json": worlds.document({"data": {"rate": None}}),
        "account_properties.properties.json": worlds.document({"company": None}),
    }
    place.load({"a.recipe.json": A, **files})

    place.load({"a.recipe.json": A}, prune=True)

    assert {"A", "project", "properties", "project_properties"} == names(place)


def test_a_name_that_becomes_free_is_taken_in_the_same_import(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A})

    place.load({"a.recipe.json": worlds.Recipe("New").step("logger", "log", {}).bytes}, prune=True)

    assert ({"New"}, "a") == (names(place), place.asset(assets.RECIPE, "New").stem)


def test_what_was_pruned_is_kept_whole_as_it_stood_so_that_it_can_be_put_back(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "b.recipe.json": B})
    place.start("B")
    gone = place.asset(assets.RECIPE, "B")
    done = place.load({"a.recipe.json": A}, prune=True, restart_recipes=True)

    with place.world.db.write() as tx:
        kept = {each.asset_id: each.whole for each in snapshots.of_package(tx, done.id)}
        whole = kept[gone.id]
        assert whole
        snapshots.put_back(tx, [whole])

    assert gone == place.asset(assets.RECIPE, "B")


def test_a_reference_to_what_went_before_this_import_is_in_nobodys_way(place: worlds.Place) -> None:
    place.load({"caller.recipe.json": CALLER, "b.recipe.json": B})
    with place.world.db.write() as tx:
        recipes.delete(tx, place.workspace.id, place.asset(assets.RECIPE, "B").id)

    done = place.load({"caller.recipe.json": CALLER}, prune=True)

    assert packages.Status.COMPLETED is done.status


def test_a_table_whose_name_another_one_bears_too_is_not_used_by_name(place: worlds.Place) -> None:
    formula = worlds.Recipe("Looks").step("logger", "log", {"m": '=lookup("Prices", a: 1)'}).bytes
    tables = {f"{folder}prices.lookup_table.json": worlds.lookup_table("Prices") for folder in ("", "Sub/")}
    place.load({"looks.recipe.json": formula, **tables})

    del tables["Sub/prices.lookup_table.json"]
    done = place.load({"looks.recipe.json": formula, **tables}, prune=True)

    assert "deleted" == place.actions(done)["Sub/prices.lookup_table.json"]


def test_a_plan_that_prunes_does_not_hold_once_more_would_go(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "b.recipe.json": B})
    plan = place.plan({"a.recipe.json": A}, prune=True)
    place.load({"c.recipe.json": CALLER})

    refused = place.apply(plan)

    assert packages.Status.FAILED is refused.status
    assert {"A", "B", "Caller"} == names(place)


def test_a_plan_that_prunes_does_not_hold_once_what_would_go_runs(place: worlds.Place) -> None:
    place.load({"a.recipe.json": A, "b.recipe.json": B})
    plan = place.plan({"a.recipe.json": A}, prune=True)
    place.start("B")

    with pytest.raises(errors.Conflict, match="recipe 'B' has been started"):
        place.apply(plan)


@pytest.mark.parametrize(
    ("policy", "left"),
    [
        (packages.Policy.INCOMING, {"A"}),
        (packages.Policy.FAIL, {"A", "B", "C", "T"}),
        (packages.Policy.TARGET, {"A", "B"}),
        (packages.Policy.MERGE, {"A", "B"}),
    ],
)
def test_what_was_changed_here_goes_as_the_policy_for_conflicts_says(
    embedded: worlds.World, policy: packages.Policy, left: set[str]
) -> None:
    place = embedded.workspace()
    table = worlds.lookup_table("T", "x,1\n")
    place.load(
        {
            "a.recipe.json": A,
            "b.recipe.json": B,
            "c.recipe.json": worlds.Recipe("C").bytes,
            "t.lookup_table.json": table,
        }
    )
    with place.world.db.write() as tx:
        changed = recipes.Edit({"description": "Changed"})
        recipes.change(tx, place.workspace.id, place.asset(assets.RECIPE, "B").id, changed)

    done = place.load({"a.recipe.json": A}, prune=True, on_conflict=policy)

    assert left == names(place)
    assert (policy is packages.Policy.FAIL) is (done.status is packages.Status.FAILED)
    drifted = {each.name: each.drifted for each in place.plan_of(done).changes}
    assert {"C": False, "T": False}.items() <= drifted.items()
    assert drifted.get("B", True)


ANSWERS = {"answers.stub.json": worlds.document({"name": "Answers", "provider": "netsuite", "answers": []})}


@pytest.mark.parametrize("is_running", [True, False])
@pytest.mark.parametrize("has_connection", [True, False])
def test_a_stub_stays_while_it_answers_for_recipes_that_run(
    place: worlds.Place, *, has_connection: bool, is_running: bool
) -> None:
    shop = {"shop.connection.json": worlds.document({"name": "Shop", "provider": "netsuite"})}
    account = worlds.reference("shop.connection.json", "Shop") if has_connection else None
    files = {"a.recipe.json": worlds.Recipe("A").uses("netsuite", account, "get_customer").bytes, **shop}
    place.load({**files, **ANSWERS})
    stub_id = place.asset(assets.STUB, "Answers").id
    connection_ids = (place.asset(assets.CONNECTION, "Shop").id,) if has_connection else ()
    wanted = stubs.Bound(connection_ids, without_connection=not has_connection)
    with place.world.db.write() as tx:
        stub_deeds.bind(tx, place.workspace.id, stub_id, wanted)
    if is_running:
        assert not place.start("A").all

    done = place.load(files, prune=True)

    told = "stub 'Answers' would be deleted, and is still used by recipe 'A'"
    assert is_running is any(told in part for part in done.error_parts)
