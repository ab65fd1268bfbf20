"""A formula's text into what evaluates it."""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

import lark

from recipeyard.runtime.formulas import building, frames, lexing, nodes, pill_calls
from recipeyard.runtime.stepping import pills as data_pills

_GRAMMAR = resources.files(__package__).joinpath("grammar.lark").read_text("utf-8")


class _Given(lark.lexer.Lexer):
    """The tokens are made before: the parser is given them as they are."""

    def __init__(self, _: object) -> None:
        pass

    def lex(self, tokens: Any, _: Any = None) -> Iterator[lark.Token]:
        return iter(tokens)


_PARSER = lark.Lark(
    _GRAMMAR, parser="lalr", lexer=_Given, transformer=cast(Any, building.CALLBACKS), maybe_placeholders=False
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A formula: what runs it, the pills it takes, and the lookup tables it names."""

    node: nodes.Node
    pills: tuple[data_pills.Pill, ...]
    lookups: tuple[str, ...]


def parse(text: str, start: int) -> Parsed:
    """A formula that begins at `start` in its text; ExpressionError where it is none."""
    if len(text) > frames.DEFAULT.length:
        raise frames.ExpressionError(f"a formula of {len(text)} characters is longer than {frames.DEFAULT.length}")
    tokens = list(lexing.Lexer(text, start).tokens())
    return Parsed(_built(tokens, text), _pills(tokens), _lookups(tokens))


def _built(tokens: list[lark.Token], text: str) -> nodes.Node:
    try:
        return cast(nodes.Node, _PARSER.parse(cast(Any, tokens)))
    except lark.exceptions.UnexpectedToken as error:
        found = error.token
        if found.type == "$END":
            raise frames.ExpressionError("the formula ends too early", len(text)) from None
        spelled = "line break" if found.type == "_NEWLINE" else str(found.value)
        raise frames.ExpressionError(f"{spelled!r} has no meaning here", found.start_pos or 0) from None
    except lark.exceptions.VisitError as error:
        raise error.orig_exc from None


def _pills(tokens: list[lark.Token]) -> tuple[data_pills.Pill, ...]:
    return tuple(dict.fromkeys(pill_calls.spelled(each, each.start_pos or 0) for each in tokens if each.type == "PILL"))


def _lookups(tokens: list[lark.Token]) -> tuple[str, ...]:
    """Tables that `lookup` is given by a literal name."""
    rows = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return tuple(
        dict.fromkeys(
            str(table)
            for word, opening, table in rows
            if word.type == "NAME" and word == "lookup" and opening.type == "_LPAREN_CALL" and table.type == "STRING"
        )
    )
