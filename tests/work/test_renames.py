"""Assets that arrive under another name, or in another place, than they have here: they stay the assets they are."""

from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

import generated
import worlds
from recipeyard.model import assets, likeness, packages, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders
from recipeyard.work import recipes

PROJECT = {"project.json": worlds.document({"description": ""})}


def recipe(name: str, mark: str, *more: str, calls: tuple[str, str] | None = None) -> bytes:
    """A recipe whose steps bear uuids that begin with a mark."""
    made = worlds.Recipe(name)
    if calls:
        made.calls(*calls)
    for each in ("one", "two", *more):
        made.step("logger", "log_message", {"message": each})
    value: dict[str, Any] = made.value
    value["code"]["uuid"] = f"{mark}-trigger"
    for step in value["code"]["block"]:
        step["uuid"] = f"{mark}-{step['input'].get('message', 'call')}"
    return worlds.document(value)


def ids(place: worlds.Place) -> dict[tuple[str, str], int]:
    """The assets of the project's tree, but for its project file: (path, name) to id."""
    with place.world.db.read() as tx:
        below = folders.subtree(tx, place.workspace.id, place.project.id)
        paths = folders.paths(below, place.project.id)
        held = asset_rows.in_folders(tx, place.workspace.id, [each.id for each in below])
    return {
        (assets.join(paths.get(each.place_id, ""), assets.file_name(each.kind, each.stem)), each.name): each.id
        for each in held
        if each.kind != assets.PROJECT
    }


def test_a_recipe_under_another_name_keeps_its_id_and_its_history(place: worlds.Place) -> None:
    place.load(PROJECT | {"old.recipe.json": recipe("Old", "a")})
    before = place.asset(assets.RECIPE, "Old")

    done = place.load(PROJECT | {"new.recipe.json": recipe("New", "a")})

    after = place.asset(assets.RECIPE, "New")
    assert ({("new.recipe.json", "New"): before.id}, 2) == (ids(place), after.version_no)
    assert {"new.recipe.json": "renamed", "project.json": "unchanged"} == place.actions(done)


def test_the_plan_tells_the_name_and_path_it_had_and_what_else_changes(place: worlds.Place) -> None:
    place.load(PROJECT | {"old.recipe.json": recipe("Old", "a")})

    content = place.plan_of(place.load(PROJECT | {"Sub/new.recipe.json": recipe("New", "a", "three")}))

    line = content.changes[0]
    assert (proposals.Action.RENAME, "New", "Old") == (line.action, line.name, line.previous_name)
    assert ("Sub/new.recipe.json", "old.recipe.json") == (line.path, line.previous_path)
    assert line.diff
    assert line.diff.document
    assert ["added"] == [step.change for step in line.diff.document.steps]


def test_what_moves_with_the_document_it_has_gets_no_version_and_runs_on(place: worlds.Place) -> None:
    place.load(PROJECT | {"a.recipe.json": recipe("A", "a")})
    before = place.asset(assets.RECIPE, "A")
    assert () == place.start("A").all

    done = place.load(PROJECT | {"Sub/a.recipe.json": recipe("A", "a")})

    after = place.asset(assets.RECIPE, "A")
    assert ("renamed", packages.Status.COMPLETED) == (place.actions(done)["Sub/a.recipe.json"], done.status)
    assert (before.id, 1, True) == (after.id, after.version_no, after.running)
    assert [place.folder("Sub")] * 2 == [after.folder_id, after.place_id]


def test_a_running_recipe_is_renamed_only_where_recipes_may_restart(place: worlds.Place) -> None:
    place.load(PROJECT | {"old.recipe.json": recipe("Old", "a")})
    assert () == place.start("Old").all
    files = PROJECT | {"new.recipe.json": recipe("New", "a")}

    refused = place.load(files)
    done = place.load(files, restart_recipes=True)

    what = "recipe 'Old' is running; set restart_recipes=true"
    assert (f"new.recipe.json: {what}",) == refused.error_parts
    assert packages.ImportResult.RESTARTED is place.results(done)["new.recipe.json"].import_result
    assert place.asset(assets.RECIPE, "New").running


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("old.lookup_table.json", "new.lookup_table.json"),
        ("old.workato_schema.json", "new.workato_schema.json"),
    ],
)
def test_what_is_the_same_but_for_its_name_is_renamed(place: worlds.Place, old: str, new: str) -> None:
    place.load(PROJECT | {old: worlds.lookup_table("Old", "x,1\n")})
    before = ids(place)[old, "Old"]

    place.load(PROJECT | {new: worlds.lookup_table("Brand new", "x,1\n")})

    assert {(new, "Brand new"): before} == ids(place)


