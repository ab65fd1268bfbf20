"""JSON documents, taken apart."""

import json
import re
from collections.abc import Callable, Mapping, Sequence

from recipeyard.runtime import codec, fields, interface, tabular, values

_SPACES = re.compile(r"\s")


def _parsed(call: interface.Call) -> values.Value:
    given = call.input.get("document")
    if isinstance(given, Mapping | list):
        return given
    words = tabular.text(given, call.input.get("encoding"), "document")
    if not words.strip():
        raise interface.Failure("document is required", kind="Invalid")
    try:
        found: values.Value = json.loads(words, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise interface.Failure(f"document is no JSON: {error.msg} ({where})", kind="Invalid") from None
    except ValueError as error:
        raise interface.Failure(f"document is no JSON that can be read: {error}", kind="Invalid") from None
    except RecursionError:
        raise interface.Failure("document is no JSON that can be read: it is nested too deep", "TooLarge") from None
    return codec.checked(found, "document")


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _parse_json(call: interface.Call) -> interface.Result:
    """The first form: the document's fields are the output's, with underscores in their names for spaces."""
    return interface.Result(_object(_parsed(call), fields.outputs(call.step), lambda key: _SPACES.sub("_", key)))


def _parse_json_v2(call: interface.Call) -> interface.Result:
    """The second: below `document`, with their names as they are."""
    known = next((each.fields for each in fields.outputs(call.step) if each.name == "document"), ())
    return interface.Result({"document": _object(_parsed(call), known, lambda key: key)})


_Spelling = Callable[[str], str]


def _object(value: values.Value, known: Sequence[interface.Field], spelled: _Spelling) -> dict[str, values.Value]:
    """A document as an object; a list, or another value, is the one field that the recipe's schema says, else `array`
    or `value`.
    """
    shaped = _shaped(value, known, spelled)
    if isinstance(shaped, dict):
        return shaped
    wanted = "array" if isinstance(shaped, list) else "value"
    lists = [each for each in known if (each.type == "array") == isinstance(shaped, list)]
    name = lists[0].name if len(known) == 1 and lists else wanted
    inner = lists[0].fields if len(known) == 1 and lists else ()
    return {name: _shaped(value, inner, spelled)}


def _shaped(value: values.Value, known: Sequence[interface.Field], spelled: _Spelling) -> values.Value:
    """Lists in lists become objects where the recipe's schema, which has none, reads them as such."""
    if isinstance(value, Mapping):
        inner = {each.name: each.fields for each in known}
        return {spelled(key): _shaped(each, inner.get(spelled(key), ()), spelled) for key, each in value.items()}
    if not isinstance(value, list):
        return value
    wraps = len(known) == 1 and known[0].type == "array"
    return [
        {known[0].name: _shaped(each, known[0].fields, spelled)}
        if wraps and isinstance(each, list)
        else _shaped(each, known, spelled)
        for each in value
    ]


_INPUT = (
    interface.Field("sample_document", label="Sample document"),
    interface.Field("document", "any", label="Document"),
    interface.Field("encoding", label="Encoding"),
)

CONNECTOR = interface.Connector(
    name="json_parser",
    title="JSON",
    actions=(
        interface.Action("parse_json", _parse_json, "Parse JSON (older)", interface.Effect.PURE, _INPUT),
        interface.Action(
            "parse_json_v2",
            _parse_json_v2,
            "Parse JSON",
            interface.Effect.PURE,
            _INPUT,
            (interface.Field("document", "object"),),
        ),
    ),
)
