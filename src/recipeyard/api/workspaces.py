"""`users/me`: the workspace that a token opens."""

from litestar import get

from recipeyard.api import context
from recipeyard.sql import recipes
from recipeyard.wire import workspaces


@get("/api/users/me", sync_to_thread=True, tags=["Workspace"], summary="The workspace that the token opens")
def show(request: context.Asked, context: context.Context) -> workspaces.User:
    """The workspace, its root folder, and how many recipes it has."""
    with context.deed.db.read() as tx:
        return workspaces.user(request.user, recipes.count(tx, request.user.id), tx.now)


ROUTES = [show]
