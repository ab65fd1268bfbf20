"""XML as objects: each element a list of objects under its name, attributes with `@`, its text as `content!`."""

from collections.abc import Callable
from typing import Any
from xml.parsers import expat

MOST_DEPTH = 100
MOST_ELEMENTS = 500_000


class Unreadable(Exception):
    """What is no XML, or more of it than may be."""


class _Reader:
    """Gathers elements as they open and close; each that opens is told to `count`."""

    def __init__(self, depth: int, count: Callable[[], None]) -> None:
        self.root: dict[str, Any] = {}
        self._open = [self.root]
        self._texts: list[list[str]] = [[]]
        self._depth = depth
        self._count = count

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        if len(self._open) > self._depth:
            raise Unreadable(f"the XML nests deeper than {self._depth} levels")
        self._count()
        element: dict[str, Any] = {f"@{_local(key)}": value for key, value in attributes.items()}
        self._open[-1].setdefault(_local(name), []).append(element)
        self._open.append(element)
        self._texts.append([])

    def end(self, _: str) -> None:
        """An element closes."""
        element, text = self._open.pop(), "".join(self._texts.pop())
        if text.strip():
            element["content!"] = text

    def data(self, text: str) -> None:
        """Text between tags."""
        self._texts[-1].append(text)


def read(
    content: bytes, depth: int = MOST_DEPTH, count: Callable[[], None] | None = None, encoding: str | None = None
) -> dict[str, Any]:
    """What XML says. Raises `Unreadable` where it is none, is too much, or brings a document type: that can be a bomb.

    `count` is called for each element, and may raise to refuse more.
    """
    reader, parser = _Reader(depth, count or _most()), expat.ParserCreate(encoding)
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.data, _refuse
    is_last = True
    try:
        parser.Parse(content, is_last)
    except (expat.ExpatError, LookupError, ValueError) as e:
        raise Unreadable(f"the text is no XML: {e}") from e
    return reader.root


def _most() -> Callable[[], None]:
    left = MOST_ELEMENTS

    def count() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise Unreadable(f"the XML has more than {MOST_ELEMENTS:,} elements")

    return count


def _refuse(*_: object) -> None:
    raise Unreadable("XML with a document type is refused")


def _local(name: str) -> str:
    return name if name.startswith("xmlns") else name.rpartition(":")[2]
