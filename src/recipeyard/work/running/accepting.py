"""An event becomes a run, in the transaction that accepts it: durable with it, or not there at all.

The run is given the version that its recipe runs at that moment. An import that moves the version waits for this
transaction, or this one for the import: events before it run the old version, events after it the new one.
"""

import hashlib
import uuid
from contextlib import suppress
from dataclasses import dataclass

from recipeyard.model import errors, runs
from recipeyard.runtime import codec, interface
from recipeyard.sql import database, listeners
from recipeyard.sql import runs as run_rows

_LONGEST_KEY = 300


@dataclass(frozen=True, slots=True)
class Accepted:
    """The run of an event; `new` unless the event had arrived before."""

    run_id: int
    status: runs.Status
    new: bool = True


def accept(tx: database.Tx, recipe_id: int, event: interface.Event, *, keep: bool = False, chain: int = 0) -> Accepted:
    """Make an event durable. A stopped recipe's event is held where it is to be kept.

    Raises `errors.Conflict` where the recipe does not run, `errors.NotFound` where there is none, and
    `interface.Failure` for an event that is too large or no value.
    """
    workspace_id, version_id = run_rows.running_version(tx, recipe_id)
    key = _short(event.key) if event.key else _new_key()
    if version_id is None and not keep:
        return _before(tx, recipe_id, key, "The recipe does not run, so it takes no events")
    draft = runs.Draft(
        workspace_id=workspace_id,
        recipe_id=recipe_id,
        version_id=version_id,
        event_key=key,
        event=codec.encode(event.output, "The event"),
        status=runs.Status.HELD if version_id is None else runs.Status.PENDING,
        chain=chain,
    )
    return _insert(tx, draft)


def publish(
    tx: database.Tx, workspace_id: int, subject: str, event: interface.Event, caller: runs.Run | None = None
) -> int:
    """Tell every running recipe that listens to a subject; how many do. `caller` is the run that tells it.

    Raises `interface.Failure` where a run that was told so tells the next, and so on for too long or too often.
    """
    return sum(tell(tx, each, event, caller) for each in listeners.to(tx, workspace_id, subject))


def tell(tx: database.Tx, listener: listeners.Listener, event: interface.Event, caller: runs.Run | None = None) -> bool:
    """Tell one listener; whether it still listens. Raises `interface.Failure` as `publish` does, and writes nothing."""
    chain = caller.chain + 1 if caller else 0
    _refuse_long(chain)
    if caller:
        _refuse_many(tx, listener.recipe_id)
    with suppress(errors.Conflict, errors.NotFound):  # one that stops or goes at this moment is told nothing
        accept(tx, listener.recipe_id, event, chain=chain)
        return True
    return False


def call(tx: database.Tx, caller: runs.Run, recipe_id: int, event: interface.Event, node: str | None) -> Accepted:
    """A recipe calls another one; `node` is the caller's where it waits, and carries the new run out itself.

    Raises `interface.Failure` where the recipe does not run, calls nest too deep, or too many wait for it already.
    """
    try:
        workspace_id, version_id = run_rows.running_version(tx, recipe_id)
    except errors.NotFound:
        workspace_id, version_id = 0, None
    if version_id is None or workspace_id != caller.workspace_id:
        raise interface.Failure(f"Recipe {recipe_id} does not run, so it can't be called", "RecipeNotRunning")
    depth, chain = caller.depth + 1 if node else 0, caller.chain + 1
    if depth > runs.MOST_NESTED:
        raise interface.Failure(f"Calls nest deeper than {runs.MOST_NESTED} recipes", "TooDeep")
    _refuse_long(chain)
    if not node:
        _refuse_many(tx, recipe_id)
    draft = runs.Draft(
        workspace_id=workspace_id,
        recipe_id=recipe_id,
        version_id=version_id,
        event_key=f"call:{event.key or _new_key()}",
        event=codec.encode(event.output, "What the recipe is called with"),
        status=runs.Status.RUNNING if node else runs.Status.PENDING,
        node=node,
        parent_id=caller.id,
        root_id=caller.root_id or caller.id,
        depth=depth,
        chain=chain,
    )
    return _insert(tx, draft)


def repeat(tx: database.Tx, run: runs.Run) -> Accepted:
    """The same event once more, for the version that runs now. Raises `errors.Conflict` where none does."""
    workspace_id, version_id = run_rows.running_version(tx, run.recipe_id)
    if version_id is None:
        raise errors.Conflict("The recipe does not run; start it first")
    draft = runs.Draft(
        workspace_id=workspace_id,
        recipe_id=run.recipe_id,
        version_id=version_id,
        event_key=f"repeat:{_new_key()}",
        event=run_rows.event(tx, run.id),
        status=runs.Status.PENDING,
        repeats_id=run.repeats_id or run.id,
    )
    return _insert(tx, draft)


def _insert(tx: database.Tx, draft: runs.Draft) -> Accepted:
    run_id = run_rows.insert(tx, draft)
    if run_id is not None:
        tx.afterwards.append(tx.noticed)
        return Accepted(run_id, draft.status)
    return _before(tx, draft.recipe_id, draft.event_key, "The event arrives twice at once; send it again")


def _before(tx: database.Tx, recipe_id: int, key: str, otherwise: str) -> Accepted:
    """The run of an event that has arrived before. Raises `errors.Conflict` where it has not."""
    before = run_rows.by_key(tx, recipe_id, key)
    if before is None:
        raise errors.Conflict(otherwise)
    return Accepted(before.id, before.status, new=False)


def _refuse_long(chain: int) -> None:
    if chain > runs.LONGEST_CHAIN:
        raise interface.Failure(f"More than {runs.LONGEST_CHAIN} recipes called on one after another", "TooLong")


def _refuse_many(tx: database.Tx, recipe_id: int) -> None:
    """Recipes that call on more than once each would otherwise go on growing in number long before their chains end."""
    if run_rows.has_pending(tx, recipe_id, runs.MOST_CALLED):
        raise interface.Failure(f"{runs.MOST_CALLED} jobs wait for recipe {recipe_id}, and it takes no more", "TooMany")


def _short(key: str) -> str:
    """A key as databases can hold it: one that is long, or no plain text, by its digest."""
    if len(key) <= _LONGEST_KEY and key.isprintable():
        return key
    return f"digest:{hashlib.blake2b(key.encode(errors='surrogatepass'), digest_size=32).hexdigest()}"


def _new_key() -> str:
    return uuid.uuid4().hex
