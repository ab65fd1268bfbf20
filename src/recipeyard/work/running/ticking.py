"""Listeners whose moment has come: a schedule fires, a polling trigger looks. Each moment is one event."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from recipeyard.model import errors, runs
from recipeyard.runtime import codec, interface, values
from recipeyard.runtime.stepping import programs
from recipeyard.sql import database, listeners, stubs
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import accepting, acting, guarding, hands, listening, shell, workplace

AT_ONCE = 100
SECONDS = 120
"""How long a look may take."""

LEASE = timedelta(minutes=10)
"""When somebody looks again where whoever looked was never heard of any more."""

AGAIN = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
REFUSALS = (interface.Failure, errors.Failure, programs.Refused)
_log = logging.getLogger(__name__)


def fire_due(db: database.Database) -> list[listeners.Listener]:
    """Let schedules fire that are due; gives the listeners that have to look, which nobody else does now."""
    with db.read() as tx:
        found = listeners.due(tx, AT_ONCE)
    looks: list[listeners.Listener] = []
    for some in [found] if db.is_sqlite else [[each] for each in found]:  # one at a time where others hold recipes too
        if some:
            with db.write() as tx:
                looks += [leased for each in some if (leased := _meet(tx, each))]
    return looks


def _meet(tx: database.Tx, listener: listeners.Listener) -> listeners.Listener | None:
    """A listener that is due: a schedule fires, a poll is given so that somebody looks, unless another one does."""
    if listener.kind == listening.SCHEDULE:
        _fire(tx, listener)
        return None
    leased = replace(listener, due_at=tx.now + LEASE)
    return leased if listeners.postpone(tx, listener, leased.due_at) else None


def _fire(tx: database.Tx, listener: listeners.Listener) -> None:
    """One moment of a schedule. Moments that passed while nobody was here are made up for by one."""
    try:
        with tx.connection.begin_nested():
            _follow(tx, listener)
    except REFUSALS as e:
        _log.warning("the schedule of recipe %s can't be followed: %s", listener.recipe_id, e)
        if listeners.postpone(tx, listener, tx.now + LONGEST_PAUSE):
            listeners.remember(tx, listener.recipe_id, None, codec.legible(e, listening.LONGEST_REASON))


def _follow(tx: database.Tx, listener: listeners.Listener) -> None:
    moment = listener.due_at or tx.now
    heard = listening.heard_by(tx, listener)
    schedule = heard.trigger.listening if heard and heard.trigger else None
    if heard is None or not isinstance(schedule, interface.Schedule):
        listeners.postpone(tx, listener, None)
        return
    following = listening.following(heard, schedule, tx.now)
    if listeners.postpone(tx, listener, following):
        name = heard.program.trigger.operation
        output = guarding.output(guarding.guarded(name, lambda: schedule.event(heard.input, moment)), name)
        accepting.accept(tx, listener.recipe_id, interface.Event(output, f"schedule:{moment.isoformat()}"))


def look(means: shell.Shell, calls: hands.Hands, listener: listeners.Listener) -> int:
    """One look of a polling trigger: what it finds is accepted together with its cursor; how many events are new."""
    try:
        return _look_once(means, calls, listener)
    except REFUSALS as e:
        _give_up(means.db, listener, str(e))
    except hands.Left:
        with means.db.write() as tx:
            listeners.postpone(tx, listener, tx.now)
    return 0


def _look_once(means: shell.Shell, calls: hands.Hands, listener: listeners.Listener) -> int:
    with means.db.read() as tx:
        heard = listening.heard_by(tx, listener, held=False)
        is_flooded = run_rows.count_pending(tx, listener.recipe_id, runs.MOST_PENDING) >= runs.MOST_PENDING
    poll = heard.trigger.listening if heard and heard.trigger else None
    if heard is None or not isinstance(poll, interface.Poll):
        return 0
    if is_flooded:
        raise interface.Failure(f"{runs.MOST_PENDING} events wait for this recipe; it looks for no more until then")
    found = _ask(means, calls, listener, heard, poll)
    cursor = codec.encode([_whose(heard), found.cursor], "The cursor")
    with means.db.write() as tx:
        if run_rows.running_version(tx, listener.recipe_id)[1] is None or not listeners.hold(tx, listener):
            return 0  # who stopped it, began it anew or looked meanwhile has the word
        taken = [accepting.accept(tx, listener.recipe_id, each) for each in found.events]
        listeners.remember(tx, listener.recipe_id, cursor, None)
        pause = timedelta(0) if found.more else timedelta(seconds=poll.seconds)
        listeners.postpone(tx, listener, tx.now + pause)
        tx.afterwards.append(tx.noticed)
    return sum(each.new for each in taken)


def _ask(
    means: shell.Shell,
    calls: hands.Hands,
    listener: listeners.Listener,
    heard: listening.Heard,
    poll: interface.Poll,
) -> interface.Polled:
    place = heard.program.trigger
    if _is_stubbed(means.db, listener, heard.program):
        return interface.Polled([], _cursor(listener, heard))
    asked = interface.Asked(
        input=heard.input,
        step=place.source,
        connection=acting.open_for(means, listener.workspace_id, heard.program, place.provider),
        cursor=_cursor(listener, heard),
        now=means.db.clock(),
        workspace=workplace.Nowhere(0),
        outbound=means.outbound,
    )
    polled = calls.within(SECONDS, place.provider, lambda: _look(means, heard, poll, asked))
    return _sound(polled, place.operation)


def _sound(polled: object, name: str) -> interface.Polled:
    """Raises `interface.Failure` for anything but what a look may give."""
    if not isinstance(polled, interface.Polled) or not isinstance(polled.events, Sequence):
        raise interface.Failure(f"{name} gave {type(polled).__name__}, which is no look", "Connector")
    return replace(polled, events=[_event(each, name) for each in polled.events])


def _event(found: object, name: str) -> interface.Event:
    if not isinstance(found, interface.Event) or not isinstance(found.key, str | None):
        raise interface.Failure(f"{name} gave {type(found).__name__}, which is no event", "Connector")
    return interface.Event(guarding.output(found.output, name), found.key)


def _is_stubbed(db: database.Database, listener: listeners.Listener, program: programs.Program) -> bool:
    """Whether a stub answers for the trigger: nothing is asked then, and events come to the recipe's address."""
    provider = program.trigger.provider
    with db.read() as tx:
        return stubs.answering(tx, listener.workspace_id).stub(provider, program.connection(provider)) is not None


