"""The pages of help, each on one screen, and what is said where a command is used wrongly."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import typer
import typer.core

PANELS = ("Work with a workspace", "Run a server")
CLIENT_PANEL, OPERATOR_PANEL = PANELS
_JSON = "--json"
_TOGETHER = {
    "pull": ("push", "Fetch a project into files; send the files to it."),
    "status": ("diff", "Show how files differ from the server; line by line."),
    "plan": ("apply", "See exactly what a push would change; do exactly that."),
    "history": ("drift", "Who changed what; what no longer is as it was deployed."),
    "rollback": ("test", "Take back what a package changed; run test cases offline."),
    "bind": ("stubs", "What names of packages mean here; what stubs answer for."),
    "export": ("import", "Keep a project as a zip; bring a zip into a project."),
    "follow": ("cancel", "Follow a package to its end; end it before it is applied."),
    "recipes": ("jobs", "Start and stop recipes; see what they have run."),
    "gates": ("approve", "What must be true before changes; approve somebody's plan."),
    "workspaces": ("open", "Show where you are logged in; open a project's page."),
}
"""Commands that go together and share a line of the first page."""
_FOOTER = "`recipeyard COMMAND --help` says more; --install-completion teaches your shell."


class Page(typer.core.TyperCommand):
    """A command with its page: what it does, and what it takes."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """As any command does; what must be given stands bare."""
        return [piece.strip("{}") for piece in super().collect_usage_pieces(ctx)]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        _write(self, ctx, formatter)


class Group(typer.core.TyperGroup):
    """Commands with their page, which is shown where none of them is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As any group does; nothing at all asks for the page where nothing else is meant by it."""
        return super().parse_args(ctx, args or ([] if self.invoke_without_command else ["--help"]))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the page."""
        _write(self, ctx, formatter)
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(66)) for name, each in self.commands.items()])


class Overview(typer.core.TyperGroup):
    """The commands by what they are for. Wrong usage ends with 1, since 2 says that things differ.

    With `--json` among the words it is told as one object, as any other failure is.
    """

    def format_help(self, _: Any, formatter: Any) -> None:
        """Write the page."""
        lines = ["Usage: recipeyard COMMAND [OPTIONS]", self.help or ""]
        for panel in PANELS:
            shown = [each for each in self.commands.values() if getattr(each, "rich_help_panel", None) == panel]
            lines += ["", typer.style(panel, bold=True)]
            lines += [f"  {name}{what}" for name, what in _listed(shown)]
        formatter.write("\n".join([*lines, "", _FOOTER]) + "\n")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As any group does; nothing at all asks for this page."""
        return super().parse_args(ctx, args or ["--help"])

    def make_context(self, info_name: Any, args: list[str], *given: Any, **more: Any) -> Any:
        """As any group does."""
        is_json = _JSON in args
        try:
            made = super().make_context(info_name, args, *given, **more)
        except typer.TyperException as e:
            raise _failed(e, is_json=is_json) from None
        made.meta[_JSON] = is_json
        return made

    def invoke(self, ctx: Any) -> Any:
        """As any group does."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as e:
            raise _failed(e, is_json=ctx.meta[_JSON]) from None


def _listed(shown: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Each command with what it does; those that go together on one line."""
    seconds = {second for second, _ in _TOGETHER.values()}
    for each in shown:
        if each.name in _TOGETHER:
            second, what = _TOGETHER[each.name]
            yield _name(f"{each.name}, {second}"), what
        elif each.name not in seconds:
            yield _name(each.name), each.get_short_help_str(60)


def _name(name: str) -> str:
    return typer.style(f"{name:18}", fg="cyan")


def _write(command: Any, ctx: Any, formatter: Any) -> None:
    """A command's usage, what it does, its arguments and its options."""
    command.format_usage(ctx, formatter)
    formatter.write("\n" + "\n".join(f"  {line}".rstrip() for line in (command.help or "").splitlines()) + "\n")
    shown = [each for each in command.get_params(ctx) if not getattr(each, "hidden", False)]
    for heading, kind in (("Arguments", "argument"), ("Options", "option")):
        listed = [(_term(each), _help(each, kind)) for each in shown if each.param_type_name == kind]
        if listed:
            with formatter.section(heading):
                formatter.write_dl(listed)


def _term(each: Any) -> str:
    """How an argument or an option is written; what is no flag has its value beside it."""
    if each.param_type_name == "argument":
        return str(each.metavar)
    names = ", ".join(sorted(each.opts, key=len))
    return f"{names} {each.metavar}" if each.metavar else names


def _help(each: Any, kind: str) -> str:
    return f"{each.help or ''}{'  [required]' if each.required and kind == 'option' else ''}"


def _failed(wrong: typer.TyperException, *, is_json: bool) -> typer.TyperException:
    wrong.exit_code = 1
    if is_json:
        asked = getattr(getattr(wrong, "ctx", None), "command_path", "recipeyard")
        error = {"error": wrong.format_message(), "advice": f"`{asked} --help` shows how it is used."}
        typer.echo(msgspec.json.encode(error).decode())
    return wrong
