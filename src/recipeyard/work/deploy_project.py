"""The whole story of a deployment: a project built by an export, and handed to its target as an import there.

A request's rows and its work are accepted in one transaction. The work brings the build to its end itself, however far
another has come with it, and then accepts the import and hangs the deployment on it in one transaction: so whenever it
is interrupted, doing it again ends in one import.
"""

import uuid
from dataclasses import dataclass

from recipeyard.model import activities, deployments, errors, manifests, packages, workspaces
from recipeyard.sql import database, folders
from recipeyard.sql import deployments as deployment_rows
from recipeyard.sql import manifests as manifest_rows
from recipeyard.sql import packages as package_rows
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities as work_activities
from recipeyard.work import environments, export_package, gating, import_package, parts, settling
from recipeyard.work import folders as work_folders


@dataclass(frozen=True, slots=True)
class Wish:
    """How a project is to be built and deployed."""

    description: str = ""
    include_test_cases: bool = False
    include_tags: bool = False


def build(deed: parts.Parts, workspace_id: int, project: str, wish: Wish) -> deployments.Build:
    """Accept a build of a project. When this returns, the build and its work are on disk.

    Raises `errors.NotFound` for an unknown project, `errors.Invalid` where the workspace deploys nowhere.
    """
    with deed.db.write() as tx:
        environments.targets(tx, workspace_id)
        made = _build(tx, find_project(tx, workspace_id, project), workspace_id, wish)
        deed.enqueue(tx, parts.Queue.EXPORTS, workspace_id, made.package_id)
        return made


def deploy_build(
    deed: parts.Parts, workspace_id: int, build_id: int, environment: str | None, wish: Wish
) -> deployments.Deployment:
    """Accept a deployment of a build, ended or not. Raises `errors.NotFound` and `errors.Invalid`."""
    with deed.db.write() as tx:
        target = environments.target(tx, workspace_id, environment)
        return _deploy(deed, tx, deployment_rows.find_build(tx, workspace_id, build_id), target, wish)


def deploy_project(
    deed: parts.Parts, workspace_id: int, project: str, environment: str | None, wish: Wish
) -> deployments.Deployment:
    """Accept a build of a project and its deployment. Raises `errors.NotFound` and `errors.Invalid`.

    The build needs no work of its own: the deployment's brings it to its end.
    """
    with deed.db.write() as tx:
        target = environments.target(tx, workspace_id, environment)
        made = _build(tx, find_project(tx, workspace_id, project), workspace_id, wish)
        return _deploy(deed, tx, made, target, wish)


def find_project(tx: database.Tx, workspace_id: int, project: str) -> workspaces.Project:
    """The project of an id, or of its folder's id after an `f`. Raises `errors.NotFound`."""
    digits = project.removeprefix("f")
    what = "project" if digits == project else "folder"
    if not (digits.isascii() and digits.isdigit() and len(digits) < 19):
        raise errors.NotFound.of(what, repr(digits))
    if what == "project":
        return folders.find_project(tx, workspace_id, int(digits))
    folder = folders.find(tx, workspace_id, int(digits))
    if not folder.is_project or folder.project_id is None:
        raise errors.NotFound(f"Not found: folder {folder.id} is not a project's")
    return folders.find_project(tx, workspace_id, folder.project_id)


def run(deed: parts.Parts, deployment_id: int) -> None:
    """Do the work of an accepted deployment. Running it again after it arrived or failed changes nothing."""
    with deed.db.read() as tx:
        deployment = deployment_rows.by_id(tx, deployment_id)
        if deployment is None or not deployment.is_waiting:
            return
        built = deployment_rows.find_build(tx, deployment.workspace_id, deployment.build_id)
    export_package.run(deed, built.package_id)
    try:
        _hand_over(deed, deployment, built)
    except errors.Failure as e:
        fail(deed, deployment_id, e)


def fail(deed: parts.Parts, deployment_id: int, failure: errors.Failure) -> None:
    """End a deployment that has not arrived, saying why; its build too, where that has not ended by then."""
    with deed.db.write() as tx:
        deployment = deployment_rows.by_id(tx, deployment_id)
        if deployment is None or not deployment.is_waiting:
            return
        built = deployment_rows.find_build(tx, deployment.workspace_id, deployment.build_id)
        if package := package_rows.by_id(tx, built.package_id):
            settling.settle(tx, package, packages.failed(errors.Failure(failure.message)))
        deployment_rows.fail(tx, deployment_id, failure.message)


