"""What an import does to a workspace: matching, versions, rows, properties, run state."""

import json
from dataclasses import replace
from typing import Any

import pytest

import worlds
from recipeyard.model import assets, bundles, data_columns, manifests, packages, tables
from recipeyard.sql import properties, rows
from recipeyard.work import data_tables, import_package, lookup_tables, records


def test_new_assets_arrive_at_version_one_and_stopped(place: worlds.Place) -> None:
    package = place.load(worlds.project())

    assert (packages.Status.COMPLETED, (), packages.Phase.DONE, 100) == (
        package.status,
        package.error_parts,
        package.phase,
        package.percent,
    )
    results = place.results(package)
    assert worlds.project().keys() == results.keys()
    assert {(None, 1, packages.Action.CREATED)} == {
        (each.version_before, each.version_after, each.action) for each in results.values()
    }
    assert not place.asset(assets.RECIPE, "First").running


def test_what_is_the_same_gets_no_new_version_and_no_write(place: worlds.Place) -> None:
    place.load(worlds.project())
    before = place.world.counts()

    package = place.load(worlds.project())

    assert {"unchanged"} == set(place.actions(package).values())
    assert before == place.world.counts()


def test_only_what_differs_is_updated(place: worlds.Place) -> None:
    place.load(worlds.project())
    changed = worlds.Recipe("First").bytes

    package = place.load(worlds.project() | {"first.recipe.json": changed})

    result = place.results(package)["first.recipe.json"]
    assert (packages.Action.UPDATED, 1, 2) == (result.action, result.version_before, result.version_after)
    assert ["first.recipe.json"] == [path for path, action in place.actions(package).items() if action != "unchanged"]


def test_absent_assets_stay(place: worlds.Place) -> None:
    place.load(worlds.project())

    place.load({"new.recipe.json": worlds.Recipe("New").bytes})

    assert worlds.project().keys() | {"new.recipe.json"} == place.export(include_data=True).keys()


def test_an_asset_is_found_by_its_name_and_takes_the_incoming_path(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("First").bytes})
    number = place.asset(assets.RECIPE, "First").id

    package = place.load({"first.recipe.json": worlds.Recipe("First").bytes})

    assert {"first.recipe.json": "unchanged"} == place.actions(package)
    assert (number, "first") == (place.asset(assets.RECIPE, "First").id, place.asset(assets.RECIPE, "First").stem)


def test_a_new_name_at_an_old_path_is_a_new_asset_under_a_numbered_path(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("Old").bytes})

    package = place.load({"a.recipe.json": worlds.Recipe("New").bytes})

    assert {"a.recipe.json": "created"} == place.actions(package)
    assert {"a.recipe.json", "a.1.recipe.json"} == place.export().keys()


