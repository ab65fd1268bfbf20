"""A workspace's bindings as one import asks them: what stands here for what its package names.

Every answer that is used is remembered, so that the plan shows it; so is every one that can't be used, and keeps the
package from being applied.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recipeyard.model import assets, bindings, bundles, catalogue, proposals, references
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import bindings as binding_rows
from recipeyard.sql import database, links


@dataclass(slots=True)
class Answers:
    """The bindings that hold, and what one import has made of them so far.

    `targets` are the bound assets that are here, by id, `custom` those connections among them that belong to custom
    connectors; `met` is what arriving assets are here, by their path, whose own documents are passed over.
    """

    version: bindings.Version = field(default_factory=bindings.Version)
    targets: Mapping[int, assets.Asset] = field(default_factory=dict)
    custom: frozenset[int] = frozenset()
    met: dict[str, assets.Asset] = field(default_factory=dict)
    used: dict[proposals.Bound, None] = field(default_factory=dict)
    blockers: list[proposals.Notice] = field(default_factory=list)

    def stands_for(self, reference: references.Reference, provider: str | None = None) -> int | None:
        """The asset that is bound to what a reference names; None where none is, or is here any more."""
        entry = self.version.bindings.answer(_of_reference(reference, provider))
        return entry.target_id if entry and entry.target_id in self.targets else None

    def bound(self, incoming: bundles.Incoming, arriving: Mapping[str, int]) -> set[references.Reference]:
        """The references of a document that mean what is bound to them, rather than what arrives or they meant."""
        providers = {reference: provider for provider, reference in incoming.facts.accounts}
        found: set[references.Reference] = set()
        for reference in incoming.facts.refers_to:
            if reference.full_path is not None or reference.zip_name not in arriving:
                provider = providers.get(reference)
                entry = self.version.bindings.answer(_of_reference(reference, provider))
                if entry and self._use(incoming.path, entry, provider):
                    found.add(reference)
        return found

    def check_apps(self, providers: Mapping[str, str | None]) -> None:
        """Whether the connections that arriving ones are here are for the apps that arrive, told by path."""
        for path, here in self.met.items():
            if here.kind == assets.CONNECTION and providers[path] != here.provider:
                self._refuse_app(path, here, providers[path])

    def meet(self, incoming: bundles.Incoming, provider: str | None) -> None:
        """Let an arriving asset be what is bound to its name, if anything is."""
        asked = bindings.Asked(incoming.kind, incoming.facts.name, provider, (incoming.folder,))
        entry = self.version.bindings.answer(asked)
        if entry and (target := self._use(incoming.path, entry, None)):
            self.met[incoming.path] = target

    def _use(self, path: str, entry: bindings.Reference, provider: str | None) -> assets.Asset | None:
        target = self.targets.get(entry.target_id)
        if target is None:
            what = f"{assets.spoken(entry.kind)} {entry.name!r} is bound to {entry.target_id}, which is here no more"
            self.blockers.append(proposals.Notice(proposals.Code.BINDING, path, what))
            return None
        self.used[proposals.Bound(path, entry.kind, entry.name, target.id, target.name)] = None
        if provider is not None and entry.kind == assets.CONNECTION and not self._is_for(target, provider):
            self._refuse_app(path, target, provider)
        return target

    def _is_for(self, target: assets.Asset, provider: str) -> bool:
        """Whether a connection is for an app; a custom connector has other names elsewhere, but not an app's."""
        return target.provider == provider or (target.id in self.custom and provider not in catalogue.CONNECTORS)

    def _refuse_app(self, path: str, here: assets.Asset, provider: str | None) -> None:
        what = f"connection {here.name!r} is bound here, and is for {here.provider!r}, not for {provider!r}"
        self.blockers.append(proposals.Notice(proposals.Code.BINDING, path, what))


def settle(tx: database.Tx, workspace_id: int, incoming: Sequence[bundles.Incoming]) -> Answers:
    """What a workspace's bindings say to what arrives."""
    version = binding_rows.newest(tx, workspace_id)
    if not version.number:
        return Answers()
    entries = version.bindings.references
    targets = asset_rows.by_ids(tx, workspace_id, [each.target_id for each in entries])
    answers = Answers(version, targets, custom_connections(tx, targets.values()))
    literals = {account.zip_name: literal for each in incoming for literal, account in each.facts.accounts}
    for each in incoming:
        answers.meet(each, each.facts.provider or literals.get(each.path))
    return answers


def custom_connections(tx: database.Tx, found: Iterable[assets.Asset]) -> frozenset[int]:
    """Those of these that are connections of custom connectors, which each workspace calls by a name of its own."""
    mine = [each.id for each in found if each.kind == assets.CONNECTION]
    versions = {version_id: asset_id for asset_id, version_id in asset_rows.version_ids(tx, mine).items()}
    return frozenset(versions[version_id] for version_id, to in links.targets(tx, versions).items() if to)


def _of_reference(reference: references.Reference, provider: str | None) -> bindings.Asked:
    return bindings.Asked(reference.kind or "", reference.name, provider, tuple(_folders(reference)))


def _folders(reference: references.Reference) -> Iterator[str]:
    """What may be said of where a reference's target stands in the package, or beside it."""
    if reference.full_path is None:
        yield assets.split(reference.zip_name)[0]
        return
    yield from (reference.folder, reference.full_path, reference.full_path.removeprefix(f"{references.HOME}/"))