def _build(tx: database.Tx, project: workspaces.Project, workspace_id: int, wish: Wish) -> deployments.Build:
    """A build with its export, in progress; the manifest is nobody's to see."""
    options = manifests.Options(auto=True, include_tags=wish.include_tags, include_test_cases=wish.include_test_cases)
    manifest = manifest_rows.insert(tx, (workspace_id, project.folder_id), project.name, options, ())
    manifest_rows.delete(tx, manifest)
    made = deployment_rows.insert_build(
        tx,
        {
            "workspace_id": workspace_id,
            "project_id": project.id,
            "project_name": project.name,
            "package_id": export_package.accept(tx, manifest).id,
            "description": wish.description,
            "include_test_cases": wish.include_test_cases,
            "performed_by": tx.actor.name,
        },
    )
    resource = activities.Resource(activities.Kind.BUILD, made.id, made.project_name)
    work_activities.record(tx, workspace_id, "project_build_created", resource)
    return made


def _deploy(
    deed: parts.Parts,
    tx: database.Tx,
    built: deployments.Build,
    target: tuple[deployments.Environment, int],
    wish: Wish,
) -> deployments.Deployment:
    environment, target_id = target
    made = deployment_rows.insert(
        tx,
        {
            "workspace_id": built.workspace_id,
            "build_id": built.id,
            "environment": environment,
            "target_id": target_id,
            "description": wish.description,
            "include_tags": wish.include_tags,
            "performed_by": tx.actor.name,
        },
    )
    deed.enqueue(tx, parts.Queue.DEPLOYMENTS, target_id, made.id)
    resource = activities.Resource(activities.Kind.DEPLOYMENT, made.id, built.project_name)
    details = {"environment": environment, "build_id": built.id}
    work_activities.record(tx, built.workspace_id, "deployment_created", resource, **details)
    return made


def _hand_over(deed: parts.Parts, deployment: deployments.Deployment, built: deployments.Build) -> None:
    """Accept the import of a build that has ended well. The archive is copied: a package's bytes are its own."""
    with deed.db.read() as tx:
        package = package_rows.by_id(tx, built.package_id)
    if package is None or package.blob_key is None:
        why = "\n".join(package.error_parts) if package else "its package is gone"
        raise errors.Invalid(f"The build failed: {why}")
    key = f"uploads/{uuid.uuid4().hex}/{package.file_name}"
    deed.blobs.put(key, deed.blobs.stream(package.blob_key))
    arrived = False
    try:
        with deed.db.write() as write:
            arrived = _arrive(deed, write, deployment, built, (key, package.file_name))
    finally:
        if not arrived:
            deed.blobs.delete(key)


def _arrive(
    deed: parts.Parts,
    tx: database.Tx,
    deployment: deployments.Deployment,
    built: deployments.Build,
    blob: tuple[str, str],
) -> bool:
    """Accept the import and hang the deployment on it. False, and nothing done, where it has arrived before.

    Raises `errors.Unprocessable` where the target's gates are not met.
    """
    target = workspace_rows.lock(tx, deployment.target_id)
    now = deployment_rows.by_id(tx, deployment.id)
    if now is None or not now.is_waiting:
        return False
    by = tx.by(activities.Actor(None, deployment.performed_by))
    options = packages.Options(restart_recipes=True, include_tags=deployment.include_tags)
    gating.refuse(by, gating.Asked(target.id, packages.Operation.IMPORT, options))
    folder = _project_folder(by, target, built.project_name)
    package = import_package.accept(deed, by, (target.id, folder.id), options, blob)
    return deployment_rows.arrive(tx, deployment.id, package.id)


def _project_folder(tx: database.Tx, target: workspaces.Workspace, name: str) -> workspaces.Folder:
    """The folder of the project of that name, made where there is none. Case makes no other project."""
    for folder in folders.children(tx, target.id, target.root_folder_id):
        if folder.name.casefold() == name.casefold():
            return folder
    return work_folders.create(tx, target.id, None, name, "")