def _whose(heard: listening.Heard) -> str:
    return f"{heard.program.trigger.provider}.{heard.program.trigger.operation}"


def _cursor(listener: listeners.Listener, heard: listening.Heard) -> values.Value:
    """Where the look before left off; what another trigger has left is not this one's."""
    left = codec.decode(listener.cursor) if listener.cursor else None
    return left[1] if isinstance(left, list) and left[0] == _whose(heard) else None


def _look(means: shell.Shell, heard: listening.Heard, poll: interface.Poll, asked: interface.Asked) -> interface.Polled:
    """One look, and once more where the connection's credentials had to be got again."""
    place = heard.program.trigger
    try:
        return guarding.guarded(place.operation, lambda: poll.look(asked))
    except interface.Stale:
        again = acting.renewed(means, heard.program, place.provider, asked.connection)
        once_more = replace(asked, connection=again, renewed=True)
        return guarding.guarded(place.operation, lambda: poll.look(once_more))


def _give_up(db: database.Database, listener: listeners.Listener, why: str) -> None:
    """A look failed: the next one comes, later and later."""
    _log.warning("recipe %s can't look for events: %s", listener.recipe_id, why)
    with db.write() as tx:
        pause = min(AGAIN * 2 ** min(listener.failures, 10), LONGEST_PAUSE)
        if listeners.postpone(tx, listener, tx.now + pause):
            listeners.remember(tx, listener.recipe_id, None, codec.legible(why, listening.LONGEST_REASON))
            tx.afterwards.append(tx.noticed)