def test_callers_follow(place: worlds.Place) -> None:
    place.load(
        PROJECT
        | {"old.recipe.json": recipe("Old", "a"), "c.recipe.json": recipe("C", "c", calls=("old.recipe.json", "Old"))}
    )
    callee = place.asset(assets.RECIPE, "Old").id
    files = PROJECT | {
        "Sub/new.recipe.json": recipe("New", "a"),
        "c.recipe.json": recipe("C", "c", calls=("Sub/new.recipe.json", "New")),
    }

    done = place.load(files)

    assert callee == place.asset(assets.RECIPE, "New").id
    assert () == done.warnings
    assert files == place.export() | PROJECT


def test_a_package_that_does_not_speak_for_its_folder_makes_it_beside_and_warns(place: worlds.Place) -> None:
    place.load({"old.recipe.json": recipe("Old", "a")})

    done = place.load({"new.recipe.json": recipe("New", "a")})

    what = "looks like a rename of recipe 'Old' (old.recipe.json), and is 'New' beside it: "
    assert (f"new.recipe.json: {what}the package does not say that the other one is gone",) == done.warnings
    assert {("old.recipe.json", "Old"), ("new.recipe.json", "New")} == ids(place).keys()


def test_what_moves_is_told_by_its_document_where_the_package_does_not_speak(place: worlds.Place) -> None:
    table = worlds.lookup_table("T", "x,1\n")
    place.load({"t.lookup_table.json": table, "u.lookup_table.json": worlds.lookup_table("U", "x,1\n")})
    place.load({"t.lookup_table.json": table}, place.workspace.root_folder_id)

    done = place.load({"Sub/s.lookup_table.json": table})

    assert ["Sub/s.lookup_table.json: looks like a rename of lookup table 'T' (t.lookup_table.json)"] == [
        warning.split(",")[0] for warning in done.warnings
    ]


def test_a_plan_of_one_new_recipe_asks_for_as_much_in_a_large_folder(world: worlds.World) -> None:
    asked: list[int] = []

    def count(*event: Any) -> None:
        asked[-1] += len(event[3])

    for size in (5, 60):
        place = world.workspace()
        place.load({f"{at}.recipe.json": recipe(f"R{at}", f"mark{at}") for at in range(size)})
        asked.append(0)
        sa.event.listen(world.db.engine, "after_cursor_execute", count)
        place.plan({"new.recipe.json": recipe("New", f"new{size}")})
        sa.event.remove(world.db.engine, "after_cursor_execute", count)

    assert asked[0] == asked[1]


def test_pruning_speaks_for_the_folder_too_and_does_not_delete_what_was_renamed(place: worlds.Place) -> None:
    place.load({"old.recipe.json": recipe("Old", "a"), "gone.recipe.json": recipe("Gone", "g")})
    before = place.asset(assets.RECIPE, "Old").id

    done = place.load({"new.recipe.json": recipe("New", "a")}, prune=True)

    assert {("new.recipe.json", "New"): before} == ids(place)
    assert {"new.recipe.json": "renamed", "gone.recipe.json": "deleted"} == place.actions(done)


def test_of_two_that_it_may_have_been_none_is_renamed_and_that_is_told(place: worlds.Place) -> None:
    place.load(PROJECT | {"a.recipe.json": recipe("A", "a"), "b.recipe.json": recipe("B", "a")})

    done = place.load(PROJECT | {"c.recipe.json": recipe("C", "a")})

    what = "may have been recipe 'A' or recipe 'B' under another name; as that can't be told, it is made anew"
    assert (f"c.recipe.json: {what}",) == done.warnings
    assert "created" == place.actions(done)["c.recipe.json"]


def test_of_many_that_it_may_have_been_a_few_are_told_by_name(place: worlds.Place) -> None:
    place.load(PROJECT | {f"{name}.recipe.json": recipe(name, "a") for name in "ABCDE"})

    done = place.load(PROJECT | {"x.recipe.json": recipe("X", "a")})

    may_be = "recipe 'A' or recipe 'B' or recipe 'C' or one of 2 more under another name"
    assert (f"x.recipe.json: may have been {may_be}; as that can't be told, it is made anew",) == done.warnings


