"""Weigh what a rollback finds: of each asset that was changed, what goes back, what stays, and what clashes."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, replace

from recipeyard.archive import writer
from recipeyard.model import assets, bundles, merging, packages, proposals, rollbacks, snapshots
from recipeyard.sql import documents as document_rows
from recipeyard.sql import tags as tag_rows
from recipeyard.work import undo

_Facts = dict[tuple[str, str], bundles.Facts]


@dataclass(frozen=True, slots=True)
class _Sides:
    """An asset as it was before, as the transfer left it, and as it stands."""

    before: snapshots.State
    left: snapshots.State
    now: snapshots.State

    @property
    def all(self) -> tuple[snapshots.State, snapshots.State, snapshots.State]:
        """The three, in the order of time."""
        return self.before, self.left, self.now


def weigh(job: undo.Undo) -> None:
    """Decide how each weighed asset is to be, and how it is to run."""
    sides = {asset_id: each for asset_id in job.weighed if (each := _sides(job, asset_id))}
    facts = document_rows.facts(job.tx, [state.digest for each in sides.values() for state in each.all])
    every = {tag for each in sides.values() for state in each.all for tag in state.tag_ids}
    tags_here = tag_rows.titles(job.tx, every).keys()
    for asset_id, each in sides.items():
        known = _Sides(*(_with_tags(state, tags_here) for state in each.all))
        wanted = _wanted(job, asset_id, known, facts)
        if wanted and wanted != each.now:
            job.wanted[asset_id] = wanted


def _sides(job: undo.Undo, asset_id: int) -> _Sides | None:
    kept, now = job.kept[asset_id], job.now.get(asset_id)
    return _Sides(kept.before, kept.after, now) if kept.before and kept.after and now else None


def _with_tags(state: snapshots.State, here: Set[int]) -> snapshots.State:
    """A state without the tags that are gone."""
    return replace(state, tag_ids=tuple(tag for tag in state.tag_ids if tag in here))


def _wanted(job: undo.Undo, asset_id: int, sides: _Sides, facts: _Facts) -> snapshots.State | None:
    """How an asset is to be, None where it stays as it is."""
    policy = job.order.options.policy(sides.now.kind)
    weighed = rollbacks.weigh(*sides.all)
    if weighed.clash:
        job.conflicts.add(asset_id)
    if weighed.clash and policy is packages.Policy.TARGET:
        job.warnings.append(job.notice(proposals.Code.KEPT, asset_id, _since(job, asset_id, weighed.clash, "stays so")))
        return None
    back = weighed.back | weighed.clash if policy is packages.Policy.INCOMING else weighed.back
    wanted = rollbacks.with_facets(sides.now, sides.before, back)
    standing = weighed.clash - back
    if policy is packages.Policy.MERGE and rollbacks.Facet.DOCUMENT in standing:
        wanted = _merged(job, asset_id, sides, wanted, facts)
        standing -= {rollbacks.Facet.DOCUMENT}
    if standing:
        _block(job, asset_id, standing)
    return _with_run(job, asset_id, sides, _wired(job, asset_id, sides, wanted, facts))


def _block(job: undo.Undo, asset_id: int, clash: Iterable[rollbacks.Facet]) -> None:
    job.blockers.append(job.notice(proposals.Code.CONFLICT, asset_id, _since(job, asset_id, clash)))


def _since(job: undo.Undo, asset_id: int, clash: Iterable[rollbacks.Facet], but: str = "") -> str:
    facets = ", ".join(sorted(clash))
    return f"has been changed since ({facets}), by {job.who(asset_id)}" + (f"; it {but}" if but else "")


def _merged(job: undo.Undo, asset_id: int, sides: _Sides, wanted: snapshots.State, facts: _Facts) -> snapshots.State:
    """What the transfer changed is taken back, and what was changed since is kept, where they do not touch."""
    if wanted.kind != assets.RECIPE:
        _block(job, asset_id, [rollbacks.Facet.DOCUMENT])
        return wanted
    merged = merging.merge(*(undo.text(job.tx, each.digest) for each in (sides.left, sides.now, sides.before)))
    if merged.text is None or merged.conflicts:
        job.blockers += [job.notice(proposals.Code.CONFLICT, asset_id, each) for each in merged.conflicts]
        return wanted
    packed = writer.deflate(merged.text.encode())
    document_rows.add(job.tx, [packed])
    described = bundles.describe_text(wanted.kind, job.path(asset_id), merged.text)
    document_rows.describe(job.tx, [(packed.digest, wanted.kind, described)])
    facts[packed.digest, wanted.kind] = described
    return replace(wanted, name=described.name, digest=packed.digest, arrived_digest=packed.digest)


def _wired(job: undo.Undo, asset_id: int, sides: _Sides, wanted: snapshots.State, facts: _Facts) -> snapshots.State:
    """The same with what its references are to mean."""
    policy = job.order.options.policy(wanted.kind)
    meant = (_meant(sides.before, facts), _meant(sides.left, facts), _meant(sides.now, facts))
    document = facts[wanted.digest, wanted.kind].refers_to
    wires, turned = rollbacks.wire(document, meant, all_back=policy is packages.Policy.INCOMING)
    what = f"refers to something else since: {', '.join(map(str, turned))}"
    if turned and policy is packages.Policy.FAIL:
        job.blockers.append(job.notice(proposals.Code.CONFLICT, asset_id, what))
    elif turned and policy is not packages.Policy.INCOMING:
        job.warnings.append(job.notice(proposals.Code.KEPT, asset_id, f"{what}; it goes on to"))
    return replace(wanted, wires=wires)


def _meant(state: snapshots.State, facts: Mapping[tuple[str, str], bundles.Facts]) -> rollbacks.Wires:
    return dict(zip(facts[state.digest, state.kind].refers_to, state.wires, strict=False))


def _with_run(job: undo.Undo, asset_id: int, sides: _Sides, wanted: snapshots.State) -> snapshots.State:
    """The same with how it is to run."""
    run = rollbacks.run(*sides.all)
    if run is None:
        return wanted
    job.runs[asset_id] = run
    if run.overruled:
        what = f"has been {'started' if sides.now.runs else 'stopped'} since, and stays so"
        job.warnings.append(job.notice(proposals.Code.KEPT, asset_id, what))
    return replace(wanted, running=replace(run.running, digest=wanted.digest) if run.current else run.running)
