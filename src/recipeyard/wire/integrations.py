"""The catalogue of connectors as the API shows it."""

import msgspec

from recipeyard.model import catalogue


class Operation(msgspec.Struct):
    """A trigger or an action. `bulk` moves whole files, `batch` several records at a time."""

    name: str
    title: str
    deprecated: bool
    bulk: bool
    batch: bool


class Connector(msgspec.Struct):
    """What recipes can use. Of an app the usual operations are listed; it has more."""

    name: str
    title: str
    categories: list[str]
    oauth: bool
    deprecated: bool
    secondary: bool
    triggers: list[Operation]
    actions: list[Operation]


class Connectors(msgspec.Struct):
    """Connectors, by name."""

    items: list[Connector]


class ConnectorPage(msgspec.Struct):
    """A page of connectors; `count` is how many there are in all."""

    items: list[Connector]
    count: int
    page: int
    per_page: int


def connector(shown: catalogue.Connector) -> Connector:
    """A connector's answer."""
    return Connector(
        name=shown.name,
        title=shown.title,
        categories=list(shown.categories),
        oauth=shown.oauth,
        deprecated=shown.deprecated,
        secondary=shown.secondary,
        triggers=[_operation(each) for each in shown.triggers],
        actions=[_operation(each) for each in shown.actions],
    )


def _operation(shown: catalogue.Operation) -> Operation:
    return Operation(shown.name, shown.title, shown.deprecated, shown.bulk, shown.batch)
