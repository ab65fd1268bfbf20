"""Bindings as a client reads and sends them; `received` says which keys are required."""

import msgspec


class Reference(msgspec.Struct, frozen=True):
    """What bears this name in packages is the asset `target_id` here."""

    kind: str
    name: str
    target_id: int
    provider: str | None = None
    folder: str | None = None


class Properties(msgspec.Struct, frozen=True):
    """What properties hold here, and what they are called here: the workspace's (`project` is null) or a project's."""

    project: str | None = None
    values: dict[str, str] = {}
    names: dict[str, str] = {}


class Rows(msgspec.Struct, frozen=True):
    """What becomes of the rows of the tables of this name in packages."""

    kind: str
    name: str
    policy: str
    key: tuple[str, ...] = ()


class Bindings(msgspec.Struct, frozen=True):
    """All of a workspace's bindings, at one version."""

    version: int = 0
    references: tuple[Reference, ...] = ()
    properties: tuple[Properties, ...] = ()
    rows: tuple[Rows, ...] = ()
