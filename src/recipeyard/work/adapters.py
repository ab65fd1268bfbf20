"""Custom connectors on their way in: the internal name that each bears here, and recipes that call it otherwise.

A recipe's steps spell a custom connector by an internal name that its workspace gave it. A new connector takes the name
by which the arriving recipes call it; one that is here already keeps its own, and the recipes are changed.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recipeyard.model import assets, bundles
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import links
from recipeyard.work import wiring


@dataclass(frozen=True, slots=True)
class Names:
    """Internal names by the path of the arriving connector, and for each recipe's path what to rename."""

    by_path: dict[str, str] = field(default_factory=dict)
    renames: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    connections: dict[str, str] = field(default_factory=dict)


def settle(
    incoming: Sequence[bundles.Incoming], paired: Mapping[str, assets.Asset], resolver: wiring.Resolver
) -> Names:
    """Decide the internal name of every custom connector that arrives or that arriving recipes use."""
    by_path = {each.path: each for each in incoming}
    uses = [(recipe.path, *use) for recipe in incoming for use in _uses(recipe, by_path, resolver)]
    here = {asset.provider for asset in asset_rows.of_kind(resolver.tx, resolver.workspace.id, assets.CUSTOM_ADAPTER)}
    names: dict[str, str] = {}
    for each in incoming:
        if each.kind == assets.CUSTOM_ADAPTER:
            wished = [literal for _, literal, target in uses if target == each.path]
            names[each.path] = _name(each, paired.get(each.path), wished, here)
            here.add(names[each.path])
    renames: dict[str, tuple[tuple[str, str], ...]] = {}
    for path, literal, target in uses:
        name = names.get(target, target)
        if name != literal:
            renames[path] = (*renames.get(path, ()), (literal, name))
    return Names(names, renames, dict(_connections(incoming, names, resolver)))


def _uses(
    recipe: bundles.Incoming, by_path: Mapping[str, bundles.Incoming], resolver: wiring.Resolver
) -> Iterator[tuple[str, str]]:
    """A recipe's custom connectors: what it calls each, and the connector's path here in the package or its name."""
    for literal, account in recipe.facts.accounts:
        connection = by_path.get(account.zip_name) if account.full_path is None else None
        if connection and connection.facts.adapter:
            adapter = connection.facts.adapter
            if adapter.zip_name in by_path:
                yield literal, adapter.zip_name
                continue
            target = resolver.target(adapter)
        elif connection is None:
            target = _adapter_of(resolver.target(account), resolver)
        else:
            continue
        found = asset_rows.by_ids(resolver.tx, resolver.workspace.id, [target] if target else [])
        if target in found:
            yield literal, found[target].provider or literal


def _adapter_of(connection_id: int | None, resolver: wiring.Resolver) -> int | None:
    """The custom connector that a connection which is here belongs to."""
    if connection_id is None:
        return None
    version_id = asset_rows.version_ids(resolver.tx, [connection_id])[connection_id]
    linked = links.targets(resolver.tx, [version_id]).get(version_id, {})
    return next(iter(linked.values()), None)


def _name(adapter: bundles.Incoming, here: assets.Asset | None, wished: Sequence[str], taken: set[str | None]) -> str:
    if here and here.provider:
        return here.provider
    free = [name for name in wished if name not in taken]
    return free[0] if free else free_name(adapter.facts.name, taken)


def free_name(title: str, taken: Container[str | None]) -> str:
    """The internal name that a connector's title gives, or the next one that nobody has taken."""
    wanted = f"{assets.slug(title)}_connector"
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    return name


def _connections(
    incoming: Sequence[bundles.Incoming],
    names: Mapping[str, str],
    resolver: wiring.Resolver,
) -> Iterator[tuple[str, str]]:
    """The provider of each arriving connection that belongs to a custom connector, by the connection's path."""
    literals = {account.zip_name: literal for each in incoming for literal, account in each.facts.accounts}
    for each in incoming:
        adapter = each.facts.adapter
        if adapter is None:
            continue
        target = None if adapter.zip_name in names else resolver.target(adapter)
        found = asset_rows.by_ids(resolver.tx, resolver.workspace.id, [target] if target else [])
        known = names.get(adapter.zip_name) or (found[target].provider if target in found else None)
        yield each.path, known or literals.get(each.path) or f"{assets.slug(adapter.name)}_connector"
