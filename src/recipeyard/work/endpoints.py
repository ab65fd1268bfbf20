"""Calls of API endpoints: who calls, which recipe answers, and what it has answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recipeyard.model import api_collections, errors, platform_clients, runs, tokens
from recipeyard.runtime import codec, interface
from recipeyard.sql import database, jobs
from recipeyard.sql import platform_clients as client_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import runs as run_rows
from recipeyard.work import api_collections as collections
from recipeyard.work import hooks


class NotAllowed(errors.NotFound):
    """There are endpoints at this path, for other methods."""

    def __init__(self, message: str, allowed: Sequence[str]) -> None:
        super().__init__(message)
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: a platform client, by one of its keys, from an address."""

    workspace_id: int
    client: platform_clients.Client
    key: platform_clients.Key
    address: str

    @property
    def context(self) -> interface.Object:
        """What a recipe is told of who calls."""
        return {
            "calling_ip": self.address,
            "access_profile": {"id": self.key.id, "name": self.key.name, "type": "token"},
            "client": {"id": str(self.client.id), "name": self.client.name},
            "jwt_payload": {},
            "introspect": {},
        }


@dataclass(frozen=True, slots=True)
class Route:
    """An endpoint that is called, its recipe, and what the path fills in."""

    endpoint: api_collections.Endpoint
    recipe_id: int
    path: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What has become of a call: what its run has answered, or why it failed. Nothing where it ended without either."""

    reply: interface.Object | None
    error: runs.Error | None


def caller(tx: database.Tx, token: str, address: str) -> Caller:
    """Who holds a token. Raises `errors.Unauthenticated`, and `errors.Forbidden` for a key that can't be used now."""
    found = client_rows.by_token(tx, tokens.digest(token)) if token else None
    if found is None:
        raise errors.Unauthenticated("Unauthorized: send a key of an API platform client as API-TOKEN")
    workspace_id, key = found
    if not key.active:
        raise errors.Forbidden(f"The key {key.name!r} is not active")
    is_refused = key.ip_allow_list and not tokens.is_usable(address, key.ip_allow_list)
    if is_refused or (key.ip_deny_list and tokens.is_usable(address, key.ip_deny_list)):
        raise errors.Forbidden(f"The key {key.name!r} can't be used from the address {address or 'unknown'}")
    return Caller(workspace_id, client_rows.find(tx, workspace_id, key.client_id), key, address)


def route(tx: database.Tx, who: Caller, method: str, parts: Sequence[str]) -> Route:
    """The endpoint at a path: the collection's handle, then the endpoint's own parts; words before parameters.

    Raises `errors.NotFound`, `NotAllowed`, and `errors.Forbidden` for a collection that is not open to the caller.
    """
    here = [each for each in collections.listed(tx, who.workspace_id) if each.handle == parts[0]]
    mine = {collection_id for collection_id, _ in who.client.collections}
    there = [each for each in here if each.asset.id in mine]
    if here and not there:
        raise errors.Forbidden(f"The collection {here[0].asset.name!r} is not open to the client {who.client.name!r}")
    fitting = [
        (endpoint, path)
        for collection in there
        for endpoint in collections.endpoints(tx, who.workspace_id, collection.asset.id)
        if (path := endpoint.fits(parts[1:])) is not None and endpoint.active and endpoint.recipe_id is not None
    ]
    chosen = min((each for each in fitting if each[0].method == method), key=lambda each: len(each[1]), default=None)
    if chosen is None and fitting:
        allowed = sorted({endpoint.method for endpoint, _ in fitting})
        raise NotAllowed(f"This endpoint takes {', '.join(allowed)}", allowed)
    if chosen is None:
        raise errors.NotFound(f"Not found: no active endpoint answers at {'/'.join(parts)}")
    return Route(chosen[0], chosen[0].recipe_id or 0, chosen[1])


def begin(db: database.Database, asked: Route, who: Caller, request: interface.Request) -> int:
    """Accept a call as an event of the endpoint's recipe; the id of its run.

    Raises `errors.NotFound` where the recipe answers no endpoints, `errors.Conflict` where it does not run,
    `errors.TooMany`, and `errors.Invalid` for a request that can't be read.
    """

    def reader(tx: database.Tx, heard: recipe_rows.Heard) -> hooks.Read:
        trigger = hooks.trigger_of(tx, heard.digest)
        listening = trigger.listening
        if not isinstance(listening, interface.Endpoint):
            raise errors.NotFound(f"Not found: the recipe of endpoint {asked.endpoint.asset.name!r} answers no calls")
        return lambda sent: interface.Event(listening.event(trigger.input, sent, who.context))

    return hooks.take(db, asked.recipe_id, request, reader).run_id


def answer(tx: database.Tx, run_id: int) -> Answer | None:
    """What has become of a call; None while its run has neither answered nor ended."""
    if not jobs.is_settled(tx, run_id):
        return None
    encoded, run = run_rows.reply(tx, run_id), run_rows.by_id(tx, run_id)
    reply = codec.decode(encoded) if encoded is not None else None
    return Answer(reply if isinstance(reply, Mapping) else None, run.error if run else None)
