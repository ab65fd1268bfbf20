"""Bodies of requests that go out: values as JSON, forms, texts or bytes, by the names that recipes have for these."""

import hashlib
from collections.abc import Iterator, Mapping
from urllib import parse

import msgspec

from recipeyard.runtime import fields, interface, values

_JSON, _FORM, _MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"
_MEDIA = {
    "json": _JSON,
    "raw": _JSON,
    "xml": "application/xml",
    "text": "text/plain",
    "urlencoded": _FORM,
    "multipart": _MULTIPART,
    "rawdata": "application/octet-stream",
}
_HELD = ("content", "file_content", "value", "data", "file")
_UNQUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


def media(kind: str) -> str:
    """The content type that a recipe means: its own word for it, or the type itself."""
    return _MEDIA.get(kind.strip().lower(), kind.strip()) or _JSON


def encode(value: values.Value, content_type: str) -> tuple[bytes, str]:
    """A body, and its whole content type. Texts are sent as they are. Raises `interface.Failure`."""
    if isinstance(value, bytes):
        return value, content_type
    if content_type == _MULTIPART:
        return _multipart(value)
    if isinstance(value, str):
        return value.encode("utf-8", "replace"), content_type
    if content_type == _FORM:
        return parse.urlencode(list(pairs(value))).encode(), content_type
    if isinstance(value, Mapping | list | tuple) and "json" not in content_type:
        raise interface.Failure(f"The body must be a text to be sent as {content_type}", "Invalid")
    return _json(value) if "json" in content_type else fields.text(value).encode(), content_type


def pairs(value: values.Value, at: str = "") -> Iterator[tuple[str, str]]:
    """Fields as a form or a query has them: `a`, `a[b]`; a list's items one after another."""
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield from pairs(each, f"{at}[{name}]" if at else name)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from pairs(each, at if at.endswith("[]") or not isinstance(each, Mapping) else f"{at}[]")
    elif value is not None and at:
        yield at, fields.text(value)


def _json(value: values.Value) -> bytes:
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, RecursionError) as e:
        raise interface.Failure("The body can't be spelled as JSON", "Invalid") from e


def _multipart(value: values.Value) -> tuple[bytes, str]:
    """The parts of a form; the boundary comes of what they hold, so that the same body is the same bytes."""
    parts = [_part(name, each) for name, each in _named(value)]
    boundary = hashlib.sha256(b"\0".join(head + body for head, body in parts)).hexdigest()
    lines = [b"--%b\r\n%b\r\n\r\n%b\r\n" % (boundary.encode(), head, body) for head, body in parts]
    return b"".join(lines) + f"--{boundary}--\r\n".encode(), f"{_MULTIPART}; boundary={boundary}"


def _named(value: values.Value) -> Iterator[tuple[str, values.Value]]:
    if isinstance(value, Mapping):
        yield from value.items()
    elif isinstance(value, list | tuple):
        for each in value:
            if not isinstance(each, Mapping) or not each.get("name"):
                raise interface.Failure("Each part of a multipart body needs a name", "Invalid")
            yield fields.text(each["name"]), each
    else:
        raise interface.Failure("A multipart body must have fields", "Invalid")


def _part(name: str, value: values.Value) -> tuple[bytes, bytes]:
    given = value if isinstance(value, Mapping) else {"value": value}
    file_name = fields.first(given, "file_name", "filename", "original_filename")
    kind = fields.first(given, "content_type", "mime_type")
    held = next((given[each] for each in _HELD if each in given), None)
    if isinstance(held, bytes) and file_name is None:
        file_name = name
    head = f'Content-Disposition: form-data; name="{name.translate(_UNQUOTED)}"'
    if file_name is not None:
        head += f'; filename="{fields.text(file_name).translate(_UNQUOTED)}"'
        kind = kind or "application/octet-stream"
    if kind is not None:
        head += f"\r\nContent-Type: {fields.text(kind).translate(_UNQUOTED)}"
    body = held if isinstance(held, bytes) else _json(held) if isinstance(held, Mapping | list) else None
    return head.encode(), fields.text(held).encode() if body is None else body
