"""Which folder of which workspace a command is about: the one that is named, or the one that the directory holds."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from recipeyard import client
from recipeyard.cli import checkout, profiles, session
from recipeyard.model import errors

_NOTHING_HERE = "`recipeyard pull PROJECT` fetches one; `recipeyard push --project NAME` makes one of the files here."
_ELSEWHERE = "Pull into a directory of its own."

Project = Annotated[
    str | None, typer.Argument(metavar="PROJECT", help="A project's name or a folder's id; else the directory's.")
]
Rows = Annotated[bool, typer.Option("--include-data", help="With the rows of tables.")]


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


def login(asked: session.Session) -> session.Login:
    """Whom to speak to; in a checkout its marker's profile is the usual one."""
    held = checkout.find(Path.cwd())
    marker = held.marker if held else None
    return asked.login(marker.profile if marker else "")


def yard(asked: session.Session) -> client.Client:
    """A client of whom to speak to."""
    who = login(asked)
    return client.Client(who.url, who.token)


def named(asked: session.Session, wanted: str) -> Place:
    """The project of that name, or the folder of that id. Raises `errors.NotFound` naming the projects there are."""
    who = login(asked)
    yard = client.Client(who.url, who.token)
    try:
        project = yard.project(wanted)
        return Place(yard, who, project.name, project.folder_id)
    except errors.NotFound as e:
        if wanted.isdigit():
            folder = yard.folder(int(wanted))
            return Place(yard, who, folder.name, folder.id)
        raise session.Advised(str(e), "Name one of them, or a folder's id; `--profile` asks another workspace.") from e


def made(asked: session.Session, wanted: str) -> Place:
    """The project of that name, made where it is not there yet."""
    who = login(asked)
    yard = client.Client(who.url, who.token)
    if wanted in {project.name for project in yard.projects()}:
        return named(asked, wanted)
    folder = yard.create_folder(wanted)
    asked.say(f"Made the project {folder.name!r}.")
    return Place(yard, who, folder.name, folder.id)


def here(*, with_rows: bool = False) -> checkout.Checkout:
    """The checkout that the current directory belongs to. Raises `session.Advised` where it belongs to none."""
    found = checkout.find(Path.cwd(), with_rows=with_rows)
    if found is None:
        raise session.Advised("this directory holds no project", _NOTHING_HERE)
    return found


def checkout_here(*, with_rows: bool) -> checkout.Checkout:
    """The checkout that the current directory belongs to, or is to become."""
    return checkout.find(Path.cwd(), with_rows=with_rows) or checkout.Checkout(Path.cwd(), with_rows)


def mark(held: checkout.Checkout, place: Place) -> None:
    """Say what a directory holds, once."""
    if held.marker is None:
        held.mark(checkout.Marker(place.project, place.folder_id, place.login.profile))


def of(asked: session.Session, held: checkout.Checkout) -> Place:
    """The folder of this workspace that a checkout's marker means.

    That is the folder of its id, whatever it is called by now, where the marker's profile is asked or the checkout
    remembers that folder of this server; an id means nothing in another workspace. Where only the environment says whom
    to ask, and nothing is remembered, that folder must still bear its name. Else it is the project of that name.
    """
    marker = held.marker
    if marker is None:
        raise session.Advised("this directory holds no project", _NOTHING_HERE)
    who = asked.login(marker.profile)
    yard = client.Client(who.url, who.token)
    is_remembered = f"{yard.url}/folders/{marker.folder_id}" in held.sources
    is_home = who.profile == marker.profile
    known = _folder(yard, marker.folder_id) if is_home or is_remembered else None
    if known and ((is_home and who.profile) or is_remembered or known == marker.project):
        return Place(yard, who, known, marker.folder_id)
    for project in yard.projects():
        if project.name == marker.project:
            return Place(yard, who, project.name, project.folder_id)
    raise session.Advised(
        f"there is no project {marker.project!r} in this workspace",
        f"`recipeyard push --project {marker.project!r}` makes it; `--profile` asks another workspace.",
    )


def asked_for(asked: session.Session, wanted: str | None) -> Place:
    """What is named, else what the directory holds."""
    return named(asked, wanted) if wanted else of(asked, here())


def check(held: checkout.Checkout, place: Place, *, is_named: bool) -> None:
    """Refuse to bring a place's files into a checkout of another. Ids decide, where they are of one workspace."""
    marker = held.marker
    if marker is None:
        return
    is_home = bool(place.login.profile) and place.login.profile == marker.profile
    is_other = place.folder_id != marker.folder_id and (is_home or place.project != marker.project)
    if is_named and is_other:
        raise session.Advised(f"{held.root} holds the project {marker.project!r} already", _ELSEWHERE)
    if not is_home and _is_elsewhere(held, marker, place):
        raise session.Advised(f"{held.root} holds {marker.project!r} of another workspace already", _ELSEWHERE)


def _is_elsewhere(held: checkout.Checkout, marker: checkout.Marker, place: Place) -> bool:
    """Whether a place is not the one that the marker was written for, as far as anything here tells."""
    home = profiles.load().profiles.get(marker.profile)
    if home:
        return (home.url, marker.folder_id) != (place.yard.url, place.folder_id)
    known = held.sources
    ours = {source for source in known if source.endswith(f"/folders/{marker.folder_id}")} or known
    return bool(ours) and place.source not in ours


def _folder(yard: client.Client, folder_id: int) -> str | None:
    try:
        return yard.folder(folder_id).name
    except errors.NotFound:
        return None
