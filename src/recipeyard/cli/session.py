"""What every command shares: who is asked, where answers and errors go, and how a command ends.

Answers go to standard output, for people or (`--json`) as one object for machines. Errors go to standard error with
what to do next. A command ends with 0, with 1 where it failed, with 2 where two things differ.
"""

import dataclasses
import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from recipeyard import client
from recipeyard.cli import overview, profiles
from recipeyard.model import errors
from recipeyard.wire import received

FAILED, DIFFERS = 1, 2
_LOG_IN = "Run `recipeyard login URL`, or set RECIPEYARD_URL and RECIPEYARD_TOKEN."
_UNTOUCHED = "Nothing of the package happened. Mend what is named, and run it again."
_ADVICE: dict[type[Exception], str] = {
    errors.Unauthenticated: "The token is unknown, revoked or may not do this: `recipeyard login URL` takes another.",
    errors.Forbidden: "Ask whoever gave you the token for one that may do this.",
    errors.TooMany: "Wait, and run it again.",
    errors.Conflict: "Look at how it stands now, and run it again.",
    errors.TooLarge: "Push a part of the project, or ask the server's operator for a higher limit.",
    client.Unreachable: "Is the address right, and the server running? `recipeyard workspaces` shows the addresses.",
    client.Foreign: "Is the address right? `recipeyard workspaces` shows the addresses.",
    OSError: "Mend that, or work in another directory, and run it again.",
}


