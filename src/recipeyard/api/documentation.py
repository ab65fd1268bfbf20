"""The OpenAPI document at `/api/openapi.json`, and a page to browse it: everything on it comes from this server."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any

from litestar import Litestar, MediaType, Request, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import (
    Components,
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Parameter,
    RequestBody,
    Schema,
    SecurityScheme,
    Tag,
)
from litestar.router import Router
from litestar.routes import HTTPRoute
from litestar.static_files import create_static_files_router
from litestar.types.internal_types import PathParameterDefinition

from recipeyard.api import idempotency, schemas
from recipeyard.model import idempotency as keys
from recipeyard.wire import answers

PATH = "/api/openapi.json"
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><title>Recipeyard API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script>
<script>
SwaggerUIBundle({url: "/api/openapi.json", dom_id: "#api", docExpansion: "list", persistAuthorization: true});
</script>
</body>
</html>
"""
_TAGS = {
    "Packages": "Export, import, follow and download packages.",
    "Gates": "What must be true before packages and plans may change the workspace.",
    "Plans": "What an import would change, seen before, applied as it is, and readable ever after.",
    "History": "What packages and people did to folders and assets, and what is not as packages left it.",
    "Export manifests": "Stored selections of assets, and the inventory of a folder.",
    "Folders": "Where assets live.",
    "Projects": "Top-level folders.",
    "Recipes": "Recipes, their versions and their run state.",
    "Connections": "What recipes reach apps through.",
    "Stubs": "Recorded answers in place of connectors, and the connections that they answer for.",
    "Connectors": "What recipes can use.",
    "API platform": "Collections of endpoints that recipes answer, and platform clients: who may call them.",
    "Lookup tables": "Tables of texts that recipes look things up in, and their rows.",
    "Data tables": "Tables with typed columns.",
    "Data table records": "What data tables hold.",
    "Properties": "Values that differ from workspace to workspace.",
    "Bindings": "What stands here for what packages name, set once and used by every import.",
    "Jobs": "Runs of recipes, step by step.",
    "Test cases": "Events with what is expected of recipes, run offline.",
    "API clients": "Holders of tokens of this API, and what each of them may do.",
    "Activity": "What was changed, when and by whom.",
    "Tags": "Words that people put on recipes and connections.",
    "Workspace": "What the token opens.",
    "Customers": "Workspaces that this one manages, and the calls that it may make in them.",
    "Webhooks": "Who is told when packages end, and what became of each message.",
    "Deployments": "Projects built here, and brought to the workspaces bound as test and production.",
}


_ERRORS = {
    "400": "What was sent is malformed or can't be used; `errors` names the fields.",
    "401": "No token, or one that is unknown or revoked.",
    "403": "The token's role, or the thing itself, does not allow this.",
    "404": "Nothing of that id in the token's workspace.",
    "409": "What it is asked of stands otherwise by now than it must.",
    "413": "The body is larger than this server allows.",
    "422": "Well formed, and impossible in this workspace.",
    "429": "Too many requests.",
    "500": "The server failed; `id` finds the failure in its log.",
}
_READ_BEFORE = {"customer_id": "A customer's id, or `E` and its external id."}
"""Parameters that say whose workspace a handler works in; whoever authenticates reads them."""

_KEY = {
    "name": idempotency.HEADER,
    "in": "header",
    "required": False,
    "description": "Names this request for 24 hours: sent again, it is answered again and not done again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": keys.LONGEST, "pattern": "^[!-~]+$"},
}
_ERROR_HEADERS = {"401": "WWW-Authenticate", "429": "Retry-After"}
_HEADERS = {
    idempotency.REPLAYED: "`true` where this is the answer that the request got before, under its key.",
    "Location": "Where to go on.",
    "Retry-After": "How many seconds to wait.",
    "WWW-Authenticate": "How to say who asks.",
    "X-Correlation-Id": "The one that was sent; else the request's id.",
    "X-Request-Id": "Names this request.",
}


def settings(version: str) -> OpenAPIConfig:
    """What the document says of the whole API."""
    return OpenAPIConfig(
        title="Recipeyard",
        version=version,
        description="A recipe lifecycle server. Send the workspace's token as `Authorization: Bearer …`.",
        path="/docs/schema",
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"token": []}],
        tags=[Tag(name=name, description=what) for name, what in _TAGS.items()],
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
    )


def assets() -> Router:
    """The page's script and style, out of the installed library."""
    with resources.as_file(resources.files("swagger_ui") / "static") as folder:
        return create_static_files_router(
            path="/docs/assets", directories=[folder], include_in_schema=False, opt={"exclude_from_auth": True}
        )


