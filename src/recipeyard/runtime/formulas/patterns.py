"""Regular expressions: Ruby's spelling read, and run within the time that the evaluation has."""

import functools
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote_plus

import regex

from recipeyard.runtime.formulas import frames, kinds, spelling

_PLAIN = {"d": "0-9", "w": "a-zA-Z0-9_", "s": r" \t\r\n\f\v", "h": "0-9a-fA-F"}
_FLAGS = {"i": regex.IGNORECASE, "m": regex.DOTALL, "x": regex.VERBOSE}
_INLINE = regex.compile(r"\(\?([mix]*)(?:-([mix]*))?([:)])")
_POINT = regex.compile(r"\\u\{([0-9a-fA-F]{1,6})\}")
_TRANSLATED = {"z": r"\Z", "Z": r"(?=\n?\Z)", "R": r"(?:\r\n|[\n\v\f\r])", "e": r"\x1b"}


def compiled(source: str, flags: str = "") -> kinds.Pattern:
    """A pattern; Refusal where it is none, or longer than patterns may be."""
    if len(source) > frames.DEFAULT.pattern_length:
        raise frames.Refusal(f"a regular expression is no longer than {frames.DEFAULT.pattern_length} characters")
    return _compiled(source, flags)


@functools.lru_cache(512)
def _compiled(source: str, flags: str) -> kinds.Pattern:
    options = regex.VERSION1 | regex.MULTILINE
    for flag in flags:
        options |= _FLAGS.get(flag, 0)
    try:
        return kinds.Pattern(source, flags, regex.compile("".join(_translated(source)), options))
    except (regex.error, RecursionError, OverflowError) as error:
        raise frames.Refusal(f"/{source[:100]}/ is no regular expression: {error}") from None


def _translated(source: str) -> Iterator[str]:
    """The pieces of a Ruby pattern as the engine spells them: word classes are ASCII, `(?m)` is `(?s)`."""
    at = depth = 0
    while at < len(source):
        piece, length = _piece(source, at, depth)
        depth += _deeper(source[at], depth) if length == 1 else 0
        yield piece
        at += length


def _deeper(letter: str, depth: int) -> int:
    if letter == "[":
        return 1
    return -1 if letter == "]" and depth else 0


def _piece(source: str, at: int, depth: int) -> tuple[str, int]:
    """The translation of what begins here, and how much of the source that is."""
    if source[at] == "\\":
        return _escape(source, at, inside=depth > 0)
    if source.startswith("[:", at) and depth and (end := source.find(":]", at)) > 0:
        return source[at : end + 2], end + 2 - at
    if not depth and source[at] == "(" and (found := _INLINE.match(source, at)):
        on, off, closing = found.group(1), found.group(2) or "", found.group(3)
        spelled = on.replace("m", "s") + (f"-{off.replace('m', 's')}" if off else "")
        return f"(?{spelled}{closing}", len(found.group())
    return source[at], 1


def _escape(source: str, at: int, *, inside: bool) -> tuple[str, int]:
    letter = source[at + 1 : at + 2]
    if found := _POINT.match(source, at):
        return f"\\U{int(found.group(1), 16):08x}", len(found.group())
    if letter.lower() in _PLAIN and letter:
        members = _PLAIN[letter.lower()]
        negated = "^" if letter.isupper() else ""
        return (members if inside and not negated else f"[{negated}{members}]"), 2
    if not inside and letter in _TRANSLATED:
        return _TRANSLATED[letter], 2
    return source[at : at + 2], 2


def made(text: Callable[[frames.Frame], Any], flags: str, at: int) -> Callable[[frames.Frame], kinds.Pattern]:
    """A pattern whose text is put together at each evaluation."""

    def run(frame: frames.Frame) -> kinds.Pattern:
        try:
            return compiled(text(frame), flags)
        except frames.Refusal as refusal:
            raise frames.ExpressionError(str(refusal), at) from None

    return run


def pattern(value: Any) -> kinds.Pattern:
    """A pattern, or a text that is looked for as it is."""
    if isinstance(value, kinds.Pattern):
        return value
    return compiled(regex.escape(kinds.text(value, "what is looked for"), literal_spaces=True))


def found(frame: frames.Frame, sought: kinds.Pattern, text: str, start: int = 0) -> regex.Match[str] | None:
    """The first match from a position on."""
    frame.spend(1 + len(text) // frames.CHARACTERS)
    with frame.timed() as seconds:
        return sought.program.search(text, start, timeout=seconds)


def each(frame: frames.Frame, sought: kinds.Pattern, text: str) -> Iterator[regex.Match[str]]:
    """Every match, one after another."""
    frame.spend(1 + len(text) // frames.CHARACTERS)
    with frame.timed() as seconds:
        matches = sought.program.finditer(text, timeout=seconds)
    while True:
        with frame.timed():
            match = next(matches, None)
        if match is None:
            return
        frame.spend(1)
        yield match


def query(frame: frames.Frame, value: Any, name: str | None) -> str:
    """A value as the query of an address: `a=1&b[]=2`."""
    kinds.weigh(frame, value)
    text = "&".join(_query(value, name))
    frame.room(len(text))
    return text


def _query(value: Any, name: str | None) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in sorted(value.items()):
            yield from _query(item, f"{name}[{key}]" if name else str(key))
    elif isinstance(value, list):
        for item in value:
            yield from _query(item, f"{name}[]" if name else None)
    else:
        text = quote_plus(spelling.text(value), safe="")
        yield f"{quote_plus(name, safe='')}={text}" if name else text
