"""Packages as they looked from year to year, each with what tells its year: they leave as they came.

The documents are our own and small; their spelling, key order and odd values are those of the year.
"""

import json
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

import worlds
from recipeyard.model import packages

YEARS = Path(__file__).parent / "years"
WITH_DATA = {"2020"}
MISSES = {
    "2026": ("Flows/newest.recipe.json: Home/Other project/Recipes/Elsewhere is neither in the package nor here",)
}
each_year = pytest.mark.parametrize("year", sorted(path.name for path in YEARS.iterdir()))


def files_of(year: str) -> dict[str, bytes]:
    root = YEARS / year
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@each_year
def test_a_package_of_any_year_leaves_as_it_came(world: worlds.World, year: str) -> None:
    files = files_of(year)
    first, second = world.workspace(), world.workspace()

    package = first.load(files)
    once = first.export_archive(include_data=year in WITH_DATA)
    second.load_archive(once)

    assert (packages.Status.COMPLETED, MISSES.get(year, ())) == (package.status, package.warnings)
    assert files == worlds.unzipped(once)
    assert once == second.export_archive(include_data=year in WITH_DATA)
    assert {"unchanged"} == set(first.actions(first.load(files)).values())


@each_year
def test_a_package_of_any_year_arrives_in_pieces_in_any_order(embedded: worlds.World, year: str) -> None:
    place, whole = embedded.workspace(), embedded.workspace()
    files = files_of(year)
    whole.load(files)

    for path in sorted(path for path in files if path.endswith(".json")):
        stem = path.removesuffix(".json")
        place.load({each: content for each, content in files.items() if each.startswith(stem)})

    assert whole.export(include_data=True) == place.export(include_data=True)


def test_the_other_key_order_is_another_document_with_the_same_meaning(embedded: worlds.World) -> None:
    place = embedded.workspace()
    sorted_ = files_of("re-written")["sorted.recipe.json"]
    place.load({"sorted.recipe.json": sorted_})
    turned = json.dumps(dict(reversed(json.loads(sorted_).items())), indent=2).encode()

    package = place.load({"sorted.recipe.json": turned})

    assert {"sorted.recipe.json": "updated"} == place.actions(package)
    assert turned == place.export()["sorted.recipe.json"]


def test_a_package_that_was_repacked_on_a_mac_is_read_as_what_it_was(embedded: worlds.World) -> None:
    repacked = {"Sync of 2020/": b"", "Sync of 2020/.DS_Store": b"\0\0\0\1Bud1"}
    for path, content in files_of("2020").items():
        repacked[f"Sync of 2020/{path}"] = content
        repacked[f"__MACOSX/Sync of 2020/{path.rpartition('/')[0]}/._{path.rpartition('/')[2]}"] = b"\0\5\x16\7"
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in repacked.items():
            archive.writestr(path.replace("//", "/"), content)
    place = embedded.workspace()

    package = place.load_archive(packed.getvalue())

    assert packages.Status.COMPLETED is package.status
    assert files_of("2020") == place.export(include_data=True)


def test_a_connector_alone_arrives_as_its_developers_push_it(embedded: worlds.World) -> None:
    files = {
        "connector.custom_adapter.rb": b"{ title: 'My ERP' }",
        "connector.custom_adapter.json": b'{"title":"My ERP","description":"d","note":"n","logo_file_name":"logo.png",'
        b'"logo_content_type":"image/png"}',
        "connector.custom_adapter.png": b"\x89PNG",
    }
    place = embedded.workspace()

    first, again = place.load(files), place.load(files | {"connector.custom_adapter.rb": b"{ title: 'My ERP', x: 1 }"})

    assert {"connector.custom_adapter.json": "created"} == place.actions(first)
    assert {"connector.custom_adapter.json": "updated"} == place.actions(again)
    assert () == again.warnings


def test_files_that_are_no_assets_are_named_and_passed_over(embedded: worlds.World) -> None:
    extra = {"README.md": b"# hi", "bin/data.bin": bytes(9), ".hidden": b"", "lonely.custom_adapter.rb": b"{}"}
    place = embedded.workspace()

    package = place.load(files_of("2024") | extra)

    assert {f"{path}: not an asset; ignored" for path in extra} == set(package.warnings)
    assert files_of("2024").keys() == place.actions(package).keys()
    assert files_of("2024") == place.export()
