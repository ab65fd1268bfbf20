"""Bindings as the API takes and shows them."""

from typing import Annotated

import msgspec

from recipeyard.model import bindings
from recipeyard.wire import answers

Kind = Annotated[str, msgspec.Meta(description="An asset's type, as packages list it.")]


class ReferenceBindingRequest(msgspec.Struct):
    """What bears this name in a package is the asset `target_id` here.

    `provider` (an app; for connections) and `folder` (of the package, "" for its root) tell two of one name apart; null
    is any.
    """

    kind: Kind
    name: str
    target_id: answers.Id
    provider: str | None = None
    folder: str | None = None


class PropertyBindingRequest(msgspec.Struct):
    """Properties of the workspace (`project` is null) or of the project of that name here.

    `values` are what they hold here, by name; `names` what properties that packages name are called here.
    """

    project: str | None = None
    values: dict[str, str] = {}
    names: dict[str, str] = {}


class RowBindingRequest(msgspec.Struct):
    """What becomes of the rows of the tables of this name in packages.

    `key` are the columns, by label or name, that tell a row from the others; needed to insert and to update.
    """

    kind: Kind
    name: str
    policy: bindings.Policy
    key: list[str] = []


class BindingsRequest(msgspec.Struct):
    """All bindings: what is not sent is bound no more. `version` is the one that they are to follow."""

    references: list[ReferenceBindingRequest] = []
    properties: list[PropertyBindingRequest] = []
    rows: list[RowBindingRequest] = []
    version: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None

    @property
    def bindings(self) -> bindings.Bindings:
        """The bindings that were sent."""
        return bindings.Bindings(
            tuple(bindings.Reference(**msgspec.structs.asdict(each)) for each in self.references),
            tuple(bindings.Scope(each.project, each.values, each.names) for each in self.properties),
            tuple(bindings.Rule(each.kind, each.name, each.policy, tuple(each.key)) for each in self.rows),
        )


class ReferenceBinding(msgspec.Struct):
    """What bears this name in a package is the asset `target_id` here; a `provider` or `folder` that is null is any."""

    kind: str
    name: str
    target_id: int
    provider: str | None
    folder: str | None


class PropertyBinding(msgspec.Struct):
    """Values and other names of properties of the workspace (`project` is null) or of the project of that name."""

    project: str | None
    values: dict[str, str]
    names: dict[str, str]


class RowBinding(msgspec.Struct):
    """What becomes of the rows of the tables of this name in packages: insert, update, mirror or ignore."""

    kind: str
    name: str
    policy: str
    key: list[str]


class BindingsActor(msgspec.Struct):
    """Who set bindings: an API client; without an id, the holder of a token that the operator made."""

    id: int | None
    name: str


class Bindings(msgspec.Struct):
    """All bindings, at one version; version 0 is what holds before any were set."""

    version: int
    references: list[ReferenceBinding]
    properties: list[PropertyBinding]
    rows: list[RowBinding]
    set_by: BindingsActor | None
    created_at: str | None


class PastPropertyBinding(msgspec.Struct):
    """Which properties had a value of the binding's (each is null here) or another name."""

    project: str | None
    values: dict[str, None]
    names: dict[str, str]


class BindingsVersion(msgspec.Struct):
    """All bindings as they were set once, without the values of properties."""

    version: int
    references: list[ReferenceBinding]
    properties: list[PastPropertyBinding]
    rows: list[RowBinding]
    set_by: BindingsActor | None
    created_at: str | None


class BindingsVersions(msgspec.Struct):
    """A page of versions, newest first."""

    data: list[BindingsVersion]


def past(listed: bindings.Version) -> BindingsVersion:
    """A version's line. Values may be secret, and those of old may be so still: none is told."""
    told = version(listed)
    return BindingsVersion(
        version=told.version,
        references=told.references,
        properties=[
            PastPropertyBinding(each.project, dict.fromkeys(each.values), each.names) for each in told.properties
        ],
        rows=told.rows,
        set_by=told.set_by,
        created_at=told.created_at,
    )


def version(shown: bindings.Version) -> Bindings:
    """A version's answer."""
    content = shown.bindings
    return Bindings(
        version=shown.number,
        references=[
            ReferenceBinding(each.kind, each.name, each.target_id, each.provider, each.folder)
            for each in content.references
        ],
        properties=[PropertyBinding(each.project, dict(each.values), dict(each.names)) for each in content.properties],
        rows=[RowBinding(each.kind, each.name, each.policy, list(each.key)) for each in content.rows],
        set_by=BindingsActor(shown.set_by.id, shown.set_by.name) if shown.set_by else None,
        created_at=answers.stamp_or_none(shown.created_at),
    )
