"""Environments: the operator binds workspaces to one that deploys to them; whoever asks is told where that leads."""

from collections.abc import Mapping

from recipeyard.model import deployments, errors, workspaces
from recipeyard.sql import database, environments
from recipeyard.sql import workspaces as workspace_rows

UNBOUND = "Environments not provisioned"
_NAMES = {deployments.Environment.TEST: "test", deployments.Environment.PROD: "production"}


def bind(tx: database.Tx, name: str, wanted: Mapping[deployments.Environment, str]) -> None:
    """Let the workspace of that name deploy to others. Raises `errors.Invalid` for a chain, a loop or a shared target.

    What it is bound to already and `wanted` does not name stays.
    """
    workspace = workspace_rows.named(tx, name)
    if not wanted:
        raise errors.Invalid("name a workspace with --test, with --prod, or with both")
    above = environments.source(tx, workspace.id)
    if above:
        raise errors.Invalid(f"{name!r} is the {_NAMES[above[0]]} of {above[1].name!r}, and can't deploy further")
    for environment, target_name in wanted.items():
        target = workspace_rows.named(tx, target_name)
        _check_target(tx, workspace, environment, target)
        environments.bind(tx, workspace.id, environment, target.id)


def _check_target(
    tx: database.Tx,
    workspace: workspaces.Workspace,
    environment: deployments.Environment,
    target: workspaces.Workspace,
) -> None:
    if target.id == workspace.id:
        raise errors.Invalid(f"{target.name!r} can't deploy to itself")
    if environments.targets(tx, target.id):
        raise errors.Invalid(f"{target.name!r} deploys to others itself")
    source = environments.source(tx, target.id)
    if source and (source[0], source[1].id) != (environment, workspace.id):
        raise errors.Invalid(f"{target.name!r} is the {_NAMES[source[0]]} of {source[1].name!r} already")


def unbind(tx: database.Tx, name: str) -> None:
    """Let the workspace of that name deploy nowhere. Raises `errors.Invalid` where it did not."""
    workspace = workspace_rows.named(tx, name)
    if not environments.unbind(tx, workspace.id):
        raise errors.Invalid(f"{name!r} deploys nowhere")


def targets(tx: database.Tx, workspace_id: int) -> dict[deployments.Environment, int]:
    """Where a workspace deploys to. Raises `errors.Invalid` where that is nowhere, saying what to do."""
    found = environments.targets(tx, workspace_id)
    if found:
        return found
    source = environments.source(tx, workspace_id)
    if source:
        environment, workspace = source
        raise errors.Invalid(
            f"This workspace is the {_NAMES[environment]} of {workspace.name!r}: build and deploy with that one's token"
        )
    raise errors.Invalid(
        f"{UNBOUND}: the operator binds this workspace to its test and production with `recipeyard workspace bind`; "
        "without them, promote by packages"
    )


def target(tx: database.Tx, workspace_id: int, asked: str | None) -> tuple[deployments.Environment, int]:
    """The environment that is asked for, and its workspace's id. Raises `errors.Invalid` naming what is not there."""
    found = targets(tx, workspace_id)
    known = " or ".join(sorted(found, reverse=True))
    if not asked:
        raise errors.Invalid.listing([errors.Issue("environment_type", f"can't be blank; it may be {known}")])
    for environment, target_id in found.items():
        if environment == asked:
            return environment, target_id
    raise errors.Invalid.listing([errors.Issue("environment_type", f"{asked!r} is not bound here; it may be {known}")])
