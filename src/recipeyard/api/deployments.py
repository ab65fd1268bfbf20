"""Builds and deployments: projects carried to the workspaces that the operator has bound as test and production.

This server has no reviews: what is asked to be deployed is deployed.
"""

from dataclasses import dataclass
from typing import Annotated

import anyio.to_thread
from litestar import get, post, route
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import context, links, params
from recipeyard.model import deployments as model
from recipeyard.model import errors
from recipeyard.sql import database
from recipeyard.sql import deployments as deployment_rows
from recipeyard.sql import packages as package_rows
from recipeyard.wire import deployments as wire
from recipeyard.work import deploy_project, environments

_TAGS = ["Deployments"]
_PROJECT = "/api/projects/{project:str}"
_BUILD = "/api/project_builds/{build_id:int}"
_ONE = "/api/deployments/{deployment_id:int}"
_REVIEWS = ("assign_reviewers", "submit_for_review", "approve", "reject", "reopen", "update_review_comment", "deploy")
Project = Annotated[str, Parameter(description="A project's id, or `f` and its folder's id.")]
EnvironmentType = Annotated[
    str | None, Parameter(query="environment_type", description="`test` or `prod`, where the body does not say.")
]


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of deployments may be narrowed by."""

    project_id: params.OptionalKey = None
    folder_id: Annotated[str | None, Parameter(description="A project's folder, by id, with or without an `f`.")] = None
    environment_type: Annotated[model.Environment | None, Parameter(description="Only to this one.")] = None
    standing: Annotated[model.State | None, Parameter(query="state", description="Only those that stand so.")] = None
    since: Annotated[
        str | None,
        Parameter(
            query="from", description=f"{params.MOMENT}: asked for then or later.", schema_extra=params.IS_MOMENT
        ),
    ] = None
    until: Annotated[
        str | None,
        Parameter(query="to", description=f"{params.MOMENT}: asked for then or before.", schema_extra=params.IS_MOMENT),
    ] = None


@post(f"{_PROJECT}/build", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Build a project")
def build(
    request: context.Asked, context: context.Context, project: Project, data: wire.BuildRequest | None = None
) -> wire.Build:
    """Starts an export of all of a project, to be deployed or downloaded."""
    wish = _wish(data or wire.BuildRequest())
    return _build(context, request, deploy_project.build(context.deed, request.user.id, project, wish))


@get(_BUILD, sync_to_thread=True, tags=_TAGS, summary="Get a build")
def show_build(request: context.Asked, context: context.Context, build_id: params.Key) -> wire.Build:
    """How far a build is; once it has ended well, where its archive is."""
    with context.deed.db.read() as tx:
        found = deployment_rows.find_build(tx, request.user.id, build_id)
    return _build(context, request, found)


@post(f"{_BUILD}/deploy", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Deploy a build")
def deploy_build(
    request: context.Asked,
    context: context.Context,
    build_id: params.Key,
    environment_type: EnvironmentType = None,
    data: wire.DeployRequest | None = None,
) -> wire.Deployment:
    """Starts an import of a build into the test or the production, once the build has ended."""
    sent = data or wire.DeployRequest()
    environment = environment_type or sent.environment_type
    made = deploy_project.deploy_build(context.deed, request.user.id, build_id, environment, _wish(sent))
    return _deployment(context, made)


@post(f"{_PROJECT}/deploy", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Build and deploy a project")
def deploy(
    request: context.Asked,
    context: context.Context,
    project: Project,
    environment_type: EnvironmentType = None,
    data: wire.DeployRequest | None = None,
) -> wire.Deployment:
    """Starts a build of a project, and its import into the test or the production."""
    sent = data or wire.DeployRequest()
    environment = environment_type or sent.environment_type
    made = deploy_project.deploy_project(context.deed, request.user.id, project, environment, _wish(sent))
    return _deployment(context, made)


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a deployment")
def show(request: context.Asked, context: context.Context, deployment_id: params.Key) -> wire.Deployment:
    """How far a deployment is; once it has ended, what it did."""
    with context.deed.db.read() as tx:
        found = deployment_rows.find(tx, request.user.id, deployment_id)
    return _deployment(context, found)


@get(
    "/api/deployments",
    sync_to_thread=True,
    tags=_TAGS,
    summary="List deployments",
    dependencies={"by": Provide(Filter, sync_to_thread=False)},
)
def listed(request: context.Asked, context: context.Context, by: Filter, paging: params.Paging) -> wire.DeploymentList:
    """The deployments from this workspace, newest first."""
    offset, limit = paging.window
    with context.deed.db.read() as tx:
        environments.targets(tx, request.user.id)
        found = deployment_rows.listed(tx, request.user.id, _filter(tx, request, by))
        packages = package_rows.by_ids(tx, deployment_rows.packages_of(found))
        each_progress = [(each, model.progress(each, packages.get(each.package_id or 0))) for each in found]
        kept = [(each, progress) for each, progress in each_progress if by.standing in {None, progress.state}]
        shown = [
            wire.deployment(each, progress, package_rows.results(tx, each.package_id or 0))
            for each, progress in kept[offset : offset + limit]
        ]
    return wire.DeploymentList(shown)


@route(
    [f"{_ONE}/{review}" for review in _REVIEWS],
    http_method=["POST"],
    status_code=200,
    tags=_TAGS,
    summary="Review a deployment",
)
async def review(request: context.Asked, context: context.Context, deployment_id: params.Key) -> wire.Deployment:
    """Refused: this server has no reviews."""
    raise await anyio.to_thread.run_sync(_no_reviews, request, context, deployment_id)


@get(f"{_ONE}/eligible_reviewers", sync_to_thread=True, tags=_TAGS, summary="List who may review a deployment")
def reviewers(request: context.Asked, context: context.Context, deployment_id: params.Key) -> wire.Deployment:
    """Refused: this server has no reviews."""
    raise _no_reviews(request, context, deployment_id)


def _no_reviews(request: context.Asked, context: context.Context, deployment_id: int) -> errors.Failure:
    """The refusal of a review. Raises `errors.NotFound` for a deployment that is not here."""
    with context.deed.db.read() as tx:
        deployment_rows.find(tx, request.user.id, deployment_id)
    return errors.Invalid(
        f"This server has no reviews; deployment {deployment_id} needs none: it goes as soon as it is asked for"
    )


def _wish(sent: wire.BuildRequest) -> deploy_project.Wish:
    return deploy_project.Wish(sent.description or "", bool(sent.include_test_cases), bool(sent.include_tags))


def _filter(tx: database.Tx, request: context.Asked, by: Filter) -> deployment_rows.Filter:
    project_id = by.project_id
    if by.folder_id:
        folder = deploy_project.find_project(tx, request.user.id, f"f{by.folder_id.removeprefix('f')}")
        if project_id not in {None, folder.id}:
            raise errors.Invalid.listing([errors.Issue("folder_id", f"is not the folder of project {project_id}")])
        project_id = folder.id
    since, until = params.moment("from", by.since), params.moment("to", by.until)
    return deployment_rows.Filter(project_id, by.environment_type, since, until)


def _build(context: context.Context, request: context.Asked, shown: model.Build) -> wire.Build:
    with context.deed.db.read() as tx:
        package = package_rows.find(tx, request.user.id, shown.package_id)
    return wire.build(shown, package, links.address_for(context, request, package))


def _deployment(context: context.Context, shown: model.Deployment) -> wire.Deployment:
    with context.deed.db.read() as tx:
        package = package_rows.by_id(tx, shown.package_id) if shown.package_id else None
        results = package_rows.results(tx, package.id) if package else []
    return wire.deployment(shown, model.progress(shown, package), results)


ROUTES = [build, show_build, deploy_build, deploy, show, listed, review, reviewers]
