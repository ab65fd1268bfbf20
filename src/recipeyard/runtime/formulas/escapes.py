"""What backslashes mean in strings, and where strings end."""

import re

_SINGLE = re.compile(r"\\(['\\])")
_DOUBLE = re.compile(r"\\(u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{1,2}|[0-7]{1,3}|\r?\n|.)", re.DOTALL)
_LETTERS = {
    "n": "\n", "t": "\t", "s": " ", "r": "\r", "0": "\0", "e": "\x1b", "a": "\a", "b": "\b", "f": "\f", "v": "\v",
    "\n": "", "\r\n": "",
}  # fmt: skip
_PLAIN = {'"': re.compile(r'(?:[^"\\#]|\\.|#(?!\{))*(?=["#])', re.DOTALL)}
_PARTS = {
    '"': re.compile(r'(?:[^"\\#]|\\.|#(?!\{))*(?="|#\{)', re.DOTALL),
    "/": re.compile(r"(?:[^/\\#\[]|\\.|#(?!\{)|\[)*?(?=/|#\{)", re.DOTALL),
}


def single(text: str) -> str:
    """The inside of a single-quoted string: only the quote and the backslash can be escaped."""
    return _SINGLE.sub(r"\1", text) if "\\" in text else text


def double(text: str) -> str:
    """The inside of a double-quoted string, without interpolations; ValueError where an escape names no character."""
    return _DOUBLE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] == "u" and len(code) > 1:
        return "".join(map(_point, code[1:].strip("{}").split()))
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    if code.isdigit() and code[0] in "01234567":
        return chr(int(code, 8))
    return _LETTERS.get(code, code)


def _point(digits: str) -> str:
    point = int(digits, 16)
    if point > 0x10FFFF or 0xD800 <= point < 0xE000:
        raise ValueError(f"\\u{digits} is no character")
    return chr(point)


def plain_end(text: str, start: int, quote: str) -> int | None:
    """Where the string ends, if nothing is interpolated in it."""
    found = _PLAIN[quote].match(text, start)
    return found.end() if found and text[found.end()] == quote else None


def part_end(text: str, start: int, quote: str) -> int | None:
    """Where the text that begins here ends: at the string's end or at an interpolation. None where it never does."""
    found = _PARTS[quote].match(text, start)
    return found.end() if found else None
