"""The leaves of a step's input: literals, texts with data pills in them, and formulas.

A text that begins with `=` is a formula; `=` alone is nil. In any other text `#{…}` stands for a data pill if a pill is
all that it holds, and for itself if not. A text that is one pill and nothing else is that pill's value as it is; other
texts are texts.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass

from recipeyard.runtime import values
from recipeyard.runtime.formulas import frames, nodes, parsing, pill_calls
from recipeyard.runtime.stepping import pills as data_pills
from recipeyard.runtime.stepping import scope as scopes

ExpressionError = frames.ExpressionError
Limits = frames.Limits
_KEPT = 4_096
_LONGEST_KEPT = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """A leaf, ready to be evaluated any number of times, by any thread."""

    text: str
    pills: tuple[data_pills.Pill, ...] = ()
    """The data pills it takes, each once."""
    lookups: tuple[str, ...] = ()
    """The lookup tables it names, each once."""
    node: nodes.Node | None = None

    @property
    def is_literal(self) -> bool:
        """Whether it is its own text, whatever the run."""
        return self.node is None

    def evaluate(self, scope: scopes.Scope, limits: Limits = frames.DEFAULT) -> values.Outcome:
        """What it comes to in this scope; ExpressionError where it cannot."""
        return self.text if self.node is None else self.run(frames.Frame(scope, limits))

    def run(self, frame: frames.Frame) -> values.Outcome:
        """What it comes to, paid for out of this frame, which tells afterwards what is left."""
        if self.node is None:
            return self.text
        try:
            value = self.node.run(frame)
            return value if self.node.kind == "pill" else nodes.final(value, frame)
        except frames.Refusal as refusal:
            raise ExpressionError(str(refusal)) from None
        except frames.SURPRISES as error:
            raise ExpressionError(f"it cannot do this: {error or type(error).__name__}") from error


def compile_text(text: str) -> Expression:
    """The expression that a leaf's text is; ExpressionError where a formula or a pill cannot be parsed."""
    if not text.startswith("=") and "#{" not in text:
        return Expression(text)
    return _kept(text) if len(text) <= _LONGEST_KEPT else _compiled(text)


def _compiled(text: str) -> Expression:
    if text.startswith("="):
        parsed = parsing.parse(text, 1)
        return Expression(text, parsed.pills, parsed.lookups, parsed.node)
    pieces = tuple(_pieces(text))
    found = tuple(dict.fromkeys(each for each, _ in pieces if isinstance(each, data_pills.Pill)))
    if not found:
        return Expression(text)
    parts = tuple(
        nodes.pill(each, at) if isinstance(each, data_pills.Pill) else nodes.literal(each, at) for each, at in pieces
    )
    return Expression(text, found, node=parts[0] if len(parts) == 1 else nodes.joined(parts, 0))


_kept = functools.lru_cache(_KEPT)(_compiled)


def _pieces(text: str) -> Iterator[tuple[str | data_pills.Pill, int]]:
    """The text's stretches and pills, each with its position."""
    at = 0
    for opening in pill_calls.INTERPOLATION.finditer(text):
        call = pill_calls.CALL.match(text, opening.end())
        closing = pill_calls.CLOSING.match(text, call.end()) if call else None
        if call and closing and opening.start() >= at:
            if opening.start() > at:
                yield text[at : opening.start()], at
            yield pill_calls.read(call, opening.end()), opening.start()
            at = closing.end()
    if at < len(text):
        yield text[at:], at
