"""What two sides changed of a recipe, in one document."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recipe_documents import RECIPES, recipe, step
from recipeyard.model import documents, merging

TEXTS = RECIPES.map(json.dumps)
BASE = recipe(step("a"), step("b", step("c"), step("d")), step("e"))


def merged(here: str, incoming: str, base: str = BASE) -> str | tuple[str, ...]:
    """The merged document as a value's spelling, or the conflicts."""
    found = merging.merge(base, here, incoming)
    return found.conflicts if found.text is None else json.dumps(json.loads(found.text), sort_keys=True)


@given(TEXTS, TEXTS)
def test_what_one_side_changed_is_taken(base: str, changed: str) -> None:
    assert merging.Merged(changed) == merging.merge(base, changed, base)
    assert merging.Merged(changed) == merging.merge(base, base, changed)
    assert merging.Merged(changed) == merging.merge(base, changed, changed)


@given(RECIPES, RECIPES)
def test_a_side_that_only_spells_otherwise_has_changed_nothing(base: dict[str, Any], changed: dict[str, Any]) -> None:
    was, other, text = json.dumps(base), documents.spell(base), documents.spell(changed)
    from_here, from_there = merging.merge(was, text, other), merging.merge(was, other, text)

    assert merging.Merged(text) == from_here
    assert from_there in (merging.Merged(text), merging.Merged(other))
    assert changed == json.loads(from_there.text or "")


@given(TEXTS, TEXTS, TEXTS)
def test_a_merge_gives_a_document_or_says_why_not(base: str, here: str, incoming: str) -> None:
    found = merging.merge(base, here, incoming)

    assert (found.text is None) == bool(found.conflicts)
    assert found == merging.merge(base, here, incoming)
    assert bool(found.conflicts) == bool(merging.merge(base, incoming, here).conflicts)
    assert found.text is None or isinstance(json.loads(found.text), dict)


ALIASES = ["a", "b", "c", "d", "e"]


@given(st.permutations(ALIASES), st.integers(0, 5), st.data())
def test_edits_of_different_steps_are_all_taken(order: list[str], cut: int, data: st.DataObject) -> None:
    edits: dict[str, Any] = {
        alias: data.draw(st.sampled_from([{"skip": True}, {"input": {"x": alias}}, None])) for alias in order
    }

    def edited(touched: list[str]) -> str:
        return recipe(
            *(
                step(alias, **(edits[alias] if alias in touched else {}))
                for alias in ALIASES
                if alias not in touched or edits[alias]
            )
        )

    assert edited(order) == merged(edited(order[:cut]), edited(order[cut:]), edited([]))


def test_changes_of_different_fields_go_together() -> None:
    base = recipe(step("a", input={"x": 1, "y": {"z": 1, "same": 0}}))
    here = recipe(step("a", input={"x": 2, "y": {"z": 1, "same": 0}}, filter="only here"), name="Tock")
    incoming = recipe(step("a", input={"x": 1, "y": {"z": 2, "same": 0}, "new": 3}), concurrency=5)

    both = step("a", input={"x": 2, "y": {"z": 2, "same": 0}, "new": 3}, filter="only here")
    assert recipe(both, name="Tock", concurrency=5) == merged(here, incoming, base)


def test_inserts_at_different_places_and_a_delete_go_together() -> None:
    here = recipe(step("new"), step("a"), step("b", step("d")), step("e"))
    incoming = recipe(step("a"), step("b", step("c"), step("d"), step("last")), step("more", step("in")), step("e"))

    assert recipe(
        step("new"), step("a"), step("b", step("d"), step("last")), step("more", step("in")), step("e")
    ) == merged(here, incoming)


def test_a_move_and_a_change_go_together() -> None:
    here = recipe(step("a"), step("c", skip=True), step("b", step("d")), step("e"))
    incoming = recipe(step("a"), step("b", step("c", input={"x": 1}), step("d")), step("e"))

    assert recipe(step("a"), step("c", skip=True, input={"x": 1}), step("b", step("d")), step("e")) == merged(
        here, incoming
    )


def test_a_block_put_in_another_order_keeps_what_was_put_between_steps_that_stay_together() -> None:
    here = recipe(step("e"), step("a"), step("b", step("c"), step("d")))
    incoming = recipe(step("a"), step("new"), step("b", step("c"), step("d")), step("e"))

    assert recipe(step("e"), step("a"), step("new"), step("b", step("c"), step("d"))) == merged(here, incoming)


def test_what_both_sides_put_in_alike_is_one_step() -> None:
    here = recipe(step("new", input={"x": 1}), step("a"), step("b", step("c"), step("d")), step("e"))
    incoming = recipe(step("new", input={"x": 1}), step("a"), step("b", step("c")), step("e"))

    assert recipe(step("new", input={"x": 1}), step("a"), step("b", step("c")), step("e")) == merged(here, incoming)


