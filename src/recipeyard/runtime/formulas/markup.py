"""XML read and written."""

import html
import re
from typing import Any
from xml.parsers import expat

from recipeyard.runtime.formulas import frames, kinds, spelling


class _Reader:
    """Objects of elements: each element a list of objects under its tag, attributes with `@`, text as `content!`."""

    def __init__(self, frame: frames.Frame) -> None:
        self.frame = frame
        self.root: dict[str, Any] = {}
        self.open: list[dict[str, Any]] = [self.root]
        self.texts: list[list[str]] = [[]]

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        if len(self.open) > self.frame.limits.nesting:
            raise frames.Refusal(f"the XML nests deeper than {self.frame.limits.nesting} levels")
        self.frame.spend(1)
        element: dict[str, Any] = {f"@{_local(name)}": value for name, value in attributes.items()}
        self.open[-1].setdefault(_local(tag), []).append(element)
        self.open.append(element)
        self.texts.append([])

    def end(self, _: str) -> None:
        """An element closes."""
        element, text = self.open.pop(), "".join(self.texts.pop())
        if text.strip():
            element["content!"] = text

    def data(self, text: str) -> None:
        """Text between tags."""
        self.texts[-1].append(text)


_WHOLE = True


def _local(name: str) -> str:
    return name.rpartition(":")[2] if not name.startswith("xmlns") else name


def _refuse_doctype(*_: Any) -> None:
    raise frames.Refusal("XML with a document type is refused")


def from_xml(frame: frames.Frame, text: str) -> Any:
    """What XML says, as objects; Refusal where it is none, nests too deep or has a document type."""
    frame.spend(len(text) // frames.CHARACTERS)
    reader, parser = _Reader(frame), expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = reader.begin, reader.end
    parser.buffer_text = True
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = reader.data, _refuse_doctype
    try:
        parser.Parse(text.encode("utf-8", "replace"), _WHOLE)
    except expat.ExpatError as error:
        raise frames.Refusal(f"the text is no XML: {error}") from None
    return kinds.weigh(frame, reader.root)


def to_xml(frame: frames.Frame, value: Any, options: Any = None) -> str:
    """An object or a list as XML: keys are elements, `@key` an attribute, `content!` the text."""
    kinds.weigh(frame, value)
    root = spelling.text(kinds.options(options).get("root", "hash")) if options is not None else "hash"
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', *_xml(_name(root), value, 0)]
    text = "\n".join(lines) + "\n"
    frame.room(len(text))
    return text


def _name(spelled: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][\w.:-]*", spelled):
        raise frames.Refusal(f"{spelled[:100]!r} cannot name an XML element")
    return spelled


def _xml(name: str, value: Any, depth: int) -> list[str]:
    pad = "  " * depth
    if isinstance(value, list):
        return [line for each in value for line in _xml(name, each, depth)]
    if not isinstance(value, dict):
        text = html.escape(spelling.text(value), quote=False)
        return [f"{pad}<{name}>{text}</{name}>" if text else f"{pad}<{name}/>"]
    attributes = "".join(
        f' {_name(key[1:])}="{html.escape(spelling.text(item))}"' for key, item in value.items() if key.startswith("@")
    )
    content = html.escape(spelling.text(value.get("content!")), quote=False)
    inner = [
        line for key, item in value.items() if key[0:1] != "@" and key != "content!"
        for line in _xml(_name(key), item, depth + 1)
    ]  # fmt: skip
    if not inner:
        return [f"{pad}<{name}{attributes}>{content}</{name}>" if content else f"{pad}<{name}{attributes}/>"]
    return [f"{pad}<{name}{attributes}>{content}", *inner, f"{pad}</{name}>"]
