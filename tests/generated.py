"""Packages drawn at random: small projects whose recipes call each other, with connections, tables and properties."""

import os
from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import worlds
from recipeyard.model import bindings, packages

NAMES = ("Ant", "Bee", "Cat", "Dog")
FOLDERS = ("", "", "Sub/")
MESSAGES = st.sampled_from(("one", "two", "three"))
APPS = {"Crm": "rest", "Chat": "slack"}
TAGS = st.lists(st.sampled_from(("red", "blue")), max_size=2, unique=True)


def examples(default: int) -> settings:
    """So many examples, unless RECIPEYARD_EXAMPLES asks for others; a world may be shared by all of them."""
    many = int(os.environ.get("RECIPEYARD_EXAMPLES", default))
    return settings(max_examples=many, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def files(draw: st.DrawFn, *, whole: bool = True) -> dict[str, bytes]:
    """One package. `whole` ones carry project.json, and so speak for their folder."""
    places = {name: draw(st.sampled_from(FOLDERS)) for name in draw(st.sets(st.sampled_from(NAMES), min_size=1))}
    paths = {name: f"{folder}{name.lower()}.recipe.json" for name, folder in places.items()}
    made = {path: _recipe(draw, name, paths) for name, path in paths.items()}
    for name in draw(st.sets(st.sampled_from(tuple(APPS)))):
        made[f"{name.lower()}.connection.json"] = worlds.connection(name, APPS[name])
    if draw(st.booleans()):
        rows = draw(st.lists(st.sampled_from(("a,1", "b,2", "c,3")), max_size=3, unique=True))
        made["prices.lookup_table.json"] = worlds.lookup_table("Prices", "".join(f"{row}\n" for row in rows))
    if draw(st.booleans()):
        declared = dict.fromkeys(draw(st.sets(st.sampled_from(("rate", "region")), min_size=1)))
        made["properties.project_properties.json"] = worlds.document({"data": declared})
    if whole and draw(st.booleans()):
        made["project.json"] = worlds.document({"name": "Any", "description": draw(MESSAGES)})
    return made


def _recipe(draw: st.DrawFn, name: str, paths: Mapping[str, str]) -> bytes:
    recipe = worlds.Recipe(name)
    for message in draw(st.lists(MESSAGES, max_size=2)):
        recipe.step("logger", "log_message", {"message": message})
    for other in draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)):
        recipe.calls(paths.get(other, f"{other.lower()}.recipe.json"), other)
    if draw(st.booleans()):
        recipe.step("lookup_table", "search_entries", {"lookup_table_id": worlds.reference(*_PRICES)})
    value: dict[str, Any] = recipe.value
    if draw(st.booleans()):
        value["tags"] = draw(TAGS)
    return worlds.document(value)


_PRICES = ("prices.lookup_table.json", "Prices")


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    """How a package is to arrive."""
    return {
        "restart_recipes": draw(st.sampled_from((True, True, False))),
        "include_tags": draw(st.booleans()),
        "prune": draw(st.booleans()),
        "on_conflict": draw(st.sampled_from(packages.Policy)),
    } | draw(st.sampled_from(({}, {}, {"prune": False, "only": ("recipe",)})))


@st.composite
def bound(draw: st.DrawFn) -> list[bindings.Rule | bindings.Scope]:
    """Bindings of a workspace: what becomes of the rows of a table, what a property's value is."""
    policy = draw(st.sampled_from(bindings.Policy))
    rule = bindings.Rule("lookup_table", "Prices", policy, () if policy is bindings.Policy.IGNORE else ("col1",))
    scope = bindings.Scope("Project", {"rate": draw(MESSAGES)})
    return draw(st.sampled_from(([], [rule], [scope], [rule, scope])))
