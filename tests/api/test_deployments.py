"""Projects built in one workspace, and deployed to those that the operator has bound to it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

import servers
import worlds
from recipeyard.model import deployments
from recipeyard.sql import environments


@dataclass
class Line:
    """A development with a project, bound to its test and its production."""

    development: servers.Client
    test: servers.Client
    production: servers.Client
    folder: int

    @property
    def project(self) -> Any:
        return self.development.call("GET", "projects")[0]

    def deploy(self, environment: str = "prod", **more: Any) -> Any:
        """Build and deploy the project; gives the deployment as it ended."""
        path = f"projects/f{self.folder}/deploy"
        asked = self.development.call("POST", path, params={"environment_type": environment}, **more)
        return ended(self.development, "deployments", asked)


def ended(client: servers.Client, noun: str, asked: Any) -> Any:
    """A build or a deployment, asked for until it has ended."""
    for _ in range(2000):
        if asked["state"] != "pending":
            return asked
        time.sleep(0.02)
        asked = client.call("GET", f"{noun}/{asked['id']}")
    raise TimeoutError(asked)


def bind(source: servers.Client, **targets: servers.Client) -> None:
    """Bind workspaces as the operator does."""
    with source.server.db.write() as tx:
        for environment, target in targets.items():
            wanted = deployments.Environment(environment)
            ids = [client.call("GET", "users/me")["id"] for client in (source, target)]
            environments.bind(tx, ids[0], wanted, ids[1])


def name_of(client: servers.Client) -> str:
    return str(client.call("GET", "users/me")["name"])


@pytest.fixture
def line(server: servers.Server) -> Iterator[Line]:
    with server.workspace() as development, server.workspace() as test, server.workspace() as production:
        bind(development, test=test, prod=production)
        folder = development.folder("Orders")
        development.load(folder, worlds.zipped(worlds.project()))
        yield Line(development, test, production, folder)


def test_a_build_is_an_archive_to_be_downloaded_without_a_token(line: Line) -> None:
    asked = line.development.call("POST", f"projects/{line.project['id']}/build", json={"description": "R1"})
    built = ended(line.development, "project_builds", asked)

    assert ("pending", None, "R1", str(line.project["id"]), "API client") == (
        asked["state"],
        asked["download_url"],
        asked["description"],
        asked["project_id"],
        asked["performed_by_name"],
    )
    assert ("success", None, False) == (built["state"], built["error"], built["include_test_cases"])
    content = httpx.get(built["download_url"]).content
    assert worlds.project().keys() == worlds.unzipped(content).keys()


def test_a_builds_manifest_is_nobodys_to_see(line: Line) -> None:
    ended(line.development, "project_builds", line.development.call("POST", f"projects/f{line.folder}/build"))

    assert [] == line.development.call("GET", "export_manifests")["result"]["items"]


def test_a_project_without_assets_fails_its_build_and_what_waits_for_it(line: Line) -> None:
    empty = line.development.folder("Empty")
    asked = line.development.call("POST", f"projects/f{empty}/build")
    waits = line.development.call("POST", f"project_builds/{asked['id']}/deploy", json={"environment_type": "test"})

    built = ended(line.development, "project_builds", asked)
    deployed = ended(line.development, "deployments", waits)

    assert ("failed", "the manifest selects no asset", None) == (built["state"], built["error"], built["download_url"])
    assert ("failed", "deploy_failed", "The build failed: the manifest selects no asset", None) == (
        deployed["state"],
        deployed["detailed_state"],
        deployed["error"],
        deployed["package_id"],
    )
    assert [] == line.test.call("GET", "projects")


def test_a_deployment_makes_the_project_in_its_target(line: Line) -> None:
    asked = line.development.call("POST", f"projects/{line.project['id']}/deploy?environment_type=prod")
    deployed = ended(line.development, "deployments", asked)

    assert ("pending", "deploy_pending", "prod", [], None) == (
        asked["state"],
        asked["detailed_state"],
        asked["environment_type"],
        asked["assets"],
        asked["package_id"],
    )
    assert ("success", "deploy_finished", None) == (deployed["state"], deployed["detailed_state"], deployed["error"])
    assert ["Orders"] == [project["name"] for project in line.production.call("GET", "projects")]
    assert [] == line.test.call("GET", "projects")
    assert {"new"} == {asset["state"] for asset in deployed["assets"]}
    second = next(asset for asset in deployed["assets"] if asset["name"] == "Second")
    assert ("recipe", "Sub", line.production.recipe("Second")["id"]) == (
        second["type"],
        second["folder"],
        second["id"],
    )


def test_the_targets_package_is_an_import_like_any_other(line: Line) -> None:
    deployed = line.deploy()

    package = line.production.call("GET", f"packages/{deployed['package_id']}")

    assert ("import", "completed") == (package["operation_type"], package["status"])
    built = line.development.call("GET", f"project_builds/{deployed['project_build_id']}")
    assert httpx.get(built["download_url"]).content == httpx.get(package["download_url"]).content


def test_a_project_that_a_deployment_makes_is_logged_in_its_target(line: Line) -> None:
    line.deploy()

    logged = [each["event_type"] for each in line.production.call("GET", "activity_logs")["data"]]
    assert ["package_imported", "project_created"] == logged


def test_a_later_deployment_updates_and_restarts_in_the_project_of_that_name(line: Line) -> None:
    home = line.production.folder("ORDERS")
    line.deploy()
    line.development.load(line.folder, worlds.zipped({"loose.recipe.json": worlds.Recipe("Loose").bytes}))
    line.deploy()
    recipe = line.production.recipe("Loose")
    line.production.call("PUT", f"recipes/{recipe['id']}/start")
    changed = worlds.Recipe("Loose").step("logger", "log_message", {}).bytes
    line.development.load(line.folder, worlds.zipped({"loose.recipe.json": changed}))

    deployed = line.deploy(json={"description": "R2"})

    assert [("Loose", "updated")] == [(asset["name"], asset["state"]) for asset in deployed["assets"]]
    assert "R2" == deployed["description"]
    now = line.production.recipe("Loose")
    assert (True, 2, home) == (now["running"], now["running_version_no"], now["folder_id"])


def test_one_build_goes_to_the_test_and_then_unchanged_to_the_production(line: Line) -> None:
    built = line.development.call("POST", f"projects/f{line.folder}/build")
    path = f"project_builds/{built['id']}/deploy"

    tested = ended(line.development, "deployments", line.development.call("POST", f"{path}?environment_type=test"))
    line.development.load(line.folder, worlds.zipped({"late.recipe.json": worlds.Recipe("Late").bytes}))
    sold = line.development.call("POST", path, json={"environment_type": "prod"})

    assert "success" == tested["state"]
    assert "success" == ended(line.development, "deployments", sold)["state"]
    names = [
        {recipe["name"] for recipe in client.call("GET", "recipes")["items"]} for client in (line.test, line.production)
    ]
    assert [{"First", "Second"}] * 2 == names


def test_deployments_into_one_target_arrive_in_their_order(line: Line) -> None:
    asked = []
    for number in range(4):
        content = worlds.Recipe("Loose").step("logger", "log_message", {"message": str(number)}).bytes
        line.development.load(line.folder, worlds.zipped({"loose.recipe.json": content}))
        build = line.development.call("POST", f"projects/f{line.folder}/build")
        ended(line.development, "project_builds", build)
        asked.append(build["id"])

    sent = [line.development.call("POST", f"project_builds/{each}/deploy?environment_type=prod") for each in asked]

    assert ["success"] * 4 == [ended(line.development, "deployments", each)["state"] for each in sent]
    assert '"message":"3"' in line.production.recipe("Loose")["code"]


def test_an_import_that_fails_in_the_target_fails_its_deployment_in_its_words(line: Line) -> None:
    line.development.load(line.folder, worlds.zipped({"loose.recipe.json": worlds.Recipe("Loose").bytes}))
    line.deploy()
    line.production.call("PUT", f"recipes/{line.production.recipe('Loose')['id']}/start")
    chat = worlds.reference("chat.connection.json", "Chat")
    changed = worlds.Recipe("Loose").uses("slack", chat).bytes
    line.development.load(line.folder, worlds.zipped({"loose.recipe.json": changed}))

    deployed = line.deploy()

    package = line.production.call("GET", f"packages/{deployed['package_id']}")
    assert ("failed", "deploy_failed", package["error"], []) == (
        deployed["state"],
        deployed["detailed_state"],
        deployed["error"],
        deployed["assets"],
    )
    assert "loose.recipe.json: can't run its new version" in deployed["error"]
    assert 1 == line.production.recipe("Loose")["running_version_no"]


def test_deployments_are_listed_by_project_environment_state_and_time(line: Line) -> None:
    first, second = line.deploy("test"), line.deploy("prod")
    empty = line.development.folder("Empty")
    failed = line.development.call("POST", f"projects/f{empty}/deploy?environment_type=test")
    ended(line.development, "deployments", failed)

    def listed(**by: Any) -> list[int]:
        return [each["id"] for each in line.development.call("GET", "deployments", params=by)["items"]]

    assert [failed["id"], second["id"], first["id"]] == listed()
    assert [second["id"]] == listed(per_page=1, page=2)
    assert [second["id"], first["id"]] == listed(project_id=line.project["id"])
    assert [second["id"], first["id"]] == listed(folder_id=line.folder) == listed(folder_id=f"f{line.folder}")
    assert [second["id"]] == listed(environment_type="prod")
    assert [failed["id"]] == listed(state="failed")
    assert [] == listed(state="pending")
    assert [failed["id"]] == listed(**{"from": failed["created_at"].replace("+00:00", "Z")})[:1]
    assert [] == listed(to="2020-01-01T00:00:00Z")
    assert second == line.development.call("GET", "deployments", params={"environment_type": "prod"})["items"][0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "projects/1/build"),
        ("POST", "projects/f1/deploy?environment_type=test"),
        ("POST", "project_builds/1/deploy?environment_type=test"),
        ("GET", "deployments"),
    ],
)
def test_a_workspace_that_deploys_nowhere_is_told_what_to_do(client: servers.Client, method: str, path: str) -> None:
    message = client.call(method, path, 400)["message"]

    assert message.startswith("Environments not provisioned: the operator binds this workspace")


def test_a_target_is_told_who_deploys_to_it(line: Line) -> None:
    folder = line.production.folder()

    message = line.production.call("POST", f"projects/f{folder}/deploy?environment_type=test", 400)["message"]

    assert f"This workspace is the production of '{name_of(line.development)}'" in message


@pytest.mark.parametrize(
    ("asked", "what"),
    [("", "can't be blank; it may be test or prod"), ("stage", "'stage' is not bound here; it may be test or prod")],
)
def test_an_environment_that_is_not_there_is_named(line: Line, asked: str, what: str) -> None:
    path = f"projects/f{line.folder}/deploy"

    refused = line.development.call("POST", path, 400, json={"environment_type": asked})

    assert f"environment_type: {what}" == refused["message"]
    assert [] == line.development.call("GET", "deployments")["items"]


def test_an_environment_that_was_let_go_is_not_deployed_to(server: servers.Server) -> None:
    with server.workspace() as development, server.workspace() as production:
        bind(development, prod=production)
        path = f"projects/f{development.folder()}/deploy?environment_type=test"

        message = development.call("POST", path, 400)["message"]

        assert "environment_type: 'test' is not bound here; it may be prod" == message


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "projects/999999999/build"),
        ("POST", "projects/f999999999/deploy?environment_type=test"),
        ("POST", "projects/fx/build"),
        ("POST", "project_builds/999999999/deploy?environment_type=test"),
        ("GET", "project_builds/999999999"),
        ("GET", "deployments/999999999"),
        ("GET", "deployments?folder_id=999999999"),
    ],
)
def test_what_is_not_there_is_not_found(line: Line, method: str, path: str) -> None:
    line.development.call(method, path, 404)


def test_a_folder_inside_a_project_is_no_project(line: Line) -> None:
    inner = line.development.folder("Inner", line.folder)

    assert (
        f"Not found: folder {inner} is not a project's"
        == (line.development.call("POST", f"projects/f{inner}/build", 404)["message"])
    )


def test_another_workspaces_builds_and_deployments_are_not_found(line: Line, server: servers.Server) -> None:
    deployed = line.deploy()

    with server.workspace() as stranger:
        for client in (stranger, line.production):
            client.call("GET", f"deployments/{deployed['id']}", 404)
            client.call("GET", f"project_builds/{deployed['project_build_id']}", 404)


def test_the_packages_of_a_deployment_stay_with_it(line: Line) -> None:
    deployed = line.deploy()
    mine = line.development.call("GET", "packages")["items"][0]["id"]

    refused = [
        line.development.call("DELETE", f"packages/{mine}", 400)["message"],
        line.production.call("DELETE", f"packages/{deployed['package_id']}", 400)["message"],
    ]

    assert [
        f"The package is part of build {deployed['project_build_id']}, and stays with it",
        f"The package is part of deployment {deployed['id']}, and stays with it",
    ] == refused


@pytest.mark.parametrize(
    ("method", "what"), [("POST", "approve"), ("POST", "assign_reviewers"), ("GET", "eligible_reviewers")]
)
def test_reviews_are_refused_in_words(line: Line, method: str, what: str) -> None:
    deployed = line.deploy("test")["id"]

    refused = line.development.call(method, f"deployments/{deployed}/{what}", 400)

    told = f"This server has no reviews; deployment {deployed} needs none: it goes as soon as it is asked for"
    assert told == refused["message"]
    line.test.call(method, f"deployments/{deployed}/{what}", 404)
    line.development.call(method, f"deployments/999999/{what}", 404)


@pytest.mark.parametrize(
    ("project", "thing"), [("zz", "project 'zz'"), ("fzz", "folder 'zz'"), ("9999", "project 9999")]
)
def test_what_was_to_be_built_is_named_as_it_was_sent(line: Line, project: str, thing: str) -> None:
    refused = line.development.call("POST", f"projects/{project}/build", 404)

    assert f"Not found: there is no {thing} here" == refused["message"]


def test_a_folder_that_deployments_are_narrowed_by_is_named_as_it_was_sent(line: Line) -> None:
    refused = line.development.call("GET", "deployments", 404, params={"folder_id": "zz", "from": "2030-01-01"})

    assert "Not found: there is no folder 'zz' here" == refused["message"]


def test_deployments_are_asked_for_by_date(line: Line) -> None:
    line.deploy("test")

    found = [
        len(line.development.call("GET", "deployments", params={"from": w})["items"])
        for w in ("2000-01-01", "9990-01-01")
    ]

    assert [1, 0] == found


def test_whoever_deploys_is_named_on_both_sides(line: Line) -> None:
    role = line.development.call("GET", "roles")[0]["id"]
    wanted = {"name": "Robot", "api_privilege_group_id": role}
    token = line.development.call("POST", "developer_api_clients", json=wanted)["token"]["value"]

    with line.development.server.client(token) as robot:
        deployed = Line(robot, line.test, line.production, line.folder).deploy("test")

    asked = {"event_type": "package_imported"}
    mine = line.development.call("GET", "activity_logs")["data"]
    there = line.test.call("GET", "activity_logs", params=asked)["data"]
    assert "Robot" == deployed["performed_by_name"]
    assert {"deployment_created", "project_build_created", "package_exported"} <= {
        each["event_type"] for each in mine if each["user"]["name"] == "Robot"
    }
    assert ["Robot"] == [each["user"]["name"] for each in there]
