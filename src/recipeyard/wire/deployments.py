"""Builds and deployments as the API takes and shows them. Their project's id is a text, as clients know it."""

from collections.abc import Sequence

import msgspec

from recipeyard.model import assets, deployments, packages
from recipeyard.wire import answers

_STATES = {packages.Action.CREATED: "new", packages.Action.UPDATED: "updated"}


class BuildRequest(msgspec.Struct):
    """How a project is to be built."""

    description: str | None = None
    include_test_cases: bool | None = None
    include_tags: bool | None = None


class DeployRequest(BuildRequest):
    """How a project or a build is to be deployed. `environment_type` may stand here or in the query."""

    environment_type: str | None = None


class Build(msgspec.Struct):
    """A build. `state` is pending, success or failed; `download_url` is null until there is an archive."""

    id: int
    created_at: str
    updated_at: str
    description: str
    include_test_cases: bool
    project_id: str
    state: str
    performed_by_name: str
    download_url: str | None
    error: str | None


class DeployedAsset(msgspec.Struct):
    """What a deployment did to one asset of its target. `state`: new or updated."""

    id: int
    name: str
    type: str
    state: str
    folder: str


class Deployment(msgspec.Struct):
    """A deployment. `state` is pending, success or failed; `detailed_state` says more.

    It is deploy_pending, deploy_in_progress, deploy_finished or deploy_failed. `package_id` is the import's, in the
    target, once there is one. `assets` are those that the import has made or changed.
    """

    id: int
    created_at: str
    updated_at: str
    description: str
    project_build_id: int
    environment_type: str
    project_id: str
    state: str
    detailed_state: str
    performed_by_name: str
    package_id: int | None
    error: str | None
    assets: list[DeployedAsset]


class DeploymentList(msgspec.Struct):
    """A page of deployments, newest first."""

    items: list[Deployment]


def build(shown: deployments.Build, package: packages.Package, download_url: str | None) -> Build:
    """A build's answer; `package` is its export."""
    state = deployments.state_of(package)
    return Build(
        id=shown.id,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(package.updated_at),
        description=shown.description,
        include_test_cases=shown.include_test_cases,
        project_id=str(shown.project_id),
        state=state,
        performed_by_name=shown.performed_by,
        download_url=download_url,
        error="\n".join(package.error_parts) if state is deployments.State.FAILED else None,
    )


def deployment(
    shown: deployments.Deployment, progress: deployments.Progress, results: Sequence[packages.Result]
) -> Deployment:
    """A deployment's answer; `results` are what its import did."""
    return Deployment(
        id=shown.id,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(progress.updated_at),
        description=shown.description,
        project_build_id=shown.build_id,
        environment_type=shown.environment,
        project_id=str(shown.project_id),
        state=progress.state,
        detailed_state=progress.detail,
        performed_by_name=shown.performed_by,
        package_id=shown.package_id,
        error=progress.error,
        assets=[_asset(result) for result in results if result.action in _STATES],
    )


def _asset(result: packages.Result) -> DeployedAsset:
    return DeployedAsset(
        id=result.asset_id,
        name=result.name,
        type=assets.WIRE_TYPES.get(result.kind, result.kind),
        state=_STATES[result.action],
        folder=assets.split(result.path)[0],
    )
