"""Values that are bound to properties, set by every import that declares or uses their names.

Plans say which properties get another value, and neither value: values may be secret. What they rest on is a digest of
the values that would be replaced, which nobody is shown.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from recipeyard.model import assets, bundles, diffs, field_diffs, plans, proposals
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import properties
from recipeyard.work import binding, imports, wiring

_SET = "a value of its own"
_Place = tuple[str, int]
"""A scope, and the folder that its properties are kept with."""


@dataclass(frozen=True, slots=True)
class _Told:
    """Which properties of a place get another value; and a digest of the values that they had."""

    fields: tuple[field_diffs.Field, ...]
    before: str


def put(job: imports.Import, changes: Sequence[plans.Change]) -> tuple[proposals.Line, ...]:
    """Set the bound values of what arriving documents declare and use; a line for each file of those that change."""
    if not job.answers.version.bindings.properties:
        return ()
    wanted: dict[_Place, dict[str, str]] = defaultdict(dict)
    files: dict[_Place, plans.Change] = {}
    for change in changes:
        incoming = change.incoming
        for scope, name, value in _values(job, incoming):
            wanted[scope, _folder_id(job, incoming, scope)][name] = value
            bound = proposals.Bound(incoming.path, binding.KINDS[scope], name, None, _SET)
            job.answers.used[bound] = None
        if incoming.kind in assets.PROPERTIES:
            scope = binding.scope_of(incoming.kind)
            files[scope, _folder_id(job, incoming, scope)] = change
    lines = [(place, _set(job, place, values)) for place, values in sorted(wanted.items())]
    return tuple(_line(job, place, files.get(place), told) for place, told in lines if told.fields)


def joined(line: proposals.Line, valued: proposals.Line) -> proposals.Line:
    """The line of a property file, and that of its values, as one. A file that is made is told whole."""
    line = replace(line, state=valued.state)
    if line.action is proposals.Action.CREATE or line.diff is None or valued.diff is None:
        return line
    before, more = line.diff.document or diffs.Diff(), valued.diff.document or diffs.Diff()
    document = replace(before, fields=(*before.fields, *more.fields), cosmetic=False, form=False)
    return replace(line, diff=replace(line.diff, document=document))


def _values(job: imports.Import, incoming: bundles.Incoming) -> Iterator[tuple[str, str, str]]:
    """Scope, name and value of each property of an arriving document that has a value bound."""
    mine = binding.scope_of(incoming.kind)
    if incoming.path in job.answers.met:
        return
    said = [*incoming.facts.properties, *((mine, key) for key in incoming.facts.keys)]
    for scope, name in dict.fromkeys(said):
        value = job.answers.scope(incoming, scope).values.get(name)
        if value is not None:
            yield scope, name, value


def _folder_id(job: imports.Import, incoming: bundles.Incoming, scope: str) -> int:
    if scope == binding.ACCOUNT:
        return job.workspace.root_folder_id
    return wiring.project_folder(job.tx, job.workspace, job.places[incoming.folder])


def _set(job: imports.Import, place: _Place, values: Mapping[str, str]) -> _Told:
    _, folder_id = place
    here = properties.of_folder(job.tx, folder_id)
    differing = {name: value for name, value in sorted(values.items()) if here.get(name) != value}
    job.recorder.before_properties(folder_id, differing)
    properties.upsert(job.tx, folder_id, differing)
    fields = tuple(
        field_diffs.Field(
            f"values.{name}", "added" if here.get(name) is None else "changed", None, None, cosmetic=False
        )
        for name in differing
    )
    return _Told(fields, properties.digest({name: here.get(name) for name in differing}))


def _line(job: imports.Import, place: _Place, file: plans.Change | None, told: _Told) -> proposals.Line:
    """The line of a property file as it stands here, or as it would be called if there were one."""
    scope, folder_id = place
    kind = binding.KINDS[scope]
    found = asset_rows.named(job.tx, job.workspace.id, kind, [kind], folder_id)
    path = file.incoming.path if file else assets.file_name(kind, assets.stem_for(kind, kind))
    digest = found[0].content.digest if found else None
    return proposals.Line(
        action=proposals.Action.UPDATE,
        kind=kind,
        name=kind,
        path=path,
        asset_id=found[0].id if found else None,
        digest_before=digest,
        digest_after=digest,
        diff=proposals.Difference(document=diffs.Diff(fields=told.fields)),
        state=told.before,
    )
