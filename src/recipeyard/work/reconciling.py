"""Reconcile what arrives with what was changed here: three-way, by the policy that the import was asked for.

Reads, and writes nothing. What it decides is told by path.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from recipeyard.model import assets, bundles, conflicts, histories, merging, packages, plans, proposals
from recipeyard.sql import database, rows
from recipeyard.sql import documents as document_rows
from recipeyard.sql import histories as history_rows

Met = Sequence[tuple[bundles.Incoming, assets.Asset]]
"""What arrives, and the asset here that each meets."""


@dataclass(slots=True)
class Reconciled:
    """What was decided on those assets that drifted, by the paths of what arrives.

    `verdicts` are all of them. The assets `stays` are left as they are; what arrives for them refers to what they refer
    to. What is merged is kept as another document than arrived, whose text is in `derived` by digest. `changed` are the
    arrivals of both.
    """

    verdicts: dict[str, conflicts.Verdict] = field(default_factory=dict)
    changed: dict[str, bundles.Incoming] = field(default_factory=dict)
    derived: dict[str, bytes] = field(default_factory=dict)
    stays: dict[str, int] = field(default_factory=dict)
    blockers: list[proposals.Notice] = field(default_factory=list)
    warnings: list[proposals.Notice] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Asked:
    """How to reconcile: `policy` is that of a kind, `text` what an arrival would be kept as.

    The rows of tables at the paths `ruled` are decided by a rule of their own.
    """

    policy: Callable[[str], packages.Policy]
    text: Callable[[bundles.Incoming], str]
    ruled: Collection[str] = ()


def reconcile(tx: database.Tx, met: Met, asked: Asked) -> Reconciled:
    """Decide on every asset that would change."""
    changing = [pair for pair in met if pair[0].kind not in conflicts.NEVER and plans.differs(*pair)]
    bases = Bases(tx, [here for _, here in changing])
    drifted: list[tuple[bundles.Incoming, assets.Asset, conflicts.Standing]] = []
    for incoming, here in changing:
        judged = incoming.path not in asked.ruled and incoming.facts.structure is not None and here.rows_digest is None
        rows_here = rows.count(tx, here.id) if judged else None
        found = conflicts.standing(bases.of(here.id), here, incoming, rows_here)
        if found.drifted:
            drifted.append((incoming, here, found))
    last = last_changes(tx, [here for _, here, _ in drifted])
    done = Reconciled()
    for incoming, here, found in drifted:
        _decide(done, bases, (incoming, here, found), last[here.id], asked)
    return done


class Bases:
    """What packages left of assets last. Of a recipe into which changes of here were merged, it is what they brought.

    So changes that were merged once are changes of here for ever after, and are merged again.
    """

    def __init__(self, tx: database.Tx, found: Iterable[assets.Asset]) -> None:
        self._tx = tx
        self._versions = history_rows.deployed(tx, [here.id for here in found])
        changed = [each for each in self._versions.values() if each.content != each.arrived]
        merged = history_rows.merged(tx, [each.asset_id for each in changed])
        alone = {each.asset_id: merged.get((each.asset_id, each.content, each.arrived)) for each in changed}
        packed = document_rows.all_packed(tx, {digest for digest in alone.values() if digest})
        for each in changed:
            digest = alone[each.asset_id]
            if digest in packed:
                self._versions[each.asset_id] = replace(each, content=replace(each.content, digest=digest))

    def of(self, asset_id: int) -> histories.Version | None:
        """The base of an asset, None where no package ever deployed it."""
        return self._versions.get(asset_id)

    def text(self, digest: str) -> str:
        """A document, be it of a base or of what is here."""
        return bundles.inflate(document_rows.packed(self._tx, digest)).decode()

    def facts(self, here: assets.Asset) -> bundles.Facts:
        """What is known of the document that is here."""
        facts = document_rows.facts(self._tx, [here.content.digest])[here.content.digest, here.kind]
        return replace(facts, name=here.name)


def last_changes(tx: database.Tx, found: Iterable[assets.Asset]) -> dict[int, conflicts.Change]:
    """Who changed each of these assets by hand last, and when; where nobody did, who made what is here."""
    here = {asset.id: asset for asset in found}
    versions = history_rows.current(tx, here) | history_rows.by_hand(tx, here)
    return {
        asset_id: conflicts.Change(here[asset_id], version.author, version.created_at, version.version_no)
        for asset_id, version in versions.items()
    }


def _decide(
    done: Reconciled,
    bases: Bases,
    drift: tuple[bundles.Incoming, assets.Asset, conflicts.Standing],
    last: conflicts.Change,
    asked: Asked,
) -> None:
    incoming, here, found = drift
    policy = asked.policy(incoming.kind)
    base = bases.of(here.id)
    fate = conflicts.fate(found, incoming.kind, policy, has_base=base is not None)
    why: tuple[str, ...] = ()
    if fate is conflicts.Fate.STAYS:
        done.stays[incoming.path] = here.id
        done.changed[incoming.path] = replace(incoming, facts=bases.facts(here))
    elif fate is conflicts.Fate.MERGED and base:
        merged = merging.merge(bases.text(base.content.digest), bases.text(here.content.digest), asked.text(incoming))
        why = merged.conflicts
        fate = conflicts.Fate.REFUSED if merged.text is None else fate
        if merged.text is not None:
            _keep_merged(done, incoming, merged.text)
    alone = incoming.content.digest if fate is conflicts.Fate.MERGED else None
    verdict = done.verdicts[incoming.path] = conflicts.Verdict(found, fate, policy, alone)
    notices = conflicts.notices(incoming.path, verdict, last, base, why)
    if fate is conflicts.Fate.REFUSED:
        done.blockers += notices
    else:
        done.warnings += notices


def _keep_merged(done: Reconciled, incoming: bundles.Incoming, text: str) -> None:
    content = text.encode()
    digest = bundles.digest(content)
    done.derived[digest] = content
    facts = bundles.named(bundles.describe_text(incoming.kind, incoming.path, text), incoming.path)
    done.changed[incoming.path] = plans.with_content(replace(incoming, facts=facts), digest)
