"""Bodies of HTTP requests to recipes: read as what they say they are. Raises `interface.Failure` where they are not."""

import urllib.parse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

import msgspec
import multipart

from recipeyard.runtime import interface, values

JSON = "json"
FORM = "form"
MULTIPART = "multipart"
TEXT = "text"
BYTES = "bytes"

_MOST_FIELDS = 10_000


def kind_of(headers: Mapping[str, str]) -> str:
    """What a request says its body is; JSON where it says nothing, bytes for what is neither text nor known."""
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == "application/x-www-form-urlencoded":
        return FORM
    if media == "multipart/form-data":
        return MULTIPART
    if not media or media == "application/json" or media.endswith("+json"):
        return JSON
    return TEXT if media.startswith("text/") or media.endswith("xml") else BYTES


def read(kind: str, request: interface.Request) -> values.Value:
    """A request's body, as a value. An empty one is an empty object where an object is expected."""
    if kind == JSON:
        return json(request.body)
    if kind == FORM:
        return form(request.body)
    if kind == MULTIPART:
        return multipart_form(request)
    return text(request.body) if kind == TEXT else request.body


def json(body: bytes) -> values.Value:
    """The value that a body spells in JSON; an empty object where it is empty."""
    if not body.strip():
        return {}
    try:
        return cast(values.Value, msgspec.json.decode(body))
    except (msgspec.MsgspecError, ValueError, RecursionError) as e:
        raise interface.Failure(f"The request's body is not JSON ({e})", "BadRequest") from e


def text(body: bytes) -> str:
    """The text that a body is, in UTF-8."""
    try:
        return body.decode()
    except UnicodeDecodeError as e:
        raise interface.Failure("The request's body is not text in UTF-8", "BadRequest") from e


def form(body: bytes) -> dict[str, values.Value]:
    """The fields of a form; one that comes several times is a list."""
    try:
        pairs = urllib.parse.parse_qsl(text(body), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as e:
        raise interface.Failure(f"The request's form can't be read ({e})", "BadRequest") from e
    return gathered(pairs)


def multipart_form(request: interface.Request) -> dict[str, values.Value]:
    """The fields of a multipart form: texts, and the contents of files as bytes."""
    _, options = multipart.parse_options_header(request.headers.get("content-type", ""))
    pairs: list[tuple[str, values.Value]] = []
    try:
        with multipart.PushMultipartParser(options.get("boundary", ""), max_segment_count=_MOST_FIELDS) as parser:
            for segment, content in _parts([*parser.parse(request.body), *parser.parse(b"")]):
                pairs.append((segment.name, content if segment.filename else text(content)))
    except (multipart.MultipartError, ValueError) as e:
        raise interface.Failure(f"The request's multipart form can't be read ({e})", "BadRequest") from e
    return gathered(pairs)


def _parts(
    events: Sequence[multipart.MultipartSegment | bytearray | None],
) -> Iterator[tuple[multipart.MultipartSegment, bytes]]:
    """The parts of a form, each with all of its content."""
    segment, content = None, bytearray()
    for event in events:
        if isinstance(event, multipart.MultipartSegment):
            segment, content = event, bytearray()
        elif event:
            content += event
        elif segment:
            yield segment, bytes(content)


def gathered(pairs: Iterable[tuple[str, values.Value]]) -> dict[str, values.Value]:
    """Values by name; what comes several times is a list."""
    found: dict[str, list[values.Value]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: several[0] if len(several) == 1 else several for name, several in found.items()}
