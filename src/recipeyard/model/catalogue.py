"""The connectors that this server knows by name: the platform's own, and the apps behind connections.

Operations of the platform's own are all listed, so recipes are checked against them; of apps the usual ones are.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from recipeyard.model import app_connectors, platform_connectors

_VERSION = re.compile(r"_v(\d+)(?=_|$)")


@dataclass(frozen=True, slots=True)
class Operation:
    """A trigger or an action. `bulk` moves whole files, `batch` several records at a time."""

    name: str
    title: str
    deprecated: bool
    bulk: bool
    batch: bool


@dataclass(frozen=True, slots=True)
class Connector:
    """What recipes can use. `secondary` marks the name under which a recipe uses an app for the second time."""

    name: str
    title: str
    categories: tuple[str, ...]
    oauth: bool
    deprecated: bool
    secondary: bool
    triggers: tuple[Operation, ...]
    actions: tuple[Operation, ...]


def operations(words: str) -> tuple[Operation, ...]:
    """Operations by name; one of which a later version is listed too is deprecated."""
    names = words.split()
    latest: dict[str, int] = {}
    for name in names:
        base, number = _versioned(name)
        latest[base] = max(number, latest.get(base, 0))
    return tuple(_operation(name, latest) for name in names)


def _operation(name: str, latest: dict[str, int]) -> Operation:
    base, number = _versioned(name)
    title = "Custom action" if name == app_connectors.CUSTOM_ACTION else base.replace("_", " ").strip().capitalize()
    parts = name.split("_")
    return Operation(name, title, number < latest[base], "bulk" in parts, "batch" in parts)


def _versioned(name: str) -> tuple[str, int]:
    """A name without its version, and the version; a name without one is the first."""
    match = _VERSION.search(name)
    return (_VERSION.sub("", name), int(match[1])) if match else (name, 1)


def _platform() -> Iterator[Connector]:
    data = platform_connectors
    for name, title in data.TITLES.items():
        yield Connector(
            name=name,
            title=title,
            categories=(data.CATEGORY,),
            oauth=False,
            deprecated=name in data.DEPRECATED,
            secondary=False,
            triggers=operations(data.TRIGGERS.get(name, "")),
            actions=operations(data.ACTIONS.get(name, "")),
        )


def _apps() -> Iterator[Connector]:
    data = app_connectors
    for category, words in data.CATEGORIES.items():
        for name in words.split():
            app = Connector(
                name=name,
                title=data.TITLES.get(name) or name.replace("_", " ").title(),
                categories=(category,),
                oauth=name in data.OAUTH,
                deprecated=name in data.DEPRECATED,
                secondary=False,
                triggers=operations(data.TRIGGERS.get(name, "")),
                actions=operations(data.ACTIONS.get(name, "")),
            )
            yield app
            if name in data.SECONDARY:
                yield replace(app, name=f"{name}_secondary", title=f"{app.title} (secondary)", secondary=True)


def _named(connectors: Iterable[Connector]) -> dict[str, Connector]:
    return {each.name: each for each in sorted(connectors, key=lambda each: each.name)}


CONNECTORS = _named([*_platform(), *_apps()])
"""Every connector by name, in the order of their names."""

PLATFORM = {each.name: each for each in _platform()}
"""The platform's own connectors. Recipes reach every other provider through a connection."""

_REQUIRED = {
    "lookup_table": "lookup_table_id",
    "workato_db_table": "table_id",
    "workato_pub_sub": "topic_id",
    "workato_template": "template_id",
}
_CALLS = frozenset({"workato_recipe_function", "workato_service"})


def knows(provider: str, keyword: str, operation: str) -> bool:
    """Whether a provider has such a trigger or action. Of apps behind connections not all are listed: any will do."""
    connector = PLATFORM.get(provider)
    if connector is None:
        return True
    return operation in {each.name for each in (connector.triggers if keyword == "trigger" else connector.actions)}


def required(provider: str, operation: str) -> str | None:
    """The input field without which an operation of the platform can't be set up: what it works on."""
    if provider in _CALLS:
        return "flow_id" if operation.startswith("call_") else None
    return _REQUIRED.get(provider)
