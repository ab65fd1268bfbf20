"""What every policy makes of a recipe, whatever was changed on either side since a package deployed it."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import generated
import recipe_documents
import worlds
from recipeyard.model import assets, merging, packages
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import writing

PATH = "tick.recipe.json"
Policy = packages.Policy
CHANGES = st.sampled_from([{}, {"comment": "other"}, {"input": {"x": 1}}, {"input": {"x": 2}}, {"skip": True}, None])
EDITS: st.SearchStrategy[list[dict[str, Any] | None]] = st.lists(CHANGES, min_size=3, max_size=3)
NOBODY: list[dict[str, Any] | None] = [{}, {}, {}]


def recipe(edits: list[dict[str, Any] | None]) -> str:
    """A recipe whose three steps were edited, or taken out."""
    named = zip("abc", edits, strict=True)
    return recipe_documents.recipe(*(recipe_documents.step(name, **each) for name, each in named if each is not None))


@given(base=st.just(NOBODY) | EDITS, here=EDITS | st.none(), there=EDITS | st.none())
@generated.examples(10)
def test_every_policy_ends_as_it_says(embedded: worlds.World, base: Any, here: Any, there: Any) -> None:
    texts = [recipe(base), recipe(here or base), recipe(there or base)]
    for policy in Policy:
        check(embedded.workspace(), texts, policy)


def check(place: worlds.Place, texts: list[str], policy: packages.Policy) -> None:
    """Deploy, edit, deploy again: what is here then, and what was said of it before."""
    place.load({PATH: texts[0].encode()})
    if texts[1] != texts[0]:
        with place.world.db.write() as tx:
            desk = writing.Desk(tx, workspace_rows.lock(tx, place.workspace.id))
            writing.revise(desk, place.asset(assets.RECIPE, "Tick"), texts[1])
    version = place.asset(assets.RECIPE, "Tick").version_no
    before = place.world.counts()

    plan = place.plan({PATH: texts[2].encode()}, on_conflict=policy).content
    package = place.load({PATH: texts[2].encode()}, on_conflict=policy)

    wanted = expected(texts, policy)
    assert plan == place.plan_of(package)
    assert (wanted or texts[1]) == place.text(assets.RECIPE, "Tick")
    if wanted is None:
        assert packages.Status.FAILED is package.status
        assert before == place.world.counts()
        return
    again = place.plan({PATH: texts[2].encode()}, on_conflict=policy).content
    assert packages.Status.COMPLETED is package.status, package.error_parts
    assert again
    assert ((), ()) == (again.changes, again.blockers)
    assert version + (wanted != texts[1]) == place.asset(assets.RECIPE, "Tick").version_no


def expected(texts: list[str], policy: packages.Policy) -> str | None:
    """What is here in the end, None where the import is refused."""
    base, here, there = texts
    if here in (base, there) or policy is Policy.INCOMING:
        return there
    if policy is Policy.FAIL:
        return None
    return here if policy is Policy.TARGET else merging.merge(base, here, there).text
