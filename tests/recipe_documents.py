"""Recipes for the tests of diffs and merges: small ones written out, and any number of generated ones."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

TEXTS = st.sampled_from(["", "a", "b", "=_dp('x')"])
LEAVES = TEXTS | st.integers(0, 2) | st.booleans() | st.none()
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
    max_leaves=5,
)
ELEMENTS = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("xyz")}, optional={"label": TEXTS, "type": TEXTS}), max_size=3
)
OWN = st.fixed_dictionaries(
    {"keyword": st.sampled_from(["action", "if", "foreach"])},
    optional={
        "provider": st.sampled_from(["crm", "log"]),
        "name": st.sampled_from(["find", "write"]),
        "as": st.sampled_from(["s1", "s2", "s3", "s4"]),
        "uuid": st.sampled_from(["u1", "u2", "u3", "u4"]),
        "comment": TEXTS,
        "input": st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3),
        "extended_input_schema": ELEMENTS,
        "number": st.integers(0, 4),
    },
)
STEPS: st.SearchStrategy[dict[str, Any]] = st.recursive(
    OWN,
    lambda inner: st.builds(lambda own, block: own | {"block": block}, OWN, st.lists(inner, max_size=4)),
    max_leaves=8,
)
CONFIG = st.lists(
    st.fixed_dictionaries({"provider": st.sampled_from(["crm", "log"]), "account_id": LEAVES}), max_size=2
)
RECIPES = st.fixed_dictionaries(
    {"name": TEXTS, "code": STEPS}, optional={"description": TEXTS, "version": st.integers(1, 3), "config": CONFIG}
)
"""Recipes of which two often share steps: by uuid, by `as`, or by what they do; and often share none."""


def step(alias: str, /, *block: Any, **more: Any) -> dict[str, Any]:
    """A step that is known by `alias`."""
    inside = {"block": list(block)} if block else {}
    return {"keyword": "action", "provider": "log", "name": "write", "as": alias, "uuid": f"u-{alias}"} | inside | more


def recipe(*block: Any, **more: Any) -> str:
    """The text of a recipe with these steps after its trigger, numbered as documents number them."""
    trigger = step("t", block=list(block), keyword="trigger", provider="clock", name="tick")
    for number, each in enumerate(_every(trigger)):
        each["number"] = number
    return json.dumps({"name": "Tick", "version": 1, "code": trigger, "config": []} | more, sort_keys=True)


def _every(one: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield one
    for each in one.get("block", ()):
        yield from _every(each)
