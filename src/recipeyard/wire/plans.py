"""Plans as the API shows them."""

from typing import Annotated, Any

import msgspec

from recipeyard.model import assets, diffs, gates, proposals, step_diffs
from recipeyard.wire import answers


class Notice(msgspec.Struct):
    """What stands in the way, or should be known: `code` says what about, `path` where in the package."""

    code: str
    path: str
    message: str


class Step(msgspec.Struct, rename={"alias": "as"}):
    """A step that differs: added, removed, moved or changed. `number` is its place, counted from 0 in reading order."""

    change: str
    number: int
    number_before: int | None
    uuid: str | None
    alias: str | None
    keyword: str | None
    provider: str | None
    name: str | None
    fields: list[dict[str, Any]]
    more_fields: int
    cosmetic: bool


class File(msgspec.Struct):
    """A file beside a document that differs, by the SHA-256 of its bytes before and after."""

    suffix: str
    before: str | None
    after: str | None


class Diff(msgspec.Struct):
    """What differs: fields of the document, a recipe's steps, a table's rows, files beside it, references, tags.

    A field has path, change, before, after and cosmetic. `cosmetic` says that nothing of it changes what runs. Lists
    are cut; `more_fields` and `more_steps` count what was left out.
    """

    fields: list[dict[str, Any]]
    steps: list[Step]
    rows: dict[str, Any] | None
    files: list[File]
    references: list[str]
    tags_added: list[str]
    tags_removed: list[str]
    cosmetic: bool
    more_fields: int
    more_steps: int


class Change(msgspec.Struct):
    """What would happen to one asset. `action`: create, update, rename, delete or conflict.

    `id` is null for what has yet to be made. `restarts` says that a running recipe would run its new version, `drifted`
    that the asset was changed here since a package deployed it, `resolution` which policy decides a conflict.
    `previous_name` and `previous_path` are those of what is renamed or moved, `used_by` names who still refers to what
    would be deleted.
    """

    action: str
    type: str
    name: str
    path: str
    id: int | None
    diff: Diff | None
    previous_name: str | None
    previous_path: str | None
    restarts: bool
    drifted: bool
    resolution: str | None
    used_by: list[str]


class Summary(msgspec.Struct):
    """How many assets would see what."""

    create: int
    update: int
    rename: int
    delete: int
    conflict: int
    unchanged: int


class Restart(msgspec.Struct):
    """A running recipe that would run its new version."""

    id: int
    name: str


class Binding(msgspec.Struct):
    """A binding that would be used: what the package calls by this name is that here."""

    path: str
    type: str
    name: str
    target_id: int | None
    target: str


class Approval(msgspec.Struct):
    """Who has approved a plan, when, and what they said."""

    by: str
    at: str
    comment: str | None


class Approvals(msgspec.Struct):
    """A plan's approvals, and how many its workspace asks for."""

    approvals: list[Approval]
    approvals_required: int


class ApprovalRequest(msgspec.Struct):
    """What whoever approves has to say."""

    comment: Annotated[str, msgspec.Meta(max_length=1000)] | None = None


class Plan(msgspec.Struct):
    """What an import or a rollback would change. `status`: in_progress, ready or failed.

    `package_id` is the package whose content it is about, null for an upload of its own; `applied_package_id` is the
    package that applied it. A plan with blockers can't be applied. `unmet_gates` are those
    that change with time: approvals that are missing, change windows that are closed now.
    """

    id: int
    operation: str
    status: str
    folder_id: int
    package_id: int | None
    applied_package_id: int | None
    changes: list[Change]
    blockers: list[Notice]
    warnings: list[Notice]
    summary: Summary
    restarts: list[Restart]
    bindings: list[Binding]
    approvals: list[Approval]
    approvals_required: int
    unmet_gates: list[Notice]
    error: str | None
    error_parts: list[str]
    planned_by: str
    created_at: str
    updated_at: str


