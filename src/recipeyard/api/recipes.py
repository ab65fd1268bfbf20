"""Recipes: `/api/recipes`. Refusals that lie in a recipe's state are answered 200 with `success: false`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import delete, get, post, put, route
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import context, hooks, params
from recipeyard.model import assets, bundles, errors, workspaces
from recipeyard.model import recipes as model
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import runs as run_rows
from recipeyard.wire import answers
from recipeyard.wire import documents as wire_documents
from recipeyard.wire import recipes as wire
from recipeyard.work import recipes, starting, tags

_TAGS = ["Recipes"]
_ONE = "/api/recipes/{recipe_id:int}"
_VERSION = f"{_ONE}/versions/{{version_id:int}}"
_COMMENT_LENGTH = 255
AdapterNames = Annotated[str | None, Parameter(description="Apps' names, separated by commas.")]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of recipes may be narrowed by."""

    adapter_names_all: AdapterNames = None
    adapter_names_any: AdapterNames = None
    folder_id: params.OptionalKey = None
    with_subfolders: Annotated[bool, Parameter(description="The folder's whole subtree.")] = False
    project_id: params.OptionalKey = None
    order: Annotated[str | None, Parameter(description="`activity`; else newest first.")] = None
    running: Annotated[bool | None, Parameter(description="True: only those that run. False narrows nothing.")] = None
    active: Annotated[bool | None, Parameter(description="Only those that run, or that do not.")] = None
    since_id: Annotated[int | None, Parameter(ge=0, le=2**63 - 1, description="Only ids below this one.")] = None
    stopped_after: Annotated[
        str | None,
        Parameter(description=f"{params.MOMENT}: none that were stopped later.", schema_extra=params.IS_MOMENT),
    ] = None
    updated_after: Annotated[
        str | None, Parameter(description=f"{params.MOMENT}: only what changed later.", schema_extra=params.IS_MOMENT)
    ] = None
    stop_cause: Annotated[str | None, Parameter(description="Why it was stopped.")] = None
    exclude_code: Annotated[str | None, Parameter(description="Any value: leave `code` empty.")] = None
    includes: params.Includes = None


