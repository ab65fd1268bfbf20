"""A formula's text as tokens for the grammar.

The language is Ruby's, whose words mean what stands before them: `/` divides or begins a regular expression, `[` asks
or lists, `{` opens a block or an object, `:` ends a label, begins a symbol or parts a ternary. All of that is decided
here, so that the grammar has one token for each meaning. Strings come decoded; those with `#{…}` in them come in parts.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from lark import Token

from recipeyard.runtime.formulas import escapes, frames, pill_calls

KEYWORDS = {
    "if": "_IF", "elsif": "_ELSIF", "else": "_ELSE", "end": "_END", "then": "_THEN", "unless": "_UNLESS", "do": "_DO",
    "and": "_AND", "or": "_OR", "not": "_NOT", "true": "TRUE", "false": "FALSE", "nil": "NIL", "null": "NIL",
}  # fmt: skip
_VALUES = {"_END", "TRUE", "FALSE", "NIL"}
_OPERATORS = {
    "**": "POW", "*": "TIMES", "/": "DIVIDE", "%": "MODULO", "+": "PLUS", "-": "MINUS", "<<": "SHIFT", ">>": "UNSHIFT",
    "<=>": "COMPARE", "===": "CASE_EQUAL", "==": "EQUAL", "!=": "UNEQUAL", "=~": "MATCH", "!~": "UNMATCH",
    "<=": "LESS_EQUAL", ">=": "MORE_EQUAL", "<": "LESS", ">": "MORE", "&&": "_BOTH", "||": "_EITHER", "!": "BANG",
    "&": "AMPERSAND", "|": "BAR", "^": "CARET", "~": "TILDE", "...": "DOTS", "..": "DOTDOT", "&.": "SAFE", ".": "DOT",
    ",": "_COMMA", "=>": "_ARROW", ";": "SEMICOLON",
}  # fmt: skip
_OPERATOR = re.compile("|".join(re.escape(each) for each in sorted(_OPERATORS, key=len, reverse=True)))
_NAME = re.compile(r"[^\W\d]\w*")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?")
_POWER = re.compile(r"\s*\*\*")
_SINGLE = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_SYMBOL = re.compile(r":([^\W\d]\w*[?!]?|(?:\*\*|<=>|<<|==|[-+*/%|&^])(?=\s*[),]))")
_BLANK = re.compile(r"(?:[ \t\r\f\v\u00a0]|\\\r?\n|#(?!\{)[^\n]*)+")
_SUFFIX = re.compile(r"[?!](?![=~])(?=[\s?!()\].,&|;}:]|$)")
_LABEL = re.compile(r"[?!]?:(?!:)")
_GOES_ON = re.compile(r"(?:\?|\|\||&&|&?\.\w|[-+*/%<>]=?\s|==|!=|:\s|(?:and|or|then|else|elsif|end)\b|\Z)")
_WORDS = re.compile(r"%[wi]([\[({<])")
_PATTERN = re.compile(r"%r\{((?:[^{}\\]|\\.|\{\d*,?\d*\})*)\}([imxou]*)", re.DOTALL)
_CLOSERS = {"[": "]", "(": ")", "{": "}", "<": ">"}
_CLOSING = {")": (("(",), "_RPAREN"), "]": (("[",), "_RBRACKET"), "}": (("{", "block", "#"), "_RBRACE")}
_NO_PREDICATES = {"true", "false", "nil", "null", "now", "today", "skip", "clear"}


@dataclass(slots=True)
class Bracket:
    """Something open: `(`, `[`, `{`, a block, an `if`, a string, a regular expression, an interpolation."""

    kind: str
    at: int
    ternaries: int = 0


class Lexer:
    """One pass over one formula."""

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.at = start
        self.open = [Bracket("", start)]
        self.last = ""
        self.value = False
        self.spaced = False

    def tokens(self) -> Iterator[Token]:
        """The tokens, decided one after another; ExpressionError where no token can be."""
        while True:
            if self.open[-1].kind in ('"', "/"):
                yield self._part()
                continue
            yield from self._blank()
            if self.at >= len(self.text):
                break
            yield self._token()
        if len(self.open) > 1:
            unclosed = self.open[-1]
            what = {"#": "#{", "block": "{"}.get(unclosed.kind, unclosed.kind)
            raise frames.ExpressionError(f"{what} is never closed", unclosed.at)

    def _blank(self) -> Iterator[Token]:
        """What stands between tokens; a line's end ends a piece of an `if`, unless what follows goes on with it."""
        start, line = self.at, -1
        while self.at < len(self.text):
            if found := _BLANK.match(self.text, self.at):
                self.at = found.end()
            elif self.text[self.at] == "\n":
                line = self.at
                self.at += 1
            else:
                break
        self.spaced = self.at > start
        if line >= 0 and self.open[-1].kind == "if" and self.value and not _GOES_ON.match(self.text, self.at):
            yield self._emit("_NEWLINE", "\n", line)

    def _emit(self, kind: str, value: str, at: int, *, ends: bool = False) -> Token:
        """A token; `ends` tells that a value ends with it, so that an operator comes next."""
        self.last, self.value = kind, ends
        return Token(kind, value, start_pos=at)

    def _fail(self, message: str) -> frames.ExpressionError:
        return frames.ExpressionError(message, self.at)

    def _token(self) -> Token:
        first = self.text[self.at]
        if first.isdigit():
            return self._number("")
        if first == "_" and (call := pill_calls.CALL.match(self.text, self.at)):
            at, self.at = self.at, call.end()
            return self._emit("PILL", call.group(), at, ends=True)
        if first == "_" or first.isalpha():
            return self._name()
        return self._BY_FIRST.get(first, Lexer._operator)(self)

    def _number(self, sign: str) -> Token:
        found = _NUMBER.match(self.text, self.at)
        if not found:
            raise self._fail("a number has digits")
        at, self.at = self.at - len(sign), found.end()
        digits = found.group().replace("_", "")
        whole = digits.isdigit() or digits[:2].lower() == "0x"
        return self._emit("INTEGER" if whole else "FLOAT", sign + digits, at, ends=True)

    def _name(self) -> Token:
        found = _NAME.match(self.text, self.at)
        if not found:
            raise self._fail(f"{self.text[self.at]!r} has no meaning here")
        at, name, method = self.at, found.group(), self.last in ("DOT", "SAFE")
        self.at = found.end()
        if not method and (label := _LABEL.match(self.text, self.at)) and not self.open[-1].ternaries:
            self.at = label.end()
            return self._emit("LABEL", self.text[at : self.at - 1], at)
        if (method or name not in _NO_PREDICATES) and (suffix := _SUFFIX.match(self.text, self.at)):
            self.at = suffix.end()
            name += suffix.group()
        if not method and name in KEYWORDS:
            return self._keyword(name, at)
        return self._emit("METHOD" if method else "NAME", name, at, ends=True)

    def _keyword(self, word: str, at: int) -> Token:
        kind = KEYWORDS[word]
        if kind in ("_IF", "_UNLESS") and self.value:
            kind = f"{kind}_AFTER"
        elif kind in ("_IF", "_UNLESS", "_DO"):
            self.open.append(Bracket("do" if kind == "_DO" else "if", at))
        elif kind == "_END":
            self._close("end", ("if", "do"), at)
        return self._emit(kind, word, at, ends=kind in _VALUES)

    def _close(self, closer: str, kinds: tuple[str, ...], at: int) -> None:
        if self.open[-1].kind not in kinds:
            raise frames.ExpressionError(f"{closer} closes nothing", at)
        self.open.pop()

    def _single(self) -> Token:
        found = _SINGLE.match(self.text, self.at)
        if not found:
            raise self._fail("' is never closed")
        at, self.at = self.at, found.end()
        return self._string(escapes.single(found.group(1)), at)

    def _string(self, value: str, at: int) -> Token:
        """A string, or a label that is spelled as one."""
        if self._labels():
            self.at += 1
            return self._emit("LABEL", value, at)
        return self._emit("STRING", value, at, ends=True)

    def _labels(self) -> bool:
        return (
            not self.open[-1].ternaries
            and self.last in ("_COMMA", "_LPAREN_CALL", "LBRACE", "METHOD")
            and bool(_LABEL.match(self.text, self.at))
        )

    def _double(self) -> Token:
        end = escapes.plain_end(self.text, self.at + 1, '"')
        if end is not None:
            at, self.at = self.at, end + 1
            return self._string(self._decoded(at + 1, end), at)
        self.open.append(Bracket('"', self.at))
        self.at += 1
        return self._emit("_QUOTE", '"', self.at - 1)

    def _decoded(self, start: int, end: int) -> str:
        try:
            return escapes.double(self.text[start:end])
        except ValueError as error:
            raise frames.ExpressionError(str(error), start) from None

    def _part(self) -> Token:
        """The next part of a string or of a regular expression: text, `#{`, or its end."""
        bracket, at = self.open[-1], self.at
        end = escapes.part_end(self.text, at, bracket.kind)
        if end is None:
            raise frames.ExpressionError(f"{bracket.kind} is never closed", bracket.at)
        if end > at:
            self.at = end
            text = self._decoded(at, end) if bracket.kind == '"' else self.text[at:end].replace("\\/", "/")
            return self._emit("PART", text, at)
        if self.text.startswith("#{", at):
            self.open.append(Bracket("#", at))
            self.at += 2
            return self._emit("_INTERPOLATE", "#{", at)
        self.open.pop()
        if bracket.kind == '"':
            self.at += 1
            return self._emit("_UNQUOTE", '"', at, ends=True)
        self.at = at + 1
        while self.at < len(self.text) and self.text[self.at] in "imxou":
            self.at += 1
        return self._emit("UNSLASH", self.text[at + 1 : self.at], at, ends=True)

    def _colon(self) -> Token:
        at, bracket = self.at, self.open[-1]
        symbol = _SYMBOL.match(self.text, at)
        if symbol and not (self.value and bracket.ternaries):
            self.at = symbol.end()
            return self._emit("STRING", symbol.group(1), at, ends=True)
        if self.text[at + 1 : at + 2] in ('"', "'") and not self.value:
            self.at += 1
            return self._token()
        bracket.ternaries -= bool(bracket.ternaries)
        self.at += 1
        return self._emit("_COLON", ":", at)

    def _question(self) -> Token:
        self.open[-1].ternaries += 1
        self.at += 1
        return self._emit("_QUESTION", "?", self.at - 1)

    def _parenthesis(self) -> Token:
        call = self.value and self.last in ("NAME", "METHOD")
        self.open.append(Bracket("(", self.at))
        self.at += 1
        return self._emit("_LPAREN_CALL" if call else "_LPAREN", "(", self.at - 1)

    def _square(self) -> Token:
        at = self.at
        if self.last in ("DOT", "SAFE") and self.text.startswith("[]", at):
            self.at += 2
            return self._emit("METHOD", "[]", at, ends=True)
        self.open.append(Bracket("[", at))
        self.at += 1
        index = self.value and not self._begins_argument()
        return self._emit("LBRACKET_INDEX" if index else "LBRACKET", "[", at)

    def _begins_argument(self) -> bool:
        """Whether this stands as an argument without parentheses would: `list.concat [1]`, not `list.first[1]`."""
        return self.last == "METHOD" and self.spaced and not self.text[self.at + 1 : self.at + 2].isspace()

    def _curly(self) -> Token:
        block = self.value and self.last in ("METHOD", "NAME", "_RPAREN")
        self.open.append(Bracket("block" if block else "{", self.at))
        self.at += 1
        return self._emit("_LBLOCK" if block else "LBRACE", "{", self.at - 1)

    def _closing(self) -> Token:
        at, closer = self.at, self.text[self.at]
        kinds, kind = _CLOSING[closer]
        was = self.open[-1].kind
        self._close(closer, kinds, at)
        self.at += 1
        return self._emit("_UNINTERPOLATE" if was == "#" else kind, closer, at, ends=was != "#")

    def _slash(self) -> Token:
        if self.value and not self._begins_argument():
            return self._operator()
        self.open.append(Bracket("/", self.at))
        self.at += 1
        return self._emit("_SLASH", "/", self.at - 1)

    def _minus(self) -> Token:
        if self.value:
            return self._operator()
        at, digits = self.at, _NUMBER.match(self.text, self.at + 1)
        self.at += 1
        if digits and not _POWER.match(self.text, digits.end()):
            return self._number("-")
        return self._emit("NEGATE", "-", at)

    def _plus(self) -> Token:
        if self.value:
            return self._operator()
        self.at += 1
        return self._emit("_UNSIGNED", "+", self.at - 1)

    def _percent(self) -> Token:
        words = None if self.value else _WORDS.match(self.text, self.at)
        if not words and not self.value and (pattern := _PATTERN.match(self.text, self.at)):
            at, self.at = self.at, pattern.end()
            return self._emit("PATTERN", f"{pattern.group(2)}/{pattern.group(1)}", at, ends=True)
        if not words:
            return self._operator()
        at, end = self.at, self.text.find(_CLOSERS[words.group(1)], words.end())
        if end < 0:
            raise self._fail("%w is never closed")
        self.at = end + 1
        return self._emit("WORDS", self.text[words.end() : end], at, ends=True)

    def _ampersand(self) -> Token:
        if self.text[self.at + 1 : self.at + 2] == ":" and (not self.value or self._begins_argument()):
            self.at += 1
            return self._emit("_PROC", "&", self.at - 1)
        return self._operator()

    def _operator(self) -> Token:
        found = _OPERATOR.match(self.text, self.at)
        if not found:
            raise self._fail(f"{self.text[self.at]!r} has no meaning here")
        at, self.at = self.at, found.end()
        kind = _OPERATORS[found.group()]
        if kind in ("DOTDOT", "DOTS") and not self.value:
            kind = f"OPEN_{kind}"
        return self._emit("_NEWLINE" if kind == "SEMICOLON" else kind, found.group(), at)

    _BY_FIRST: ClassVar[dict[str, Callable[["Lexer"], Token]]] = {
        "'": _single, '"': _double, ":": _colon, "?": _question, "(": _parenthesis,
        "[": _square, "{": _curly, ")": _closing, "]": _closing, "}": _closing,
        "/": _slash, "-": _minus, "+": _plus, "%": _percent, "&": _ampersand,
    }  # fmt: skip
