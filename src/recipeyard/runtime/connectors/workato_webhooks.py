"""Webhooks: events that others send to a recipe's own address."""

from collections.abc import Mapping

import msgspec

from recipeyard.runtime import bodies, interface, values

_GET = "get"
_KINDS = {
    "json": bodies.JSON,
    "form": bodies.FORM,
    "xml": bodies.TEXT,
    "rawdatatxt": bodies.TEXT,
    "rawdata": bodies.BYTES,
}


def declared(schema: values.Value) -> list[str]:
    """The names of the fields that a schema describes, be it a list or a text of JSON."""
    if isinstance(schema, str):
        try:
            schema = msgspec.json.decode(schema) if schema.strip() else []
        except (msgspec.MsgspecError, RecursionError):
            return []
    fields = schema if isinstance(schema, list) else []
    return [str(each["name"]) for each in fields if isinstance(each, Mapping) and each.get("name")]


def named(names: list[str], headers: Mapping[str, str]) -> dict[str, values.Value]:
    """The headers that are asked for, as they are spelled there; underscores stand for hyphens."""
    found = {name: headers.get(name.lower(), headers.get(name.lower().replace("_", "-"))) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _event(given: interface.Object, request: interface.Request) -> interface.Event:
    asked = given.get("request")
    asked = asked if isinstance(asked, Mapping) else {}
    output = {
        "payload": _payload(str(asked.get("webhook_type") or ""), request),
        "headers": named(declared(asked.get("headers_schema")), request.headers),
        "query_params": dict(request.query),
    }
    return interface.Event(output, request.event_id)


def _payload(kind: str, request: interface.Request) -> values.Value:
    """What was sent. Raises `interface.Failure` for another method or body than the recipe takes."""
    is_get = request.method == "GET"
    if kind and kind != _GET and kind not in _KINDS:
        raise interface.Failure(f"The recipe wants events of an unknown kind: {kind!r}", "BadRequest")
    if kind and is_get != (kind == _GET):
        wanted = "GET" if kind == _GET else "POST or PUT"
        raise interface.Failure(f"The recipe takes events by {wanted}", "MethodNotAllowed")
    if is_get:
        return dict(request.query)
    if kind == "form" and bodies.kind_of(request.headers) == bodies.MULTIPART:
        return bodies.multipart_form(request)
    return bodies.read(_KINDS.get(kind) or bodies.kind_of(request.headers), request)


_REQUEST = interface.Field(
    "request",
    "object",
    fields=(
        interface.Field("webhook_type"),
        interface.Field("payload_schema"),
        interface.Field("query_params"),
        interface.Field("headers_schema"),
    ),
)
CONNECTOR = interface.Connector(
    name="workato_webhooks",
    title="Webhooks",
    triggers=(
        interface.Trigger(
            name="new_event",
            title="New event",
            listening=interface.Hook(_event),
            input=(_REQUEST, interface.Field("webhook_suffix")),
            output=(
                interface.Field("payload", "object"),
                interface.Field("headers", "object"),
                interface.Field("query_params", "object"),
            ),
        ),
    ),
)
