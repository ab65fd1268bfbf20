"""The connectors that are installed: entry points of the group `recipeyard.connectors`, loaded once."""

import functools
import logging
from collections.abc import Iterable, Mapping
from importlib import metadata
from types import MappingProxyType

from recipeyard.model import app_connectors
from recipeyard.runtime import interface

_HOME = "recipeyard"
_UNLOADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)

_log = logging.getLogger(__name__)


@functools.cache
def installed() -> Mapping[str, interface.Connector]:
    """The connectors by the provider that recipes spell. They are looked for at the first call alone.

    An app that a recipe may use twice is there under its second name too.
    """
    found = load(metadata.entry_points(group=interface.GROUP))
    twice = {f"{name}_secondary": found[name] for name in app_connectors.SECONDARY if name in found}
    return MappingProxyType(found | twice)


def connector(provider: str) -> interface.Connector | None:
    """A provider's connector; None where it is not installed."""
    return installed().get(provider)


def trigger(provider: str, name: str) -> interface.Trigger | None:
    """A provider's trigger; None where the provider is not installed, or has none of that name."""
    found = connector(provider)
    return found.trigger(name) if found else None


@functools.cache
def ours() -> frozenset[str]:
    """The providers whose connectors are this release's own. What others wrote may hang where ours may not."""
    found = {each.name for each in metadata.entry_points(group=interface.GROUP) if _distribution(each) == _HOME}
    return frozenset(found | {f"{name}_secondary" for name in app_connectors.SECONDARY if name in found})


def load(points: Iterable[metadata.EntryPoint]) -> dict[str, interface.Connector]:
    """The connectors of entry points by name. One that can't be loaded is named in a log line, and left out.

    A name that several distributions offer is refused: ours stays, where it is one of them; else none is used.
    """
    offered: dict[str, list[metadata.EntryPoint]] = {}
    for point in points:
        offered.setdefault(point.name, []).append(point)
    loaded = ((name, _chosen(name, rivals)) for name, rivals in sorted(offered.items()))
    connectors = ((name, _connector(point)) for name, point in loaded if point is not None)
    return {name: connector for name, connector in connectors if connector is not None}


def _chosen(name: str, rivals: list[metadata.EntryPoint]) -> metadata.EntryPoint | None:
    if len(rivals) == 1:
        return rivals[0]
    ours = [each for each in rivals if _distribution(each) == _HOME]
    stays = ours[0] if len(ours) == 1 else None
    names = ", ".join(sorted(_distribution(each) for each in rivals if each is not stays))
    _log.error("connector %s is refused: %s offer what has that name already", name, names)
    return stays


def _distribution(point: metadata.EntryPoint) -> str:
    return point.dist.name if point.dist else point.value


def _connector(point: metadata.EntryPoint) -> interface.Connector | None:
    try:
        found = point.load()
    except _UNLOADABLE as error:
        _log.exception("connector %s (%s) can't be loaded: %s", point.name, point.value, error)
        return None
    if not isinstance(found, interface.Connector):
        _log.error("connector %s (%s) is left out: it is no Connector", point.name, point.value)
        return None
    if found.name != point.name:
        _log.error("connector %s (%s) is left out: it calls itself %s", point.name, point.value, found.name)
        return None
    return found
