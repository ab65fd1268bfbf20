"""What keeps a recipe from starting, step by step."""

import dataclasses
from typing import Any

import pytest

import worlds
from recipeyard.model import recipes, references

THERE = references.Reference("there.recipe.json", "There", "")
GONE = worlds.reference("gone.recipe.json", "Gone")
WIRING = recipes.Wiring(
    resolves=lambda reference: reference.name in {"There", "CRM"},
    authorized=lambda reference: reference.name == "CRM",
    is_here=lambda kind, number: (kind, number) == ("recipe", 7),
    lookup_tables=frozenset({"Prices"}),
)
TRIGGER = {"keyword": "trigger", "provider": "clock", "name": "scheduled_event"}
LOG = {"keyword": "action", "provider": "logger", "name": "log_message"}


def step(keyword: str, *block: Any, **more: Any) -> dict[str, Any]:
    return {"keyword": keyword, "block": list(block)} | more


def found(*block: Any, lookups: tuple[str, ...] = (), **trigger: Any) -> list[tuple[int, str, str]]:
    """The problems of a recipe with these steps: number, message, path."""
    problems = recipes.code_problems(TRIGGER | trigger | {"block": list(block)}, WIRING, lookups)
    return [(problem.step, problem.message, problem.path) for problem in problems]


def condition(operand: str, kind: str = "compound") -> dict[str, Any]:
    return {"type": kind, "conditions": [{"operand": operand, "lhs": "a"}]}


SOUND: dict[str, list[Any]] = {
    "nothing": [],
    "an action": [LOG],
    "if, elsif and else": [step("if", LOG, step("elsif", LOG), step("else", LOG), input=condition("present"))],
    "try and catch": [step("try", LOG, step("catch", LOG))],
    "a loop": [step("foreach", LOG), step("repeat", LOG, step("while_condition", input=condition("is_true")))],
    "a stop": [step("stop")],
    "a reference that resolves": [LOG | {"input": {"flow_id": {"zip_name": "x", "name": "There"}}}],
    "an id that is here": [LOG | {"input": {"flow_id": "7"}}],
    "an app of its own": [{"keyword": "action", "provider": "rest", "name": "anything"}],
    "what is wrong but skipped": [{"keyword": "nonsense", "skip": True}],
    "no compound": [step("if", input=condition("whatever", "simple"))],
}


@pytest.mark.parametrize("block", SOUND.values(), ids=SOUND)
def test_a_sound_recipe_has_no_problems(block: list[Any]) -> None:
    assert [] == found(*block)


WRONG: dict[str, tuple[list[Any], tuple[int, str, str]]] = {
    "unknown keyword": ([{"keyword": "loop"}], (1, "is not a known kind of step", "keyword")),
    "a second trigger": ([TRIGGER], (1, "must be the first step, and the only trigger", "keyword")),
    "catch outside try": ([step("catch")], (1, "must stand inside try", "keyword")),
    "else outside if": ([step("foreach", step("else"))], (2, "must stand inside if", "keyword")),
    "catch before the end": ([step("try", step("catch"), LOG)], (2, "must be the last step of its try", "keyword")),
    "an action with a block": ([LOG | {"block": [LOG]}], (1, "can't hold other steps", "block")),
    "unknown operator": (
        [step("if", input=condition("equals"))],
        (1, "is not a known operator", "input.conditions.0.operand"),
    ),
    "no provider": ([{"keyword": "action", "name": "x"}], (1, "can't be blank", "provider")),
    "no operation": ([{"keyword": "action", "provider": "rest"}], (1, "can't be blank", "name")),
    "unknown operation": ([LOG | {"name": "shout"}], (1, "is not an action of logger", "name")),
    "a trigger as an action": (
        [{"keyword": "action", "provider": "clock", "name": "timer"}],
        (1, "is not an action of clock", "name"),
    ),
    "a call of nothing": (
        [
            {
                "keyword": "action",
                "provider": "workato_recipe_function",
                "name": "call_recipe",
                "input": {"flow_id": "0"},
            }
        ],
        (1, "can't be blank", "input.flow_id"),
    ),
    "a recipe called by its name alone": (
        [
            {
                "keyword": "action",
                "provider": "workato_recipe_function",
                "name": "call_recipe",
                "input": {"flow_id": {"name": "There", "folder": ""}},
            }
        ],
        (1, "can't be found without its zip_name", "input.flow_id"),
    ),
    "a search in no table": (
        [{"keyword": "action", "provider": "lookup_table", "name": "search_entries"}],
        (1, "can't be blank", "input.lookup_table_id"),
    ),
    "elsif behind else": ([step("if", step("else"), step("elsif"))], (2, "must be the last step of its if", "keyword")),
    "a dangling reference": ([LOG | {"input": {"flow_id": GONE}}], (1, "can't be found", "input.flow_id")),
    "a dangling one in a list": (
        [LOG | {"input": {"all": [{"x": GONE}]}}],
        (1, "can't be found", "input.all.0.x"),
    ),
    "an id of nothing": ([LOG | {"input": {"flow_id": 8}}], (1, "can't be found", "input.flow_id")),
}


