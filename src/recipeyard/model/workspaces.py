"""Workspaces: a place each, with its folders and projects. A project is a folder right below the root."""

import re
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import errors

NAME_LENGTH = 255


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
    wrong = None
    if not name.strip():
        wrong = "can't be blank"
    elif "/" in name or "\\" in name or re.search(r"[\x00-\x1f\x7f]", name):
        wrong = "can't contain slashes or control characters"
    elif name in {".", ".."}:
        wrong = "can't be a path"
    elif len(name.encode()) > NAME_LENGTH:
        wrong = f"is longer than {NAME_LENGTH} bytes"
    if wrong:
        raise errors.Invalid.listing([errors.Issue("name", wrong)])
    return name
