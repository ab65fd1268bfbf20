"""The document's schemas, made true: where Litestar infers too little from signatures, what msgspec takes and gives.

Requests are read leniently, as clients write them: numbers and flags may come as texts. Answers are exact.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

Schema = dict[str, Any]
PREFIX = "#/components/schemas/"
_LARGEST = 2**63 - 1
_MOMENTS_S = {"minimum": -62135596800, "maximum": 253402300799}
_FLAG = r"^([tT][rR][uU][eE]|[fF][aA][lL][sS][eE]|0|1)$"
_NULL = r"^[nN][uU][lL][lL]$"
_NUMBER = r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,3})?$"


def complete(document: Schema, types: Iterable[Any]) -> None:
    """Describe the Structs in these types as they are, what is sent as it is read, and write numbers without loss."""
    schemas = document["components"]["schemas"]
    structs = {each.__name__: each for each in _structs(types)}
    schemas |= msgspec.json.schema_components(structs.values(), ref_template=PREFIX + "{name}")[1]
    operations = list(_operations(document))
    sent = _reached([each.get("requestBody", {}) for each in operations], schemas)
    answered = [document["components"]["responses"], *(each["responses"] for each in operations)]
    shown = _reached(answered, schemas)
    for name in shown.keys() & structs.keys():
        schemas[name]["required"] = always_there(structs[name])
    for name in sent.keys() - shown.keys():
        schemas[name] = as_read(schemas[name])
    for operation in operations:
        _read_leniently(operation)
    document |= _exact(document)


def always_there(struct: type[msgspec.Struct]) -> list[str]:
    """The keys that are in every answer of this shape."""
    fields = msgspec.structs.fields(struct)
    if struct.__struct_config__.omit_defaults:
        return [field.encode_name for field in fields if field.required]
    return [field.encode_name for field in fields if field.default is not msgspec.UNSET]


def as_read(schema: Schema) -> Schema:
    """A schema of what clients send: besides values of its types, the texts that stand for them."""
    schema = {name: _below(name, value) for name, value in schema.items()}
    texts = list(_texts(schema))
    if not texts:
        return schema
    kept = {name: schema.pop(name) for name in ("description", "title", "default") if name in schema}
    return kept | {"anyOf": [schema, *texts]}


def _below(name: str, value: Any) -> Any:
    if name == "properties":
        return {key: as_read(each) for key, each in value.items()}
    if name in {"anyOf", "oneOf"}:
        return _alternatives(value)
    return as_read(value) if name in {"items", "additionalProperties"} and isinstance(value, dict) else value


def _alternatives(schemas: list[Schema]) -> list[Schema]:
    """Where any text will do already, no other need be named."""
    if any(each.get("type") == "string" and len(each) == 1 for each in schemas):
        return schemas
    read = [as_read(each) for each in schemas]
    return [inner for each in read for inner in (each["anyOf"] if each.keys() == {"anyOf"} else [each])]


def _texts(schema: Schema) -> Iterator[Schema]:
    match schema.get("type"):
        case "integer":
            yield {"type": "string", "pattern": _digits(schema)}
        case "number":
            yield {"type": "string", "pattern": _NUMBER}
        case "boolean":
            yield {"enum": [0, 1]}
            yield {"type": "string", "pattern": _FLAG}
        case "null":
            yield {"type": "string", "pattern": _NULL}


def _digits(schema: Schema) -> str:
    """Texts of whole numbers, none of which is out of the number's own range."""
    count = len(str(int(schema.get("maximum", _LARGEST)))) - 2
    lowest: int = schema.get("minimum", -1)
    positive = rf"[1-9][0-9]{{0,{count}}}"
    if lowest >= 1:
        return f"^{positive}$"
    return f"^(0|{positive})$" if lowest >= 0 else f"^(0|-?{positive})$"


def _read_leniently(operation: Schema) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "query":
            parameter["schema"] = as_read(_moment(_merged(parameter["schema"])))
    body = operation.get("requestBody", {})
    for media in body.get("content", {}).values():
        if {"type": "null"} in media["schema"].get("oneOf", ()):
            body["required"] = False


def _merged(schema: Schema) -> Schema:
    """What stands beside alternatives and is meant for one: limits of the number, the format of the text."""
    if "oneOf" not in schema:
        return schema
    limits = {name: schema.pop(name) for name in ("minimum", "maximum") if name in schema}
    spelled = {name: schema.pop(name) for name in ("format",) if name in schema}
    meant = {"integer": limits, "number": limits, "string": spelled}
    forms = [each | meant.get(each.get("type"), {}) for each in schema["oneOf"]]
    listed = any(each.get("type") == "array" for each in forms)  # an absent list is not sent at all
    return schema | {"oneOf": [each for each in forms if not listed or each != {"type": "null"}]}


def _moment(schema: Schema) -> Schema:
    """A moment may also be sent as a date, or as seconds since 1970."""
    forms = schema.get("oneOf", [])
    if not any(each.get("format") == "date-time" for each in forms):
        return schema
    return schema | {"oneOf": [*forms, {"type": "string", "format": "date"}, {"type": "number"} | _MOMENTS_S]}


def _operations(document: Schema) -> Iterator[Schema]:
    for path in document["paths"].values():
        yield from path.values()


def _reached(roots: list[Any], schemas: dict[str, Schema]) -> dict[str, None]:
    """The names of the schemas that these refer to, directly or through others."""
    found: dict[str, None] = {}
    waiting = list(_references(roots))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = None
            waiting += _references(schemas[name])
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if str(value.get("$ref", "")).startswith(PREFIX):
            yield value["$ref"].removeprefix(PREFIX)
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _references(each)


def _exact(value: Any) -> Any:
    """Whole numbers written as such; unions that may overlap, as some do."""
    if isinstance(value, float) and value.is_integer():
        return min(int(value), _LARGEST)
    if isinstance(value, list):
        return [_exact(each) for each in value]
    if isinstance(value, dict):
        return {"anyOf" if name == "oneOf" else name: _exact(each) for name, each in value.items()}
    return value


def _structs(types: Iterable[Any]) -> Iterator[type[msgspec.Struct]]:
    """The Structs in these types, and those that they are made of."""
    waiting: list[msgspec.inspect.Type] = list(msgspec.inspect.multi_type_info(types))
    found = set()
    while waiting:
        each = waiting.pop()
        if isinstance(each, msgspec.inspect.StructType) and each.cls not in found:
            found.add(each.cls)
            yield each.cls
            waiting += [field.type for field in each.fields]
        elif not isinstance(each, msgspec.inspect.StructType):
            waiting += _parts(each)


def _parts(of: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    match of:
        case msgspec.inspect.UnionType(types=types) | msgspec.inspect.TupleType(item_types=types):
            return list(types)
        case msgspec.inspect.DictType(value_type=value):
            return [value]
        case msgspec.inspect.CollectionType(item_type=item):
            return [item]
    return []