@get(
    "/api/recipes",
    sync_to_thread=True,
    tags=_TAGS,
    summary="List recipes",
    dependencies={"by": Provide(Filter, sync_to_thread=False)},
)
def listed(
    request: context.Asked,
    context: context.Context,
    by: Filter,
    paging: params.Paging,
) -> wire.RecipeList:
    """A page of the workspace's recipes."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        ids = recipe_rows.page(tx, request.user.id, _filter(tx, request.user, by), offset=offset, limit=limit)
        found = recipes.show(tx, request.user.id, ids, with_code=by.exclude_code is None)
        return wire.RecipeList(_shown(tx, context, request, (found, by.includes)))


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a recipe")
def show(
    request: context.Asked, context: context.Context, recipe_id: params.Key, includes: params.Includes = None
) -> wire.Recipe:
    """One recipe, at its current version."""
    with context.deed.db.read() as tx:
        found = recipes.show(tx, request.user.id, [recipe_id])
        if not found:
            raise errors.NotFound.of("recipe", recipe_id)
        return _shown(tx, context, request, (found, includes))[0]


@post("/api/recipes", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a recipe")
def create(request: context.Asked, context: context.Context, data: wire.RecipeRequest) -> wire.Created:
    """A new recipe, stopped. `code` and `config` may be JSON or texts of JSON."""
    with context.deed.db.write() as tx:
        made = recipes.create(tx, request.user.id, _edit(data.fields, context.deed.limits))
    return wire.Created(success=True, id=made)


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update a recipe")
def update(
    request: context.Asked, context: context.Context, recipe_id: params.Key, data: wire.RecipeRequest | None = None
) -> answers.Success | answers.Refusal:
    """What is sent is changed; a running recipe refuses, and one of a later version than the sender has read."""
    fields = (data or wire.RecipeRequest()).fields
    with context.deed.db.write() as tx:
        recipes.change(tx, request.user.id, recipe_id, _edit(fields, context.deed.limits))
    return answers.Success()


@post(f"{_ONE}/copy", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Copy a recipe")
def copy(
    request: context.Asked, context: context.Context, recipe_id: params.Key, data: wire.CopyRequest | None = None
) -> wire.Copied:
    """A copy, stopped."""
    with context.deed.db.write() as tx:
        made = recipes.copy(tx, request.user.id, recipe_id, (data or wire.CopyRequest()).folder_id)
    return wire.Copied(success=True, new_flow_id=made, id=made)


@delete(_ONE, status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a recipe")
def remove(
    request: context.Asked, context: context.Context, recipe_id: params.Key
) -> answers.Success | answers.Refusal:
    """With all its versions; a running recipe refuses."""
    with context.deed.db.write() as tx:
        recipes.delete(tx, request.user.id, recipe_id)
    return answers.Success()


@put(f"{_ONE}/start", sync_to_thread=True, tags=_TAGS, summary="Start a recipe")
def start(request: context.Asked, context: context.Context, recipe_id: params.Key) -> answers.Success | wire.NotStarted:
    """Runs the current version from now on, or says everything that keeps it from that."""
    with context.deed.db.write() as tx:
        refusal = starting.start(tx, request.user.id, recipe_id)
    return wire.not_started(refusal.code, refusal.config) if refusal.all else answers.Success()


@put(f"{_ONE}/stop", sync_to_thread=True, tags=_TAGS, summary="Stop a recipe")
def stop(request: context.Asked, context: context.Context, recipe_id: params.Key) -> wire.Stopped:
    """Takes no more events, lets jobs that are under way end, and says how many there are."""
    with context.deed.db.write() as tx:
        starting.stop(tx, request.user.id, recipe_id)
        under_way = run_rows.count_unended(tx, [recipe_id]).get(recipe_id, 0)
    return wire.Stopped(under_way)


@put(f"{_ONE}/connect", sync_to_thread=True, tags=_TAGS, summary="Use another connection")
def connect(
    request: context.Asked, context: context.Context, recipe_id: params.Key, data: wire.ConnectRequest
) -> answers.Success | answers.Refusal:
    """Lets a stopped recipe reach an app through another connection."""
    wanted = recipes.Connect(data.adapter_name, data.connection_id, data.read_at)
    with context.deed.db.write() as tx:
        recipes.connect(tx, request.user.id, recipe_id, wanted)
    return answers.Success()


@post(f"{_ONE}/reset_trigger", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Reset a trigger")
def reset_trigger(request: context.Asked, context: context.Context, recipe_id: params.Key) -> answers.Success:
    """Lets a polling trigger forget where it was: its next look begins anew."""
    with context.deed.db.write() as tx:
        recipes.reset_trigger(tx, request.user.id, recipe_id)
    return answers.Success()


@post(f"{_ONE}/poll_now", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Poll now")
def poll_now(request: context.Asked, context: context.Context, recipe_id: params.Key) -> answers.Success:
    """Lets a running recipe's polling trigger look for events at once."""
    with context.deed.db.write() as tx:
        recipes.poll_now(tx, request.user.id, recipe_id)
    return answers.Success()


@get(f"{_ONE}/versions", sync_to_thread=True, tags=_TAGS, summary="List a recipe's versions")
def versions(
    request: context.Asked,
    context: context.Context,
    recipe_id: params.Key,
    paging: params.Paging,
) -> wire.VersionList:
    """Newest first."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        found = recipe_rows.versions(tx, asset_rows.find(tx, request.user.id, recipe_id, assets.RECIPE))
    return wire.VersionList([wire.version(each) for each in found[offset : offset + limit]])


@get(_VERSION, sync_to_thread=True, tags=_TAGS, summary="Get a version")
def version(
    request: context.Asked, context: context.Context, recipe_id: params.Key, version_id: params.Key
) -> wire.VersionAnswer:
    """One version of a recipe."""
    with context.deed.db.read() as tx:
        return wire.version_answer(_version(tx, request, recipe_id, version_id))


@route(
    _VERSION,
    http_method=["PATCH", "PUT"],
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Comment on a version",
)
def comment(
    request: context.Asked,
    context: context.Context,
    recipe_id: params.Key,
    version_id: params.Key,
    data: wire.CommentRequest,
) -> wire.VersionAnswer:
    """Sets the version's comment."""
    if data.comment and len(data.comment) > _COMMENT_LENGTH:
        raise errors.Invalid.listing([errors.Issue("comment", f"is longer than {_COMMENT_LENGTH} characters")])
    with context.deed.db.write() as tx:
        found = _version(tx, request, recipe_id, version_id)
        recipes.comment(tx, request.user.id, recipe_id, found, data.comment)
        return wire.version_answer(_version(tx, request, recipe_id, version_id))


