"""Recipes listen as the version says that they run; whoever moves that pointer lets them listen anew.

A schedule that stays as it was keeps its next moment, and a poll its cursor, even while its recipe is stopped.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

from recipeyard.model import recipes
from recipeyard.runtime import codec, installed, interface
from recipeyard.runtime.stepping import faults, programs, walking
from recipeyard.sql import database, listeners
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import accepting, asking, facts, guarding, loading

STOPPED, MUTE = "stopped", "mute"
LONGEST_REASON = 1000
"""How many characters are kept of what keeps a recipe from listening."""

_LONGEST_SUBJECT = 500
_Made = TypeVar("_Made")
SCHEDULE = "schedule"
_KINDS: dict[type, str] = {
    interface.Hook: "hook",
    interface.Endpoint: "endpoint",
    interface.Called: "called",
    interface.Schedule: SCHEDULE,
    interface.Subject: "subject",
    interface.Poll: "poll",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a running recipe listens to: its trigger, and the trigger's input."""

    program: programs.Program
    trigger: interface.Trigger | None
    input: interface.Object


def listen(tx: database.Tx, recipe_ids: Iterable[int]) -> None:
    """Recipes that have started, or run another version now, hear of events as that wants; stopped ones of none."""
    for recipe_id in recipe_ids:
        workspace_id, version_id = run_rows.running_version(tx, recipe_id)
        before = listeners.find(tx, recipe_id)
        if version_id is not None:
            listeners.put(tx, _anew(tx, listeners.Listener(recipe_id, workspace_id, MUTE), version_id, before))
            run_rows.release(tx, recipe_id, version_id)
            tx.afterwards.append(tx.noticed)
        elif before and before.kind != STOPPED:
            listeners.put(tx, replace(before, kind=STOPPED, subject=None, due_at=None))
            _tell_stopped(tx, workspace_id, recipe_id)


def _anew(
    tx: database.Tx, mine: listeners.Listener, version_id: int, before: listeners.Listener | None
) -> listeners.Listener:
    """How a recipe listens with a version. One whose trigger can't be understood hears nothing, and says why."""
    try:
        heard = hear(tx, mine.workspace_id, mine.recipe_id, version_id)
        return _listener(tx.now, replace(mine, kind=_kind(heard)), heard, before)
    except (programs.Refused, interface.Failure) as e:
        return replace(mine, error=codec.legible(e, LONGEST_REASON))


def _tell_stopped(tx: database.Tx, workspace_id: int, recipe_id: int) -> None:
    recipe = loading.recipe_of(tx, recipe_id)
    cause = recipe_rows.states(tx, [recipe_id])[recipe_id].stop_cause
    payload: interface.Object = {
        "recipe_id": recipe_id,
        "recipe_name": recipe.name,
        "stopped_at": tx.now,
        "reason": cause,
    }
    accepting.publish(tx, workspace_id, "recipe_stopped", interface.Event(payload))


def hear(tx: database.Tx, workspace_id: int, recipe_id: int, version_id: int) -> Heard:
    """What a version listens to. Raises `interface.Failure` where its trigger's input can't be understood."""
    program = loading.program(tx, version_id)
    trigger = installed.trigger(program.trigger.provider, program.trigger.operation)
    recipe = loading.recipe_of(tx, recipe_id)
    asked = asking.of_folder(tx, workspace_id, recipe.folder_id)
    told = facts.Facts(started_at=tx.now, zone=UTC, job={}, ask=asked, seed=b"listening")
    try:
        return Heard(program, trigger, walking.trigger_input(program, told))
    except faults.Fault as fault:
        raise interface.Failure(f"{fault.where}: {fault.shown}", fault.kind) from fault


def following(heard: Heard, schedule: interface.Schedule, now: datetime) -> datetime | None:
    """The next moment of a schedule. Raises `interface.Failure` for none that could be waited for."""
    name = heard.program.trigger.operation
    found = _given(heard, lambda: schedule.following(heard.input, now))
    if found is None:
        return None
    if not isinstance(found, datetime) or found.utcoffset() is None or found <= now:
        raise interface.Failure(f"{name} names no later moment", "Connector")
    return found


def _first(heard: Heard, schedule: interface.Schedule, now: datetime) -> datetime:
    """The first moment of a schedule that begins. Raises `interface.Failure` also for one without any."""
    found = following(heard, schedule, now)
    if found is None:
        raise interface.Failure(
            f"{heard.program.trigger.operation} names no moment at which it would ever fire", "Invalid"
        )
    return found


def problems(tx: database.Tx, workspace_id: int, recipe_id: int, version_id: int) -> list[recipes.Problem]:
    """What keeps a version from being run or from listening: formulas, steps, the trigger's own input."""
    try:
        heard = hear(tx, workspace_id, recipe_id, version_id)
        _listener(tx.now, listeners.Listener(recipe_id, workspace_id, ""), heard, None)
    except programs.Refused as e:
        return list(e.problems)
    except interface.Failure as e:
        return [recipes.Problem(0, "Trigger", None, e.message, "input")]
    return []


def heard_by(tx: database.Tx, listener: listeners.Listener, *, held: bool = True) -> Heard | None:
    """What a listener's recipe listens to; None where it has stopped. Where it is held, that stays so.

    Raises as `hear` does, and `errors.NotFound` where there is no such recipe.
    """
    workspace_id, version_id = run_rows.running_version(tx, listener.recipe_id, held=held)
    return hear(tx, workspace_id, listener.recipe_id, version_id) if version_id is not None else None


def _given(heard: Heard, work: Callable[[], _Made]) -> _Made:
    """What a connector makes of a trigger's input. The `interface.Failure` of a masked one quotes nothing of it."""
    trigger = heard.program.trigger
    try:
        return guarding.guarded(trigger.operation, work)
    except interface.Failure as e:
        if trigger.masked:
            raise interface.Failure(faults.HIDDEN, e.kind) from e
        raise


def _kind(heard: Heard) -> str:
    return _KINDS[type(heard.trigger.listening)] if heard.trigger else "stub"


def _listener(
    now: datetime, mine: listeners.Listener, heard: Heard, before: listeners.Listener | None
) -> listeners.Listener:
    how = heard.trigger.listening if heard.trigger else None
    if isinstance(how, interface.Subject):
        subject = _given(heard, lambda: how.of(heard.input))
        return replace(mine, subject=codec.legible(subject, _LONGEST_SUBJECT))
    if not isinstance(how, interface.Schedule | interface.Poll):
        return mine
    same = hashlib.blake2b(codec.encode([heard.program.trigger.operation, heard.input]), digest_size=16).hexdigest()
    kept = before if before and before.kind == mine.kind and before.subject == same else None
    if isinstance(how, interface.Schedule):
        return replace(mine, subject=same, due_at=kept.due_at if kept else _first(heard, how, now))
    cursor = before.cursor if before else None
    return replace(mine, subject=same, due_at=kept.due_at if kept else now, cursor=cursor)
