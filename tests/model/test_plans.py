"""What an import would change, decided from values alone."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from recipeyard.model import assets, bundles, plans


def incoming(path: str, name: str, digest: str = "new", kind: str = assets.RECIPE) -> bundles.Incoming:
    folder, filename = assets.split(path)
    content = assets.Content(digest)
    return bundles.Incoming(path, folder, kind, filename.split(".recipe")[0], bundles.Facts(name), content, content)


def here(number: int, name: str, stem: str, digest: str = "old", *, running: bool = False) -> assets.Asset:
    content = assets.Content(digest)
    return assets.Asset(number, assets.RECIPE, name, stem, 1, 1, 3, content, content, running=running)


def planned(arriving: list[bundles.Incoming], existing: list[assets.Asset]) -> tuple[plans.Change, ...]:
    places = {"": existing}
    return plans.plan(arriving, plans.pair(arriving, places), places)


def test_what_nobody_matches_is_created() -> None:
    arriving = incoming("a.recipe.json", "A")

    assert (plans.Create(arriving, "a"),) == planned([arriving], [])


def test_a_same_name_is_updated_and_a_same_document_kept() -> None:
    arriving = [incoming("a.recipe.json", "A"), incoming("b.recipe.json", "B", "old")]
    existing = [here(1, "A", "a"), here(2, "B", "b")]

    assert (
        plans.Update(arriving[0], existing[0], "a"),
        plans.Keep(arriving[1], existing[1], "b"),
    ) == planned(arriving, existing)


def test_of_two_with_one_name_the_same_stem_goes_first() -> None:
    arriving = [incoming("x.recipe.json", "A"), incoming("x.1.recipe.json", "A")]
    existing = [here(1, "A", "x.1"), here(2, "A", "x")]

    changes = planned(arriving, existing)

    assert [(2, "x"), (1, "x.1")] == [
        (change.existing.id, change.stem) for change in changes if isinstance(change, plans.Update)
    ]


def test_a_stem_that_another_asset_holds_is_numbered() -> None:
    arriving = incoming("a.recipe.json", "New")

    assert (plans.Create(arriving, "a.1"),) == planned([arriving], [here(1, "Other", "A")])


def test_an_asset_that_cant_have_the_incoming_stem_keeps_its_own() -> None:
    arriving = incoming("a.recipe.json", "A")
    existing = [here(1, "Other", "a"), here(2, "A", "mine")]

    assert (plans.Update(arriving, existing[1], "mine"),) == planned([arriving], existing)


def test_new_rows_alone_make_an_update() -> None:
    table = replace(incoming("t.recipe.json", "T", "old"), facts=bundles.Facts("T", structure="old"))
    same = replace(here(1, "T", "t"), rows_digest="old")

    assert isinstance(planned([table], [same])[0], plans.Keep)
    assert isinstance(planned([table], [replace(same, rows_digest="other")])[0], plans.Update)


def test_the_gate_names_every_running_recipe_that_would_change() -> None:
    arriving = [incoming("a.recipe.json", "A"), incoming("b.recipe.json", "B"), incoming("c.recipe.json", "C", "old")]
    existing = [here(1, "A", "a", running=True), here(2, "B", "b"), here(3, "C", "c", running=True)]

    found = plans.running(planned(arriving, existing))

    assert ["a.recipe.json: recipe 'A' is running; set restart_recipes=true"] == [str(notice) for notice in found]
    assert [] == plans.running(planned(arriving[1:], existing))


def test_shared_kinds_stand_at_the_root_of_the_workspace() -> None:
    table = replace(incoming("t.recipe.json", "T"), kind=assets.LOOKUP_TABLE)

    assert (plans.ROOT, "", "Sub") == (
        plans.place(table),
        plans.place(incoming("a.recipe.json", "A")),
        plans.place(replace(table, folder="Sub")),
    )


def test_a_kept_document_may_differ_from_the_one_that_arrived() -> None:
    kept = plans.with_content(incoming("a.recipe.json", "A", "arrived"), "kept")

    assert ("arrived", "kept") == (kept.arrived.digest, kept.content.digest)


NAMES = st.sampled_from(["A", "B", "C"])
STEMS = st.sampled_from(["a", "A", "a.1", "b"])


@given(
    st.lists(st.tuples(STEMS, NAMES), unique_by=lambda each: each[0].casefold(), max_size=4),
    st.lists(st.tuples(STEMS, NAMES), unique_by=lambda each: each[0].casefold(), max_size=4),
)
def test_stems_never_clash_whatever_arrives_where(arriving: list[tuple[str, str]], held: list[tuple[str, str]]) -> None:
    new = [incoming(f"{stem}.recipe.json", name) for stem, name in arriving]
    existing = [here(at, name, stem) for at, (stem, name) in enumerate(held, 1)]

    changes = planned(new, existing)

    matched = {change.existing.id for change in changes if not isinstance(change, plans.Create)}
    stems = [change.stem.casefold() for change in changes]
    stems += [each.stem.casefold() for each in existing if each.id not in matched]
    assert len(new) == len(changes)
    assert len(stems) == len(set(stems))
    assert len(matched) == sum(not isinstance(change, plans.Create) for change in changes)
