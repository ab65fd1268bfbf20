"""A run told again, up to any point, goes on as it went: recipes, events and outcomes are made up."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from recipeyard.runtime import interface
from recipeyard.runtime.stepping import programs, telling, walking
from walks import MIDNIGHT, Facts, action, foreach, group, pill, recipe, shown, step, stop

ALIASES = ("a", "b", "c", "loop", "start", "error")
BOUNDS = telling.Bounds(steps=60)

pieces = st.sampled_from(ALIASES).flatmap(
    lambda alias: st.sampled_from(
        ["x", "=now", "=skip", "=1.nonsense", shown(alias, "n"), f"={pill(alias, 'n')}", f"{shown(alias, 'list')}!"]
    )
)
lists = st.sampled_from([shown(alias, "list") for alias in ALIASES] + ["=[1, 2]", "=[]", "=3"])
mappings = st.tuples(lists, pieces).map(lambda made: {"____source": made[0], "k": made[1]})
inputs = st.dictionaries(st.sampled_from("pqr"), pieces | mappings, max_size=2)
actions = st.builds(action, st.sampled_from(("a", "b", "c")), inputs)
tests = st.builds(
    lambda operator, left, right: group((operator, left, right)),
    st.sampled_from(["present", "equals_to", "greater_than", "contains", "is_not_true"]), pieces, pieces,
)  # fmt: skip


def containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    block = st.lists(inner, max_size=3)
    tries = st.builds(lambda count: {"max_retry_count": count, "retry_interval": 5}, st.integers(0, 2))
    catch = st.builds(lambda body, said: step("catch", *body, **{"as": "error", "input": said}), block, tries)
    return st.one_of(
        st.builds(lambda body, test: step("if", *body, input=test), block, tests),
        st.builds(lambda body, last, test: step("if", *body, step("else", *last), input=test), block, block, tests),
        st.builds(lambda source, body, clears: foreach("loop", source, *body, clear_scope=clears), lists, block,
                  st.booleans()),
        st.builds(lambda source, body: foreach("loop", source, *body, repeat_mode="batch", batch_size=2), lists, block),
        st.builds(lambda body, test: step("repeat", *body, step("while_condition", input=test)), block, tests),
        st.builds(lambda body, last: step("try", *body, last), block, catch),
    )  # fmt: skip


steps = st.recursive(actions | st.builds(stop, error=st.booleans()), containers, max_leaves=12)
documents = st.builds(lambda block: recipe(*block), st.lists(steps, min_size=1, max_size=4))
scalars = st.none() | st.integers(0, 3) | st.sampled_from(["x", ""])
made = st.fixed_dictionaries({"n": scalars, "list": st.lists(scalars, max_size=3)})
dones = st.builds(
    lambda output, updates: (output, updates), made, st.dictionaries(st.sampled_from("abc"), made, max_size=1)
)
outcomes = st.lists(dones | st.sampled_from(["timeout", "401"]), min_size=1, max_size=8)


def heard(said: Any, at: int) -> telling.Heard:
    moment = MIDNIGHT + timedelta(seconds=at)
    if isinstance(said, str):
        return telling.Failed(moment, interface.Failure(said))
    return telling.Done(moment, copy.deepcopy(said[0]), copy.deepcopy(said[1]))


def kept(asked: telling.Next) -> tuple[telling.Next, Any]:
    """As it was said, and what could be seen then: what comes later changes neither."""
    if isinstance(asked, telling.Rest):
        return asked, None
    outputs = copy.deepcopy(dict(asked.outputs))
    return replace(asked, input=copy.deepcopy(asked.input), outputs=outputs), outputs


def tell(document: dict[str, Any], event: dict[str, Any], said: Sequence[Any]) -> list[Any]:
    """All that a run says, its end last; outcomes are used in turn, over and over."""
    walk = walking.walk(programs.compile_document(copy.deepcopy(document)), copy.deepcopy(event), Facts(), BOUNDS)
    told: list[Any] = []
    try:
        told.append(kept(next(walk)))
        while True:
            rest = isinstance(told[-1][0], telling.Rest)
            outcome = ({}, {}) if rest else said[(len(told) - 1) % len(said)]
            told.append(kept(walk.send(heard(outcome, len(told)))))
    except StopIteration as stopped:
        return [*told, stopped.value]


@settings(max_examples=250, deadline=None)
@given(documents, made, outcomes)
def test_a_run_told_again_says_the_same(document: Any, event: Any, said: Any) -> None:
    assert tell(document, event, said) == tell(document, event, said)


@settings(max_examples=250, deadline=None)
@given(documents, made, outcomes, outcomes, st.integers(0, 20))
def test_what_a_run_says_depends_on_nothing_that_it_has_not_heard(
    document: Any, event: Any, said: Any, other: Any, at: int
) -> None:
    first = [said[each % len(said)] for each in range(at)]
    one, two = tell(document, event, first + said), tell(document, event, first + other)

    assert one[: at + 1] == two[: at + 1]


@settings(max_examples=250, deadline=None)
@given(documents, made, outcomes)
def test_every_run_ends_within_its_bounds(document: Any, event: Any, said: Any) -> None:
    *asked, ending = tell(document, event, said)

    assert isinstance(ending, telling.Finished | telling.Broken)
    assert len(asked) <= BOUNDS.steps
