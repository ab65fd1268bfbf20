"""API collections and their endpoints as the API takes and shows them, and OpenAPI descriptions on their way in."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec
import yaml

from recipeyard.model import api_collections, bundles, documents, errors
from recipeyard.wire import answers
from recipeyard.wire import documents as wire_documents

LARGEST = {"json": 4 * 1024 * 1024, "yaml": 1024 * 1024}
"""Characters of a description by format. YAML takes long to read, so less of it is taken."""

CALLED_AT = "/api-endpoints"
"""Where this server answers endpoints."""

_FIELD = "openapi_spec.content"


class ImportResults(msgspec.Struct):
    """What became of an OpenAPI description; `failed_actions` has a sentence for each endpoint that was not made."""

    success: bool
    total_endpoints: int
    failed_endpoints: int
    failed_actions: list[str]


class ApiCollection(msgspec.Struct):
    """A collection. `url` is where its endpoints are called, `api_spec_url` describes them."""

    id: int
    name: str
    project_id: int | None
    url: str
    api_spec_url: str
    version: str
    created_at: str
    updated_at: str
    message: str | None = None
    import_results: ImportResults | None = None


class ApiEndpoint(msgspec.Struct):
    """An endpoint. `flow_id` is the recipe that answers it, 0 where there is none."""

    id: int
    api_collection_id: int
    flow_id: int
    name: str
    method: str
    url: str
    legacy_url: str | None
    base_path: str
    path: str
    active: bool
    legacy: bool
    created_at: str
    updated_at: str


class Spec(msgspec.Struct):
    """An OpenAPI description, as a text in JSON or YAML."""

    content: str
    format: Literal["json", "yaml"] = "json"


class ApiCollectionRequest(msgspec.Struct):
    """What a collection is made of: each operation of `openapi_spec` becomes an endpoint without a recipe."""

    name: str | None = None
    project_id: answers.Id | None = None
    proxy_connection_id: answers.Id | None = None
    openapi_spec: Spec | None = None


class ApiEndpointRequest(msgspec.Struct):
    """What an endpoint is made of; `flow_id` or `recipe_id` names the recipe that answers it."""

    name: str | None = None
    method: str = "GET"
    path: str | None = None
    flow_id: answers.Id | None = None
    recipe_id: answers.Id | None = None


class SchemaOf(msgspec.Struct):
    """The type of a value."""

    type: str = "string"


class SpecParameter(msgspec.Struct, rename={"where": "in", "value": "schema"}):
    """A part of a path that the caller fills in."""

    name: str
    where: str = "path"
    required: bool = True
    value: SchemaOf = msgspec.field(default_factory=SchemaOf)


class SpecAnswer(msgspec.Struct):
    """An answer that an endpoint may give."""

    description: str


class SpecOperation(msgspec.Struct, rename={"operation_id": "operationId"}):
    """An endpoint, described."""

    summary: str
    operation_id: str
    parameters: list[SpecParameter]
    responses: dict[str, SpecAnswer]


class SpecInfo(msgspec.Struct):
    """Which collection is described."""

    title: str
    version: str


class SpecServer(msgspec.Struct):
    """Where a collection's endpoints are called."""

    url: str


class OpenApi(msgspec.Struct):
    """A collection's endpoints as an OpenAPI description."""

    openapi: str
    info: SpecInfo
    servers: list[SpecServer]
    paths: dict[str, dict[str, SpecOperation]]


def specification(spec: Spec, limits: bundles.Limits) -> Mapping[str, documents.Value]:
    """The description that a text spells. Raises `errors.Invalid` for one too large, or not of its format.

    YAML is read as texts, lists and objects alone: no value of it is built from a tag, and no merge is followed.
    """
    if len(spec.content) > LARGEST[spec.format]:
        raise _invalid(f"is longer than {LARGEST[spec.format]} characters, the most for {spec.format}")
    if spec.format == "json":
        return wire_documents.decode(spec.content.encode(), where=_FIELD, depth=limits.depth)
    loader = yaml.BaseLoader(spec.content)
    try:
        value = loader.get_single_data()
    except yaml.YAMLError as e:
        raise _invalid(f"not valid YAML ({' '.join(str(e).split())[:200]})") from e
    except RecursionError as e:
        raise _invalid("not valid YAML (nested too deep)") from e
    finally:
        loader.dispose()
    if not isinstance(value, dict):
        raise _invalid("must be a YAML mapping")
    return value


def collection(shown: api_collections.Collection, base_url: str) -> ApiCollection:
    """A collection's answer."""
    return ApiCollection(
        id=shown.asset.id,
        name=shown.asset.name,
        project_id=shown.project_id,
        url=f"{base_url}{CALLED_AT}/{shown.handle}",
        api_spec_url=f"{base_url}/api/api_collections/{shown.asset.id}/openapi",
        version=shown.version,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def endpoint(shown: api_collections.Endpoint, base_url: str) -> ApiEndpoint:
    """An endpoint's answer."""
    base_path = f"{CALLED_AT}/{shown.handle}/{shown.path}" if shown.handle else f"{CALLED_AT}/{shown.path}"
    return ApiEndpoint(
        id=shown.asset.id,
        api_collection_id=shown.collection_id or 0,
        flow_id=shown.recipe_id or 0,
        name=shown.asset.name,
        method=shown.method,
        url=f"{base_url}{base_path}",
        legacy_url=None,
        base_path=base_path,
        path=shown.path,
        active=shown.active,
        legacy=shown.legacy,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def openapi(shown: api_collections.Collection, endpoints: Sequence[api_collections.Endpoint], base_url: str) -> OpenApi:
    """A collection, described."""
    paths: dict[str, dict[str, SpecOperation]] = {}
    for each in endpoints:
        answer = {"default": SpecAnswer("What the endpoint's recipe returns")}
        parameters = [SpecParameter(name) for name in each.parameters]
        operation = SpecOperation(each.asset.name, f"endpoint_{each.asset.id}", parameters, answer)
        paths.setdefault(f"/{each.path}", {})[each.method.lower()] = operation
    info = SpecInfo(shown.asset.name, shown.version)
    return OpenApi("3.0.3", info, [SpecServer(f"{base_url}{CALLED_AT}/{shown.handle}")], paths)


def imported(made: int, failed: Sequence[str]) -> ImportResults:
    """What became of a description's endpoints."""
    return ImportResults(not failed, made + len(failed), len(failed), list(failed))


def _invalid(what: str) -> errors.Invalid:
    return errors.Invalid.listing([errors.Issue(_FIELD, what)])
