"""Guessed schemas as the API shows them."""

from typing import Any, Literal

import msgspec

from recipeyard.model import bundles, documents, errors, samples
from recipeyard.wire import documents as wire_documents


class SchemaField(msgspec.Struct, omit_defaults=True):
    """One field of a schema. Objects have `properties`; arrays have `of`, and `properties` where they hold objects."""

    name: str
    label: str
    type: str
    optional: bool
    control_type: str | None = None
    of: str | None = None
    properties: list["SchemaField"] | None = None


class JsonSample(msgspec.Struct):
    """A document to guess from: JSON, or a text of JSON."""

    sample: Any = None


class CsvSample(msgspec.Struct):
    """A table to guess from: its first line names the columns."""

    sample: str | None = None
    col_sep: Literal["comma", "semicolon", "tab", "pipe", "colon", "space"] = "comma"


def sample(sent: JsonSample, limits: bundles.Limits) -> documents.Value:
    """The value that was sent. Raises `errors.Invalid` for a text that is no JSON."""
    value: documents.Value = sent.sample
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except (msgspec.MsgspecError, ValueError, RecursionError) as e:
            raise errors.Invalid.listing([errors.Issue("sample", f"not valid JSON ({e})")]) from e
    wire_documents.check_depth({"sample": value}, limits.depth)
    return value


def field(shown: samples.Field) -> SchemaField:
    """A field's answer."""
    return SchemaField(
        name=shown.name,
        label=shown.label,
        type=shown.type,
        optional=shown.optional,
        control_type=shown.control_type,
        of=shown.of,
        properties=[field(each) for each in shown.properties] or None,
    )
