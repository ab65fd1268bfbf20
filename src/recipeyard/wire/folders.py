"""Folders and projects as the API takes and shows them."""

import msgspec

from recipeyard.model import workspaces
from recipeyard.wire import answers


class Folder(msgspec.Struct):
    """A folder; directly below the root it is a project's top. `project_id` counts apart from folder ids."""

    id: int
    name: str
    parent_id: int | None
    is_project: bool
    project_id: int | None
    created_at: str
    updated_at: str


class FolderRequest(msgspec.Struct):
    """What a folder is made of. No parent means the root: the folder becomes a project."""

    name: str | None = None
    parent_id: int | None = None
    description: str | None = None


class Project(msgspec.Struct):
    """A top-level folder seen as a project."""

    id: int
    description: str
    folder_id: int
    name: str


class ProjectRequest(msgspec.Struct):
    """What can be changed of a project."""

    name: str | None = None
    description: str | None = None


def folder(shown: workspaces.Folder) -> Folder:
    """A folder's answer."""
    return Folder(
        id=shown.id,
        name=shown.name,
        parent_id=shown.parent_id,
        is_project=shown.is_project,
        project_id=shown.project_id,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def project(shown: workspaces.Project) -> Project:
    """A project's answer."""
    return Project(id=shown.id, description=shown.description, folder_id=shown.folder_id, name=shown.name)
