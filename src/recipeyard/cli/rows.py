"""The rows in tables' files: they travel only where someone asks for them.

Without them a file is its table's columns: that is what is sent and compared, and the rows that stand in the file are
left where they are.
"""

from typing import Any

import msgspec

from recipeyard.model import assets, documents

_MEMBER = "data"


def is_table(path: str) -> bool:
    """Whether a file is a table's document."""
    named = assets.parse_file(assets.split(path)[1])
    return named is not None and named.kind in assets.TABLES and named.suffix == assets.JSON


def without(path: str, content: bytes) -> bytes:
    """A file without rows; unchanged where it has none."""
    if not is_table(path) or _held(content) is None:
        return content
    return documents.without_member(content.decode(), _MEMBER).encode()


def carried(path: str, content: bytes, earlier: bytes | None) -> bytes:
    """A file that came without rows, with those that it had earlier."""
    held = _held(earlier) if earlier and is_table(path) else None
    members = says(content)
    if held is None or not members or _MEMBER in members:
        return content
    return documents.with_member(content.decode(), _MEMBER, held).encode()


def says(content: bytes) -> dict[str, Any]:
    """A document's members; none where it is no JSON object."""
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.MsgspecError, RecursionError):
        return {}


def _held(content: bytes) -> str | None:
    """The rows as they are spelled; None where there are none."""
    found = says(content).get(_MEMBER)
    return found if isinstance(found, str) else None
