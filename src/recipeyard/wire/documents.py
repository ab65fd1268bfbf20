"""Decode the documents that assets consist of: strictly, and with a sentence for each way to be wrong."""

from collections.abc import Mapping
from typing import Any

import msgspec

from recipeyard.model import documents, errors

_DECODER = msgspec.json.Decoder()


class _Tagged(msgspec.Struct):
    tags: Any = None


_TAGS_MEMBER = b'"tags"'
_TAGS_DECODER = msgspec.json.Decoder(_Tagged)


def decode(content: bytes, *, where: str, depth: int) -> dict[str, documents.Value]:
    """The object that a document is.

    Raises `errors.Invalid` naming `where` for text that is not UTF-8, not JSON, nested deeper than `depth`, holds lone
    surrogates or numbers out of range, or is not an object.
    """
    try:
        value = _DECODER.decode(content)
    except UnicodeDecodeError as e:
        raise _invalid(where, f"not UTF-8 (byte {_first_odd_byte(content)})") from e
    except RecursionError as e:
        raise _invalid(where, f"nested deeper than {depth} levels") from e
    except (msgspec.MsgspecError, ValueError) as e:
        raise _invalid(where, f"not valid JSON ({e})") from e
    if documents.nested_deeper(content, depth):
        raise _invalid(where, f"nested deeper than {depth} levels")
    if not isinstance(value, dict):
        raise _invalid(where, "must be a JSON object")
    return value


def _first_odd_byte(content: bytes) -> int:
    """Where the text stops being UTF-8; the decoder counts from the string it was in."""
    try:
        content.decode()
    except UnicodeDecodeError as e:
        return e.start
    return len(content)


def tags(content: bytes) -> tuple[str, ...] | None:
    """The titles in a document's member `tags`; None where it has none, or one that is no list of texts.

    Everything else in the document is passed over, so that this costs little.
    """
    if _TAGS_MEMBER not in content:
        return None
    try:
        said = _TAGS_DECODER.decode(content).tags
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
        return None
    return tuple(said)


def check_depth(value: Mapping[str, Any], depth: int) -> None:
    """Raises `errors.Invalid` for a decoded value that nests deeper than a document may."""
    for name, member in value.items():
        if documents.nested_deeper(msgspec.json.encode(member), depth):
            raise _invalid(name, f"nested deeper than {depth} levels")


def _invalid(where: str, what: str) -> errors.Invalid:
    return errors.Invalid.listing([errors.Issue(where, what)])
