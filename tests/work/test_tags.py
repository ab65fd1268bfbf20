"""Tags in packages: brought by imports that ask for them, written by exports that ask for them."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

import worlds
from recipeyard.model import packages
from recipeyard.sql import tags as tag_rows
from recipeyard.work import tags

PATH = "a.recipe.json"


def recipe(titles: Sequence[object] | None) -> dict[str, bytes]:
    """A package of one recipe whose document lists these tags, or has no such member."""
    value = worlds.Recipe("A").value
    return {PATH: worlds.document(value if titles is None else value | {"tags": titles})}


def borne(place: worlds.Place) -> list[str]:
    """The titles of the recipe's tags."""
    asset = place.asset("recipe", "A")
    with place.world.db.read() as tx:
        return list(tags.titles_of(tx, [asset.id])[asset.id])


def give(place: worlds.Place, *titles: str) -> None:
    """Let the recipe bear exactly these tags."""
    asset = place.asset("recipe", "A")
    with place.world.db.write() as tx:
        tags.arrive(tx, place.workspace.id, {asset.id: titles})


def exported(place: worlds.Place) -> list[str]:
    """The tags that an export with tags says."""
    said: list[str] = json.loads(place.export(include_tags=True)[PATH])["tags"]
    return said


def test_an_import_with_tags_makes_what_is_missing_and_puts_it_on(place: worlds.Place) -> None:
    place.load(recipe(["QA", "live", "QA"]), include_tags=True)

    with place.world.db.read() as tx:
        made = tag_rows.page(tx, place.workspace.id, "", offset=0, limit=10)
    assert ["QA", "live"] == borne(place)
    assert {"QA", "live"} == {tag.title for tag in made}


def test_an_import_without_tags_changes_nothing_about_them(place: worlds.Place) -> None:
    place.load(recipe(["QA"]))
    assert [] == borne(place)

    give(place, "mine")
    place.load(recipe(["QA", "other"]))

    assert ["mine"] == borne(place)


def test_an_import_gives_exactly_what_the_document_says_even_where_it_is_unchanged(place: worlds.Place) -> None:
    place.load(recipe(["QA", "live"]))
    give(place, "mine", "live")

    again = place.load(recipe(["QA", "live"]), include_tags=True)

    assert {PATH: "unchanged"} == place.actions(again)
    assert ["QA", "live"] == borne(place)


def test_a_document_without_tags_leaves_them_alone_and_one_with_an_empty_list_takes_them(place: worlds.Place) -> None:
    place.load(recipe(None))
    give(place, "mine")

    place.load(recipe(None), include_tags=True)
    kept = borne(place)
    place.load(recipe([]), include_tags=True)

    assert (["mine"], []) == (kept, borne(place))


@pytest.mark.parametrize("titles", [[{"title": "QA"}], [1]])
def test_a_member_that_lists_no_titles_is_carried_and_left_alone(
    embedded: worlds.World, titles: Sequence[object]
) -> None:
    place = embedded.workspace()
    files = recipe(titles)

    package = place.load(files, include_tags=True)

    assert (packages.Status.COMPLETED, []) == (package.status, borne(place))
    assert files == place.export(include_tags=True)


def test_a_title_that_no_tag_can_have_is_reported(embedded: worlds.World) -> None:
    place = embedded.workspace()

    package = place.load(recipe(["QA", " "]), include_tags=True)

    assert (f"{PATH}: tags: ' ' can't be blank; passed over",) == package.warnings
    assert ["QA"] == borne(place)


def test_tags_of_a_failed_import_are_not_made(place: worlds.Place) -> None:
    place.load(recipe(["QA"]), include_tags=True)
    place.start("A")
    changed = worlds.Recipe("A").step("logger", "log", {}).value | {"tags": ["new"]}

    package = place.load({PATH: worlds.document(changed)}, include_tags=True)

    with place.world.db.read() as tx:
        assert [] == tag_rows.by_titles(tx, place.workspace.id, ["new"])
    assert (packages.Status.FAILED, ["QA"]) == (package.status, borne(place))


def test_an_export_with_tags_says_what_is_assigned_now(place: worlds.Place) -> None:
    place.load(recipe(["QA", "live"]), include_tags=True)
    give(place, "live", "beta")

    assert ["beta", "live"] == exported(place)
    give(place)
    assert [] == exported(place)


def test_an_export_writes_the_member_alone_anew(place: worlds.Place) -> None:
    odd = recipe(["QA"])[PATH].replace(b'"private": true', b'"private":   true,\n "odd":1.50')
    place.load({PATH: odd}, include_tags=True)
    give(place, "live")

    assert odd.replace(b'"QA"', b'"live"') == place.export(include_tags=True)[PATH]


def test_an_export_adds_the_member_where_there_was_none(place: worlds.Place) -> None:
    place.load(recipe(None))
    give(place, "QA")

    assert recipe(["QA"]) == place.export(include_tags=True)


def test_the_same_tags_in_another_order_leave_the_document_as_it_came(place: worlds.Place) -> None:
    files = recipe(["live", "QA"])

    place.load(files, include_tags=True)

    assert files == place.export(include_tags=True)


def test_an_export_without_tags_leaves_the_document_as_it_is_kept(place: worlds.Place) -> None:
    files = recipe(["QA"])
    place.load(files, include_tags=True)
    give(place, "other")

    assert files == place.export()


def test_tags_go_round_and_the_bytes_stay(world: worlds.World) -> None:
    first, second, third = (world.workspace() for _ in range(3))
    first.load(worlds.project() | recipe(None))
    give(first, "QA", "live")

    once = first.export_archive(include_tags=True, include_data=True)
    second.load_archive(once, include_tags=True)
    twice = second.export_archive(include_tags=True, include_data=True)
    third.load_archive(twice, include_tags=True)

    assert once == twice == third.export_archive(include_tags=True, include_data=True)
    assert ["QA", "live"] == borne(third)


def test_a_data_table_with_rows_gets_its_tags(place: worlds.Place) -> None:
    value: dict[str, Any] = {
        "name": "T",
        "schema": [{"type": "string", "name": "a", "optional": True}],
        "data": "a,1\n",
        "tags": ["x"],
    }
    files = {"t.workato_db_table.json": worlds.document(value)}
    place.load(files, include_tags=True)

    assert files == place.export(include_tags=True, include_data=True)
