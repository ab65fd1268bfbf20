"""Projects: `/api/projects`."""

from litestar import delete, get, put

from recipeyard.api import context, params
from recipeyard.sql import folders as folder_rows
from recipeyard.wire import answers
from recipeyard.wire import folders as wire
from recipeyard.work import folders

_TAGS = ["Projects"]


@get("/api/projects", sync_to_thread=True, tags=_TAGS, summary="List projects")
def listed(
    request: context.Asked,
    context: context.Context,
    paging: params.Paging,
) -> list[wire.Project]:
    """Every top-level folder as a project, by id."""
    with context.deed.db.read() as tx:
        found = folder_rows.projects(tx, request.user.id)
    offset, limit = paging.window
    return [wire.project(project) for project in found[offset : offset + limit]]


@put("/api/projects/{project_id:int}", sync_to_thread=True, tags=_TAGS, summary="Rename or describe a project")
def update(
    request: context.Asked, context: context.Context, project_id: params.Key, data: wire.ProjectRequest | None = None
) -> wire.Project:
    """The project, as it is now."""
    wanted = data or wire.ProjectRequest()
    with context.deed.db.write() as tx:
        project = folder_rows.find_project(tx, request.user.id, project_id)
        if wanted.description is not None:
            folder_rows.describe_project(tx, project, wanted.description)
        folders.change(tx, request.user.id, project.folder_id, wanted.name, None)
        return wire.project(folder_rows.find_project(tx, request.user.id, project_id))


@delete("/api/projects/{project_id:int}", status_code=200, sync_to_thread=True, tags=_TAGS, summary="Delete a project")
def remove(request: context.Asked, context: context.Context, project_id: params.Key) -> answers.Success:
    """With everything in its folders. Connectors, properties and templates of the whole workspace stay."""
    with context.deed.db.write() as tx:
        folders.delete_project(tx, request.user.id, project_id)
    return answers.Success()


ROUTES = [listed, update, remove]
