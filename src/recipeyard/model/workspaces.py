"""Workspaces: a place each, with its folders and projects. A project is a folder right below the root."""

from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import errors, paths


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything that a token gives access to."""

    id: int
    name: str
    root_folder_id: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder. `project_id` is the owning project's, None for the root alone; `is_project` marks a project's top."""

    id: int
    workspace_id: int
    parent_id: int | None
    project_id: int | None
    is_project: bool
    name: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Project:
    """A top-level folder seen as a project; its ids are not folder ids."""

    id: int
    folder_id: int
    name: str
    description: str


def folder_name(name: str) -> str:
    """A name a folder may bear. Raises `errors.Invalid`: it becomes part of paths inside archives."""
    issues = [errors.Issue("name", what) for what in paths.name_issues(name)]
    if issues:
        raise errors.Invalid.listing(issues)
    return name
