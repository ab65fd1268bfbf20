"""How arriving documents are kept: under the names that things have here, without rows, without values."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from recipeyard.model import (
    assets,
    bundles,
    documents,
    plans,
    proposals,
    references,
)
from recipeyard.sql import documents as document_rows
from recipeyard.work import (
    binding,
    imports,
    reading,
)


def as_kept(job: imports.Import, incoming: bundles.Incoming, here: assets.Asset | None) -> bundles.Incoming:
    """An arrival with the document that will be kept, where that is not the one that arrived."""
    names = job.answers.names(incoming)
    facts = names.put(incoming.facts, binding.scope_of(incoming.kind)) if names else incoming.facts
    outdated = here is not None and _is_outdated(job, incoming, facts, here)
    incoming = replace(incoming, facts=facts, anew=outdated) if names or outdated else incoming
    changed: bytes | None = None
    if incoming.kind in assets.PROPERTIES:
        is_here = here is not None and incoming.arrived == here.arrived and not incoming.anew
        changed = None if is_here else _declared(job, incoming, here)
    elif incoming.facts.structure:
        changed = (
            None if here and plans.has_arrived(incoming, here) else reading.structure(imports.content(job, incoming))
        )
    elif names or job.names.renames.get(incoming.path):
        changed = _respelled(job, incoming, names)
    if changed is None:
        return incoming
    digest = bundles.digest(changed)
    job.derived[digest] = changed
    return plans.with_content(incoming, digest)


def spelling(job: imports.Import, arriving: bundles.Incoming) -> str:
    """The digest of an arriving document as it is spelled here, where nothing else is made of it."""
    names = job.answers.names(arriving)
    is_respelled = names or arriving.path in job.names.renames
    return bundles.digest(_respelled(job, arriving, names)) if is_respelled else arriving.arrived.digest


def _respelled(job: imports.Import, incoming: bundles.Incoming, names: binding.Names) -> bytes:
    """A document that calls custom connectors, and what it knows by name alone, as they are called here."""
    text = imports.content(job, incoming).decode()
    if renames := job.names.renames.get(incoming.path):
        text = references.rename_providers(text, dict(renames))
    return references.rename_named(text, names.tables, names.properties).encode()


def _is_outdated(job: imports.Import, incoming: bundles.Incoming, facts: bundles.Facts, here: assets.Asset) -> bool:
    """Whether what arrived before, the same, is kept under names that are not those of now."""
    if not job.answers.version.number or incoming.arrived != here.arrived or incoming.kind in assets.TABLES:
        return False
    renames = dict(job.names.renames.get(incoming.path, ()))
    if here.content == here.arrived and facts == incoming.facts and not renames:
        return False
    kept = _facts(job, here)
    apps = {renames.get(app, app) for app in facts.applications}
    said = ((facts.lookups, kept.lookups), (facts.properties, kept.properties), (facts.keys, kept.keys))
    return not all(set(now) <= set(before) for now, before in (*said, (apps, kept.applications)))


def _declared(job: imports.Import, incoming: bundles.Incoming, here: assets.Asset | None) -> bytes | None:
    """A property file never takes names away, and never brings values: None where what arrived can be kept."""
    value = bundles.parse_text(imports.content(job, incoming).decode())
    values = value if incoming.kind == assets.ACCOUNT_PROPERTIES else value["data"]
    told = [name for name, each in values.items() if each is not None] if isinstance(values, Mapping) else []
    if told:
        what = f"values never travel; those of {', '.join(told)} were left out"
        job.warnings.append(proposals.Notice(proposals.Code.ARCHIVE, incoming.path, what))
    before = _facts(job, here).keys if here else ()
    keys = list(dict.fromkeys([*before, *incoming.facts.keys]))
    if not told and set(keys) == set(job.read.facts[incoming.arrived.digest, incoming.kind].keys):
        return None
    if here and set(keys) == set(before):
        return bundles.inflate(document_rows.packed(job.tx, here.content.digest))
    return property_file(incoming.kind, keys).encode()


def _facts(job: imports.Import, here: assets.Asset) -> bundles.Facts:
    return document_rows.facts(job.tx, [here.content.digest])[here.content.digest, here.kind]


def property_file(kind: str, keys: Iterable[str]) -> str:
    """The document of a property file that declares these names."""
    declared: dict[str, documents.Value] = dict.fromkeys(keys)
    return documents.spell(declared if kind == assets.ACCOUNT_PROPERTIES else {"data": declared})
