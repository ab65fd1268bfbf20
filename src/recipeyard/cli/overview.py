"""The first page of help: every command in one line, on one screen."""

from typing import Any

import typer
import typer.core

PANELS = ("Work with a workspace", "Run a server")
CLIENT_PANEL, OPERATOR_PANEL = PANELS
_FOOTER = "`recipeyard COMMAND --help` says more; --install-completion teaches your shell."


class Overview(typer.core.TyperGroup):
    """The commands by what they are for. Wrong usage ends with 1, since 2 says that things differ."""

    def format_help(self, _: Any, formatter: Any) -> None:
        """Write the page."""
        lines = ["Usage: recipeyard COMMAND [OPTIONS]", self.help or ""]
        for panel in PANELS:
            shown = [each for each in self.commands.values() if getattr(each, "rich_help_panel", None) == panel]
            lines += ["", typer.style(panel, bold=True)]
            lines += [f"  {_name(each)}{each.get_short_help_str(66)}" for each in shown]
        formatter.write("\n".join([*lines, "", _FOOTER]) + "\n")

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As any group does; nothing at all asks for this page."""
        return super().parse_args(ctx, args or ["--help"])

    def make_context(self, *given: Any, **more: Any) -> Any:
        """As any group does."""
        try:
            return super().make_context(*given, **more)
        except typer.TyperException as e:
            raise _failed(e) from None

    def invoke(self, ctx: Any) -> Any:
        """As any group does."""
        try:
            return super().invoke(ctx)
        except typer.TyperException as e:
            raise _failed(e) from None


def _name(command: Any) -> str:
    return typer.style(f"{command.name:12}", fg="cyan")


def _failed(wrong: typer.TyperException) -> typer.TyperException:
    wrong.exit_code = 1
    return wrong