def test_of_what_only_the_eye_sees_the_incoming_wins() -> None:
    here = recipe(step("a", comment="mine", input={"x": 1}), version=2, description="Mine")
    incoming = recipe(step("a", comment="theirs"), version=3, description="Theirs")

    assert recipe(step("a", comment="theirs", input={"x": 1}), version=3, description="Theirs") == merged(
        here, incoming, recipe(step("a"))
    )


def test_a_step_of_which_only_the_looks_changed_can_be_deleted() -> None:
    here = recipe(step("a"), step("e"))
    incoming = recipe(step("a"), step("b", step("c", comment="why"), step("d")), step("e", skip=True))

    assert recipe(step("a"), step("e", skip=True)) == merged(here, incoming)


CONFLICTS = {
    "a field changed differently": (
        [step("a", input={"x": 1})],
        [step("a", input={"x": 2})],
        "step 1 (action log/write) can't have both: input.x was added on both sides, differently",
    ),
    "a step deleted here": (
        [],
        [step("a", input={"x": 2})],
        "step 1 (action log/write) was deleted here, and changed in what arrives",
    ),
    "a step deleted there": (
        [step("a", input={"x": 2})],
        [],
        "step 1 (action log/write) was changed here, and deleted in what arrives",
    ),
    "a step replaced by its like": (
        [step("other")],
        [step("a", skip=True)],
        "step 1 (action log/write) was deleted here, and changed in what arrives",
    ),
    "a step deleted here that was given another order there": (
        [],
        [step("a", step("y"), step("x"), filter="f1")],
        "step 1 (action log/write) was deleted here, and changed in what arrives",
    ),
    "a field removed here": (
        [step("a", step("x"), step("y"))],
        [step("a", step("x"), step("y"), filter="f2")],
        "step 1 (action log/write) can't have both: filter was removed here, and changed in what arrives",
    ),
    "a field removed there": (
        [step("a", step("x"), step("y"), filter="f2")],
        [step("a", step("x"), step("y"))],
        "step 1 (action log/write) can't have both: filter was changed here, and removed in what arrives",
    ),
    "a text that became two objects": (
        [step("a", step("x"), step("y"), filter={"x": 1})],
        [step("a", step("x"), step("y"), filter={"y": 1})],
        "step 1 (action log/write) can't have both: filter was changed on both sides, differently",
    ),
    "inserts at one place": (
        [step("a"), step("x")],
        [step("a"), step("y")],
        "step 0 (trigger clock/tick) holds steps that were put at the same place on both sides",
    ),
    "an insert at two places": (
        [step("x"), step("a")],
        [step("a"), step("x")],
        "step 0 (trigger clock/tick) holds steps that were put at different places on both sides",
    ),
    "an insert done differently": (
        [step("a"), step("x", skip=True)],
        [step("a"), step("x", skip=False)],
        "step 2 (action log/write) can't have both: skip was added on both sides, differently",
    ),
}


@pytest.mark.parametrize("name", CONFLICTS)
def test_changes_that_touch_are_conflicts(name: str) -> None:
    here, incoming, conflict = CONFLICTS[name]
    old = step("a", step("x"), step("y"), filter="f1") if "filter" in conflict or "order" in name else step("a")

    assert (conflict,) == merged(recipe(*here), recipe(*incoming), recipe(old))


def test_a_step_put_into_a_deleted_one_is_a_conflict() -> None:
    here = recipe(step("a"), step("e"))
    incoming = recipe(step("a"), step("b", step("c"), step("new"), step("d")), step("e"))

    assert ("step 4 (action log/write) stands in step 2 (action log/write), which was deleted here",) == merged(
        here, incoming
    )


def test_a_step_deleted_on_one_side_and_moved_on_the_other_is_a_conflict() -> None:
    base = recipe(step("a"), step("b", step("c")))
    here, incoming = recipe(step("a"), step("b")), recipe(step("a", step("c")), step("b"))

    assert ("step 2 (action log/write) was deleted here, and changed in what arrives",) == merged(here, incoming, base)


def test_two_other_orders_are_a_conflict() -> None:
    base, here, incoming = (recipe(*map(step, order)) for order in ("abc", "cba", "bac"))

    assert ("step 0 (trigger clock/tick) holds steps that were put in another order on both sides",) == merged(
        here, incoming, base
    )


def test_a_step_put_between_steps_that_parted_is_a_conflict() -> None:
    base, here, incoming = (recipe(*map(step, order)) for order in ("abc", "bac", "abxc"))

    assert ("step 0 (trigger clock/tick) holds steps that were put in another order on both sides",) == merged(
        here, incoming, base
    )


