"""Say what an import changes, so that people and programs can read it before, and afterwards."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import replace

from recipeyard.model import assets, bundles, diffs, plans, proposals
from recipeyard.sql import documents as document_rows
from recipeyard.sql import rows
from recipeyard.sql import snapshots as snapshot_rows
from recipeyard.work import bound_values, cautions, imports, linking, pruning

Lines = dict[str, proposals.Line]
"""Changes by the paths of what arrives."""


def lines(job: imports.Import, changes: Sequence[plans.Change]) -> Lines:
    """What is made and what is revised, seen before any of it is written."""
    found: Lines = {}
    for change in changes:
        if isinstance(change, plans.Create):
            found[change.incoming.path] = _created(change)
        elif isinstance(change, plans.Update):
            found[change.incoming.path] = _updated(job, change)
        if not isinstance(change, plans.Create) and (stood := job.renamed.get(change.incoming.path)):
            line = found.get(change.incoming.path) or _kept(change)
            found[change.incoming.path] = _renamed(line, change, stood)
    return found


def content(
    job: imports.Import,
    changes: Sequence[plans.Change],
    found: Lines,
    after: tuple[linking.Linked, Sequence[int], pruning.Users],
) -> proposals.Content:
    """The whole plan; `after` is what linking came to, which recipes run what they are now, and who uses what goes."""
    linked, restarted, users = after
    _add_turned(job, changes, found, linked)
    valued = _add_valued(job, changes, found)
    listed = [
        _restarting(found[change.incoming.path], restarted) for change in changes if change.incoming.path in found
    ]
    names = {change.existing.id: change.existing.name for change in changes if not isinstance(change, plans.Create)}
    notes = cautions.all_of(job, changes)
    kept = {change.existing.id for change in changes if isinstance(change, plans.Keep)}
    return proposals.Content(
        changes=tuple(_over(job, line, kept) for line in (*listed, *valued, *pruning.lines(job.deletes, users))),
        unchanged=len(changes) - len(listed),
        restarts=tuple(sorted((asset_id, names[asset_id]) for asset_id in restarted)),
        blockers=tuple(dict.fromkeys([*job.blockers, *job.answers.blockers])),
        warnings=tuple(dict.fromkeys([*job.warnings, *notes])),
        bindings=tuple(sorted(job.answers.used, key=lambda each: (each.path, each.kind, each.name))),
        bindings_version=job.answers.version.number,
        rests_on=(*(_rest(change) for change in changes), *pruning.rests(job.deletes)),
    )


def difference(
    kind: str, before: tuple[assets.Content, str], after: tuple[assets.Content, str]
) -> proposals.Difference:
    """What differs between two versions of an asset, each given as its content and the text of its document."""
    files = _files(before[0].sidecars, after[0].sidecars)
    return proposals.Difference(document=diffs.of(kind, before[1], after[1]), files=files)


def _created(change: plans.Create) -> proposals.Line:
    incoming = change.incoming
    return proposals.Line(
        action=proposals.Action.CREATE,
        kind=incoming.kind,
        name=incoming.facts.name,
        path=incoming.path,
        digest_after=incoming.content.digest,
    )


def _updated(job: imports.Import, change: plans.Update) -> proposals.Line:
    incoming, here = change.incoming, change.existing
    before = bundles.inflate(document_rows.packed(job.tx, here.content.digest)).decode()
    found = difference(incoming.kind, (here.content, before), (incoming.content, imports.kept_text(job, incoming)))
    if incoming.facts.structure is not None and here.rows_digest != incoming.arrived.digest:
        differing = _rows(job, incoming, here)
        found = replace(found, document=diffs.with_rows(found.document, differing))
    verdict = job.verdicts.get(incoming.path)
    conflicts = verdict is not None and verdict.standing.is_conflict
    return proposals.Line(
        action=proposals.Action.CONFLICT if conflicts else proposals.Action.UPDATE,
        kind=incoming.kind,
        name=incoming.facts.name,
        path=incoming.path,
        asset_id=here.id,
        digest_before=here.content.digest,
        digest_after=incoming.content.digest,
        diff=found,
        drifted=verdict is not None,
        resolution=verdict.resolution if verdict else None,
    )


def _rows(job: imports.Import, incoming: bundles.Incoming, here: assets.Asset) -> diffs.Rows | None:
    if settled := job.overlays.get(incoming.path):
        return diffs.rows(settled.before, settled.after, settled.key)
    return diffs.rows(rows.of_table(job.tx, here.id), imports.rows_of(job, incoming))


def _files(
    before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]
) -> tuple[tuple[str, str | None, str | None], ...]:
    old, new = dict(before), dict(after)
    differing = [suffix for suffix in sorted(old.keys() | new.keys()) if old.get(suffix) != new.get(suffix)]
    return tuple((suffix, old.get(suffix), new.get(suffix)) for suffix in differing)


def _add_turned(job: imports.Import, changes: Sequence[plans.Change], found: Lines, linked: linking.Linked) -> None:
    """Assets whose document stays and whose references or tags would be others."""
    for kept, turned in linked.rewired:
        line = found.get(kept.incoming.path) or _kept(kept)
        diff = replace(line.diff or proposals.Difference(), references=tuple(str(each) for each in turned))
        found[kept.incoming.path] = replace(line, diff=diff)
    for change in changes:
        before, after = job.tagged.get(job.asset(change).id, (set(), set()))
        if before != after and not isinstance(change, plans.Create):
            line = found.get(change.incoming.path) or _kept(change)
            added, removed = tuple(sorted(after - before)), tuple(sorted(before - after))
            diff = replace(line.diff or proposals.Difference(), tags_added=added, tags_removed=removed)
            found[change.incoming.path] = replace(line, diff=diff)


def _renamed(line: proposals.Line, change: plans.Update | plans.Keep, stood: str) -> proposals.Line:
    """What was renamed or moved is told as that, whatever else changes of it."""
    name, before = change.incoming.facts.name, change.existing.name
    return replace(
        line,
        action=proposals.Action.RENAME if line.action is proposals.Action.UPDATE else line.action,
        name=name,
        previous_name=before if before != name else None,
        previous_path=stood if stood != line.path else None,
    )


def _add_valued(job: imports.Import, changes: Sequence[plans.Change], found: Lines) -> list[proposals.Line]:
    """Property files of which properties get values; returns those that do not arrive themselves."""
    arriving = {change.incoming.path for change in changes}
    for line in job.valued:
        before = found.get(line.path)
        found[line.path] = bound_values.joined(before, line) if before else line
    return [line for line in job.valued if line.path not in arriving]


def _kept(change: plans.Update | plans.Keep) -> proposals.Line:
    here = change.existing
    digest = here.content.digest
    return proposals.Line(proposals.Action.UPDATE, here.kind, here.name, change.incoming.path, here.id, digest, digest)


def _restarting(line: proposals.Line, restarted: Sequence[int]) -> proposals.Line:
    return replace(line, restarts=True) if line.asset_id in restarted else line


def _over(job: imports.Import, line: proposals.Line, kept: Set[int]) -> proposals.Line:
    """A line that tells in a digest what it overwrites: of what goes, everything; else what an import touches.

    That it runs and which tags it bears is told elsewhere. `kept` keep their documents, and with them their rows.
    """
    state = job.recorder.states.get(line.asset_id or 0)
    if state is None:
        return line
    if line.action is not proposals.Action.DELETE:
        rows = None if line.asset_id in kept else state.rows
        state = replace(state, tag_ids=(), active=None, rows=rows, rows_digest=None)
    digest = snapshot_rows.digest(replace(state, running=None, base_id=None))
    return replace(line, state=bundles.digest(f"{digest}{line.state or ''}".encode()))


def _rest(change: plans.Change) -> proposals.Rest:
    incoming = change.incoming
    if isinstance(change, plans.Create):
        return proposals.Rest(incoming.path, incoming.kind, incoming.facts.name)
    here = change.existing
    return proposals.Rest(incoming.path, here.kind, here.name, here.id, here.version_no, here.running)
