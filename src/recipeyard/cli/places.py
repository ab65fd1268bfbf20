"""Which folder of which workspace a command is about: the one that is named, or the one that the directory holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from recipeyard import client
from recipeyard.cli import checkout, session
from recipeyard.model import errors

_NOTHING_HERE = "`recipeyard pull PROJECT` fetches one; `recipeyard push --project NAME` makes one of the files here."

Project = Annotated[str | None, typer.Argument(help="A project's name or a folder's id; else the directory's.")]


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of a workspace, and the client that reaches it."""

    yard: client.Client
    login: session.Login
    project: str
    folder_id: int

    @property
    def source(self) -> str:
        """The name under which a checkout remembers what it has from here."""
        return f"{self.yard.url}/folders/{self.folder_id}"

    def __str__(self) -> str:
        return f"{self.project} ({self.login.profile or self.yard.url})"


def named(asked: session.Session, wanted: str) -> Place:
    """The project of that name, or the folder of that id. Raises `errors.NotFound` naming the projects there are."""
    login = asked.login()
    yard = client.Client(login.url, login.token)
    try:
        project = yard.project(wanted)
        return Place(yard, login, project.name, project.folder_id)
    except errors.NotFound as e:
        if wanted.isdigit():
            folder = yard.folder(int(wanted))
            return Place(yard, login, folder.name, folder.id)
        raise session.Advised(str(e), "Name one of them, or a folder's id; `--profile` asks another workspace.") from e


def made(asked: session.Session, wanted: str) -> Place:
    """The project of that name, made where it is not there yet."""
    login = asked.login()
    yard = client.Client(login.url, login.token)
    if wanted in {project.name for project in yard.projects()}:
        return named(asked, wanted)
    folder = yard.create_folder(wanted)
    asked.say(f"Made the project {folder.name!r}.")
    return Place(yard, login, folder.name, folder.id)


def here() -> checkout.Checkout:
    """The checkout that the current directory belongs to. Raises `session.Advised` where it belongs to none."""
    found = checkout.find(Path.cwd())
    if found is None:
        raise session.Advised("this directory holds no project", _NOTHING_HERE)
    return found


def of(asked: session.Session, held: checkout.Checkout) -> Place:
    """The folder of this workspace that a checkout's marker means.

    That is the folder of its id while it bears its name, else the project of that name, else the folder of that id: one
    that was renamed. The id counts only in the workspace that the marker was written for.
    """
    marker = held.marker
    if marker is None:
        raise session.Advised("this directory holds no project", _NOTHING_HERE)
    login = asked.login(marker.profile)
    yard = client.Client(login.url, login.token)
    known = _folder(yard, marker.folder_id) if login.profile == marker.profile else None
    if known == marker.project:
        return Place(yard, login, marker.project, marker.folder_id)
    for project in yard.projects():
        if project.name == marker.project:
            return Place(yard, login, project.name, project.folder_id)
    if known and login.profile:
        return Place(yard, login, known, marker.folder_id)
    raise session.Advised(
        f"there is no project {marker.project!r} in this workspace",
        f"`recipeyard push --project {marker.project!r}` makes it; `--profile` asks another workspace.",
    )


def asked_for(asked: session.Session, wanted: str | None) -> Place:
    """What is named, else what the directory holds."""
    return named(asked, wanted) if wanted else of(asked, here())


def _folder(yard: client.Client, folder_id: int) -> str | None:
    try:
        return yard.folder(folder_id).name
    except errors.NotFound:
        return None