class PlanRecord(msgspec.Struct):
    """A plan without what it says, as lists show it."""

    id: int
    operation: str
    status: str
    folder_id: int
    package_id: int | None
    applied_package_id: int | None
    planned_by: str
    created_at: str
    updated_at: str


class PlanList(msgspec.Struct):
    """A page of plans, newest first."""

    items: list[PlanRecord]


def plan(shown: proposals.Plan, beside: gates.Beside) -> Plan:
    """A plan's answer, with what stands beside it now; one that is not ready says nothing yet."""
    content = shown.content or proposals.Content()
    return Plan(
        id=shown.id,
        operation=shown.operation,
        status=shown.status,
        folder_id=shown.folder_id,
        package_id=shown.package_id,
        applied_package_id=shown.applied_id,
        changes=[change(line) for line in content.changes],
        blockers=[notice(each) for each in content.blockers],
        warnings=[notice(each) for each in content.warnings],
        summary=_summary(content),
        restarts=[Restart(asset_id, name) for asset_id, name in content.restarts],
        bindings=[
            Binding(each.path, _type(each.kind), each.name, each.target_id, each.target) for each in content.bindings
        ],
        approvals=approvals(beside).approvals,
        approvals_required=beside.required,
        unmet_gates=[notice(each) for each in beside.unmet],
        error="\n".join(shown.error_parts) or None,
        error_parts=list(shown.error_parts),
        planned_by=shown.asked_by.name,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def approvals(beside: gates.Beside) -> Approvals:
    """A plan's approvals."""
    told = [Approval(each.by.name, answers.stamp(each.created_at), each.comment) for each in beside.approvals]
    return Approvals(told, beside.required)


def record(shown: proposals.Plan) -> PlanRecord:
    """A plan as lists show it."""
    return PlanRecord(
        id=shown.id,
        operation=shown.operation,
        status=shown.status,
        folder_id=shown.folder_id,
        package_id=shown.package_id,
        applied_package_id=shown.applied_id,
        planned_by=shown.asked_by.name,
        created_at=answers.stamp(shown.created_at),
        updated_at=answers.stamp(shown.updated_at),
    )


def change(line: proposals.Line) -> Change:
    """One change."""
    return Change(
        action=line.action,
        type=_type(line.kind),
        name=line.name,
        path=line.path,
        id=line.asset_id,
        diff=difference(line.diff) if line.diff else None,
        previous_name=line.previous_name,
        previous_path=line.previous_path,
        restarts=line.restarts,
        drifted=line.drifted,
        resolution=line.resolution,
        used_by=list(line.used_by),
    )


def notice(shown: proposals.Notice) -> Notice:
    """A blocker or a warning."""
    return Notice(shown.code, shown.path, shown.message)


def difference(shown: proposals.Difference) -> Diff:
    """What differs in one asset."""
    document = shown.document or diffs.Diff(cosmetic=not (shown.files or shown.references))
    return Diff(
        fields=msgspec.to_builtins(document.fields),
        steps=[_step(each) for each in document.steps],
        rows=msgspec.to_builtins(document.rows),
        files=[File(*each) for each in shown.files],
        references=list(shown.references),
        tags_added=list(shown.tags_added),
        tags_removed=list(shown.tags_removed),
        cosmetic=document.cosmetic and not (shown.files or shown.references),
        more_fields=document.more_fields,
        more_steps=document.more_steps,
    )


def _step(step: step_diffs.Step) -> Step:
    fields = {name: getattr(step, name) for name in Step.__struct_fields__}
    return Step(**fields | {"fields": msgspec.to_builtins(step.fields)})


def _summary(content: proposals.Content) -> Summary:
    counted = {str(action): 0 for action in proposals.Action}
    for line in content.changes:
        counted[line.action] += 1
    return Summary(**counted, unchanged=content.unchanged)


def _type(kind: str) -> str:
    return assets.WIRE_TYPES.get(kind, kind)
