"""Names, paths and order of assets."""

import pytest

from recipeyard.model import assets


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("LT|IDP|Vendor Information", "lt_idp_vendor_information"),
        ("[CC-351 v2] HTTP webhook…", "cc_351_v2_http_webhook"),
        (" Salesforce<>Hubspot", "salesforce_hubspot"),
        ("A\u00a0B", "a_b"),
    ],
)
def test_a_name_gives_the_stem_that_exporters_give_it(name: str, slug: str) -> None:
    assert slug == assets.slug(name)


def test_a_name_without_letters_gives_a_stable_stem() -> None:
    assert assets.slug("注文") == assets.slug("注文") != assets.slug("返品")
    assert assets.slug("注文").startswith("asset_")


def test_a_long_name_gives_a_stem_that_fits_and_that_no_other_gives() -> None:
    stems = {assets.slug("x" * 400), assets.slug("x" * 401), assets.slug("x" * 200)}

    assert 3 == len(stems)
    assert {200} == {len(stem) for stem in stems}


@pytest.mark.parametrize(
    ("filename", "parsed"),
    [
        ("a.recipe.json", ("a", "recipe", "json")),
        ("a.1.recipe.json", ("a.1", "recipe", "json")),
        ("my_app.custom_adapter.rb", ("my_app", "custom_adapter", "rb")),
        ("project.json", ("project", "project", "json")),
        ("odd.new_kind.json", ("odd", "new_kind", "json")),
    ],
)
def test_a_file_name_says_stem_kind_and_suffix(filename: str, parsed: tuple[str, str, str]) -> None:
    assert assets.FileName(*parsed) == assets.parse_file(filename)
    assert filename == assets.file_name(parsed[1], parsed[0], parsed[2])


@pytest.mark.parametrize("filename", ["README.md", "data.bin", ".hidden", "a.json", "a.Recipe.json", ".recipe.json"])
def test_other_names_name_no_asset(filename: str) -> None:
    assert assets.parse_file(filename) is None


def test_a_taken_stem_gets_a_number_whatever_its_case() -> None:
    assert "a" == assets.free_stem("a", [])
    assert "a.2" == assets.free_stem("a", ["A", "a.1"])


def test_property_files_have_names_of_their_own() -> None:
    assert "account_properties" == assets.stem_for(assets.ACCOUNT_PROPERTIES, "properties")
    assert "sync_orders" == assets.stem_for(assets.RECIPE, "Sync orders")


def test_archives_list_connectors_first_and_the_project_last() -> None:
    paths = {
        "project.json": assets.PROJECT,
        "b.recipe.json": assets.RECIPE,
        "a.recipe.json": assets.RECIPE,
        "z.custom_adapter.json": assets.CUSTOM_ADAPTER,
        "x.unknown.json": "unknown",
    }

    ordered = sorted(paths, key=lambda path: assets.rank(paths[path], path))

    assert ["z.custom_adapter.json", "a.recipe.json", "b.recipe.json", "x.unknown.json", "project.json"] == ordered


def test_shared_connections_stand_at_the_root() -> None:
    assert assets.stands_at_root(assets.CONNECTION, root_folder=True)
    assert not assets.stands_at_root(assets.CONNECTION, root_folder=False)
    assert assets.stands_at_root(assets.LOOKUP_TABLE, root_folder=False)
