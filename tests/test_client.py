"""`recipeyard.client.Client`: what scripts and notebooks use, against a real server and against awkward ones."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import msgspec
import pytest

import awkward
import servers
import services
import worlds
from recipeyard import calling
from recipeyard import client as clients
from recipeyard.api import errors as api_errors
from recipeyard.model import errors
from recipeyard.wire import (
    answers,
    bindings,
    connections,
    folders,
    gates,
    histories,
    jobs,
    manifests,
    packages,
    plans,
    received,
    received_bindings,
    received_gates,
    received_histories,
    received_jobs,
    received_plans,
    recipes,
    workspaces,
)


@pytest.fixture
def yard(client: servers.Client) -> Iterator[clients.Client]:
    with clients.Client(client.server.address, client.token) as made:
        yield made


def test_a_project_is_moved_in_a_few_lines(yard: clients.Client, client: servers.Client, tmp_path: Path) -> None:
    client.load(client.folder("Orders"), worlds.zipped(worlds.project()))
    seen: list[received.Package] = []

    yard.export_folder(yard.project("Orders").folder_id, tmp_path / "orders.zip", seen.append, include_data=True)
    target = yard.create_folder("Target")
    package = yard.follow(yard.import_(target.id, tmp_path / "orders.zip"))

    assert dict(clients.unpack(tmp_path / "orders.zip")) == worlds.project()
    assert [tmp_path / "orders.zip"] == list(tmp_path.iterdir())
    assert package.is_completed
    assert {"created", "unchanged"} >= {each.action for each in package.assets or ()}
    assert seen[-1].is_completed


def test_every_noun_is_shown_as_its_type(yard: clients.Client, client: servers.Client) -> None:
    project = client.folder("Orders")
    below = yard.create_folder("Below", project)
    client.load(project, worlds.zipped(worlds.project()))
    yard.set_properties({"company": "Oak"})

    assert yard.me().root_folder_id == yard.folder(project).parent_id
    assert {"Below", "Connections", "Sub"} == {each.name for each in yard.folders(project)}
    assert (below.id, project) == (yard.folder(below.id).id, yard.folders()[0].id)
    assert {"First", "Second"} == {each.name for each in yard.recipes(project)}
    assert json.loads(yard.recipe(yard.recipes()[0].id).code)["keyword"] == "trigger"
    assert {"CRM", "Chat"} == {each.name for each in yard.connections()}
    inner = next(each.id for each in yard.folders(project) if each.name == "Connections")
    assert ["CRM"] == [each.name for each in yard.connections(inner)]
    assert {"company": "Oak"} == yard.properties(prefix="comp")
    assert {"first.recipe.json"} <= {each.zip_name for each in yard.folder_assets(project)}


def test_lists_are_read_to_their_last_page() -> None:
    pages = [[{"id": at, "name": "P", "folder_id": at} for at in range(1, count + 1)] for count in (clients.PAGE, 1)]
    with awkward.server(*[(200, page) for page in pages]) as (yard, seen):
        assert clients.PAGE + 1 == len(yard.projects())

    assert [f"GET /api/projects?page={at}&per_page=100" for at in (1, 2)] == seen


def test_failures_come_back_as_what_the_server_raised(yard: clients.Client) -> None:
    with pytest.raises(errors.NotFound, match="Not found"):
        yard.folder(2**62)
    with pytest.raises(errors.Invalid) as invalid:
        yard.create_folder(" ")
    assert "name" == invalid.value.issues[0].where
    with pytest.raises(errors.NotFound, match="there is no project 'Nobody'"):
        yard.project("Nobody")
    with pytest.raises(errors.Unauthenticated):
        clients.Client(yard.url, "wrong").me()


def test_the_table_of_failures_is_the_servers_own() -> None:
    own = {status: kind for kind, (status, _) in api_errors._STATUS.items() if kind is not errors.TooMany}

    assert own == calling.STATUS


def test_a_failed_import_raises_its_sentence(yard: clients.Client) -> None:
    started = yard.import_(yard.create_folder("Orders").id, worlds.zipped({"a.recipe.json": b"{"}))

    with pytest.raises(clients.NotCompleted, match=r"a\.recipe\.json: not valid JSON") as failed:
        yard.follow(started)
    assert started.id == failed.value.package.id


def test_a_refused_start_names_its_problems(yard: clients.Client, client: servers.Client) -> None:
    client.load(client.folder("Orders"), worlds.zipped(worlds.project()))
    recipe = client.recipe("First")["id"]

    with pytest.raises(clients.NotStarted, match="not authorized") as refused:
        yard.start(recipe)

    assert {2} == {each.step for each in refused.value.problems}
    yard.stop(recipe)


def test_a_promotion_is_seen_before_applied_as_it_was_and_taken_back(
    yard: clients.Client, client: servers.Client
) -> None:
    folder = yard.create_folder("Orders").id
    plan = yard.follow_plan(yard.plan_import(folder, worlds.zipped(worlds.project()), include_tags=True))
    package = yard.follow(yard.apply_plan(plan.id))
    stale = yard.follow_plan(yard.plan_import(folder, package.id, only=["first.recipe.json"], dependencies="require"))
    back = yard.plan_rollback(package.id)
    undone = yard.follow(yard.roll_back(package.id))

    assert {"create"} == {change.action for change in plan.changes}
    assert plan.summary.create == len(package.assets or ())
    assert (1, ()) == (stale.summary.unchanged, stale.changes)
    assert {"delete"} == {change.action for change in back.changes}
    assert package.id == undone.rolls_back_id
    assert [] == yard.recipes(folder)
    assert ["rollback", "import"] == [each.operation for each in yard.folder_history(folder).items]
    assert 0 == yard.drift(folder).in_sync
    with pytest.raises(errors.Conflict, match="does not hold any more"):
        yard.apply_plan(stale.id)
    yard.delete_plan(stale.id)
    with pytest.raises(errors.NotFound):
        yard.plan(stale.id)


def test_bindings_and_gates_are_set_whole(yard: clients.Client) -> None:
    said = received_bindings.Properties(None, {"company": "Oak"})

    bound = yard.set_bindings(msgspec.structs.replace(yard.bindings(), properties=(said,)))
    gates = yard.set_gates({"approvals": {"required": 1}})

    assert (said,) == bound.properties == yard.bindings().properties
    assert 1 == gates.approvals.required == yard.gates().approvals.required
    assert "version" in yard.ask("GET", "gates")
    with pytest.raises(errors.Conflict):
        yard.set_bindings({"version": 0})


def test_packing_is_the_same_every_time_and_reads_as_it_was(tmp_path: Path) -> None:
    files = worlds.project()
    packed = clients.pack(files)
    (tmp_path / "a.zip").write_bytes(packed)

    assert packed == clients.pack(dict(reversed(files.items())))
    assert files == dict(clients.unpack(tmp_path / "a.zip"))
    assert {"first.recipe.json"} == {path for path, _ in clients.unpack(tmp_path / "a.zip", "first.recipe.json".__eq__)}


def test_a_get_is_tried_again_when_the_server_asks_for_it() -> None:
    wait = {"Retry-After": "0"}
    with awkward.server((429, {}, wait), (503, b"", wait), (200, {"id": 1, "name": "W", "root_folder_id": 2})) as (
        yard,
        seen,
    ):
        assert "W" == yard.me().name

    assert ["GET /api/users/me"] * 3 == seen


def test_a_get_is_not_tried_for_ever_and_not_for_hours() -> None:
    wait = {"Retry-After": "0"}
    broken: awkward.Answer = (500, {"message": "Server error"}, wait)
    with awkward.server(*[broken] * 4) as (yard, seen), pytest.raises(errors.Failure, match="Server error"):
        yard.me()
    assert 4 == len(seen)
    slow: awkward.Answer = (429, {"message": "Slow down"}, {"Retry-After": "3600"})
    with awkward.server(slow) as (yard, seen), pytest.raises(errors.TooMany, match="Slow down") as refused:
        yard.me()
    assert (1, 3600) == (len(seen), refused.value.retry_after_s)


def test_a_post_is_never_tried_again() -> None:
    later: awkward.Answer = (503, {"error": "later"}, {"Retry-After": "0"})
    with awkward.server(later) as (yard, seen), pytest.raises(errors.Failure, match="later"):
        yard.import_(1, b"PK", restart_recipes=True)

    assert ["POST /api/packages/import/1?restart_recipes=true"] == seen


def test_answers_need_no_more_than_every_server_sends(tmp_path: Path) -> None:
    started = {"id": 7, "operation_type": "export", "status": "in_progress", "download_url": None}
    ended = started | {"status": "completed", "recipe_status": []}
    archive = worlds.zipped({"a.recipe.json": b"{}"})
    said: list[awkward.Answer] = [
        (201, {"result": {"id": 3, "name": "N"}}),
        (200, started),
        (200, started),
        (200, ended),
        (200, {"success": "true"}),
        (302, b"", {"Location": "/packages/x.zip"}),
        (200, archive),
    ]
    with awkward.server(*said) as (yard, seen):
        package = yard.export_folder(1, tmp_path / "x.zip")

    assert (7, None, ()) == (package.id, package.assets, package.warnings)
    assert ["GET /api/packages/7/download", "GET /packages/x.zip"] == seen[-2:]
    assert archive == (tmp_path / "x.zip").read_bytes()


def test_following_outlasts_a_server_that_falls_silent() -> None:
    started = received.Package(7, "import", "in_progress")
    with awkward.server((0, b""), (200, {"id": 7, "operation_type": "import", "status": "completed"})) as (yard, seen):
        assert yard.follow(started).is_completed

    assert 2 == len(seen)


def test_a_download_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    with awkward.server((200, b"PK", {"Content-Length": "100"})) as (yard, _), pytest.raises(clients.Unreachable):
        yard.download(7, tmp_path / "x.zip")

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        ((200, {"success": False, "errors": {"running": ["can't"]}}), errors.Refused, "running can't"),
        ((200, {"success": False, "message": "Not Found"}), errors.Failure, "Not Found"),
        ((200, {"success": False}), errors.Failure, "did not say why"),
        (
            (200, {"success": False, "code_errors": [[1, [["Table", None, "can't be blank"]]]]}),
            clients.NotStarted,
            "step 1: Table: can't be blank",
        ),
        ((422, {"errors": [{"code": "x", "title": "No such thing"}]}), errors.Unprocessable, "No such thing"),
        ((403, b"<html>"), errors.Forbidden, "403 Forbidden"),
        ((301, b"", {"Location": "https://there"}), errors.Failure, "it answers from https://there"),
        ((304, b""), errors.Failure, "304"),
        ((200, b"<html>"), errors.Failure, "none of this API's"),
        ((200, {"succes": True}), errors.Failure, "none of this API's"),
    ],
)
def test_a_refusal_is_raised_in_whatever_shape_it_comes(
    answer: awkward.Answer, kind: type[errors.Failure], sentence: str
) -> None:
    with awkward.server(answer) as (yard, _), pytest.raises(kind, match=sentence):
        yard.create_folder("Orders")


def test_what_cannot_be_reached_or_called_is_said() -> None:
    with pytest.raises(clients.Unreachable, match="does not answer"):
        clients.Client(f"http://127.0.0.1:{services.free_port()}", "t").me()
    with pytest.raises(clients.Unreachable, match="does not answer"):
        clients.Client("http://[", "t").me()
    with pytest.raises(errors.Invalid, match="no token"):
        clients.Client("http://127.0.0.1", "t\N{DEGREE SIGN}")


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (received.User, workspaces.User),
        (received.Folder, folders.Folder),
        (received.Project, folders.Project),
        (received.Manifest, manifests.Manifest),
        (received.FolderAsset, manifests.FolderAsset),
        (received.RecipeStatus, packages.RecipeStatus),
        (received.PackageAsset, packages.PackageAsset),
        (received.Package, packages.Package),
        (received.Recipe, recipes.Recipe),
        (received.Connection, connections.Connection),
        (received.Error, answers.Error),
        (received_plans.Plan, plans.Plan),
        (received_plans.Change, plans.Change),
        (received_plans.Diff, plans.Diff),
        (received_plans.Step, plans.Step),
        (received_plans.File, plans.File),
        (received_plans.Notice, plans.Notice),
        (received_plans.Summary, plans.Summary),
        (received_plans.Restart, plans.Restart),
        (received_plans.Binding, plans.Binding),
        (received_histories.Drift, histories.Drift),
        (received_histories.DriftItem, histories.DriftItem),
        (received_histories.FolderHistory, histories.FolderHistory),
        (received_histories.FolderEvent, histories.FolderEvent),
        (received_histories.Counts, histories.Counts),
        (received_histories.Edited, histories.Edited),
        (received_histories.AssetHistory, histories.AssetHistory),
        (received_histories.AssetEvent, histories.AssetEvent),
        (received_gates.Approval, plans.Approval),
        (received_gates.Approvals, plans.Approvals),
        (received_gates.Needed, gates.ApprovalRule),
        (received_gates.Window, gates.Window),
        (received_gates.Freeze, gates.Freeze),
        (received_gates.Gates, gates.Gates),
        (received_bindings.Bindings, bindings.Bindings),
        (received_bindings.Reference, bindings.ReferenceBinding),
        (received_bindings.Properties, bindings.PropertyBinding),
        (received_bindings.Rows, bindings.RowBinding),
        (received_jobs.Job, jobs.Job),
        (received_jobs.JobList, jobs.JobList),
        (received_jobs.JobDetails, jobs.JobDetails),
        (received_jobs.Line, jobs.Line),
        (received_jobs.Repeated, jobs.Repeated),
    ],
)
def test_the_client_reads_only_what_the_server_documents(
    read: type[msgspec.Struct], said: type[msgspec.Struct]
) -> None:
    refusals = {"success", "code_errors", "config_errors"} if read is received.Error else set()

    assert set(get_type_hints(read)) - refusals <= set(get_type_hints(said))