def test_steps_put_into_one_another_are_a_conflict() -> None:
    found = merged(recipe(step("a", step("b"))), recipe(step("b", step("a"))), recipe(step("a"), step("b")))

    assert isinstance(found, tuple)
    assert "step 1 (action log/write) was put into a step on one side that was put into it on the other" in found


def test_a_step_moved_to_two_blocks_is_a_conflict() -> None:
    here = recipe(step("a", step("c")), step("b", step("d")), step("e"))
    incoming = recipe(step("a"), step("b", step("d")), step("e", step("c")))

    assert ("step 2 (action log/write) was put into another block on both sides, not the same",) == merged(
        here, incoming
    )


def test_all_conflicts_are_told_at_once() -> None:
    here = recipe(step("a", skip=True, input={"x": 1}), name="Mine")
    incoming = recipe(step("a", skip=False, input={"x": 2}), name="Theirs")

    assert (
        "name of the recipe was changed on both sides, differently",
        "step 1 (action log/write) can't have both: input.x was added on both sides, differently",
        "step 1 (action log/write) can't have both: skip was added on both sides, differently",
    ) == merged(here, incoming, recipe(step("a")))


def app(provider: str, account: Any = None) -> dict[str, Any]:
    return {"keyword": "application", "provider": provider, "account_id": account}


def test_apps_go_together_by_provider() -> None:
    base = recipe(config=[app("crm"), app("log")])
    here = recipe(config=[app("crm", {"zip_name": "mine"}), app("log"), app("mail")])
    incoming = recipe(config=[app("crm"), app("chat")])

    assert recipe(config=[app("crm", {"zip_name": "mine"}), app("mail"), app("chat")]) == merged(here, incoming, base)


def test_an_app_connected_to_two_places_is_a_conflict() -> None:
    base, here, incoming = (
        recipe(config=[app("crm", {"zip_name": where, "name": where})]) for where in ("base", "here", "there")
    )

    assert ("config[crm].account_id of the recipe was changed on both sides, differently",) == merged(
        here, incoming, base
    )


def test_an_app_that_a_step_still_uses_stays() -> None:
    base = recipe(step("a"), config=[app("log"), app("crm")])
    here = recipe(config=[app("crm")])
    incoming = recipe(step("a"), step("b"), config=[app("log"), app("crm")])

    assert recipe(step("b"), config=[app("crm"), app("log")]) == merged(here, incoming, base)


def test_named_elements_of_a_list_go_together() -> None:
    def with_conditions(*pairs: tuple[str, str]) -> str:
        return recipe(step("a", input={"conditions": [{"uuid": name, "rhs": text} for name, text in pairs]}))

    base = with_conditions(("1", "x"), ("2", "y"))
    here = with_conditions(("0", "w"), ("1", "x"), ("2", "mine"))
    incoming = with_conditions(("1", "theirs"), ("2", "y"))

    assert with_conditions(("0", "w"), ("1", "theirs"), ("2", "mine")) == merged(here, incoming, base)
    assert merged(here, with_conditions(("9", "v"), ("1", "x"), ("2", "y")), base) == (
        "step 1 (action log/write) can't have both:"
        " input.conditions has elements that were put at the same place on both sides",
    )


def test_a_list_without_names_goes_together_where_it_kept_its_length() -> None:
    base, here, incoming, longer = (recipe(step("a", input=each)) for each in ([1, 2, 3], [9, 2, 3], [1, 2, 8], [1, 2]))

    assert recipe(step("a", input=[9, 2, 8])) == merged(here, incoming, base)
    assert isinstance(merged(here, longer, base), tuple)


def test_a_change_is_taken_back_from_under_a_later_one() -> None:
    before = recipe(step("a"), step("e"))
    after = recipe(step("a", skip=True), step("new"), step("e"))
    now = recipe(step("a", skip=True), step("new"), step("e", skip=True))

    assert recipe(step("a"), step("e", skip=True)) == merged(now, before, after)


def test_a_recipe_without_steps_goes_together_by_its_fields() -> None:
    base, here, incoming = '{"name": "a"}', '{"name": "b"}', '{"name": "a", "code": {}}'

    assert '{"code": {}, "name": "b"}' == merged(here, incoming, base)


def test_the_order_of_keys_is_that_of_here_and_numbers_keep_their_spelling() -> None:
    base = '{"b": 1.50, "a": 2, "code": {"keyword": "trigger"}}'
    here = '{"b": 1.50, "a": 3, "code": {"keyword": "trigger"}}'
    incoming = '{"new": 1e3, "a": 2, "b": 1.50, "code": {"keyword": "trigger"}}'
    expected = '{\n  "b": 1.50,\n  "a": 3,\n  "code": {\n    "keyword": "trigger"\n  },\n  "new": 1e3\n}'

    assert merging.Merged(expected) == merging.merge(base, here, incoming)
