"""The crown: what is exported, imported and exported again is the same."""

import string
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import generated
import worlds
from recipeyard.model import assets, packages


def test_a_package_leaves_as_it_came(place: worlds.Place) -> None:
    files = worlds.project()

    place.load(files)

    assert files == place.export(include_data=True)


def test_a_third_round_gives_identical_bytes(world: worlds.World) -> None:
    first, second, third = (world.workspace() for _ in range(3))
    first.load(worlds.project())

    once = first.export_archive(include_data=True)
    second.load_archive(once)
    twice = second.export_archive(include_data=True)
    third.load_archive(twice)

    assert once == twice == third.export_archive(include_data=True)


def test_the_order_in_which_things_came_makes_no_difference(world: worlds.World) -> None:
    first, second = world.workspace(), world.workspace()
    first.load(worlds.project())

    for path, content in sorted(worlds.project().items(), reverse=True):
        second.load({path: content})

    assert first.export_archive(include_data=True) == second.export_archive(include_data=True)


NAMES = st.text(st.sampled_from(string.ascii_letters + " |&ü注-."), min_size=1, max_size=8).filter(str.strip)
FOLDERS = st.sampled_from(["", "Sub", "Sub/Deep one", "[x] => y"])


@st.composite
def projects(draw: st.DrawFn) -> dict[str, bytes]:
    """Recipes of any names in any folders that call one another, tables and connections."""
    files: dict[str, bytes] = {}
    wanted = draw(st.lists(st.tuples(FOLDERS, NAMES), min_size=1, max_size=5, unique=True))
    paths: dict[str, str] = {}
    for folder, name in wanted:
        taken = {path.removesuffix(".recipe.json").casefold() for path in paths}
        path = assets.join(folder, assets.slug(name))
        number = 0
        while path.casefold() in taken:
            number += 1
            path = assets.join(folder, f"{assets.slug(name)}.{number}")
        paths[f"{path}.recipe.json"] = name
    for path, name in paths.items():
        recipe = worlds.Recipe(name)
        for target in draw(st.lists(st.sampled_from(sorted(paths)), max_size=3)):
            recipe.calls(target, paths[target])
        if draw(st.booleans()):
            recipe.uses("rest", worlds.reference("crm.connection.json", "CRM"))
        files[path] = recipe.bytes
    used = any(b"crm.connection.json" in content for content in files.values())
    files["crm.connection.json"] = worlds.connection("CRM", root_folder=used and draw(st.booleans()))
    rows = draw(st.lists(st.tuples(NAMES, NAMES), max_size=3))
    files["t.lookup_table.json"] = worlds.lookup_table("T", worlds.spelled(rows))
    return files


@generated.examples(20)
@given(projects())
def test_any_project_goes_round(embedded: worlds.World, files: dict[str, bytes]) -> None:
    first, second = embedded.workspace(), embedded.workspace()

    package = first.load(files)
    once = first.export_archive(include_data=True)
    second.load_archive(once)

    assert (packages.Status.COMPLETED, ()) == (package.status, package.warnings)
    assert files == worlds.unzipped(once)
    assert once == second.export_archive(include_data=True)
    assert {"unchanged"} == set(first.actions(first.load(files)).values())


@generated.examples(12)
@given(st.lists(projects(), min_size=2, max_size=3))
def test_packages_that_cross_end_where_the_last_one_says(embedded: worlds.World, rounds: list[Any]) -> None:
    place = embedded.workspace()

    for files in rounds:
        package = place.load(files)
        assert packages.Status.COMPLETED is package.status, package.error_parts

    assert {"unchanged"} == set(place.actions(place.load(rounds[-1])).values())