class Advised(errors.Failure):
    """A failure that knows what its reader can do about it."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Login:
    """Whom a command speaks to; `profile` is empty where the environment said so."""

    profile: str
    url: str
    token: str


@dataclass(frozen=True, slots=True)
class Session:
    """One run of a command."""

    profile: str | None = None
    url: str | None = None
    token: str | None = None
    is_json: bool = False
    out: Console = field(default_factory=lambda: Console(highlight=False, emoji=False))
    err: Console = field(default_factory=lambda: Console(stderr=True, highlight=False, emoji=False))

    def login(self, usual: str = "") -> Login:
        """Whom to speak to: the profile asked for, else the environment, else the `usual` profile, else the current.

        Raises `Advised` where nobody is logged in.
        """
        known = profiles.load()
        if not self.profile and (self.url or self.token):
            if not (self.url and self.token):
                raise Advised(f"RECIPEYARD_{'TOKEN' if self.url else 'URL'} is missing", "Set both, or neither.")
            return Login("", self.url, self.token)
        name = self.profile or (usual if usual in known.profiles else known.current)
        if not name:
            raise Advised("you are not logged in", _LOG_IN)
        if name not in known.profiles:
            raise Advised(f"there is no profile {name!r}", "`recipeyard workspaces` lists those there are.")
        found = known.profiles[name]
        return Login(name, found.url, found.token)

    def say(self, line: str, style: str = "") -> None:
        """A line for people; what is long may be copied whole."""
        if not self.is_json:
            self.out.print(line, style=style, markup=False, soft_wrap=True)

    def show(self, drawn: RenderableType) -> None:
        """Something drawn for people."""
        if not self.is_json:
            self.out.print(drawn, soft_wrap=isinstance(drawn, Text))

    def warn(self, line: str) -> None:
        """A line beside the answer."""
        self.err.print(line, style="yellow", markup=False, soft_wrap=True)

    def answer(self, value: Mapping[str, Any]) -> None:
        """The object for machines."""
        if self.is_json:
            typer.echo(msgspec.json.encode(value).decode())

    def relay(self, yard: client.Client, path: str, **params: Any) -> None:
        """For machines, what the API answers to a GET, as it is."""
        if self.is_json:
            self.answer(yard.ask("GET", path, params=params))

    def fail(self, failure: Exception) -> None:
        """Say what went wrong, and what to do next."""
        message = _sentence(failure)
        advice = _advice(failure)
        self.answer({"error": message, "advice": advice})
        self.err.print(f"recipeyard: {message}", style="red", markup=False, soft_wrap=True)
        if advice:
            self.err.print(advice, markup=False, soft_wrap=True)

    @contextmanager
    def progress(self, operation: str) -> Iterator[client.Watch]:
        """A progress bar while a package is followed; shown on a terminal alone."""
        with self._bar() as bar:
            task = bar.add_task(operation, total=None, phase="")

            def watch(seen: received.Package) -> None:
                total = None if seen.percent is None else 100
                bar.update(task, total=total, completed=seen.percent or 0, phase=seen.phase or seen.status)

            yield watch

    @contextmanager
    def waiting(self, operation: str) -> Iterator[None]:
        """A progress bar while something is made that tells no percent; shown on a terminal alone."""
        with self._bar() as bar:
            bar.add_task(operation, total=None, phase="")
            yield

    @property
    def width(self) -> int | None:
        """How wide the screen is; None where nobody looks at one."""
        return self.out.width if self.out.is_terminal else None

    def asks(self, question: str) -> bool:
        """Whether whoever sits at the terminal says yes; where nobody does, what was typed is meant."""
        if self.is_json or not sys.stdin.isatty():
            return True
        return bool(typer.confirm(question, err=True))

    def _bar(self) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(40), TextColumn("{task.fields[phase]}"))
        disable = self.is_json or not self.err.is_terminal
        return Progress(*columns, console=self.err, transient=True, disable=disable)


def command(app: typer.Typer, name: str, **more: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a command: it gets its session first, and shares the options that every command has."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name, cls=overview.Page, **more)(shared(function))
        return function

    return decorate


def shared(function: Callable[..., None]) -> Callable[..., None]:
    """A function with a session as its first argument, as one with the options that every command has.

    An argument that is a dataclass stands for a group of options: each of its fields is one.
    """
    own = list(inspect.signature(function).parameters.values())[1:]
    groups: dict[str, Any] = {each.name: each.annotation for each in own if dataclasses.is_dataclass(each.annotation)}

    @functools.wraps(function)
    def run(**given: Any) -> None:
        asked = {name: given.pop(name) for name in ("profile", "url", "token", "is_json")}
        session = Session(**asked)
        grouped = {name: kind(**{each: given.pop(each) for each in _names(kind)}) for name, kind in groups.items()}
        with _ended(session):
            function(session, **given, **grouped)

    common = list(inspect.signature(_common).parameters.values())
    vars(run)["__signature__"] = inspect.Signature([*_each_alone(own), *common])
    return run


def _names(group: Any) -> list[str]:
    return [each.name for each in dataclasses.fields(group)]


def _each_alone(own: Iterable[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    """A command's arguments and options, those of groups among them."""
    for each in own:
        if not dataclasses.is_dataclass(each.annotation):
            yield each.replace(kind=inspect.Parameter.KEYWORD_ONLY)
            continue
        for one in dataclasses.fields(each.annotation):
            yield inspect.Parameter(one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=one.type)


def _common(
    *,
    profile: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A stored login, if not the usual one.", autocompletion=profiles.names),
    ] = None,
    url: Annotated[str | None, typer.Option(envvar="RECIPEYARD_URL", hidden=True)] = None,
    token: Annotated[str | None, typer.Option(envvar="RECIPEYARD_TOKEN", hidden=True)] = None,
    is_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """The options that every command has."""


@contextmanager
def _ended(session: Session) -> Iterator[None]:
    """Failures end a command with 1, after their sentence."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (errors.Failure, OSError) as e:
        session.fail(e)
        raise typer.Exit(FAILED) from e
    except (KeyboardInterrupt, typer.Abort) as e:
        session.fail(errors.Failure("interrupted"))
        raise typer.Exit(FAILED) from e


def _sentence(failure: Exception) -> str:
    if isinstance(failure, OSError) and failure.strerror and failure.filename:
        return f"{os.fsdecode(failure.filename)!r} can't be used: {failure.strerror}"
    return str(failure).strip() or type(failure).__name__


def _advice(failure: Exception) -> str:
    if isinstance(failure, Advised):
        return failure.advice
    if isinstance(failure, client.NotCompleted):
        return _UNTOUCHED if failure.is_untouched else f"`recipeyard rollback {failure.package.id}` takes it back."
    return next((advice for kind, advice in _ADVICE.items() if isinstance(failure, kind)), "")
