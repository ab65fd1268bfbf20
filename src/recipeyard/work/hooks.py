"""Events that others send to a recipe's own address: read as the version that runs wants them, and accepted.

What only an app could tell a recipe comes there as well, where a stub answers for the app: as the trigger's output.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from recipeyard.model import assets, bundles, documents, errors, recipes, runs
from recipeyard.runtime import bodies, installed, interface
from recipeyard.runtime.stepping import programs
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.sql import recipes as recipe_rows
from recipeyard.sql import runs as run_rows
from recipeyard.sql import stubs as stub_rows
from recipeyard.work.running import accepting, loading

Read = Callable[[interface.Request], interface.Event]
Reader = Callable[[database.Tx, recipe_rows.Heard], Read]
"""How a version reads requests. Raises `errors.NotFound` where it takes none."""

LONGEST_KEY = 255
"""How many characters a sender may name an event with."""

RETRY_AFTER_S = 30
"""When a sender whose events can't be taken may come again."""

TRIGGERS_KEPT = 2000
"""How many recipes' triggers are kept in memory."""

_NOBODY = "Not found: no recipe takes events at this address"
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
        found = installed.trigger(self.provider, self.name)
        return found.listening if found else None

    @property
    def needs_an_app(self) -> bool:
        """Whether nobody but its app could tell of events, so that somebody else does where a stub answers for that."""
        how = self.listening
        return bool(self.provider) and (how is None or isinstance(how, interface.Poll))


def suffix(value: Mapping[str, documents.Value], answering: stub_rows.Answering) -> str | None:
    """The last part of the address that a recipe's events are sent to; None where they come otherwise.

    `value` is the recipe's document with ids, `answering` are the stubs of its workspace.
    """
    trigger = _trigger(value.get("code"))
    if isinstance(trigger.listening, interface.Hook):
        return assets.handle(str(trigger.input.get("webhook_suffix") or ""))
    stub = answering.stub(trigger.provider, recipes.connection(value, trigger.provider))
    return assets.handle(trigger.name) if trigger.needs_an_app and stub is not None else None


def receive(db: database.Database, recipe_id: int, request: interface.Request, *, keep: bool) -> accepting.Accepted:
    """Make what was sent durable, as an event of the recipe; one that came before is the same event.

    Raises `errors.NotFound` where the recipe takes none, `errors.Conflict` where it does not run (unless its events are
    to be kept), `errors.TooMany` where too many wait, `NotTaken` and `errors.Invalid` for a request it can't use.
    """
    return take(db, recipe_id, request, _reader, keep=keep)


def take(
    db: database.Database, recipe_id: int, request: interface.Request, reader: Reader, *, keep: bool = False
) -> accepting.Accepted:
    """Accept a request as an event that is read as the version wants it that is to run; raises as `receive` does.

    It is read outside of the transaction that accepts it, and once more where the recipe was moved meanwhile.
    """
    for _ in range(_TRIES):
        with db.read() as tx:
            heard = _heard(tx, recipe_id)
            read = reader(tx, heard)
        with _refusing():
            event = read(request)
        with db.write() as tx, _refusing():
            run_rows.running_version(tx, recipe_id)  # nobody moves it from here on
            if _heard(tx, recipe_id) == heard:
                return _accept(tx, recipe_id, event, keep=keep)
    raise errors.Conflict("The recipe changes at this moment; send the event again")


def _accept(tx: database.Tx, recipe_id: int, event: interface.Event, *, keep: bool) -> accepting.Accepted:
    """Accept an event from outside, unless too many wait for the recipe already."""
    accepted = accepting.accept(tx, recipe_id, event, keep=keep)
    if accepted.new and run_rows.count_pending(tx, recipe_id, runs.MOST_PENDING + 1) > runs.MOST_PENDING:
        raise errors.TooMany(f"{runs.MOST_PENDING} events wait for this recipe; no more are taken now", RETRY_AFTER_S)
    return accepted


@contextmanager
def _refusing() -> Iterator[None]:
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


def _heard(tx: database.Tx, recipe_id: int) -> recipe_rows.Heard:
    """The version that a recipe runs, or would run."""
    heard = recipe_rows.heard(tx, recipe_id)
    if heard is None:
        raise errors.NotFound(_NOBODY)
    return heard


def _reader(tx: database.Tx, heard: recipe_rows.Heard) -> Read:
    """How a request to a recipe's own address becomes an event. Raises `errors.NotFound` where it takes none."""
    trigger = trigger_of(tx, heard.digest)
    hook = trigger.listening
    if isinstance(hook, interface.Hook):
        return lambda request: _named(hook.event(trigger.input, request))
    answering = stub_rows.answering(tx, heard.workspace_id)
    with suppress(programs.Refused):
        connection_id = loading.program(tx, heard.version_id).connection(trigger.provider)
        if trigger.needs_an_app and answering.stub(trigger.provider, connection_id) is not None:
            return _told
    raise errors.NotFound(_NOBODY)


def _told(request: interface.Request) -> interface.Event:
    """The trigger's output, as somebody tells it in JSON."""
    if request.method == "GET":
        raise interface.Failure("The recipe takes events by POST or PUT", "MethodNotAllowed")
    output = bodies.json(request.body)
    if not isinstance(output, Mapping):
        raise interface.Failure("The event must be a JSON object: what the trigger puts out", "BadRequest")
    return _named(interface.Event(output, request.event_id))


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
