"""Gates over HTTP: set by those who may, met or passed with a reason, told in words."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

import servers
import worlds
from recipeyard.model import deployments
from recipeyard.sql import environments

Holder = Callable[..., servers.Client]
FROZEN = {"from": "2020-01-01T00:00:00Z", "to": "2120-01-01T01:00:00+01:00", "reason": "audit"}
OPEN: dict[str, Any] = {
    "version": 0,
    "approvals": {"required": 0, "rollbacks": False},
    "change_windows": [],
    "freezes": [],
    "ran_in": None,
    "lint": {"unreachable_steps": "off", "dangling_pills": "off", "missing_error_handling": "off"},
    "require_tests": False,
    "break_glass": True,
    "updated_by": None,
    "updated_at": None,
}
APPROVER = {"Plans": ["GET", "POST /api/plans/{plan_id}/approvals", "DELETE /api/plans/{plan_id}/approvals"]}


@pytest.fixture
def person(client: servers.Client) -> Iterator[Holder]:
    """Makes a client of this workspace by its name; it may read plans and approve them."""
    role = client.call("POST", "developer_api_client_roles", json={"name": "Approver", "privileges": APPROVER})
    with ExitStack() as stack:

        def made(name: str, role_id: int = role["result"]["id"]) -> servers.Client:
            wanted = {"name": name, "api_privilege_group_id": role_id, "all_folders": True}
            token = client.call("POST", "developer_api_clients", json=wanted)["result"]["token"]["value"]
            return stack.enter_context(client.server.client(token))

        yield made


def test_gates_are_set_whole_and_read_back(client: servers.Client) -> None:
    window = {"days": ["fri", "mon"], "from": "22:00", "to": "02:00", "time_zone": "Europe/Berlin"}
    wanted = {
        "approvals": {"required": 2},
        "change_windows": [window],
        "freezes": [FROZEN],
        "lint": {"dangling_pills": "error"},
        "require_tests": True,
        "break_glass": False,
    }

    before = client.call("GET", "gates")
    made = client.call("PUT", "gates", json=wanted)

    assert before == OPEN
    assert made == client.call("GET", "gates")
    assert made["approvals"] == {"required": 2, "rollbacks": False}
    assert made["change_windows"] == [window | {"days": ["mon", "fri"]}]
    told = FROZEN | {"from": "2020-01-01T00:00:00.000+00:00", "to": "2120-01-01T00:00:00.000+00:00"}
    assert made["freezes"] == [told]
    assert made["lint"] == OPEN["lint"] | {"dangling_pills": "error"}
    assert (1, "API client", False) == (made["version"], made["updated_by"], made["break_glass"])
    assert ["gates_updated"] == [each["event_type"] for each in client.call("GET", "activity_logs")["data"]]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"change_windows": [{"days": [], "from": "09:00", "to": "10:00"}]}, "days"),
    ({"change_windows": [{"days": ["someday"], "from": "09:00", "to": "10:00"}]}, "days"),
    ({"change_windows": [{"days": ["mon"], "from": "9", "to": "10:00"}]}, "from"),
    ({"change_windows": [{"days": ["mon"], "from": "09:00", "to": "10:00", "time_zone": "Mars/Base"}]}, "time_zone"),
    ({"change_windows": [{"days": ["mon"], "from": "09:00", "to": "10:00", "time_zone": "../etc"}]}, "time_zone"),
    ({"freezes": [FROZEN | {"to": "2019-01-01T00:00:00Z"}]}, "to"),
    ({"freezes": [FROZEN | {"from": "2020-01-01T00:00:00"}]}, "from"),
    ({"freezes": [FROZEN | {"reason": " "}]}, "reason"),
    ({"ran_in": "production"}, "ran_in"),
    ({"lint": {"dangling_pills": "fatal"}}, "dangling_pills"),
    ({"approvals": {"required": -1}}, "required"),
]


@pytest.mark.parametrize(("wrong", "field"), WRONG, ids=[str(wrong) for wrong, _ in WRONG])
def test_gates_that_can_not_be_are_refused_by_name(client: servers.Client, wrong: dict[str, Any], field: str) -> None:
    refused = client.call("PUT", "gates", 400, json=wrong)

    assert field in str(refused["errors"] or refused["message"])
    assert OPEN == client.call("GET", "gates")


def test_gates_that_somebody_has_changed_since_are_not_overwritten(client: servers.Client) -> None:
    client.call("PUT", "gates", json={"version": 0})

    refused = client.call("PUT", "gates", 409, json={"version": 0, "approvals": {"required": 1}})

    assert "The gates are at version 1 by now, not at 0" == refused["message"]


def test_a_plan_is_approved_by_other_people_and_then_applied(client: servers.Client, person: Holder) -> None:
    client.call("PUT", "gates", json={"approvals": {"required": 2}})
    folder = client.folder()
    plan = client.plan(folder, worlds.zipped(worlds.project()))
    ann, ben = person("Ann"), person("Ben")

    client.call("POST", f"plans/{plan['id']}/approvals", 403)
    ann.call("POST", f"plans/{plan['id']}/approvals", json={"comment": "fine"})
    told = ann.call("POST", f"plans/{plan['id']}/approvals", json={"comment": "still fine"})
    waiting = client.call("POST", f"plans/{plan['id']}/apply", 422)
    ben.call("POST", f"plans/{plan['id']}/approvals")
    shown = client.call("GET", f"plans/{plan['id']}")

    assert ([], 2) == (plan["approvals"], plan["approvals_required"])
    message = f"approvals: 2 other people must approve plan {plan['id']}"
    assert [("gate", f"{message}, 0 did")] == [(each["code"], each["message"]) for each in plan["unmet_gates"]]
    assert [("Ann", "still fine")] == [(each["by"], each["comment"]) for each in told["approvals"]]
    assert f"The plan {plan['id']} can't be applied:\n{message}, 1 did" == waiting["message"]
    assert ([], ["Ann", "Ben"]) == (shown["unmet_gates"], [each["by"] for each in shown["approvals"]])
    assert "completed" == client.follow(client.call("POST", f"plans/{plan['id']}/apply"))["status"]
    ann.call("DELETE", f"plans/{plan['id']}/approvals", 409)


def test_an_approval_is_withdrawn_by_whoever_gave_it(client: servers.Client, person: Holder) -> None:
    plan = client.plan(client.folder(), worlds.zipped(worlds.project()))
    ann, ben = person("Ann"), person("Ben")
    ann.call("POST", f"plans/{plan['id']}/approvals")

    ben.call("DELETE", f"plans/{plan['id']}/approvals", 404)
    left = ann.call("DELETE", f"plans/{plan['id']}/approvals")

    assert {"approvals": [], "approvals_required": 0} == left


def test_a_comment_with_a_nul_character_is_refused(client: servers.Client, person: Holder) -> None:
    plan = client.plan(client.folder(), worlds.zipped(worlds.project()))

    person("Ann").call("POST", f"plans/{plan['id']}/approvals", 400, json={"comment": "a\0b"})


def test_whoever_may_approve_may_not_apply_and_a_deployer_does_neither_approve_nor_set_gates(
    client: servers.Client, person: Holder
) -> None:
    plan = client.plan(client.folder(), worlds.zipped(worlds.project()))["id"]
    roles = {each["name"]: each["id"] for each in client.call("GET", "developer_api_client_roles")["result"]["items"]}
    deployer = person("Pipeline", roles["Deployer"])

    person("Ann").call("POST", f"plans/{plan}/apply", 403)
    deployer.call("POST", f"plans/{plan}/approvals", 403)
    deployer.call("PUT", "gates", 403, json={})
    deployer.call("GET", "gates")
    assert "completed" == deployer.follow(deployer.call("POST", f"plans/{plan}/apply"))["status"]


def test_an_import_is_refused_with_every_gate_that_is_not_met(client: servers.Client) -> None:
    client.call("PUT", "gates", json={"approvals": {"required": 1}, "freezes": [FROZEN]})

    refused = client.call("POST", f"packages/import/{client.folder()}", 422, content=worlds.zipped(worlds.project()))

    assert "make a plan, have it approved, apply it" in refused["message"]
    assert "frozen until 2120-01-01T00:00+00:00: audit" in refused["message"]
    assert [] == client.call("GET", "packages")["items"]


def test_the_glass_is_broken_with_a_reason_that_is_shown_and_logged(client: servers.Client) -> None:
    client.call("PUT", "gates", json={"approvals": {"required": 1}, "freezes": [FROZEN]})
    folder = client.folder()

    package = client.load(folder, worlds.zipped(worlds.project()), break_glass="orders are lost")
    plan = client.plan(folder, worlds.zipped({"new.recipe.json": worlds.Recipe("New").bytes}))
    applied = client.call("POST", f"plans/{plan['id']}/apply", params={"break_glass": "and again"})

    assert ("completed", "orders are lost") == (package["status"], package["break_glass"])
    assert ("completed", "and again") == (client.follow(applied)["status"], applied["break_glass"])
    logged = client.call("GET", "activity_logs", params={"event_type": "break_glass"})["data"]
    assert [("and again", applied["id"]), ("orders are lost", package["id"])] == [
        (each["details"]["reason"], each["resource"]["id"]) for each in logged
    ]
    assert [["approvals", "change_windows"]] * 2 == [each["details"]["gates"] for each in logged]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_reason_that_says_nothing_is_refused(client: servers.Client, reason: str) -> None:
    params, content = {"break_glass": reason}, worlds.zipped(worlds.project())
    folder = client.folder()
    plan = client.plan(folder, content)["id"]

    for path, body in ((f"packages/import/{folder}", content), (f"plans/{plan}/apply", b"")):
        refused = client.call("POST", path, 400, params=params, content=body)
        assert "break_glass" in str(refused)


def test_where_the_gates_do_not_allow_it_no_reason_passes(client: servers.Client) -> None:
    client.call("PUT", "gates", json={"break_glass": False, "freezes": [FROZEN]})
    path, params = f"packages/import/{client.folder()}", {"break_glass": "orders are lost"}

    refused = client.call("POST", path, 422, content=worlds.zipped(worlds.project()), params=params)

    assert "break_glass: is not allowed here" in refused["message"]


def _ended(client: servers.Client, deployment: Any) -> Any:
    for _ in range(2000):
        if deployment["state"] != "pending":
            return deployment
        time.sleep(0.02)
        deployment = client.call("GET", f"deployments/{deployment['id']}")
    raise TimeoutError(deployment)


def test_a_deployment_into_a_gated_workspace_fails_saying_so(server: servers.Server) -> None:
    with server.workspace() as development, server.workspace() as production:
        ids = [each.call("GET", "users/me")["id"] for each in (development, production)]
        with server.db.write() as tx:
            environments.bind(tx, ids[0], deployments.Environment.PROD, ids[1])
        production.call("PUT", "gates", json={"approvals": {"required": 1}})
        folder = development.folder("Orders")
        development.load(folder, worlds.zipped(worlds.project()))

        asked = development.call("POST", f"projects/f{folder}/deploy", params={"environment_type": "prod"})
        ended = _ended(development, asked)

        assert "failed" == ended["state"]
        assert "approvals: 1 other person must approve what comes here" in ended["error"]
        assert [] == production.call("GET", "projects")


def test_lint_is_told_with_path_and_step(client: servers.Client) -> None:
    lint = {"dangling_pills": "error", "missing_error_handling": "warning"}
    client.call("PUT", "gates", json={"lint": lint})
    recipe = worlds.Recipe("Pills").uses("salesforce", None)
    recipe.step("logger", "log_message", {"message": "=_('data.logger.gone.x')"})

    plan = client.plan(client.folder(), worlds.zipped({"pills.recipe.json": recipe.bytes}))

    dangling = "dangling_pills: step 2: a data pill names step 'gone', which is not there"
    assert [{"code": "lint", "path": "pills.recipe.json", "message": dangling}] == plan["blockers"]
    told = "missing_error_handling: step 1: action get of salesforce stands outside any try"
    assert told in [each["message"] for each in plan["warnings"]]
