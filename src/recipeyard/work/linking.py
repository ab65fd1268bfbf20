"""Link documents: every reference to what it means here, whatever came first."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field

from recipeyard.model import assets, bundles, plans, proposals, references, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, links
from recipeyard.sql import documents as document_rows
from recipeyard.work import imports, naming, wiring


@dataclass(slots=True)
class Linked:
    """What linking a package came to: a notice for each reference that means nothing, and who calls another now.

    `rewired` are the assets whose document stays, and whose references mean other assets than before, each with those
    references.
    """

    unresolved: list[proposals.Notice] = field(default_factory=list)
    rewired: list[tuple[plans.Keep, tuple[references.Reference, ...]]] = field(default_factory=list)

    def note(self, change: plans.Change, made: Sequence[links.Link], old: dict[int, int]) -> None:
        """Note which references of an asset that stays mean others than before."""
        turned = tuple(made[at].reference for at, target in old.items() if made[at].target_id != target)
        if isinstance(change, plans.Keep) and turned:
            self.rewired.append((change, turned))


def link(job: imports.Import, changes: Sequence[plans.Change]) -> Linked:
    """Link the references of everything that arrived, once it is written.

    What stands at a reference's path in the package comes first, for documents that stay as they are too: the asset
    there may be another one than before. What is bound to a name comes next. A bound asset's own references stay.
    """
    arriving = job.beyond | {change.incoming.path: job.asset(change).id for change in changes}
    resolver = job.resolver(arriving)
    free = [change for change in changes if change.incoming.path not in job.answers.met]
    kept = [change.existing.id for change in free if isinstance(change, plans.Keep)]
    version_ids = asset_rows.version_ids(job.tx, kept)
    before, guessed = links.meant(job.tx, version_ids.values())
    linked: dict[int, list[links.Link]] = {}
    done = Linked()
    for change in free:
        version_id = job.version_id(change, version_ids)
        facts, old = change.incoming.facts, before.get(version_id, {})
        bound = job.answers.bound(change.incoming, arriving)
        if isinstance(change, plans.Keep) and not bound and _all_stay(facts, old, arriving):
            continue
        made = resolver.links(facts, _still(facts, old, arriving, bound), guessed.get(version_id, ()))
        if not isinstance(change, plans.Keep) or _differ(made, old):
            linked[version_id] = made
        done.note(change, made, old)
        done.unresolved += _unresolved(job, change, made)
    staying = {version_id: asset_id for asset_id, version_id in version_ids.items()}
    job.recorder.before([staying[version_id] for version_id in linked if version_id in staying])
    links.write(job.tx, linked)
    return done


def unnamed(job: imports.Import, changes: Sequence[plans.Change]) -> list[proposals.Notice]:
    """A notice for each table and property that arrived documents name and that is not here, once all is written."""
    names = naming.Names(job.tx, job.workspace)
    naming_some = [each for each in changes if each.incoming.facts.lookups or each.incoming.facts.properties]
    names.learn(change.incoming.facts for change in naming_some)
    return [
        proposals.Notice(proposals.Code.UNRESOLVED, change.incoming.path, f"{what} is {_nowhere(job)}")
        for change in naming_some
        if change.incoming.path not in job.answers.met
        for what in names.missing(change.incoming.facts, job.asset(change).folder_id)
    ]


def called_otherwise(job: imports.Import, changes: Iterable[plans.Change]) -> list[proposals.Notice]:
    """A notice for each asset that looks up a table by a name that the table had and nothing here has any more.

    Formulas name tables in their text, so that these references can't follow.
    """
    former = {
        change.existing.name: change.incoming
        for change in changes
        if not isinstance(change, plans.Create)
        and change.incoming.path in job.renamed
        and change.existing.kind == assets.LOOKUP_TABLE
    }
    still = {each.name for each in asset_rows.named(job.tx, job.workspace.id, assets.LOOKUP_TABLE, former)}
    lost = naming.users(job.tx, job.workspace, former.keys() - still)
    return [
        proposals.Notice(proposals.Code.UNRESOLVED, former[name].path, f"{user} still looks it up as {name!r}")
        for name, user in sorted(set(lost))
    ]


def heal(
    tx: database.Tx,
    workspace: workspaces.Workspace,
    made: Sequence[assets.Asset],
    before: Callable[[Sequence[int]], None] | None = None,
) -> None:
    """Let references that meant nothing so far mean these assets, where they do.

    `before` is told the assets whose references are about to.
    """
    connected = {asset.kind for asset in made} & {assets.CONNECTION}
    dangling = links.dangling(tx, workspace.id, [asset.name for asset in made], connected)
    facts = document_rows.facts(tx, [lost.digest for lost in dangling])
    resolvers: dict[int, wiring.Resolver] = {}
    found: list[tuple[links.Dangling, links.Link]] = []
    for lost in dangling:
        base_id = lost.base_id or wiring.project_folder(tx, workspace, lost.folder_id)
        resolver = resolvers.setdefault(base_id, wiring.Resolver(tx, workspace, base_id))
        found.append((lost, resolver.links(facts[lost.digest, lost.kind], {})[lost.position]))
    if before:
        before([lost.asset_id for lost, link in found if link.target_id is not None])
    for lost, link in found:
        if link.target_id is not None:
            links.mend(tx, lost, link.target_id, assumed=link.assumed)


def base_of(tx: database.Tx, workspace: workspaces.Workspace, asset: assets.Asset) -> int:
    """The folder that the references of an asset's current version count from."""
    said = links.base_of(tx, asset_rows.version_ids(tx, [asset.id])[asset.id])
    if said is not None and folders.exists(tx, workspace.id, said):
        return said
    return wiring.project_folder(tx, workspace, asset.folder_id)


def _still(
    facts: bundles.Facts, old: dict[int, int], arriving: dict[str, int], bound: Container[references.Reference]
) -> dict[references.Reference, int]:
    """What references go on to mean: all that meant something, but those whose place in the package is taken."""
    kept = {facts.refers_to[at]: target for at, target in old.items() if at < len(facts.refers_to)}
    staying = {each: to for each, to in kept.items() if each.full_path is not None or each.zip_name not in arriving}
    return {each: to for each, to in staying.items() if each not in bound}


def _all_stay(facts: bundles.Facts, old: dict[int, int], arriving: dict[str, int]) -> bool:
    """Whether every reference means something, and goes on to mean that, whatever has arrived."""
    return len(old) == len(facts.refers_to) and all(
        reference.full_path is not None or arriving.get(reference.zip_name, old[at]) == old[at]
        for at, reference in enumerate(facts.refers_to)
    )


def _differ(made: Sequence[links.Link], old: dict[int, int]) -> bool:
    return {at: link.target_id for at, link in enumerate(made) if link.target_id is not None} != old


def _unresolved(job: imports.Import, change: plans.Change, made: Iterable[links.Link]) -> list[proposals.Notice]:
    return [
        proposals.Notice(proposals.Code.UNRESOLVED, change.incoming.path, f"{link.reference} is {_nowhere(job)}")
        for link in made
        if link.target_id is None
    ]


def _nowhere(job: imports.Import) -> str:
    """Where what a reference names is not; what of a package was not asked for is not taken along."""
    return f"neither {'selected' if job.order.options.only else 'in the package'} nor here"
