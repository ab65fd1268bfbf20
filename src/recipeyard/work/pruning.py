"""Prune a folder: what stands in its tree and not in the package goes, unless somebody still needs it.

Connections that hold credentials are people's, and property files hold what a workspace alone knows: both stay. So do
test cases where the package has none: it may have been made without them. Folders stay as well, empty ones too.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from recipeyard.model import assets, packages, plans, proposals, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, links, stubs
from recipeyard.work import naming, trees
from recipeyard.work.running import unended as jobs

Users = dict[int, tuple[str, ...]]
"""What goes on to refer to assets that would go, in words, by their ids."""


def decide(
    tx: database.Tx, left: trees.Tree, arriving: Collection[str]
) -> tuple[tuple[plans.Delete, ...], list[proposals.Notice]]:
    """What goes of what is left of a tree, by path; and for what stays, a notice why. `arriving` are kinds."""
    unmet = sorted(left.held.values(), key=lambda each: (left.path(each), each.id))
    holding = connections.holding(tx, [asset.id for asset in unmet if asset.kind == assets.CONNECTION])
    kept = {asset.id: why for asset in unmet if (why := _kept(asset, holding, arriving))}
    deletes = tuple(plans.Delete(each, left.path(each)) for each in unmet if each.id not in kept)
    code = proposals.Code.KEPT
    return deletes, [proposals.Notice(code, left.path(each), kept[each.id]) for each in unmet if each.id in kept]


def spare(
    deletes: Iterable[plans.Delete], policy: Callable[[str], packages.Policy]
) -> tuple[tuple[plans.Delete, ...], list[proposals.Notice], list[proposals.Notice]]:
    """What goes under the policies for what was changed here; what they forbid; and what they keep."""
    going: list[plans.Delete] = []
    forbidden: list[proposals.Notice] = []
    kept: list[proposals.Notice] = []
    for each in deletes:
        chosen = policy(each.existing.kind) if each.drifted else packages.Policy.INCOMING
        what = f"{each.spoken} is not in the package, and is not what a package left here"
        if chosen is packages.Policy.FAIL:
            forbidden.append(proposals.Notice(proposals.Code.CONFLICT, each.path, f"{what}; it would be deleted"))
        if chosen in {packages.Policy.INCOMING, packages.Policy.FAIL}:
            going.append(each)
        else:
            kept.append(proposals.Notice(proposals.Code.KEPT, each.path, f"{what}; it stays"))
    return tuple(going), forbidden, kept


def users(tx: database.Tx, workspace: workspaces.Workspace, deletes: Sequence[plans.Delete]) -> Users:
    """Who would be left with references to nothing. Asked once everything else is written.

    References of current versions count, those of versions that run, and tables that formulas look up by name; of
    stubs, what they answer for in recipes that run.
    """
    going = {delete.existing.id for delete in deletes}
    found: dict[int, set[assets.Named]] = defaultdict(set)
    for target_id, user in [*links.users(tx, going), *stubs.users(tx, going), *_by_name(tx, workspace, deletes)]:
        if user.id not in going:
            found[target_id].add(user)
    return {key: tuple(dict.fromkeys(str(user) for user in sorted(mine))) for key, mine in found.items()}


def running(deletes: Iterable[plans.Delete]) -> list[proposals.Notice]:
    """The gate: every running recipe that would be stopped and go."""
    what = "is running and would be deleted; set restart_recipes=true"
    return [
        proposals.Notice(proposals.Code.RUNNING, each.path, f"recipe {each.existing.name!r} {what}")
        for each in deletes
        if each.existing.running
    ]


def unended(tx: database.Tx, deletes: Iterable[plans.Delete]) -> list[proposals.Notice]:
    """Recipes whose events were acknowledged, and have not been run to the end."""
    going = {each.existing.id: each for each in deletes}
    return [
        proposals.Notice(proposals.Code.RUNNING, going[key].path, f"recipe {going[key].existing.name!r} {what}")
        for key, what in jobs.told(tx, going).items()
    ]


def in_use(deletes: Iterable[plans.Delete], users: Users) -> list[proposals.Notice]:
    """What can't go, because somebody would be left with a reference to nothing."""
    return [
        proposals.Notice(
            proposals.Code.IN_USE,
            each.path,
            f"{each.spoken} would be deleted, and is still used by {', '.join(users[each.existing.id])}",
        )
        for each in deletes
        if each.existing.id in users
    ]


def lines(deletes: Iterable[plans.Delete], users: Users) -> list[proposals.Line]:
    """What goes, as lines of a plan."""
    return [
        proposals.Line(
            action=proposals.Action.DELETE,
            kind=each.existing.kind,
            name=each.existing.name,
            path=each.path,
            asset_id=each.existing.id,
            digest_before=each.existing.content.digest,
            used_by=users.get(each.existing.id, ()),
            drifted=each.drifted,
        )
        for each in deletes
    ]


def rests(deletes: Iterable[plans.Delete]) -> list[proposals.Rest]:
    """What a plan rests on, of what would go."""
    return [_rest(each.path, each.existing) for each in deletes]


def results(deletes: Iterable[plans.Delete]) -> tuple[packages.Result, ...]:
    """What became of what went. A recipe that ran was stopped by that."""
    return tuple(
        packages.Result(
            asset_id=each.existing.id,
            kind=each.existing.kind,
            path=each.path,
            name=each.existing.name,
            action=packages.Action.DELETED,
            version_before=each.existing.version_no,
            version_after=None,
            digest=each.existing.content.digest,
            import_result=packages.ImportResult.STOPPED if each.existing.running else None,
        )
        for each in deletes
    )


def _rest(path: str, here: assets.Asset) -> proposals.Rest:
    return proposals.Rest(path, here.kind, here.name, here.id, here.version_no, here.running)


def _kept(asset: assets.Asset, holding: Collection[int], arriving: Collection[str]) -> str | None:
    """Why an asset is never pruned, None where it is."""
    if asset.id in holding:
        return f"connection {asset.name!r} is not in the package, and stays: it holds credentials"
    if asset.kind in assets.PROPERTIES or asset.kind == assets.PROJECT:
        return f"{assets.spoken(asset.kind)} are not in the package, and stay: they are never pruned"
    if asset.kind == assets.TEST_CASE and asset.kind not in arriving:
        return f"test case {asset.name!r} stays: the package has no test cases"
    return None


def _by_name(
    tx: database.Tx, workspace: workspaces.Workspace, deletes: Sequence[plans.Delete]
) -> Iterable[tuple[int, assets.Named]]:
    """Who looks up tables that go, by names that nothing else here will bear."""
    tables = {each.existing.id: each.existing for each in deletes if each.existing.kind == assets.LOOKUP_TABLE}
    alike = asset_rows.named(tx, workspace.id, assets.LOOKUP_TABLE, {each.name for each in tables.values()})
    staying = {each.name for each in alike if each.id not in tables}
    going = {each.name: each.id for each in tables.values() if each.name not in staying}
    return [(going[name], user) for name, user in naming.users(tx, workspace, going.keys())]
