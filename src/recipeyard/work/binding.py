"""A workspace's bindings as one import asks them: what stands here for what its package names.

Every answer that is used is remembered, so that the plan shows it; so is every one that can't be used, and keeps the
package from being applied.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from recipeyard.model import assets, bindings, bundles, catalogue, proposals, references, workspaces
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import bindings as binding_rows
from recipeyard.sql import database, folders, links

ACCOUNT, PROJECT = "account", "project"
KINDS = {ACCOUNT: assets.ACCOUNT_PROPERTIES, PROJECT: assets.PROJECT_PROPERTIES}
"""The kind of the file that declares the properties of a scope."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a document calls by name alone and is called otherwise here: lookup tables; properties by scope and name."""

    tables: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tables or self.properties)

    def put(self, facts: bundles.Facts, scope: str) -> bundles.Facts:
        """What a document says of itself once it calls everything as it is called here; a property file's `scope`."""
        return replace(
            facts,
            lookups=tuple(dict.fromkeys(self.tables.get(name, name) for name in facts.lookups)),
            properties=tuple(dict.fromkeys((s, self.properties.get((s, name), name)) for s, name in facts.properties)),
            keys=tuple(dict.fromkeys(self.properties.get((scope, name), name) for name in facts.keys)),
        )


@dataclass(slots=True)
class Answers:
    """The bindings that hold, and what one import has made of them so far.

    `targets` are the bound assets that are here, by id, `custom` those connections among them that belong to custom
    connectors. `project` is the one that the package arrives in, None where that is the workspace itself. `met` is what
    arriving assets are here, by their path, whose own documents are passed over.
    """

    version: bindings.Version = field(default_factory=bindings.Version)
    targets: Mapping[int, assets.Asset] = field(default_factory=dict)
    custom: frozenset[int] = frozenset()
    project: str | None = None
    met: dict[str, assets.Asset] = field(default_factory=dict)
    used: dict[proposals.Bound, None] = field(default_factory=dict)
    blockers: list[proposals.Notice] = field(default_factory=list)

    def stands_for(self, reference: references.Reference, provider: str | None = None) -> int | None:
        """The asset that is bound to what a reference names; None where none is, or is here any more."""
        entry = self.version.bindings.answer(_of_reference(reference, provider))
        return entry.target_id if entry and entry.target_id in self.targets else None

    def bound(self, incoming: bundles.Incoming, arriving: Mapping[str, int]) -> set[references.Reference]:
        """The references of a document that mean what is bound to them, rather than what arrives or they meant."""
        found: set[references.Reference] = set()
        if not self.version.bindings.references:
            return found
        providers = {reference: provider for provider, reference in incoming.facts.accounts}
        for reference in incoming.facts.refers_to:
            if reference.full_path is not None or reference.zip_name not in arriving:
                provider = providers.get(reference)
                entry = self.version.bindings.answer(_of_reference(reference, provider))
                if entry and self._use(incoming.path, entry, provider):
                    found.add(reference)
        return found

    def scope(self, incoming: bundles.Incoming, scope: str) -> bindings.Scope:
        """What is bound of the properties that an arriving document means: the workspace's, or its project's."""
        if scope == ACCOUNT:
            return self.version.bindings.scope(None)
        project = self.project or incoming.folder.partition("/")[0]
        return self.version.bindings.scope(project) if project else bindings.Scope(None)

    def names(self, incoming: bundles.Incoming) -> Names:
        """What an arriving document calls by name alone, and has another name here."""
        if incoming.path in self.met or not self.version.number:
            return Names()
        facts = incoming.facts
        mine = scope_of(incoming.kind)
        said = dict.fromkeys([*facts.properties, *((mine, key) for key in facts.keys)])
        properties = {(s, name): here for s, name in said if (here := self.scope(incoming, s).names.get(name))}
        for (scope, name), here in properties.items():
            self.used[proposals.Bound(incoming.path, KINDS[scope], name, None, here)] = None
        tables = {
            name: here for name in facts.lookups if (here := self._table(incoming.path, name)) not in {None, name}
        }
        return Names(tables, properties)

    def rule(self, incoming: bundles.Incoming, here: assets.Asset | None) -> bindings.Rule | None:
        """What is bound of the rows of an arriving table, None where nothing is."""
        rule = None
        if incoming.kind in assets.TABLES and incoming.path not in self.met:
            rule = self.version.bindings.rule(incoming.kind, incoming.facts.name)
        if rule:
            told = f"{rule.policy} rows by {', '.join(rule.key)}" if rule.key else f"{rule.policy} rows"
            bound = proposals.Bound(incoming.path, rule.kind, rule.name, here.id if here else None, told)
            self.used[bound] = None
        return rule

    def narrow(self, paths: Container[str]) -> None:
        """Forget what was asked for paths that do not arrive after all."""
        self.met = {path: asset for path, asset in self.met.items() if path in paths}
        self.used = {bound: None for bound in self.used if bound.path in paths}
        self.blockers = [notice for notice in self.blockers if notice.path in paths]

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

    def _table(self, path: str, name: str) -> str | None:
        """The name here of a lookup table that a formula names."""
        entry = self.version.bindings.answer(bindings.Asked(assets.LOOKUP_TABLE, name, None, ()))
        target = self._use(path, entry, None) if entry else None
        if target and target.name != name and not references.is_speakable(target.name):
            what = f"lookup table {name!r} is bound to {target.name!r}, a name that can't be written in a formula"
            self.blockers.append(proposals.Notice(proposals.Code.BINDING, path, what))
            return None
        return target.name if target else None

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


def scope_of(kind: str) -> str:
    """The scope of the properties that a file of a kind declares."""
    return ACCOUNT if kind == assets.ACCOUNT_PROPERTIES else PROJECT


def settle(tx: database.Tx, target: workspaces.Folder, incoming: Sequence[bundles.Incoming]) -> Answers:
    """What the bindings of a workspace say to what arrives in one of its folders."""
    version = binding_rows.newest(tx, target.workspace_id)
    if not version.number:
        return Answers()
    entries = version.bindings.references
    targets = asset_rows.by_ids(tx, target.workspace_id, [each.target_id for each in entries])
    project = next((name for _, name in folders.trail(tx, target.id)), None)
    answers = Answers(version, targets, custom_connections(tx, targets.values()), project)
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
