"""The API platform: recipes that answer endpoints."""

from collections.abc import Mapping

import msgspec

from recipeyard.runtime import bodies, interface, values
from recipeyard.runtime.connectors import workato_webhooks as webhooks

_KINDS = {"json": bodies.JSON, "text": bodies.TEXT, "multipart": bodies.MULTIPART, "form": bodies.FORM}
_OK = 200


def _event(given: interface.Object, request: interface.Request, context: interface.Object) -> interface.Object:
    """The request as the recipe reads it: body, query and path together; a body that is no object is its `body`."""
    asked = given.get("request")
    asked = asked if isinstance(asked, Mapping) else {}
    body = _body(str(asked.get("content_type") or ""), request)
    fields: interface.Object = body if isinstance(body, Mapping) else {"body": body}
    return {
        "request": {**request.path, **request.query, **fields},
        "path_params": dict(request.path),
        "headers": webhooks.named(webhooks.declared(asked.get("headers")), request.headers),
        "context": context,
    }


def _body(kind: str, request: interface.Request) -> values.Value:
    if not request.body:
        return {}
    said = bodies.kind_of(request.headers)
    if said in {bodies.FORM, bodies.MULTIPART}:
        return bodies.read(said, request)
    return bodies.read(_KINDS.get(kind, said), request)


def _respond(call: interface.Call) -> interface.Result:
    """The answer: its status, its headers, and its body as JSON unless it is a text."""
    status, body = _status(call.input), call.input.get("response")
    reply: interface.Object = {
        "status": status,
        "headers": _headers(call.input) | {"content-type": _media(body)},
        "body": _spelled(body),
    }
    return interface.Result({"http_status_code": str(status), "response": body}, reply=reply)


def _status(given: interface.Object) -> int:
    """The code of the response that the step chose: `200`, or `200 - OK` as old steps spell it."""
    code = str(given.get("http_status_code") or _OK).split("-")[0].strip()
    if not code.isascii() or not code.isdigit() or not 200 <= int(code) <= 599:
        raise interface.Failure(f"{given.get('http_status_code')!r} is no status of an HTTP answer", "InputError")
    return int(code)


def _headers(given: interface.Object) -> dict[str, values.Value]:
    sent = given.get("headers")
    if not isinstance(sent, Mapping):
        return {}
    lines = {str(name).lower(): str(value) for name, value in sent.items() if value is not None}
    for name, value in lines.items():
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum() or not _fits(value):
            raise interface.Failure(f"{name}: {value!r} can't be a header of an HTTP answer", "InputError")
    return dict(lines)


def _fits(value: str) -> bool:
    """Whether a text can be a header's value: one line, of the characters that HTTP has."""
    return value.isprintable() and max(value, default="") <= "\xff"


def _media(body: values.Value) -> str:
    return "text/plain; charset=utf-8" if isinstance(body, str) else "application/json; charset=utf-8"


def _spelled(body: values.Value) -> str:
    if body is None:
        return ""
    return body if isinstance(body, str) else msgspec.json.encode(body).decode()


_CONTEXT = interface.Field(
    "context",
    "object",
    fields=(
        interface.Field("calling_ip", label="Calling IP address"),
        interface.Field(
            "access_profile",
            "object",
            fields=(interface.Field("id", "integer"), interface.Field("name"), interface.Field("type")),
        ),
        interface.Field("client", "object", fields=(interface.Field("id"), interface.Field("name"))),
        interface.Field("jwt_payload", "object"),
        interface.Field("introspect", "object"),
    ),
)
CONNECTOR = interface.Connector(
    name="workato_api_platform",
    title="API platform",
    triggers=(
        interface.Trigger(
            name="receive_request",
            title="New API request",
            listening=interface.Endpoint(_event),
            input=(interface.Field("request", "object"), interface.Field("response", "object")),
            output=(
                interface.Field("request", "object"),
                interface.Field("path_params", "object"),
                interface.Field("headers", "object"),
                _CONTEXT,
            ),
        ),
    ),
    actions=(
        interface.Action(
            name="return_response",
            title="Respond to API request",
            run=_respond,
            effect=interface.Effect.HERE,
            input=(interface.Field("http_status_code"), interface.Field("headers", "object")),
            output=(interface.Field("http_status_code"), interface.Field("response", "object")),
        ),
    ),
)