@get(["/", "/docs"], media_type=MediaType.HTML, include_in_schema=False, exclude_from_auth=True)
async def page() -> str:
    """The page to browse the API on."""
    return _PAGE


@get(PATH, include_in_schema=False, exclude_from_auth=True, sync_to_thread=False)
def document(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The document."""
    return _described(request.app)


ROUTES = [page, document]


@dataclass
class ZipOperation(Operation):
    """An operation whose request's body is an archive."""

    def __post_init__(self) -> None:
        """Say what the handler, which reads the body as it arrives, does not tell."""
        content = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": content.schema})  # type: ignore[dict-item]
        self.request_body = RequestBody(
            content={"application/octet-stream": content, "multipart/form-data": OpenAPIMediaType(schema=form)},
            required=True,
        )


def ends_in(*statuses: int) -> dict[int, ResponseSpec]:
    """For a route's `responses`: errors that it may end in, beside those that its parameters and body bring."""
    return {status: ResponseSpec(answers.Error, generate_examples=False) for status in statuses}


@dataclass
class FilterOperation(Operation):
    """An operation that takes `by[column]=value` in its query."""

    def __post_init__(self) -> None:
        """Say what the handler, which reads the query by itself, does not tell."""
        values = Schema(type=OpenAPIType.OBJECT, additional_properties=Schema(type=OpenAPIType.STRING))
        told = "Only rows with these values: `by[column]=value`, by the column's label or `col1` and so on."
        by = Parameter("by", "query", values, description=told, style="deepObject", explode=True)
        self.parameters = [*(self.parameters or []), by]


def _operation_id(_: object, method: object, path: list[str | PathParameterDefinition]) -> str:
    """An operation's name: its method and path."""
    words = [part if isinstance(part, str) else part.name for part in path if part != "api"]
    return "_".join([str(getattr(method, "value", method)).lower(), *words])


@functools.cache
def _described(app: Litestar) -> dict[str, Any]:
    """The document of an application, made once: that takes a moment."""
    described: dict[str, Any] = app.openapi_schema.to_schema()
    described["components"] |= {"headers": _headers(), "responses": _errors()}
    for operations in described["paths"].values():
        for method, operation in operations.items():
            _answer(operation)
            _explain(operation)
            if method == "post":
                _key(operation)
    schemas.complete(described, [answers.Error, *_types(app)])
    return described


def _types(app: Litestar) -> Iterator[Any]:
    """What handlers take as a body, and what they answer."""
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            signature = handler.parsed_fn_signature
            yield from (each.data_container for each in (handler.responses or {}).values() if each.data_container)
            for each in (signature.return_type, signature.parameters.get("data")):
                if each:
                    yield from (part.annotation for part in (each.inner_types if each.is_union else [each]))


def _headers() -> dict[str, Any]:
    return {
        name: {"description": what, "schema": {"type": "string"}, "required": name != idempotency.REPLAYED}
        for name, what in _HEADERS.items()
    }


def _errors() -> dict[str, Any]:
    """The one body that all errors have, by status."""
    content = {"application/json": {"schema": {"$ref": f"{schemas.PREFIX}Error"}}}
    return {
        status: {"description": what, "content": content, "headers": _named(_ERROR_HEADERS.get(status))}
        for status, what in _ERRORS.items()
    }


def _named(*names: str | None) -> dict[str, Any]:
    """These headers, and those that every answer has."""
    sent = [name for name in (*names, "X-Correlation-Id", "X-Request-Id") if name]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in sent}


def _key(operation: dict[str, Any]) -> None:
    """Say that the request may carry a key, and what comes of that."""
    operation["parameters"] = [*operation.get("parameters", ()), _KEY]
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response["headers"] |= _named(idempotency.REPLAYED)
    for status in ("400", "409", "422"):
        operation["responses"][status] = {"$ref": f"#/components/responses/{status}"}


def _explain(operation: dict[str, Any]) -> None:
    """Say what those parameters are that no handler reads."""
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in _READ_BEFORE:
            parameter["description"] = _READ_BEFORE[parameter["name"]]


def _answer(operation: dict[str, Any]) -> None:
    """Add the errors that an operation may end in (its own, and what its parts bring), and its answers' headers."""
    for status, response in operation["responses"].items():
        response["headers"] = _named("Location" if status == "302" else None)
    statuses = {"401", "403", "429", "500"} | (_ERRORS.keys() & operation["responses"].keys())
    if operation.get("parameters") or "requestBody" in operation:
        statuses |= {"400", "404"}
    if "requestBody" in operation:
        statuses |= {"413"}
    refusals = {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}
    operation["responses"] |= refusals
