"""Who is logged in where: login, workspaces, open."""

import re
import sys
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from recipeyard import client
from recipeyard.cli import overview, places, profiles, session
from recipeyard.model import assets, errors
from recipeyard.wire import received

workspaces_app = typer.Typer(
    cls=overview.Group, help="Show where you are logged in; `use` chooses.", invoke_without_command=True
)

Address = Annotated[
    str | None, typer.Argument(metavar="URL", help="The server's address, such as http://127.0.0.1:8765.")
]


def login(asked: session.Session, *, address: Address = None) -> None:
    """Keep a workspace's token as a profile, used from now on.

    The token is asked for, or read from standard input,
    or taken from RECIPEYARD_TOKEN.
    """
    url = address or asked.url
    if not url:
        raise session.Advised("which server?", "`recipeyard login http://127.0.0.1:8765`, for example.")
    token = asked.token or _token()
    if not token:
        raise session.Advised("no token was given", "Paste one, or pipe it in: `recipeyard login URL < token.txt`.")
    with client.Client(_with_scheme(url), token) as yard:
        workspace = _me(yard)
        known = profiles.load()
        name = asked.profile or assets.slug(workspace.name)
        known.profiles[name] = profiles.Profile(yard.url, yard.token, workspace.name)
        known.current = name
        profiles.save(known)
    asked.say(f"Logged in to the workspace {workspace.name!r} at {yard.url}, as the profile {name!r}.")
    asked.answer({"profile": name, "url": yard.url, "workspace": workspace.name, "id": workspace.id})


@workspaces_app.callback()
@session.shared
def workspaces(asked: session.Session, *, context: typer.Context) -> None:
    """Show where you are logged in; `use` chooses."""
    if context.invoked_subcommand:
        return
    known = profiles.load()
    table = Table("", "profile", "workspace", "address", box=None, header_style="bold", pad_edge=False)
    for name, each in sorted(known.profiles.items()):
        table.add_row("*" if name == known.current else "", Text(name), Text(each.workspace), Text(each.url))
    asked.show(table if known.profiles else Text("You are not logged in. Run `recipeyard login URL`."))
    listed = [
        {"profile": name, "workspace": each.workspace, "url": each.url, "current": name == known.current}
        for name, each in sorted(known.profiles.items())
    ]
    asked.answer({"workspaces": listed})


@session.command(workspaces_app, "use")
def use(
    asked: session.Session,
    *,
    name: Annotated[str, typer.Argument(metavar="PROFILE", help="A profile.", autocompletion=profiles.names)],
) -> None:
    """Choose the profile that is meant where none is named."""
    known = profiles.load()
    if name not in known.profiles:
        raise session.Advised(f"there is no profile {name!r}", "`recipeyard workspaces` lists those there are.")
    known.current = name
    profiles.save(known)
    asked.say(f"Using {name!r}: the workspace {known.profiles[name].workspace!r} at {known.profiles[name].url}.")
    asked.answer({"profile": name} | msgspec.to_builtins(known.profiles[name]) | {"token": None})


def open_(
    asked: session.Session,
    *,
    project: places.Project = None,
    only_print: Annotated[bool, typer.Option("--print", help="Print the address alone.")] = False,
) -> None:
    """Open the project's page in the browser, and print its address."""
    place = places.asked_for(asked, project)
    page = place.yard.page(place.folder_id)
    asked.say(page)
    asked.answer({"url": page})
    if not only_print:
        typer.launch(page)


def _me(yard: client.Client) -> received.User:
    """The workspace that the token opens. Raises `session.Advised` where no API answers at that address."""
    try:
        return yard.me()
    except (client.Foreign, errors.NotFound) as e:
        address = re.sub(r"(?<=[^:/])/.*", "", yard.url)
        advice = f"Try `recipeyard login {address}`." if address != yard.url else "Name the address of a server of it."
        raise session.Advised(f"there is no API at {yard.url}", advice) from e


def _token() -> str:
    """Typed where someone can type, else a line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Token", hide_input=True, err=True))
    return sys.stdin.readline().strip()


def _with_scheme(url: str) -> str:
    """An address as people type it; without a scheme it is plain HTTP on loopback, else HTTPS."""
    if "://" in url:
        return url
    is_local = re.match(r"(localhost|127\.0\.0\.1|\[::1\])([:/]|$)", url)
    return f"{'http' if is_local else 'https'}://{url}"
