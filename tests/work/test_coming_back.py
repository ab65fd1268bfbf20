"""What a rollback puts back finds its place, whatever has happened to tags, folders and names since it went."""

import sqlalchemy as sa

import states
import worlds
from recipeyard.model import assets, packages, proposals, stubs
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import folders, tables, tags
from recipeyard.sql import stubs as stub_rows
from recipeyard.work import roll_back
from recipeyard.work import stubs as stub_deeds

KEPT = {"kept.recipe.json": worlds.Recipe("Kept").bytes}
A = {"a.recipe.json": worlds.Recipe("A").bytes}


def pruned(place: worlds.Place, files: worlds.Files) -> packages.Package:
    """The import that deletes files that were imported before."""
    place.load({**files, **KEPT})
    return place.load(KEPT, prune=True)


def remove_folder(place: worlds.Place, path: str) -> None:
    """Somebody deletes a folder that is empty by now."""
    with place.world.db.write() as tx:
        folders.delete(tx, folders.find(tx, place.workspace.id, place.folder(path)))


def make_folder(place: worlds.Place, name: str) -> None:
    """Somebody makes a folder in the project."""
    with place.world.db.write() as tx:
        folders.create(tx, place.project, name)


def exported(place: worlds.Place) -> set[str]:
    """The paths of the project's recipes and tables."""
    return {path for path in place.export() if path not in KEPT and path != assets.PROJECT_FILE}


def plan(place: worlds.Place, package: packages.Package, policy: packages.Policy) -> proposals.Content:
    """The plan of a rollback."""
    options = packages.Options(restart_recipes=True, on_conflict=policy)
    made = roll_back.plan(place.world.deed, place.workspace.id, package.id, options)
    assert made.content
    return made.content


def test_a_tag_that_was_deleted_since_stays_away(place: worlds.Place) -> None:
    place.load({**A, **KEPT})
    mine = place.asset(assets.RECIPE, "A").id
    with place.world.db.write() as tx:
        row = {"workspace_id": place.workspace.id, "title": "T", "created_at": tx.now, "updated_at": tx.now}
        made = tx.insert(tables.tags, [row | {"handle": f"{mine}-{each}"} | {"title": each} for each in ("x", "y")])
        tags.assign(tx, [(mine, tag_id) for tag_id in made])
    package = place.load(KEPT, prune=True)
    with place.world.db.write() as tx:
        tx.run(sa.delete(tables.tags).where(tables.tags.c.id == made[0]))

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    with place.world.db.read() as tx:
        assigned = tables.tag_assignments.c
        assert [(made[1],)] == tx.all(sa.select(assigned.tag_id).where(assigned.asset_id == mine))


def test_one_whose_file_name_is_taken_takes_none_that_another_comes_back_to(place: worlds.Place) -> None:
    package = pruned(place, {**A, "a.1.recipe.json": worlds.Recipe("One").bytes})
    place.load({"a.recipe.json": worlds.Recipe("New").bytes})

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert "a.1" == place.asset(assets.RECIPE, "One").stem
    assert "a.2" == place.asset(assets.RECIPE, "A").stem


def test_it_gets_its_file_name_from_what_the_rollback_moves_away(place: worlds.Place) -> None:
    place.load({**A, "b.recipe.json": worlds.Recipe("B").bytes})
    before = states.of(place)
    package = place.load(
        {"project.json": worlds.document({"name": "P"}), "a.recipe.json": worlds.Recipe("B").bytes}, prune=True
    )
    assert ["B"] == [each.name for each in recipes(place)]

    place.roll_back(package)

    assert before == states.of(place)


def recipes(place: worlds.Place) -> list[assets.Asset]:
    with place.world.db.read() as tx:
        return asset_rows.of_kind(tx, place.workspace.id, assets.RECIPE)


def test_a_folder_that_was_deleted_since_is_made_anew(place: worlds.Place) -> None:
    package = pruned(
        place, {"Sub/Deep/a.recipe.json": worlds.Recipe("A").bytes, "Sub/b.recipe.json": A["a.recipe.json"]}
    )
    remove_folder(place, "Sub")
    before = states.of(place)

    back = place.roll_back(package)
    came_back = exported(place)
    place.roll_back(back)

    assert {"Sub/Deep/a.recipe.json", "Sub/b.recipe.json"} == came_back
    assert before == states.of(place)


