"""Activities: who changed what, as one line for each change. Values that may be secret never stand in one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What kind of thing was changed; clients filter by these words."""

    RECIPE = "Flow"
    CONNECTION = "SharedAccount"
    FOLDER = "Folder"
    PROJECT = "Project"
    MANIFEST = "ExportManifest"
    PACKAGE = "Package"
    PLAN = "Plan"
    ACCOUNT_PROPERTIES = "AccountProperty"
    PROJECT_PROPERTIES = "ProjectProperty"
    TAG = "Tags::Models::Tag"
    API_COLLECTION = "ApiGroup"
    API_ENDPOINT = "ApiEndpoint"
    API_CALLER = "ApiCaller"
    API_KEY = "ApiKey"
    CUSTOM_CONNECTOR = "CustomAdapter"
    LOOKUP_TABLE = "LookupTable"
    DATA_TABLE = "DataTable"
    API_CLIENT = "ApiClient"
    ROLE = "ApiPrivilegeGroup"
    BUILD = "ProjectBuild"
    DEPLOYMENT = "Deployment"
    CUSTOMER = "ManagedUser"
    BINDINGS = "Bindings"
    WEBHOOK = "Webhook"
    GATES = "Gates"
    STUB = "Stub"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an API client, or (without an id) the holder of a token that the operator made."""

    id: int | None
    name: str


OPERATOR = Actor(None, "API client")


@dataclass(frozen=True, slots=True)
class Resource:
    """What was changed, by the name it bore then; its id may be gone by now."""

    kind: str
    id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One change."""

    id: int
    event_type: str
    actor: Actor
    resource: Resource
    details: Mapping[str, object]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Filter:
    """Which activities are asked for; empty narrows nothing. Kinds and events count in any case."""

    before_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    actor_ids: tuple[int, ...] = ()
    kinds: tuple[str, ...] = ()
    but_kinds: tuple[str, ...] = ()
    events: tuple[str, ...] = field(default=())
    but_events: tuple[str, ...] = field(default=())
