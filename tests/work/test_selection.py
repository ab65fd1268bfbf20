"""A part of a package: what is asked for arrives, what it needs comes along or is here, and all else stays."""

from typing import Any

import pytest

import worlds
from recipeyard.model import assets, packages, proposals
from recipeyard.sql import folders

FUNCTION = worlds.reference("Functions/helper.recipe.json", "Helper")
CRM = worlds.reference("crm.connection.json", "CRM")
FORMULA = '=lookup("Prices", a: 1)'
RATE = {"pill_type": "project_property", "property_name": "rate"}


def files(step: str = "first") -> dict[str, bytes]:
    """A package in which one recipe calls another, which uses a connection; a third looks up a table and a property."""
    main = (
        worlds.Recipe("Main")
        .calls("Functions/helper.recipe.json", "Helper")
        .step("logger", "log_message", {"message": step})
    )
    helper = worlds.Recipe("Helper").uses("rest", CRM).step("logger", "log_message", {"message": step})
    looks = worlds.Recipe("Looks").step(
        "logger", "log_message", {"message": FORMULA, "as": f"#{{_dp('{spelled(RATE)}')}}"}
    )
    return {
        "main.recipe.json": main.bytes,
        "Functions/helper.recipe.json": helper.bytes,
        "looks.recipe.json": looks.step("logger", "log_message", {"message": step}).bytes,
        "crm.connection.json": worlds.connection("CRM"),
        "prices.lookup_table.json": worlds.lookup_table("Prices", "a,1\n"),
        "properties.project_properties.json": worlds.document({"data": {"rate": None}}),
        "project.json": worlds.document({"description": ""}),
    }


def spelled(pill: dict[str, str]) -> str:
    """A pill as formulas hold it."""
    return ",".join(f'"{key}":"{value}"' for key, value in pill.items()).join("{}")


def arrived(place: worlds.Place, package: packages.Package) -> set[str]:
    """The paths that a package did anything to, or looked at."""
    assert packages.Status.COMPLETED is package.status, package.error_parts
    return set(place.results(package))


MAIN = {"main.recipe.json", "Functions/helper.recipe.json", "crm.connection.json"}
LOOKS = {"looks.recipe.json", "prices.lookup_table.json", "properties.project_properties.json"}


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (("main.recipe.json",), MAIN),
        (("Functions",), MAIN - {"main.recipe.json"}),
        (("Functions/",), MAIN - {"main.recipe.json"}),
        (("looks.recipe.json",), LOOKS),
        (("connection", "lookup_table"), {"crm.connection.json", "prices.lookup_table.json"}),
        (("project_property",), {"properties.project_properties.json"}),
        (("project_properties",), {"properties.project_properties.json"}),
        (("recipe",), MAIN | LOOKS),
    ],
)
def test_what_is_asked_for_arrives_with_all_that_it_needs(
    embedded: worlds.World, only: tuple[str, ...], expected: set[str]
) -> None:
    place = embedded.workspace()

    assert expected == arrived(place, place.load(files(), only=only))


def test_an_asset_here_is_asked_for_by_its_id(place: worlds.Place) -> None:
    place.load(files())
    helper = place.asset(assets.RECIPE, "Helper")

    done = place.load(files("second"), only=(str(helper.id),))

    assert {"Functions/helper.recipe.json": "updated", "crm.connection.json": "unchanged"} == place.actions(done)
    assert 1 == place.asset(assets.RECIPE, "Main").version_no


def test_what_was_pulled_in_is_told_with_who_needs_it(place: worlds.Place) -> None:
    done = place.load(files(), only=("main.recipe.json",))

    said = [(each.code, str(each)) for each in place.plan_of(done).warnings if each.code == proposals.Code.PULLED_IN]
    assert [
        (proposals.Code.PULLED_IN, "Functions/helper.recipe.json: pulled in by main.recipe.json"),
        (proposals.Code.PULLED_IN, "crm.connection.json: pulled in by Functions/helper.recipe.json"),
    ] == said


