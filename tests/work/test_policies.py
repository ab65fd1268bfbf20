"""What every policy makes of a recipe, whatever was changed on either side since a package deployed it."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recipe_documents
import worlds
from recipeyard.model import assets, merging, packages, proposals
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import writing

PATH = "tick.recipe.json"
Policy = packages.Policy
CHANGES = st.sampled_from(
    [{}, {}, {"comment": "other"}, {"input": {"x": 1}}, {"input": {"x": 2}}, {"skip": True}, None]
)
EDITS: st.SearchStrategy[list[dict[str, Any] | None]] = st.lists(CHANGES, min_size=3, max_size=3)
NOBODY: list[dict[str, Any] | None] = [{}, {}, {}]


def recipe(edits: list[dict[str, Any] | None]) -> str:
    """A recipe whose three steps were edited, or taken out."""
    named = zip("abc", edits, strict=True)
    return recipe_documents.recipe(*(recipe_documents.step(name, **each) for name, each in named if each is not None))


@given(base=EDITS | st.just(NOBODY), here=EDITS | st.none(), there=EDITS | st.none(), policy=st.sampled_from(Policy))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_policy_ends_as_it_says(
    embedded: worlds.World, base: Any, here: Any, there: Any, policy: packages.Policy
) -> None:
    place = embedded.workspace()
    texts = [recipe(base), recipe(here or base), recipe(there or base)]
    place.load({PATH: texts[0].encode()})
    if texts[1] != texts[0]:
        with embedded.db.write() as tx:
            desk = writing.Desk(tx, workspace_rows.lock(tx, place.workspace.id))
            writing.revise(desk, place.asset(assets.RECIPE, "Tick"), texts[1])
    version = place.asset(assets.RECIPE, "Tick").version_no
    before = embedded.counts()

    plan = place.plan({PATH: texts[2].encode()}, on_conflict=policy).content
    package = place.load({PATH: texts[2].encode()}, on_conflict=policy)

    wanted = expected(texts, policy)
    assert (wanted is None) == (packages.Status.FAILED is package.status), package.error_parts
    assert (wanted or texts[1]) == place.text(assets.RECIPE, "Tick")
    assert plan == place.plan_of(package)
    if wanted is None:
        assert before == embedded.counts()
        assert [proposals.Code.CONFLICT, proposals.Code.DRIFT][texts[2] == texts[0]] in {b.code for b in plan.blockers}
    elif wanted == texts[1]:
        assert version == place.asset(assets.RECIPE, "Tick").version_no
    if wanted is not None:
        again = place.plan({PATH: texts[2].encode()}, on_conflict=policy).content
        assert again
        assert ((), ()) == (again.changes, again.blockers)


def expected(texts: list[str], policy: packages.Policy) -> str | None:
    """What is here in the end, None where the import is refused."""
    base, here, there = texts
    if here in (base, there) or policy is Policy.INCOMING:
        return there
    if policy is Policy.FAIL:
        return None
    return here if policy is Policy.TARGET else merging.merge(base, here, there).text
