"""XML read and written."""

import html
import re
from typing import Any

from recipeyard.runtime import elements
from recipeyard.runtime.formulas import frames, kinds, spelling


def from_xml(frame: frames.Frame, text: str) -> Any:
    """What XML says, as objects; Refusal where it is none, nests too deep or has a document type."""
    frame.spend(len(text) // frames.CHARACTERS)
    try:
        read = elements.read(text.encode("utf-8", "replace"), frame.limits.nesting, lambda: frame.spend(1), "utf-8")
    except elements.Unreadable as error:
        raise frames.Refusal(str(error)) from None
    return kinds.weigh(frame, read)


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
