"""Custom connectors: `/api/custom_connectors`; what they would need of other servers is refused."""

from typing import Annotated, Any

from litestar import get, post, put, route
from litestar.di import Provide
from litestar.params import Parameter

from recipeyard.api import context, documentation, params
from recipeyard.model import bundles, errors
from recipeyard.wire import answers
from recipeyard.wire import custom_connectors as wire
from recipeyard.work import custom_connectors

_TAGS = ["Connectors"]
_ONE = "/api/custom_connectors/{connector_id:int}"
_PROFILE = "/api/custom_oauth_profiles/{profile_id:int}"
_NO_PROFILES = "This server is registered with no app, so it keeps no custom OAuth profiles"
Title = Annotated[str | None, Parameter(description="The whole title; in the query or in a JSON body.")]


@get("/api/custom_connectors", sync_to_thread=True, tags=_TAGS, summary="List custom connectors")
def listed(request: context.Asked, context: context.Context) -> wire.CustomConnectors:
    """The workspace's custom connectors, by id."""
    with context.deed.db.read() as tx:
        return wire.CustomConnectors([wire.connector(each) for each in custom_connectors.listed(tx, request.user.id)])


@get(
    "/api/custom_connectors/search",
    sync_to_thread=True,
    tags=_TAGS,
    summary="Find a custom connector",
    dependencies={"fields": Provide(params.fields_of_body)},
)
def search(
    request: context.Asked, context: context.Context, fields: dict[str, Any], title: Title = None
) -> wire.FoundConnectors:
    """The connectors of exactly this title."""
    wanted = fields.get("title") if title is None else title
    if not isinstance(wanted, str) or not wanted:
        raise errors.Invalid.listing([errors.Issue("title", "can't be blank")])
    with context.deed.db.read() as tx:
        return wire.FoundConnectors(
            [wire.connector(each) for each in custom_connectors.listed(tx, request.user.id, wanted)]
        )


@get(_ONE, sync_to_thread=True, tags=_TAGS, summary="Get a custom connector")
def show(request: context.Asked, context: context.Context, connector_id: params.Key) -> wire.CustomConnector:
    """One connector, without its code."""
    with context.deed.db.read() as tx:
        return wire.connector(custom_connectors.find(tx, request.user.id, connector_id))


@get(f"{_ONE}/code", sync_to_thread=True, tags=_TAGS, summary="Get a custom connector's code")
def code(request: context.Asked, context: context.Context, connector_id: params.Key) -> wire.ConnectorCodeAnswer:
    """The code of its current version; empty where it came without any."""
    with context.deed.db.read() as tx:
        return wire.ConnectorCodeAnswer(wire.ConnectorCode(custom_connectors.code(tx, request.user.id, connector_id)))


@post("/api/custom_connectors", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Create a custom connector")
def create(request: context.Asked, context: context.Context, data: wire.CustomConnectorUpdate) -> wire.CustomConnector:
    """A new connector at version 1, not released."""
    blank = [name for name, value in {"title": data.title, "code": data.code}.items() if not (value or "").strip()]
    if blank:
        raise errors.Invalid.listing([errors.Issue(name, "can't be blank") for name in blank])
    edit = _edit(data)
    with context.deed.db.write() as tx:
        made = custom_connectors.create(tx, request.user.id, edit)
        return wire.connector(custom_connectors.find(tx, request.user.id, made))


@put(_ONE, sync_to_thread=True, tags=_TAGS, summary="Update a custom connector")
def update(
    request: context.Asked, context: context.Context, connector_id: params.Key, data: wire.CustomConnectorUpdate
) -> wire.CustomConnector:
    """The connector at its next version, not released; what is sent as it stands makes none."""
    edit = _edit(data)
    with context.deed.db.write() as tx:
        custom_connectors.change(tx, request.user.id, connector_id, edit)
        return wire.connector(custom_connectors.find(tx, request.user.id, connector_id))


@post(f"{_ONE}/release", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Release a custom connector")
def release(request: context.Asked, context: context.Context, connector_id: params.Key) -> wire.ConnectorReleased:
    """Releases its current version; one that is released already is refused."""
    with context.deed.db.write() as tx:
        custom_connectors.release(tx, request.user.id, connector_id)
    return wire.ConnectorReleased("Connector released successfully")


@post(f"{_ONE}/share", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Share a custom connector")
def share(request: context.Asked, context: context.Context, connector_id: params.Key) -> answers.Success:
    """Refused: workspaces share nothing; a package carries the connector to another one."""
    with context.deed.db.read() as tx:
        found = custom_connectors.find(tx, request.user.id, connector_id)
    raise errors.Invalid(
        f"Workspaces share nothing here: export connector {found.asset.name!r} in a package and import it elsewhere"
    )


@get("/api/custom_oauth_profiles", sync_to_thread=False, tags=_TAGS, summary="List custom OAuth profiles")
def profiles() -> wire.OauthProfiles:
    """None: this server is registered with no app."""
    return wire.OauthProfiles([])


@post(
    "/api/custom_oauth_profiles",
    status_code=200,
    sync_to_thread=False,
    tags=_TAGS,
    summary="Create a custom OAuth profile",
    responses=documentation.ends_in(400),
)
def create_profile() -> answers.Success:
    """Refused: this server is registered with no app."""
    raise errors.Invalid(f"{_NO_PROFILES}; give each connection its own input")


@route(
    _PROFILE,
    http_method=["GET", "PUT", "DELETE"],
    status_code=200,
    sync_to_thread=False,
    tags=_TAGS,
    summary="Get, update or delete a custom OAuth profile",
)
def profile(profile_id: params.Key) -> answers.Success:
    """Not found: there is none."""
    raise errors.NotFound(f"{_NO_PROFILES}: there is no profile {profile_id}")


def _edit(data: wire.CustomConnectorUpdate) -> custom_connectors.Edit:
    issues = [] if data.title is None else list(bundles.name_issues("title", data.title))
    if issues:
        raise errors.Invalid.listing([errors.Issue("title", issue.removeprefix("title ")) for issue in issues])
    members = answers.sent({"title": data.title, "description": data.description, "note": data.note})
    return custom_connectors.Edit(members, data.code, wire.logo(data.logo))


ROUTES = [
    listed,
    search,
    show,
    code,
    create,
    update,
    release,
    share,
    profiles,
    create_profile,
    profile,
]