@pytest.mark.parametrize(("block", "problem"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_step_is_said(block: list[Any], problem: tuple[int, str, str]) -> None:
    assert [problem] == found(*block)


def test_a_recipe_that_does_not_begin_with_a_trigger_cant_start() -> None:
    assert (0, "must be the first step, and the only trigger", "keyword") in found(keyword="action")


def test_a_filter_of_the_trigger_is_checked_too() -> None:
    assert [(0, "is not a known operator", "filter.conditions.0.operand")] == found(filter=condition("like"))


def test_a_table_that_formulas_look_up_must_be_here() -> None:
    assert [(0, "can't be found", 'lookup("Rates")')] == found(lookups=("Prices", "Rates"))


def test_blocks_and_conditions_of_odd_shapes_are_passed_over() -> None:
    odd = step("if", input={"type": "compound", "conditions": ["odd"]})

    assert [(1, "is not a known operator", "input.conditions.0.operand")] == found(odd)
    assert [] == found(step("if", input={"type": "compound", "conditions": "none"}), "no step")


def test_what_is_sent_back_as_it_is_shown_changes_nothing() -> None:
    before: list[dict[str, Any]] = [
        {"provider": "rest", "account_id": 7, "personalization": True},
        {"keyword": "application", "provider": "x"},
    ]

    assert before == recipes.with_config(before, [recipes.as_shown(entry) for entry in before])


def test_what_is_sent_lies_over_what_is_never_shown() -> None:
    before: list[dict[str, Any]] = [{"provider": "rest", "account_id": 7, "personalization": True}]
    sent: list[dict[str, Any]] = [recipes.as_shown(before[0]) | {"account_id": 8}, {"provider": "new"}]

    expected = [{"provider": "rest", "account_id": 8, "personalization": True}, {"provider": "new"}]
    assert expected == recipes.with_config(before, sent)


CONFIG: dict[str, tuple[Any, list[str]]] = {
    "authorized": (worlds.reference("crm.connection.json", "CRM"), []),
    "not authorized": (worlds.reference("x.connection.json", "There"), ["connection 'There' is not authorized"]),
    "not here": (worlds.reference("x.connection.json", "Nowhere"), ["connection 'Nowhere' can't be found"]),
    "none": (None, ["connection can't be blank"]),
    "a foreign id": (55, ["connection can't be found"]),
}


@pytest.mark.parametrize(("account", "messages"), CONFIG.values(), ids=CONFIG)
def test_every_app_needs_an_authorized_connection(account: Any, messages: list[str]) -> None:
    code = TRIGGER | {"block": [{"keyword": "action", "provider": "rest", "name": "get"}] * 2}

    problems = recipes.config_problems(code, [{"provider": "rest", "account_id": account}], WIRING)

    assert messages == [problem.message for problem in problems]
    assert all((1, "config.rest.account_id") == (problem.step, problem.path) for problem in problems)


UNUSABLE: dict[str, tuple[Any, str]] = {
    "with a connection": (worlds.reference("crm.connection.json", "CRM"), "bind its connection 'CRM' to a stub"),
    "without one": (None, "bind it to a stub"),
    "with one that is not here": (
        worlds.reference("x.connection.json", "Nowhere"),
        "connection 'Nowhere' can't be found; choose one that is bound to a stub",
    ),
    "with a name alone": ({"name": "CRM"}, "connection can't be found; choose one that is bound to a stub"),
}


@pytest.mark.parametrize(("account", "remedy"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_provider_that_is_not_installed_is_refused_by_name(account: Any, remedy: str) -> None:
    code = TRIGGER | {"block": [{"keyword": "action", "provider": "salesforce", "name": "get"}]}
    wiring = dataclasses.replace(WIRING, installed=lambda provider: provider == "clock")

    problems = recipes.config_problems(code, [{"provider": "salesforce", "account_id": account}], wiring)

    message = f"provider 'salesforce' is not installed here; {remedy}"
    assert [(1, message, "config.salesforce.account_id")] == [(each.step, each.message, each.path) for each in problems]


def test_a_platforms_own_connector_that_is_not_installed_is_refused_as_well() -> None:
    wiring = dataclasses.replace(WIRING, installed=lambda provider: provider != "clock")

    assert [0] == [each.step for each in recipes.config_problems(TRIGGER, [], wiring)]


def test_where_a_stub_answers_nothing_must_be_installed_or_authorized() -> None:
    bare = dataclasses.replace(WIRING, installed=lambda _: False, authorized=lambda _: False)
    crm = worlds.reference("crm.connection.json", "CRM")
    code = {"keyword": "action", "provider": "salesforce", "name": "get"}

    bound = dataclasses.replace(bare, bound=lambda reference: reference.name == "CRM")
    without = dataclasses.replace(bare, stubbed=frozenset({"salesforce"}))

    assert [] == recipes.config_problems(code, [{"provider": "salesforce", "account_id": crm}], bound)
    assert [] == recipes.config_problems(code, [{"provider": "salesforce", "account_id": None}], without)
    assert 1 == len(recipes.config_problems(code, [{"provider": "salesforce", "account_id": crm}], without))


def test_ids_and_references_are_two_spellings_of_one_document() -> None:
    value: dict[str, Any] = {
        "flow_id": {"zip_name": "there.recipe.json", "name": "There", "folder": ""},
        "config": [{"account_id": {"zip_name": "crm.connection.json", "name": "CRM", "folder": ""}}],
        "far": {"flow_id": {"zip_name": "a/b.recipe.json", "name": "B", "folder": "a", "folder_full_path": "Home/a"}},
        "gone": GONE,
        "flags": [True, None, 1.5],
    }
    ids = {"There": 7, "CRM": 8, "B": 9}
    far = references.Reference("a/b.recipe.json", "B", "a", "Home/a")
    known = {
        ("recipe", 7): THERE,
        ("connection", 8): references.Reference("crm.connection.json", "CRM", ""),
        ("recipe", 9): far,
    }

    with_ids = recipes.with_ids(value, lambda reference: ids.get(reference.name))
    back = recipes.with_references(with_ids, lambda kind, number: known.get((kind, number)))

    assert isinstance(with_ids, dict)
    assert ("7", [{"account_id": 8}], {"flow_id": "9"}) == (with_ids["flow_id"], with_ids["config"], with_ids["far"])
    assert value == back


def test_what_is_no_id_of_an_asset_stays_as_it_is() -> None:
    value: dict[str, Any] = {"flow_id": "#{pill}", "table_id": True, "account_id": "99999999999999999999", "page_id": 3}

    assert value == recipes.with_references(value, lambda *_: None)
