"""What people should know of an import before they apply it, and what does not stand in its way."""

import re
from collections.abc import Sequence

from recipeyard.model import assets, catalogue, plans, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, links, properties, stubs
from recipeyard.work import imports

_CUSTOM = re.compile(r".+_connector(_\d+)*")
"""How the internal names of custom connectors are spelled."""


def all_of(job: imports.Import, changes: Sequence[plans.Change]) -> list[proposals.Notice]:
    """Every caution, once all is written: credentials, values and connectors that are missing, names that are taken."""
    return [
        *_unauthorized(job, changes),
        *_unset(job, changes),
        *_missing_connectors(job, changes),
        *_clashes(changes),
    ]


def _unauthorized(job: imports.Import, changes: Sequence[plans.Change]) -> list[proposals.Notice]:
    """The connections without credentials that changed recipes use."""
    mine = [each for each in changes if each.incoming.kind == assets.RECIPE and not isinstance(each, plans.Keep)]
    versions = {job.written[each.incoming.path][1]: each.incoming.path for each in mine}
    linked = links.targets(job.tx, versions)
    used = {target: versions[version_id] for version_id, to in linked.items() for target in to.values()}
    found = asset_rows.by_ids(job.tx, job.workspace.id, used)
    wanted = {each.id: each.name for each in found.values() if each.kind == assets.CONNECTION}
    missing = wanted.keys() - connections.authorized(job.tx, wanted) - stubs.of_connections(job.tx, wanted).keys()
    what = "has no credentials here; recipes that use it can't be started"
    return [
        proposals.Notice(proposals.Code.UNAUTHORIZED, used[each], f"connection {wanted[each]!r} {what}")
        for each in sorted(missing)
    ]


def _unset(job: imports.Import, changes: Sequence[plans.Change]) -> list[proposals.Notice]:
    """The properties that arrive and have no value here."""
    found: list[proposals.Notice] = []
    for incoming in [change.incoming for change in changes if change.incoming.kind in assets.PROPERTIES]:
        here = properties.of_folder(job.tx, imports.properties_at(job, incoming))
        unset = [name for name in incoming.facts.keys if here.get(name) is None]
        told = [f"property {name!r} has no value here" for name in unset]
        found += [proposals.Notice(proposals.Code.UNSET_PROPERTY, incoming.path, what) for what in told]
    return found


def _missing_connectors(job: imports.Import, changes: Sequence[plans.Change]) -> list[proposals.Notice]:
    """The custom connectors that changed recipes call and that are not here."""
    called = {
        (app, change.incoming.path): None
        for change in changes
        if change.incoming.kind == assets.RECIPE and not isinstance(change, plans.Keep)
        for app in change.incoming.facts.applications
        if app not in catalogue.CONNECTORS and _CUSTOM.fullmatch(app)
    }
    if not called:
        return []
    here = {asset.provider for asset in asset_rows.of_kind(job.tx, job.workspace.id, assets.CUSTOM_ADAPTER)}
    what = "neither in the package nor here"
    return [
        proposals.Notice(proposals.Code.MISSING_CONNECTOR, path, f"custom connector {app!r} is {what}")
        for app, path in called
        if dict(job.names.renames.get(path, ())).get(app, app) not in here
    ]


def _clashes(changes: Sequence[plans.Change]) -> list[proposals.Notice]:
    """What is kept under another file name than it arrives with, as that is taken here."""
    return [
        proposals.Notice(
            proposals.Code.NAME_CLASH,
            change.incoming.path,
            f"its file name is taken here; it is kept as {assets.file_name(change.incoming.kind, change.stem)}",
        )
        for change in changes
        if change.stem != change.incoming.stem
    ]