@route(
    f"{_ONE}/health",
    http_method=["GET", "POST"],
    status_code=200,
    sync_to_thread=True,
    tags=_TAGS,
    summary="Analyse a recipe",
)
def health(request: context.Asked, context: context.Context, recipe_id: params.Key) -> wire.HealthAnswer:
    """Everything that would keep the current version from starting, found anew at each call."""
    with context.deed.db.read() as tx:
        recipe = asset_rows.find(tx, request.user.id, recipe_id, assets.RECIPE)
        refusal = starting.check(tx, request.user, recipe)
        return wire.health(recipe, refusal.code, refusal.config, tx.now)


def _version(tx: database.Tx, request: context.Asked, recipe_id: int, version_id: int) -> model.Version:
    recipe = asset_rows.find(tx, request.user.id, recipe_id, assets.RECIPE)
    for each in recipe_rows.versions(tx, recipe):
        if each.id == version_id:
            return each
    raise errors.NotFound(f"Not found: recipe {recipe_id} has no version {version_id}; it is gone, or never was")


def _shown(
    tx: database.Tx,
    parts: context.Context,
    request: context.Asked,
    asked: tuple[Sequence[recipes.Shown], list[str] | None],
) -> list[wire.Recipe]:
    found, includes = asked
    handles = tags.handles_of(tx, [each.asset.id for each in found]) if params.TAGS in (includes or []) else {}
    projects = folders.project_ids(tx, {each.asset.folder_id for each in found})
    base_url = context.base_url(parts, request)
    return [
        wire.recipe(
            each.asset,
            each.state,
            each.value,
            wire.Beside(
                project_id=projects.get(each.asset.folder_id),
                running_version_no=each.running_version_no,
                tally=each.tally,
                held_events=each.held,
                webhook_url=None if each.hook is None else hooks.address(parts, base_url, each.asset.id, each.hook),
                events_of_stopped=None if each.hook is None else parts.events_of_stopped,
                tags=handles.get(each.asset.id),
            ),
        )
        for each in found
    ]


def _filter(tx: database.Tx, workspace: workspaces.Workspace, by: Filter) -> recipe_rows.Filter:
    return recipe_rows.Filter(
        folder_ids=_folder_ids(tx, workspace, by),
        running=by.active if by.active is not None else by.running or None,
        adapters_all=params.names(by.adapter_names_all),
        adapters_any=params.names(by.adapter_names_any),
        since_id=by.since_id,
        stopped_after=params.moment("stopped_after", by.stopped_after),
        updated_after=params.moment("updated_after", by.updated_after),
        stop_cause=by.stop_cause,
        by_activity=by.order == "activity",
    )


def _folder_ids(tx: database.Tx, workspace: workspaces.Workspace, by: Filter) -> frozenset[int] | None:
    """The folders that recipes are asked from; None is all of them."""
    wanted: list[set[int]] = []
    if by.folder_id is not None:
        folder = folders.find(tx, workspace.id, by.folder_id or workspace.root_folder_id)
        below = folders.subtree(tx, workspace.id, folder.id) if by.with_subfolders else [folder]
        wanted.append({each.id for each in below})
    if by.project_id:
        project = folders.find_project(tx, workspace.id, by.project_id)
        wanted.append({each.id for each in folders.subtree(tx, workspace.id, project.folder_id)})
    return frozenset(set.intersection(*wanted)) if wanted else None


def _edit(fields: wire.RecipeFields, limits: bundles.Limits) -> recipes.Edit:
    """What was sent. Raises `errors.Invalid` for code and config that are no JSON of their kind."""
    code, config = wire.json_field("code", fields.code), wire.json_field("config", fields.config)
    if config is not None and not isinstance(config, list):
        raise errors.Invalid.listing([errors.Issue("config", "must be a list")])
    sent: dict[str, Any] = {"name": fields.name, "description": fields.description, "code": code, "config": config}
    members: Mapping[str, Any] = answers.sent(sent | {"private": fields.private, "concurrency": fields.concurrency})
    wire_documents.check_depth(members, limits.depth)
    return recipes.Edit(members, fields.folder_id, fields.read_at)


ROUTES = [
    listed,
    show,
    create,
    update,
    copy,
    remove,
    start,
    stop,
    connect,
    reset_trigger,
    poll_now,
    versions,
    version,
    comment,
    health,
]
