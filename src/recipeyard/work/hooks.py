"""Events that others send to a recipe's own address: read as the version that runs wants them, and accepted."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from recipeyard.model import assets, bundles, documents, errors, runs
from recipeyard.runtime import installed, interface
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import accepting

LONGEST_KEY = 255
"""How many characters a sender may name an event with."""

RETRY_AFTER_S = 30
"""When a sender whose events can't be taken may come again."""

TRIGGERS_KEPT = 2000
"""How many recipes' triggers are kept in memory."""

_TRIES = 5
_kept: dict[str, "Trigger"] = {}
_lock = threading.Lock()


class NotTaken(errors.Invalid):
    """The recipe takes no requests of this method."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A recipe's trigger, as its document has it."""

    provider: str
    name: str
    input: interface.Object

    @property
    def listening(self) -> interface.Listening | None:
        """How it hears of events; None where nothing that is installed knows it."""
        connector = installed.installed().get(self.provider)
        found = connector.trigger(self.name) if connector else None
        return found.listening if found else None


def suffix(code: documents.Value) -> str | None:
    """The last part of the address that a recipe's events are sent to; None where they come otherwise."""
    trigger = _trigger(code)
    if not isinstance(trigger.listening, interface.Hook):
        return None
    return assets.handle(str(trigger.input.get("webhook_suffix") or ""))


def receive(db: database.Database, recipe_id: int, request: interface.Request, *, keep: bool) -> accepting.Accepted:
    """Make what was sent durable, as an event of the recipe; one that came before is the same event.

    Raises `errors.NotFound` where the recipe takes none, `errors.Conflict` where it does not run (unless its events are
    to be kept), `errors.TooMany` where too many wait, `NotTaken` and `errors.Invalid` for a request it can't use.
    """
    for _ in range(_TRIES):
        with db.read() as tx:
            digest = _digest(tx, recipe_id)
            trigger = trigger_of(tx, digest)
        if not isinstance(trigger.listening, interface.Hook):
            raise errors.NotFound("Not found: no recipe takes events at this address")
        with refusing():
            event = _named(trigger.listening.event(trigger.input, request))
        with db.write() as tx, refusing():
            run_rows.running_version(tx, recipe_id)  # nobody moves it from here on
            if _digest(tx, recipe_id) == digest:
                return accept(tx, recipe_id, event, keep=keep)
    raise errors.Conflict("The recipe changes at this moment; send the event again")


def accept(tx: database.Tx, recipe_id: int, event: interface.Event, *, keep: bool = False) -> accepting.Accepted:
    """Accept an event from outside, unless too many wait for the recipe already."""
    accepted = accepting.accept(tx, recipe_id, event, keep=keep)
    if accepted.new and run_rows.count_pending(tx, recipe_id, runs.MOST_PENDING + 1) > runs.MOST_PENDING:
        raise errors.TooMany(f"{runs.MOST_PENDING} events wait for this recipe; no more are taken now", RETRY_AFTER_S)
    return accepted


@contextmanager
def refusing() -> Iterator[None]:
    """What a trigger can't use, or is too large to be kept, is refused in its words."""
    try:
        yield
    except interface.Failure as e:
        if e.kind == "TooLarge":
            raise errors.TooLarge(e.message) from e
        raise (NotTaken if e.kind == "MethodNotAllowed" else errors.Invalid)(e.message) from e


def trigger_of(tx: database.Tx, digest: str) -> Trigger:
    """The trigger of a recipe's document."""
    with _lock:
        if digest in _kept:
            return _kept[digest]
    code = bundles.parse_text(bundles.inflate(document_rows.packed(tx, digest)).decode()).get("code")
    trigger = _trigger(code)
    with _lock:
        if len(_kept) >= TRIGGERS_KEPT:
            _kept.clear()
        _kept[digest] = trigger
    return trigger


def _digest(tx: database.Tx, recipe_id: int) -> str:
    """The document of the version that a recipe runs, or would run."""
    digest = recipe_rows.heard(tx, recipe_id)
    if digest is None:
        raise errors.NotFound("Not found: no recipe takes events at this address")
    return digest


def _named(event: interface.Event) -> interface.Event:
    """The event under its sender's name for it. Raises `errors.Invalid` for one that can't be kept."""
    if event.key is None:
        return event
    if len(event.key) > LONGEST_KEY or not event.key.isprintable():
        raise errors.Invalid(f"The event's id must be at most {LONGEST_KEY} plain characters")
    return replace(event, key=f"hook:{event.key}")


def _trigger(code: documents.Value) -> Trigger:
    step: Mapping[str, Any] = code if isinstance(code, Mapping) else {}
    given = step.get("input")
    return Trigger(
        provider=str(step.get("provider") or ""),
        name=str(step.get("name") or ""),
        input=given if isinstance(given, Mapping) else {},
    )
