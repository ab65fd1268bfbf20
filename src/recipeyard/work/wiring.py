"""Find what references mean in a workspace."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field

from recipeyard.model import assets, bundles, references, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import connections, database, folders, links

ROOT_NAMES = frozenset({references.HOME, "All projects"})

Bound = Callable[[references.Reference, str | None], int | None]
"""Tells the asset that is bound to what a reference names, given the app it names it for; None where none is."""


def unbound(_: references.Reference, __: str | None) -> int | None:
    """Nothing is bound."""
    return None


@dataclass(slots=True)
class Resolver:
    """Resolves references that count from one folder. Answers are remembered, so it serves one transaction.

    `arriving` are the assets of a package on its way in, by path: they come first, and what is `bound` to a name comes
    next. `assumed` gathers the references
    that only their app's name led to a connection.
    """

    tx: database.Tx
    workspace: workspaces.Workspace
    base_id: int
    arriving: Mapping[str, int] = field(default_factory=dict)
    bound: Bound = unbound
    assumed: set[references.Reference] = field(default_factory=set)
    remembered: dict[tuple[references.Reference, str | None], int | None] = field(default_factory=dict)

    def links(
        self, facts: bundles.Facts, kept: Mapping[references.Reference, int], guessed: Container[int] = ()
    ) -> list[links.Link]:
        """What a document's references mean, one for each. `kept` go on to mean what they meant.

        `guessed` are the positions of those kept that an app's name alone had led to.
        """
        providers = {reference: provider for provider, reference in facts.accounts}
        made: list[links.Link] = []
        for at, reference in enumerate(facts.refers_to):
            if reference in kept:
                made.append(links.Link(reference, kept[reference], at in guessed))
            else:
                target = self.target(reference, providers.get(reference))
                made.append(links.Link(reference, target, reference in self.assumed))
        return made

    def target(self, reference: references.Reference, provider: str | None = None) -> int | None:
        """The asset that a reference means, None where there is none.

        In this order: what stands at its path in the package; what is bound to its name; what its full path names; what
        stands at its folder; for kinds that belong to the workspace, what bears its name; for a connection, the only
        one of its provider.
        """
        if reference.full_path is None and reference.zip_name in self.arriving:
            return self.arriving[reference.zip_name]
        key = (reference, provider)
        if key not in self.remembered:
            self.remembered[key] = self._search(reference, provider)
        return self.remembered[key]

    def _search(self, reference: references.Reference, provider: str | None) -> int | None:
        kind = reference.kind
        bound = self.bound(reference, provider)
        if kind is None or bound is not None:
            return bound
        place_id = self._place(reference)
        candidates = asset_rows.named(self.tx, self.workspace.id, kind, [reference.name])
        for place in (place_id, self.workspace.root_folder_id):
            here = [each for each in candidates if each.place_id == place]
            if here:
                return min(here, key=lambda each: (each.stem != reference.stem, each.id)).id
        if candidates and kind in assets.AT_ROOT:
            return candidates[0].id
        if kind == assets.CONNECTION and provider:
            self.assumed.add(reference)
            return connections.only_one(self.tx, self.workspace.id, provider)
        return None

    def _place(self, reference: references.Reference) -> int | None:
        if reference.full_path is None:
            return folders.descend(self.tx, self.base_id, reference.folder)
        first, _, rest = reference.full_path.partition("/")
        path = rest if first in ROOT_NAMES else reference.full_path
        return folders.descend(self.tx, self.workspace.root_folder_id, path)


def project_folder(tx: database.Tx, workspace: workspaces.Workspace, folder_id: int) -> int:
    """The folder that references of a document kept here count from: its project's, or the root itself."""
    steps = folders.trail(tx, folder_id)
    return steps[0][0] if steps else workspace.root_folder_id