def test_what_was_renamed_moved_and_pruned_is_as_it_was_after_a_rollback(place: worlds.Place) -> None:
    first = {
        "a.recipe.json": recipe("A", "a"),
        "b.recipe.json": recipe("B", "b", calls=("a.recipe.json", "A")),
        "c.recipe.json": recipe("C", "c"),
        "t.lookup_table.json": worlds.lookup_table("T", "x,1\n"),
    }
    place.load(first)
    assert () == place.start("B").all
    assert () == place.start("C").all
    before = ids(place), place.export()
    second = {
        "b.recipe.json": recipe("New A", "a"),
        "Sub/b.recipe.json": recipe("B", "b", calls=("b.recipe.json", "New A")),
        "u.lookup_table.json": worlds.lookup_table("U", "x,1\n"),
    }
    done = place.load(second, prune=True, restart_recipes=True)
    after = ids(place), place.export()

    back = place.roll_back(done)
    taken_back = ids(place), place.export()
    again = place.roll_back(back)

    assert [packages.Status.COMPLETED] * 3 == [done.status, back.status, again.status]
    assert (before, after) == (taken_back, (ids(place), place.export()))
    assert (set(first), set(second)) == (set(before[1]), set(after[1]))
    assert place.asset(assets.RECIPE, "B").running


def test_a_copy_of_what_stays_is_a_copy(place: worlds.Place) -> None:
    place.load(PROJECT | {"a.recipe.json": recipe("A", "a")})

    done = place.load(PROJECT | {"a.recipe.json": recipe("A", "a"), "copy.recipe.json": recipe("Copy", "a")})

    assert ("unchanged", "created") == (place.actions(done)["a.recipe.json"], place.actions(done)["copy.recipe.json"])


def test_recipes_that_share_less_than_most_of_their_steps_are_two(place: worlds.Place) -> None:
    place.load(PROJECT | {"a.recipe.json": recipe("A", "a")})

    done = place.load(PROJECT | {"b.recipe.json": recipe("B", "a", "three", "four", "five")})

    assert "created" == place.actions(done)["b.recipe.json"]


def test_a_connection_of_another_name_is_another_connection(place: worlds.Place) -> None:
    place.load(PROJECT | {"crm.connection.json": worlds.connection("CRM")})
    place.authorize("CRM")

    done = place.load(PROJECT | {"erp.connection.json": worlds.connection("ERP")})

    assert "created" == place.actions(done)["erp.connection.json"]


def test_documents_that_are_equal_are_told_apart_by_their_file_names(place: worlds.Place) -> None:
    same = recipe("Same", "a")
    place.load(PROJECT | {"X/one.recipe.json": same, "X/two.recipe.json": same})
    before = {path.removeprefix("X/"): key for (path, _), key in ids(place).items()}

    place.load(PROJECT | {"Y/one.recipe.json": same, "Y/two.recipe.json": same})

    assert before == {path.removeprefix("Y/"): key for (path, _), key in ids(place).items()}


def test_what_was_renamed_takes_the_file_name_of_what_is_pruned(place: worlds.Place) -> None:
    place.load({"a.recipe.json": recipe("A", "a"), "b.recipe.json": recipe("B", "b")})
    before = place.asset(assets.RECIPE, "A").id

    place.load({"b.recipe.json": recipe("New", "a")}, prune=True)

    assert {("b.recipe.json", "New"): before} == ids(place)


def test_file_names_go_round_in_one_import(place: worlds.Place) -> None:
    place.load({f"{at}.recipe.json": recipe(f"Old {at}", f"mark{at}") for at in range(5)})
    before = {f"{(at + 1) % 5}.recipe.json": ids(place)[f"{at}.recipe.json", f"Old {at}"] for at in range(5)}

    place.load({f"{(at + 1) % 5}.recipe.json": recipe(f"New {at}", f"mark{at}") for at in range(5)}, prune=True)

    assert before == {path: key for (path, _), key in ids(place).items()}


Where = tuple[str, str, str]
"""Folder, stem and name."""

_WHERE = st.tuples(st.sampled_from(["", "X", "X/Y"]), st.sampled_from("abcd"), st.sampled_from("ABCDEF"))


