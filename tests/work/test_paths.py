"""Whatever a workspace holds, it can be exported, and what was exported can be imported."""

import pytest

import worlds
from recipeyard.model import assets, documents, errors, manifests, packages, paths
from recipeyard.work import folders, recipes

RECIPE = worlds.Recipe("B").bytes
DEEP = "/".join(["x" * 252] * 3)


def recipe(place: worlds.Place, name: str, folder_id: int | None = None) -> int:
    """A recipe made by hand."""
    code: documents.Value = {"keyword": "trigger"}
    with place.world.db.write() as tx:
        edit = recipes.Edit({"name": name, "code": code}, folder_id or place.project.id)
        return recipes.create(tx, place.workspace.id, edit)


def arrives(exported: dict[str, bytes], world: worlds.World) -> bool:
    """Whether files make a package that completes in an empty workspace, and leaves it as it came."""
    target = world.workspace()
    package = target.load(exported)
    assert packages.Status.COMPLETED is package.status, package.error_parts
    return exported == target.export()


def test_recipes_with_endless_names_travel(embedded: worlds.World) -> None:
    place = embedded.workspace()
    for name in ("x" * 400, "x" * 401, "x" * 400, "x" * 200):
        recipe(place, name)

    exported = place.export()

    assert 4 == len(exported)
    assert max(map(len, exported)) <= paths.PART_BYTES
    assert arrives(exported, embedded)


def test_stems_that_differ_in_case_alone_become_two_paths(world: worlds.World) -> None:
    place = world.workspace()
    place.load({"Orders.recipe.json": worlds.Recipe("First").bytes, "Ü.recipe.json": worlds.Recipe("Third").bytes})

    place.load({"orders.recipe.json": worlds.Recipe("Second").bytes, "ü.recipe.json": worlds.Recipe("Fourth").bytes})

    exported = place.export()
    assert ["Orders.recipe.json", "orders.1.recipe.json", "Ü.recipe.json", "ü.1.recipe.json"] == list(exported)
    assert arrives(exported, world)


def test_tables_of_two_projects_whose_stems_differ_in_case_alone_become_two_paths(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load({"Rates.lookup_table.json": worlds.lookup_table("Rates")})
    place.load({"rates.lookup_table.json": worlds.lookup_table("Other rates")})

    assert ["Rates.lookup_table.json", "rates.1.lookup_table.json"] == list(place.export())


def test_a_recipe_and_a_folder_may_bear_one_name(embedded: worlds.World) -> None:
    place = embedded.workspace()
    with embedded.db.write() as tx:
        below = folders.create(tx, place.workspace.id, place.project.id, "Orders.recipe.json", "")
    recipe(place, "Orders")
    recipe(place, "Below", below.id)

    exported = place.export()

    assert ["Orders.recipe.json/below.recipe.json", "orders.1.recipe.json"] == list(exported)
    assert arrives(exported, embedded)


def test_a_folder_so_deep_that_no_file_fits_is_refused(embedded: worlds.World) -> None:
    place = embedded.workspace()
    made = place.load({f"{DEEP}/a.recipe.json": worlds.Recipe("A").bytes})
    assert packages.Status.COMPLETED is made.status
    assert arrives(place.export(), embedded)

    deeper = place.load({f"{DEEP}/more/b.recipe.json": worlds.Recipe("B").bytes})
    assert (f"{DEEP}/more/: name: is too long here: paths of folders have at most 768 bytes",) == deeper.error_parts


def test_no_change_makes_a_path_too_long(embedded: worlds.World) -> None:
    place = embedded.workspace()
    place.load({f"{DEEP}/a.recipe.json": worlds.Recipe("A").bytes, "Aside/Longer/b.recipe.json": RECIPE})
    mine, deepest, top, aside = place.workspace.id, place.folder(DEEP), place.folder("x" * 252), place.folder("Aside")

    with embedded.db.write() as tx:
        with pytest.raises(errors.Invalid, match="is too long here"):
            folders.create(tx, mine, deepest, "y" * 20, "")
        with pytest.raises(errors.Invalid, match="is too long here"):
            folders.change(tx, mine, top, "x" * 255, None)
        with pytest.raises(errors.Invalid, match="is too long here"):
            folders.change(tx, mine, aside, "a", deepest)


def test_a_manifest_with_an_endless_name_is_exported(embedded: worlds.World) -> None:
    place = embedded.workspace()
    recipe(place, "A")
    manifest = place.manifest(options=manifests.Options(auto=True), name="x" * 300)

    package = place.exported(manifest)

    assert packages.Status.COMPLETED is package.status
    assert len(package.file_name) <= paths.PART_BYTES
    assert assets.slug("x" * 300).replace("_", "-") + ".zip" == package.file_name
