"""Deployments: a project built in one workspace, and brought by an import into the one that is its test or production.

A build stands where its export stands, a deployment where its build and its import stand: nothing is kept twice.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from recipeyard.model import packages


class Environment(StrEnum):
    """What a workspace may be to the one that deploys to it."""

    TEST = "test"
    PROD = "prod"


class State(StrEnum):
    """Where a build or a deployment stands. Clients end their polling on anything but `pending`."""

    PENDING = "pending"
    SUCCESS = "success"
    FAILED = "failed"


class Detail(StrEnum):
    """Where a deployment stands, told from the side of its target."""

    WAITING = "deploy_pending"
    UNDER_WAY = "deploy_in_progress"
    FINISHED = "deploy_finished"
    FAILED = "deploy_failed"


@dataclass(frozen=True, slots=True)
class Build:
    """A project as it was exported for deploying; `package_id` is the export's. The names are those of that moment."""

    id: int
    workspace_id: int
    project_id: int
    project_name: str
    package_id: int
    description: str
    include_test_cases: bool
    performed_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """A build on its way into a target. `package_id` is the import's there; `error` says why there never was one."""

    id: int
    workspace_id: int
    build_id: int
    project_id: int
    environment: Environment
    target_id: int
    package_id: int | None
    description: str
    include_tags: bool
    performed_by: str
    error: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def is_waiting(self) -> bool:
        """Whether it has neither reached its target nor failed on the way."""
        return self.package_id is None and self.error is None


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a deployment stands, why it failed if it did, and when that changed last."""

    state: State
    detail: Detail
    error: str | None
    updated_at: datetime


_STATES = {
    packages.Status.IN_PROGRESS: State.PENDING,
    packages.Status.COMPLETED: State.SUCCESS,
    packages.Status.FAILED: State.FAILED,
}
_DETAILS = {State.PENDING: Detail.UNDER_WAY, State.SUCCESS: Detail.FINISHED, State.FAILED: Detail.FAILED}


def state_of(package: packages.Package) -> State:
    """A transfer's status in the words of builds and deployments."""
    return _STATES[package.status]


def progress(deployment: Deployment, package: packages.Package | None) -> Progress:
    """How far a deployment is; `package` is its import, None while there is none."""
    if package is None:
        failed = deployment.error is not None
        state, detail = (State.FAILED, Detail.FAILED) if failed else (State.PENDING, Detail.WAITING)
        return Progress(state, detail, deployment.error, deployment.updated_at)
    state = state_of(package)
    error = "\n".join(package.error_parts) if state is State.FAILED else None
    return Progress(state, _DETAILS[state], error, max(deployment.updated_at, package.updated_at))