def test_what_is_not_asked_for_is_neither_counted_nor_touched(place: worlds.Place) -> None:
    place.load(files())

    content = place.plan_of(place.load(files("second"), only=("prices.lookup_table.json",)))

    assert ((), 1, 1) == (content.changes, content.unchanged, len(content.rests_on))
    assert 1 == place.asset(assets.RECIPE, "Main").version_no


def test_a_word_that_means_nothing_is_refused_by_name_with_all_the_others(place: worlds.Place) -> None:
    refused = place.load(files(), only=("main.recipe.json", "gone.recipe.json", "Nowhere/", "topic", "99999"))

    words = [part.split(":")[0] for part in refused.error_parts]
    assert ["gone.recipe.json", "Nowhere/", "topic", "99999"] == words
    assert packages.Status.FAILED is refused.status


def test_where_dependencies_are_required_nothing_is_pulled_in_and_what_is_here_is_meant(place: worlds.Place) -> None:
    place.load(files())

    done = place.load(files("second"), only=("main.recipe.json",), dependencies=packages.Dependencies.REQUIRE)

    assert {"main.recipe.json": "updated"} == place.actions(done)
    assert () == place.start("Main").all


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("main.recipe.json", ["Functions/helper.recipe.json"]),
        ("looks.recipe.json", ['lookup table "Prices"', 'project property "rate"']),
    ],
)
def test_where_dependencies_are_required_what_is_not_here_refuses_the_import(
    place: worlds.Place, path: str, missing: list[str]
) -> None:
    refused = place.load(files(), only=(path,), dependencies=packages.Dependencies.REQUIRE)

    assert tuple(f"{path}: {what} is neither selected nor here" for what in missing) == refused.error_parts


def test_a_whole_package_can_be_required_to_lack_nothing(place: worlds.Place) -> None:
    whole = place.load(files(), dependencies=packages.Dependencies.REQUIRE)

    lacking = {path: content for path, content in files().items() if path != "Functions/helper.recipe.json"}
    other = place.world.workspace().load(lacking, dependencies=packages.Dependencies.REQUIRE)

    what = "main.recipe.json: Functions/helper.recipe.json is neither in the package nor here"
    assert (packages.Status.COMPLETED, (what,)) == (whole.status, other.error_parts)


def test_a_reference_means_what_its_path_means_here_under_whatever_name(place: worlds.Place) -> None:
    place.load(files())
    helper = place.asset(assets.RECIPE, "Helper").id
    renamed: dict[str, Any] = (
        worlds.Recipe("Assistant").uses("rest", CRM).step("logger", "log_message", {"message": "first"}).value
    )
    main = worlds.Recipe("Main").calls("Functions/assistant.recipe.json", "Assistant")
    later = files() | {
        "Functions/assistant.recipe.json": worlds.document(renamed),
        "main.recipe.json": main.bytes,
    }
    del later["Functions/helper.recipe.json"]

    done = place.load(later, only=("main.recipe.json",), dependencies=packages.Dependencies.REQUIRE)
    by_id = place.load(later, only=(str(helper),))

    assert {"main.recipe.json": "updated"} == place.actions(done)
    assert "renamed" == place.actions(by_id)["Functions/assistant.recipe.json"]
    assert helper == place.asset(assets.RECIPE, "Assistant").id


def test_folders_of_what_is_not_asked_for_are_not_made(place: worlds.Place) -> None:
    place.load(files(), only=("looks.recipe.json",))

    with place.world.db.read() as tx:
        assert folders.descend(tx, place.project.id, "Functions") is None


def test_a_plan_of_a_part_is_what_its_import_does(place: worlds.Place) -> None:
    plan = place.plan(files(), only=("looks.recipe.json",))

    done = place.apply(plan)

    assert plan.content == place.plan_of(done)
    assert LOOKS == arrived(place, done)


def test_of_what_is_not_asked_for_nothing_is_told(place: worlds.Place) -> None:
    old, new = (worlds.Recipe(name).step("clock", "wait", {}).bytes for name in ("Old", "New"))
    place.load({"old.recipe.json": old})
    later = {"new.recipe.json": new, "prices.lookup_table.json": worlds.lookup_table("Prices")}

    told = place.load(later, only=("lookup_table",))

    assert () == told.warnings
