"""Properties: set by the API, declared in the property file that packages carry."""

from collections.abc import Mapping

from recipeyard.model import activities as model
from recipeyard.model import assets, errors, workspaces
from recipeyard.model import properties as rules
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database, folders, properties
from recipeyard.sql import workspaces as workspace_rows
from recipeyard.work import activities, spellings, writing

MOST, VALUE_LENGTH = 1000, 1024


def upsert(tx: database.Tx, workspace_id: int, project_id: int | None, values: Mapping[str, str]) -> None:
    """Set values of a workspace, or of one of its projects. Raises `errors.Invalid` listing all that is wrong."""
    workspace = workspace_rows.lock(tx, workspace_id)
    folder_id = folder_of(tx, workspace, project_id)
    known = properties.of_folder(tx, folder_id)
    _check(values, known.keys() | values.keys())
    properties.upsert(tx, folder_id, values)
    _record(tx, workspace, project_id, list(values))
    if values.keys() - known.keys():
        kind = assets.ACCOUNT_PROPERTIES if project_id is None else assets.PROJECT_PROPERTIES
        _declare(writing.Desk(tx, workspace), kind, folder_id, [*known, *values])


def folder_of(tx: database.Tx, workspace: workspaces.Workspace, project_id: int | None) -> int:
    """The folder that properties are kept with."""
    if project_id is None:
        return workspace.root_folder_id
    return folders.find_project(tx, workspace.id, project_id).folder_id


def _record(tx: database.Tx, workspace: workspaces.Workspace, project_id: int | None, names: list[str]) -> None:
    """The names alone: values may be secret."""
    kind, event = model.Kind.ACCOUNT_PROPERTIES, "account_property_updated"
    if project_id is not None:
        kind, event = model.Kind.PROJECT_PROPERTIES, "project_property_updated"
    activities.record(tx, workspace.id, event, model.Resource(kind, project_id, workspace.name), names=names)


def _check(values: Mapping[str, str], names: set[str]) -> None:
    said = values.items()
    issues = [errors.Issue(name[: rules.NAME_LENGTH], what) for name, value in said for what in _wrong(name, value)]
    if len(names) > MOST:
        issues.append(errors.Issue("properties", f"at most {MOST} are allowed"))
    if issues:
        raise errors.Invalid.listing(issues)


def _wrong(name: str, value: str) -> list[str]:
    wrong = list(rules.name_issues(name))
    if "\0" in value:
        wrong.append("values can't hold NUL characters")
    if len(value) > VALUE_LENGTH:
        wrong.append(f"values are at most {VALUE_LENGTH} characters long")
    return wrong


def _declare(desk: writing.Desk, kind: str, folder_id: int, names: list[str]) -> None:
    """Let the property file, if there is one, declare these names beside its own; else make one."""
    place_id = writing.place_of(desk, kind, folder_id)
    here = asset_rows.named(desk.tx, desk.workspace.id, kind, [kind], place_id)
    before = writing.facts_of(desk, here[0]).keys if here else ()
    text = spellings.property_file(kind, dict.fromkeys([*before, *names]))
    if here:
        writing.revise(desk, here[0], text)
    else:
        writing.create(desk, kind, text, folder_id)