def test_two_assets_may_swap_their_paths_while_a_third_takes_one(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").bytes, "b.recipe.json": worlds.Recipe("B").bytes})

    package = place.load(
        {
            "b.recipe.json": worlds.Recipe("A").bytes,
            "a.recipe.json": worlds.Recipe("B").bytes,
        }
    )
    later = place.load({"c.recipe.json": worlds.Recipe("A").bytes, "b.recipe.json": worlds.Recipe("C").bytes})

    assert {"a.recipe.json": "unchanged", "b.recipe.json": "unchanged"} == place.actions(package)
    assert {"c.recipe.json": "unchanged", "b.recipe.json": "created"} == place.actions(later)


def test_the_same_name_in_another_folder_is_another_asset(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").bytes})

    package = place.load({"Sub/a.recipe.json": worlds.Recipe("A").bytes})

    assert {"Sub/a.recipe.json": "created"} == place.actions(package)


def test_kinds_of_the_whole_workspace_are_found_whichever_folder_they_came_to(place: worlds.Place) -> None:
    place.load({"Sub/x.recipe.json": worlds.Recipe("X").bytes, "prices.lookup_table.json": worlds.lookup_table("P")})

    package = place.load({"prices.lookup_table.json": worlds.lookup_table("P")}, place.folder("Sub"))

    assert {"prices.lookup_table.json": "unchanged"} == place.actions(package)


def test_missing_folders_are_made_and_present_ones_used(place: worlds.Place) -> None:
    place.load({"A & b => c/[x] | y/a.recipe.json": worlds.Recipe("A").bytes})
    before = place.world.counts()["folders"]

    place.load({"A & b => c/[x] | y/b.recipe.json": worlds.Recipe("B").bytes})

    assert before == place.world.counts()["folders"]


def test_a_folder_that_differs_in_case_alone_refuses_the_import(place: worlds.Place) -> None:
    place.load({"Sub/a.recipe.json": worlds.Recipe("A").bytes})
    before = place.world.counts()

    package = place.load({"b.recipe.json": worlds.Recipe("B").bytes, "sub/a.recipe.json": worlds.Recipe("A").bytes})

    assert (packages.Status.FAILED, ("sub/: name: 'sub' has already been taken",)) == (
        package.status,
        package.error_parts,
    )
    assert before == place.world.counts()


def test_connections_arrive_as_shells_and_keep_the_credentials_they_have(place: worlds.Place) -> None:
    place.load(worlds.project())
    place.authorize("CRM")
    place.bind_to_stub("Chat")

    changed = worlds.document({"name": "CRM", "provider": "rest", "root_folder": False, "new": True})
    package = place.load(worlds.project() | {"Connections/crm.connection.json": changed})

    assert "unchanged" == place.actions(package)["Connections/crm.connection.json"]
    assert ((), ()) == (place.start("First").all, place.start("Second").all)


def test_a_shell_that_holds_no_credentials_takes_on_what_arrives(place: worlds.Place) -> None:
    place.load(worlds.project())

    changed = worlds.document({"name": "CRM", "provider": "salesforce", "root_folder": False})
    package = place.load(worlds.project() | {"Connections/crm.connection.json": changed})

    assert "updated" == place.actions(package)["Connections/crm.connection.json"]
    assert changed == place.export()["Connections/crm.connection.json"]


def test_rows_arrive_with_their_table_and_change_with_it(place: worlds.Place) -> None:
    def held() -> list[list[str]]:
        with place.world.db.read() as tx:
            return rows.of_table(tx, place.asset(assets.LOOKUP_TABLE, "P").id)

    place.load({"p.lookup_table.json": worlds.lookup_table("P", "a,1\nb,2\n")})
    first = held()
    package = place.load({"p.lookup_table.json": worlds.lookup_table("P", "a,9\n")})
    second = held()
    structure = place.load({"p.lookup_table.json": worlds.lookup_table("P")})

    assert ([["a", "1"], ["b", "2"]], [["a", "9"]]) == (first, second)
    assert ("updated", "unchanged") == (*place.actions(package).values(), *place.actions(structure).values())
    assert second == held()


def test_rows_travel_only_when_asked_for(place: worlds.Place) -> None:
    with_rows = worlds.lookup_table("P", 'a,"x, y"\n')
    place.load({"p.lookup_table.json": with_rows})

    assert {"p.lookup_table.json": worlds.lookup_table("P")} == place.export()
    assert {"p.lookup_table.json": with_rows} == place.export(include_data=True)


def test_rows_that_compress_well_leave_and_arrive_again(world: worlds.World) -> None:
    first, second = world.workspace(), world.workspace()
    files = {"p.lookup_table.json": worlds.lookup_table("P")}
    first.load(files)
    with world.db.write() as tx:
        table = first.asset(assets.LOOKUP_TABLE, "P")
        lookup_tables.add_row(tx, first.workspace.id, table.id, {"col1": "y" * 1_500_000})

    archive = first.export_archive(include_data=True)

    assert packages.Status.COMPLETED is second.load_archive(archive).status
    assert archive == second.export_archive(include_data=True)


def test_a_table_that_no_import_would_take_does_not_leave(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load({"p.lookup_table.json": worlds.lookup_table("P", "a,1\n")})
    manifest = place.manifest(options=manifests.Options(auto=True, include_data=True))

    embedded.deed = replace(embedded.deed, limits=bundles.Limits(entry_bytes=500))
    failed = place.exported(manifest)

    size = len(worlds.lookup_table("P", "a,1\n"))
    what = f"lookup table 'P' would be {size} bytes here; at most 500 are allowed"
    assert (packages.Status.FAILED, (f"p.lookup_table.json: {what}",)) == (failed.status, failed.error_parts)


@pytest.mark.parametrize("kind", [assets.LOOKUP_TABLE, assets.DATA_TABLE])
def test_rows_that_are_here_already_make_no_version(place: worlds.Place, kind: str) -> None:
    make_table(place, kind)
    archive = place.export_archive(include_data=True)

    again = place.load_archive(archive)
    with place.world.db.write() as tx:
        table = place.asset(kind, "T")
        rows.delete(tx, [rows.listed(tx, table.id)[0].id])
    back = place.load_archive(archive)

    assert ["unchanged"] == [*place.actions(again).values()]
    assert ["updated"] == [*place.actions(back).values()]
    assert archive == place.export_archive(include_data=True)


def make_table(place: worlds.Place, kind: str) -> None:
    """A table of two rows, written as the API writes them."""
    with place.world.db.write() as tx:
        if kind == assets.LOOKUP_TABLE:
            columns = [tables.Wanted("A"), tables.Wanted("B")]
            project = place.project.project_id
            made = lookup_tables.create(tx, place.workspace.id, lookup_tables.Edit("T", project, columns))
            for row in ({"A": "x", "B": "1"}, {"A": "y"}):
                lookup_tables.add_row(tx, place.workspace.id, made.asset.id, row)
        else:
            wanted = [data_columns.Wanted("A", "string"), data_columns.Wanted("B", "integer")]
            edit = data_tables.Edit("T", place.project.id, wanted)
            table = data_tables.create(tx, place.workspace.id, edit).asset
            for record in ({"A": "x", "B": 1}, {"A": "y"}):
                records.add(tx, place.workspace.id, str(table.id), record)


def test_rows_stay_when_only_the_columns_arrive_anew(place: worlds.Place) -> None:
    place.load({"p.lookup_table.json": worlds.lookup_table("P", 'a,"3, 4"\n')})
    renamed = worlds.lookup_table("P").replace(b"Column 1", b"Article")

    package = place.load({"p.lookup_table.json": renamed})

    assert {"p.lookup_table.json": "updated"} == place.actions(package)
    expected = worlds.lookup_table("P", 'a,"3, 4"\n').replace(b"Column 1", b"Article")
    assert {"p.lookup_table.json": expected} == place.export(include_data=True)


def test_properties_are_declared_and_their_values_stay(place: worlds.Place) -> None:
    place.load(worlds.project())
    with place.world.db.write() as tx:
        properties.upsert(tx, place.project.id, {"rate": "0.19"})

    place.load({"properties.project_properties.json": worlds.document({"data": {"more": None, "rate": None}})})

    with place.world.db.read() as tx:
        assert {"more": None, "rate": "0.19"} == properties.of_folder(tx, place.project.id)
        assert {"company": None} == properties.of_folder(tx, place.workspace.root_folder_id)


def test_a_property_file_never_takes_names_away(place: worlds.Place) -> None:
    place.load({"account_properties.properties.json": worlds.document({"a": None, "b": None})})

    package = place.load({"account_properties.properties.json": worlds.document({"b": None})})
    place.load({"account_properties.properties.json": worlds.document({"c": None})})

    assert {"account_properties.properties.json": "unchanged"} == place.actions(package)
    files = place.export()
    assert ["a", "b", "c"] == list(json.loads(files["account_properties.properties.json"]))


def test_unknown_kinds_and_keys_and_their_order_are_carried_through(place: worlds.Place) -> None:
    recipe = b'{"z_new": 1, "name": "A", "code": {"keyword": "trigger", "future": [1.50, 1e3]}, "config": []}'
    files = {
        "a.recipe.json": recipe,
        "thing.brand_new_kind.json": b'{"b": 1, "a": {"zip_name": "a.recipe.json", "name": "A", "folder": ""}}',
        "odd.brand_new_kind.json": b"not JSON at all \xff",
        "page.lcap_page.json": worlds.document({"name": "Page"}),
        "page.lcap_page.zip": b"PK\3\4 the editor's own",
        "project.json": worlds.document({"color": "teal"}),
    }

    package = place.load(files)

    assert (packages.Status.COMPLETED, ()) == (package.status, package.warnings)
    assert files == place.export()


def test_files_that_are_no_assets_are_passed_over_and_reported(place: worlds.Place) -> None:
    files = {
        "README.md": b"# hello",
        ".hidden": b"",
        "Project.zip": worlds.zipped(worlds.project())[:100],
        "lonely.custom_adapter.rb": b"{}",
        "a.recipe.json": worlds.Recipe("A").bytes,
    }

    package = place.load(files)

    assert {"a.recipe.json"} == place.actions(package).keys()
    assert [f"{path}: not an asset; ignored" for path in sorted(files) if path != "a.recipe.json"] == sorted(
        package.warnings
    )


def test_a_package_of_nothing_but_other_files_fails(place: worlds.Place) -> None:
    package = place.load({"README.md": b"# hello"})

    assert (packages.Status.FAILED, ("the archive holds no asset",)) == (package.status, package.error_parts)


def test_dangling_references_are_reported_and_not_fatal(place: worlds.Place) -> None:
    recipe = worlds.Recipe("A").calls("gone.recipe.json", "Gone")

    package = place.load({"a.recipe.json": recipe.bytes})

    assert packages.Status.COMPLETED is package.status
    assert ("a.recipe.json: gone.recipe.json is neither in the package nor here",) == package.warnings
    assert ["can't be found"] == [problem.message for problem in place.start("A").code]
    assert {"a.recipe.json": recipe.bytes} == place.export()


def test_what_was_missing_is_found_when_it_comes_later(place: worlds.Place) -> None:
    recipe = worlds.Recipe("A").calls("b.recipe.json", "B").bytes
    place.load({"a.recipe.json": recipe})

    place.load({"a.recipe.json": recipe, "b.recipe.json": worlds.Recipe("B").bytes})

    assert () == place.start("A").all


def test_a_recipe_meets_what_came_after_it_alone_when_it_starts_and_when_it_is_exported(place: worlds.Place) -> None:
    root = place.workspace.root_folder_id
    crm, table = worlds.reference("crm.connection.json", "CRM"), worlds.reference("prices.lookup_table.json", "Prices")
    theirs = worlds.reference("Their/chat.connection.json", "Their chat")
    recipe = worlds.Recipe("A").uses("rest", crm).uses("slack", theirs).step("logger", "log_message", {"t": table})
    late = {
        "crm.connection.json": worlds.connection("CRM", root_folder=True),
        "prices.lookup_table.json": worlds.lookup_table("Prices"),
        "our_chat.connection.json": worlds.connection("Our chat", "slack", root_folder=True),
    }
    assert 3 == len(place.load({"a.recipe.json": recipe.bytes}).warnings)

    place.load(late, root)
    exported = place.export()

    assert {"a.recipe.json": recipe.bytes} | late == exported
    place.authorize("CRM")
    place.authorize("Our chat")
    place.bind_to_stub("Our chat")
    assert () == place.start("A").all
    assert exported == {path: each for path, each in place.export().items() if not path.endswith(".stub.json")}


def test_a_running_recipe_that_changes_refuses_the_whole_import(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").bytes})
    place.start("A")
    before = place.world.counts()

    changed = worlds.Recipe("A").step("logger", "log_message", {}).bytes
    package = place.load({"a.recipe.json": changed, "b.recipe.json": worlds.Recipe("B").bytes})

    assert ("a.recipe.json: recipe 'A' is running; set restart_recipes=true",) == package.error_parts
    assert before == place.world.counts()
    assert place.asset(assets.RECIPE, "A").running


def test_a_running_recipe_that_stays_the_same_refuses_nothing(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").bytes})
    place.start("A")

    package = place.load({"a.recipe.json": worlds.Recipe("A").bytes, "b.recipe.json": worlds.Recipe("B").bytes})

    assert {"a.recipe.json": "unchanged", "b.recipe.json": "created"} == place.actions(package)


def test_restarted_recipes_run_their_new_version_and_stopped_ones_stay_stopped(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").bytes, "b.recipe.json": worlds.Recipe("B").bytes})
    place.start("A")
    changed = {
        f"{name.lower()}.recipe.json": worlds.Recipe(name).step("logger", "log_message", {}).bytes for name in "AB"
    }

    package = place.load(changed, restart_recipes=True)

    results = {path: each.import_result for path, each in place.results(package).items()}
    assert {
        "a.recipe.json": packages.ImportResult.RESTARTED,
        "b.recipe.json": packages.ImportResult.UNTOUCHED,
    } == results
    assert (True, False) == (place.asset(assets.RECIPE, "A").running, place.asset(assets.RECIPE, "B").running)


def test_a_recipe_that_cant_run_its_new_version_takes_the_whole_import_back(place: worlds.Place) -> None:
    place.load({"a.recipe.json": worlds.Recipe("A").bytes})
    place.start("A")
    before = place.world.counts()

    broken = worlds.Recipe("A").calls("gone.recipe.json", "Gone").bytes
    package = place.load({"a.recipe.json": broken, "b.recipe.json": worlds.Recipe("B").bytes}, restart_recipes=True)

    assert packages.Status.FAILED is package.status
    assert package.error_parts[0].startswith("a.recipe.json: can't run its new version: step 1: input.flow_id")
    assert before == place.world.counts()
    assert place.asset(assets.RECIPE, "A").running


def test_shared_connections_go_home_or_to_the_folder_named_for_them(world: worlds.World) -> None:
    first, second = world.workspace(), world.workspace()
    files = {"chat.connection.json": worlds.connection("Chat", root_folder=True)}

    first.load(files)
    second.load(files, folder_id_for_home_assets=second.project.id)

    assert first.workspace.root_folder_id == first.asset(assets.CONNECTION, "Chat").folder_id
    assert second.project.id == second.asset(assets.CONNECTION, "Chat").folder_id


def test_an_import_runs_once_however_often_it_is_run(place: worlds.Place) -> None:
    package = place.load(worlds.project())
    before = place.world.counts()

    import_package.run(place.world.deed, package.id)

    assert (before, package) == (place.world.counts(), place.package(package.id))


def test_workspaces_share_documents_and_nothing_else(world: worlds.World) -> None:
    first, second = world.workspace(), world.workspace()
    first.load(worlds.project())
    before = world.counts()

    package = second.load(worlds.project())

    assert {"created"} == set(second.actions(package).values())
    assert before["documents"] == world.counts()["documents"]


KINDS: list[tuple[str, dict[str, Any]]] = [
    (kind, {"title" if kind == assets.CUSTOM_ADAPTER else "name": f"Some {kind}", "schema": [], "provider": "rest"})
    for kind in assets.ORDER
    if kind not in {assets.RECIPE, *assets.PROPERTIES, *assets.OWN}
]
KINDS += [
    (assets.STUB, {"name": "Some stub", "provider": "slack", "answers": []}),
    (assets.TEST_CASE, {"name": "Some test_case", "recipe": worlds.reference("gone.recipe.json", "Gone")}),
]


@pytest.mark.parametrize(("kind", "value"), KINDS, ids=[kind for kind, _ in KINDS])
def test_every_kind_comes_and_goes(embedded: worlds.World, kind: str, value: dict[str, Any]) -> None:
    place = embedded.workspace()
    folder = "" if kind in assets.AT_ROOT else "Sub/"
    files = {f"{folder}some_{kind}.{kind}.json": worlds.document(value)}

    package = place.load(files)

    assert (packages.Status.COMPLETED, ()) == (package.status, package.error_parts)
    assert files == place.export(include_test_cases=True)


def test_many_stems_that_are_taken_by_others_get_numbers(place: worlds.Place) -> None:
    def named(word: str) -> dict[str, bytes]:
        return {f"x{at}.recipe.json": worlds.Recipe(f"{word} {at}").bytes for at in range(20)}

    place.load(named("Old"))
    place.load(named("New"))

    expected = {f"x{at}{number}.recipe.json" for at in range(20) for number in ("", ".1")}
    assert expected == place.export().keys()
