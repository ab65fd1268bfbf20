"""Packages that fail by their content: said clearly, and nothing of them remains."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

import worlds
from recipeyard.model import packages
from recipeyard.sql import database
from recipeyard.work import import_package

RECIPE = worlds.Recipe("A").value

DOCUMENTS: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (b'{"name": "caf\xe9"}', "not UTF-8 (byte 13)"),
    "not JSON": (b'{"name": ', "not valid JSON"),
    "empty": (b"", "not valid JSON"),
    "JSON of the wrong type": (b"[1, 2]", "must be a JSON object"),
    "two values": (b"{} {}", "not valid JSON"),
    "a lone surrogate": (b'{"name": "\\ud800", "code": {"keyword": "trigger"}}', "not valid JSON"),
    "a number out of range": (b'{"name": "A", "code": {"keyword": "trigger"}, "x": 1e999}', "not valid JSON"),
    "endless nesting": (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested deeper than 200 levels"),
    "nesting just beyond the limit": (b'{"x":' + b"[" * 200 + b"]" * 200 + b"}", "nested deeper than 200 levels"),
    "no trigger": (worlds.document({"name": "A", "code": {"keyword": "action"}}), "the recipe has no trigger"),
    "no code": (worlds.document({"name": "A"}), "code must be an object: the trigger step"),
    "NUL in a provider": (worlds.document(RECIPE | {"config": [{"provider": "a\0b"}]}), "a provider has a NUL"),
    "NUL in the trigger": (
        worlds.document(RECIPE | {"code": {"keyword": "trigger", "provider": "a\0b"}}),
        "a provider has a NUL character",
    ),
    "NUL in a lookup": (
        worlds.Recipe("A").step("x", "y", {"z": '=lookup("a\0b", c: 1)'}).bytes,
        "the name of a table in lookup(…) has a NUL character",
    ),
    "no name": (worlds.document({"code": {"keyword": "trigger"}}), "name must be a text that is not blank"),
}


@pytest.mark.parametrize(("content", "what"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_document_that_is_no_recipe_fails_the_package_by_name(place: worlds.Place, content: bytes, what: str) -> None:
    place.load(worlds.project())
    before = place.world.counts()

    package = place.load({"good.recipe.json": worlds.Recipe("Good").bytes, "Sub/bad.recipe.json": content})

    assert packages.Status.FAILED is package.status
    assert package.error_parts[0].startswith("Sub/bad.recipe.json: ")
    assert what in package.error_parts[0]
    assert before == place.world.counts()


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\0b"], ids=["empty", "blank", "long", "NUL"])
@pytest.mark.parametrize("path", ["account_properties.properties.json", "properties.project_properties.json"])
def test_property_names_that_the_api_refuses_are_refused_on_arrival(place: worlds.Place, path: str, name: str) -> None:
    before = place.world.counts()
    declared = {name: None}

    package = place.load({path: worlds.document(declared if "account" in path else {"data": declared})})

    assert packages.Status.FAILED is package.status
    assert package.error_parts[0].startswith(f"{path}: property {name[:60]!r}: names ")
    assert before == place.world.counts()


def test_everything_wrong_is_listed_at_once(place: worlds.Place) -> None:
    package = place.load({"a.recipe.json": b"{", "b.connection.json": b"{}", "c.lookup_table.json": b"[]"})

    assert ["a.recipe.json", "b.connection.json", "b.connection.json", "c.lookup_table.json"] == [
        line.partition(":")[0] for line in package.error_parts
    ]


def test_nesting_within_the_limit_is_fine(place: worlds.Place) -> None:
    deep = json.loads("[" * 190 + "]" * 190)

    assert packages.Status.COMPLETED is place.load({"a.recipe.json": worlds.document(RECIPE | {"x": deep})}).status


def test_ten_thousand_tiny_assets_arrive(embedded: worlds.World) -> None:
    place = embedded.workspace()
    files = {f"r{number}.recipe.json": worlds.Recipe(f"R{number}").bytes for number in range(10_000)}

    package = place.load(files)

    assert packages.Status.COMPLETED is package.status
    assert 10_000 == len(place.results(package))


def test_a_repacked_folder_arrives_and_its_top_folder_is_reported(place: worlds.Place) -> None:
    files = {f"Orders/{path}": content for path, content in worlds.project().items()}

    package = place.load(files | {"__MACOSX/Orders/._first.recipe.json": b"\0\5\26\7"})

    assert worlds.project() == place.export(include_data=True)
    assert "Orders/: extra top folder of a repacked archive; its content was read" in package.warnings


def test_a_zip_that_holds_a_truncated_copy_of_itself_arrives(place: worlds.Place) -> None:
    content = worlds.zipped(worlds.project())

    package = place.load(worlds.project() | {"Demo.zip": content[: len(content) // 2]})

    assert packages.Status.COMPLETED is package.status
    assert ("Demo.zip: not an asset; ignored",) == package.warnings


def test_a_hole_in_the_archive_fails_the_package_whole(place: worlds.Place) -> None:
    content = bytearray(worlds.zipped(worlds.project()))
    content[60:70] = bytes(10)
    before = place.world.counts()

    package = place.load_archive(bytes(content))

    assert packages.Status.FAILED is package.status
    assert "damaged" in package.error_parts[0]
    assert before == place.world.counts()


def test_an_archive_that_is_gone_fails_the_package(place: worlds.Place) -> None:
    deed = place.world.deed
    options = packages.Options()
    package = import_package.request(deed, (place.workspace.id, place.project.id), options, "uploads/x.zip", "x")

    import_package.run(deed, package.id)

    assert packages.Status.FAILED is place.package(package.id).status


def test_a_full_database_fails_the_import_whole(embedded: worlds.World, tmp_path: Path) -> None:
    place = embedded.workspace()
    place.load(worlds.project())
    before = embedded.counts()
    noise = {f"r{at}.recipe.json": worlds.Recipe(f"R{at}").step("x", "y", {"z": "é" * at}).bytes for at in range(3000)}
    content = worlds.zipped(noise)

    with full(embedded), pytest.raises(sa.exc.OperationalError) as failure:
        place.load_archive(content)

    assert database.is_disk_full(failure.value)
    assert before == embedded.counts()
    assert worlds.project() == place.export(include_data=True)


def full(world: worlds.World) -> "worlds.Full":
    """No connection of the world's database can grow the file."""
    return worlds.Full(world.db.engine)