def test_a_project_that_was_deleted_since_is_made_anew(place: worlds.Place) -> None:
    place.load({**A, **KEPT})
    mine = place.asset(assets.RECIPE, "A")
    package = place.load(KEPT, prune=True)
    with place.world.db.write() as tx:
        folders.delete(tx, place.project)

    back = place.roll_back(package, packages.Policy.INCOMING)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    with place.world.db.read() as tx:
        [project] = folders.projects(tx, place.workspace.id)
        found = asset_rows.find(tx, place.workspace.id, mine.id)
    assert (place.project.name, project.folder_id) == (project.name, found.folder_id)


def test_a_folder_that_has_the_name_by_now_takes_the_assets_and_folders_of_the_one_that_had_it(
    place: worlds.Place,
) -> None:
    package = place.load(
        {"Sub/a.recipe.json": worlds.Recipe("A").bytes, "Sub/Deep/b.recipe.json": worlds.Recipe("B").bytes}
    )
    gone = place.folder("Sub/Deep")
    back = place.roll_back(package)
    make_folder(place, "SUB")

    again = place.roll_back(back)

    assert packages.Status.COMPLETED is again.status, again.error_parts
    assert {"SUB/a.recipe.json", "SUB/Deep/b.recipe.json"} == exported(place)
    assert gone == place.folder("SUB/Deep")


def test_coming_back_beside_a_new_asset_of_the_same_name_is_refused(place: worlds.Place) -> None:
    package = pruned(place, {"prices.lookup_table.json": worlds.lookup_table("Prices", "x,1\n")})
    place.load({"prices.lookup_table.json": worlds.lookup_table("Prices", "y,2\n")})
    new = place.asset(assets.LOOKUP_TABLE, "Prices")

    [told] = plan(place, package, packages.Policy.FAIL).blockers

    assert (proposals.Code.NAME_CLASH, "prices.lookup_table.json") == (told.code, told.path)
    assert f"lookup table 'Prices' comes back beside another of its name ({new.id})" == told.message


def test_coming_back_beside_a_new_asset_of_the_same_name_is_told_where_a_policy_decides(place: worlds.Place) -> None:
    package = pruned(place, {"prices.lookup_table.json": worlds.lookup_table("Prices", "x,1\n")})
    place.load({"prices.lookup_table.json": worlds.lookup_table("Prices", "y,2\n")})

    back = place.roll_back(package, packages.Policy.INCOMING)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    assert any("comes back beside another of its name" in told for told in back.warnings)


def test_coming_back_beside_those_that_always_had_the_same_name_is_nothing_to_tell(place: worlds.Place) -> None:
    place.load({**A, "other.recipe.json": worlds.Recipe("A").bytes, **KEPT})
    before = states.of(place)
    package = place.load({"other.recipe.json": worlds.Recipe("A").bytes, **KEPT}, prune=True)

    back = place.roll_back(package)

    assert (packages.Status.COMPLETED, ()) == (back.status, back.warnings), back.error_parts
    assert before == states.of(place)


def test_a_stub_answers_again_for_what_comes_back_and_for_what_stayed(place: worlds.Place) -> None:
    files = {
        "gone.connection.json": worlds.document({"name": "Gone", "provider": "netsuite"}),
        "answers.stub.json": worlds.document({"name": "Answers", "provider": "netsuite", "answers": []}),
    }
    stayed = place.make(
        assets.CONNECTION, worlds.document({"name": "Stayed", "provider": "netsuite"}), provider="netsuite"
    )
    place.load({**files, **KEPT})
    wanted = stubs.Bound((stayed, place.asset(assets.CONNECTION, "Gone").id), without_connection=True)
    stub_id = place.asset(assets.STUB, "Answers").id
    with place.world.db.write() as tx:
        stub_deeds.bind(tx, place.workspace.id, stub_id, wanted)
    package = place.load(KEPT, prune=True)

    back = place.roll_back(package)

    assert packages.Status.COMPLETED is back.status, back.error_parts
    with place.world.db.read() as tx:
        assert {stub_id: wanted} == stub_rows.bound(tx, [stub_id])