@st.composite
def states(draw: st.DrawFn) -> dict[str, Where]:
    """Recipes by their marks, no two of one path, nor of one name in one folder."""
    drawn = draw(st.dictionaries(st.sampled_from("uvwxyz"), _WHERE, min_size=1, max_size=6))
    paths: set[tuple[str, str]] = set()
    names: set[tuple[str, str]] = set()
    found: dict[str, Where] = {}
    for mark, (folder, stem, name) in drawn.items():
        if (folder, stem) not in paths and (folder, name) not in names:
            paths.add((folder, stem))
            names.add((folder, name))
            found[mark] = (folder, stem, name)
    return found


def path_of(where: Where) -> str:
    """Where an archive holds such a recipe."""
    return assets.join(where[0], f"{where[1]}.recipe.json")


@generated.examples(20)
@given(before=states(), after=states())
def test_whatever_changes_names_and_places_the_folder_is_what_the_package_is(
    world: worlds.World, before: dict[str, Where], after: dict[str, Where]
) -> None:
    place = world.workspace()
    place.load({path_of(where): recipe(where[2], mark) for mark, where in before.items()})
    old = {name_at(path, name): key for (path, name), key in ids(place).items()}
    files = {path_of(where): recipe(where[2], mark) for mark, where in after.items()}

    done = place.load(files, prune=True)

    left = ids(place)
    assert packages.Status.COMPLETED is done.status
    assert {(path_of(where), where[2]) for where in after.values()} == left.keys()
    assert files == place.export()
    new = {name_at(path, name): key for (path, name), key in left.items()}
    for mark in before.keys() & after.keys():
        was, is_now = (before[mark][0], before[mark][2]), (after[mark][0], after[mark][2])
        if was not in new and is_now not in old:
            assert old[was] == new[is_now]
    again = place.plan_of(place.load(files, prune=True))
    assert ((), len(files)) == (again.changes, again.unchanged)


def name_at(path: str, name: str) -> tuple[str, str]:
    """The folder and name by which what arrives meets what is here."""
    return assets.split(path)[0], name


def test_a_thousand_recipes_that_began_as_one_are_not_compared_each_with_each() -> None:
    steps = {f"{at}.recipe.json": frozenset({"trigger", f"{at}"}) for at in range(1000)}
    matching = likeness.Matching({}, {})

    matching.by_steps(steps, {at: frozenset({"trigger", f"{at} "}) for at in range(1000)})

    assert ({}, 1000) == (matching.pairs, len(matching.unsure))


def test_who_looks_up_a_table_by_its_former_name_is_told(place: worlds.Place) -> None:
    looks = worlds.Recipe("Looks").step("logger", "log_message", {"message": '=lookup("Old", a: 1)'}).bytes
    place.load({"looks.recipe.json": looks}, place.workspace.root_folder_id)
    place.load(PROJECT | {"old.lookup_table.json": worlds.lookup_table("Old", "x,1\n")})

    done = place.load(PROJECT | {"new.lookup_table.json": worlds.lookup_table("New", "x,1\n")})

    assert ("new.lookup_table.json: recipe 'Looks' still looks it up as 'Old'",) == done.warnings


def test_what_was_changed_here_is_not_renamed_where_the_target_wins(place: worlds.Place) -> None:
    place.load(PROJECT | {"old.recipe.json": recipe("Old", "a")})
    with place.world.db.write() as tx:
        changed = recipes.Edit({"description": "Changed"})
        recipes.change(tx, place.workspace.id, place.asset(assets.RECIPE, "Old").id, changed)
    before = ids(place)

    done = place.load(
        PROJECT | {"Sub/new.recipe.json": recipe("New", "a", "three")}, on_conflict=packages.Policy.TARGET
    )

    assert (packages.Status.COMPLETED, before) == (done.status, ids(place))
    assert "unchanged" == place.actions(done)["Sub/new.recipe.json"]


def test_of_two_tables_that_are_the_same_but_for_their_names_none_is_renamed(place: worlds.Place) -> None:
    rows = "x,1\n"
    place.load(PROJECT | {f"{name}.lookup_table.json": worlds.lookup_table(name, rows) for name in "ab"})

    done = place.load(PROJECT | {"c.lookup_table.json": worlds.lookup_table("c", rows)})

    may_be = "may have been lookup table 'a' or lookup table 'b' under another name"
    assert (f"c.lookup_table.json: {may_be}; as that can't be told, it is made anew",) == done.warnings
