"""Selections closed over what they depend on, and the paths that archives give them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import assets, errors, manifests, references, workspaces

GRAPHS = st.dictionaries(st.integers(0, 8), st.frozensets(st.integers(0, 8), max_size=4))


def asset(number: int, name: str, kind: str = assets.RECIPE, place: int = 1, digest: str = "") -> assets.Asset:
    content = assets.Content(digest or f"digest {number}")
    return assets.Asset(number, kind, name, assets.slug(name), place, place, 1, content, content)


@given(st.frozensets(st.integers(0, 8)), GRAPHS, st.frozensets(st.integers(0, 8)))
def test_a_closed_selection_depends_on_nothing_within_reach(
    chosen: frozenset[int], graph: dict[int, frozenset[int]], reach: frozenset[int]
) -> None:
    closed, outside = manifests.close(chosen, graph, reach)

    pointed_at = {target for each in closed for target in graph.get(each, ())}
    assert chosen <= closed <= chosen | reach
    assert pointed_at <= closed | outside
    assert not outside & (closed | reach)


def test_assets_from_several_projects_get_paths_of_their_own() -> None:
    twins = [asset(2, "Rates", assets.LOOKUP_TABLE, 9), asset(1, "Rates", assets.LOOKUP_TABLE, 8)]

    laid = manifests.lay_out([*twins, asset(3, "Sub one", place=5)], {1: "", 5: "Sub"}, {})

    assert {"rates.lookup_table.json": 1, "rates.1.lookup_table.json": 2, "Sub/sub_one.recipe.json": 3} == {
        chosen.path: chosen.asset.id for chosen in laid
    }
    assert laid == manifests.lay_out([asset(3, "Sub one", place=5), *twins[::-1]], {1: "", 5: "Sub"}, {})


def test_paths_that_differ_in_case_alone_or_stand_where_a_folder_must_be_get_a_number() -> None:
    upper = replace(asset(1, "Rates", assets.LOOKUP_TABLE), stem="Rates")
    below = asset(3, "Below", place=5)

    laid = manifests.lay_out(
        [upper, asset(2, "Rates", assets.LOOKUP_TABLE), asset(4, "Odd"), below], {1: "", 5: "ODD.recipe.json"}, {}
    )

    assert {
        "Rates.lookup_table.json": 1,
        "rates.1.lookup_table.json": 2,
        "odd.1.recipe.json": 4,
        "ODD.recipe.json/below.recipe.json": 3,
    } == {chosen.path: chosen.asset.id for chosen in laid}


def test_a_manifests_own_paths_come_first() -> None:
    laid = manifests.lay_out([asset(1, "A")], {1: ""}, {1: "other/b.recipe.json"})

    assert ["other/b.recipe.json"] == [chosen.path for chosen in laid]


def test_a_target_is_named_by_its_path_or_by_where_it_stays() -> None:
    target = asset(1, "A", place=4)
    inside = references.inside("Sub/a.recipe.json", "A")
    outside = references.outside("Orders/Far", "a.recipe.json", "A")

    assert inside == manifests.mention(outside, target, {1: "Sub/a.recipe.json"}, {})
    assert outside == manifests.mention(inside, target, {}, {4: "Orders/Far"})
    stale = references.Reference("Sub/a.recipe.json", "Old name", "Sub")
    assert stale is manifests.mention(stale, target, {1: "Sub/a.recipe.json"}, {})
    assert outside is manifests.mention(outside, target, {}, {4: "Orders/Far"})


SAME = ("A.recipe.json", "a.recipe.json")


def test_every_wrong_path_is_listed() -> None:
    lines = [manifests.Selected(at, "recipe", zip_name=path) for at, path in enumerate(["../x", "", *SAME])]

    with pytest.raises(errors.Invalid) as refused:
        manifests.check_paths(lines)

    assert ["assets[0].zip_name"] * 2 + ["assets[3].zip_name"] == [issue.where for issue in refused.value.issues]


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("a\n.recipe.json", "control characters are not allowed in paths"),
        ("C:/a.recipe.json", "absolute paths are not allowed"),
        ("x" * 255 + ".recipe.json", "the path is too long (at most 1024 bytes, 255 for each part)"),
        ("a.connection.json", "does not name a recipe: it has to end in .recipe.json"),
        ("a.recipe.rb", "does not name a recipe: it has to end in .recipe.json"),
        ("foo.txt", "does not name a recipe: it has to end in .recipe.json"),
        ("project.json", "does not name a recipe: it has to end in .recipe.json"),
        ("__MACOSX/a.recipe.json", "is a name that archives pass over"),
    ],
)
def test_a_path_that_would_not_arrive_is_refused(path: str, what: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        manifests.check_paths([manifests.Selected(1, "recipe", zip_name=path)])

    assert f"assets[0].zip_name: {path!r}: {what}" == refused.value.message


def test_a_path_that_is_a_folder_of_anothers_is_refused() -> None:
    paths = ["A.recipe.json/b.recipe.json", "a.recipe.json"]

    with pytest.raises(errors.Invalid) as refused:
        manifests.check_paths([manifests.Selected(at, "recipe", zip_name=path) for at, path in enumerate(paths)])

    what = "assets[0].zip_name: 'a.recipe.json/b.recipe.json' needs a folder where assets[1] has its file"
    assert what == refused.value.message


def test_sound_paths_are_taken() -> None:
    manifests.check_paths([manifests.Selected(1, "recipe"), manifests.Selected(2, "recipe")])


@pytest.mark.parametrize("name", ["Orders", "a & b", "[x] => y: z", "ü", "x" * 255])
def test_folders_may_bear_any_name_that_a_path_can_hold(name: str) -> None:
    assert name == workspaces.folder_name(name)


@pytest.mark.parametrize("name", ["", " ", "a/b", "a\\b", "a\0", ".", "..", "ü" * 128])
def test_folders_cant_bear_names_that_break_paths(name: str) -> None:
    with pytest.raises(errors.Invalid):
        workspaces.folder_name(name)
