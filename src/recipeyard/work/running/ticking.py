"""Listeners whose moment has come: a schedule fires, a polling trigger looks. Each moment is one event."""

import logging
from dataclasses import replace
from datetime import timedelta

from recipeyard.model import errors
from recipeyard.runtime import codec, interface, values
from recipeyard.sql import database, listeners
from recipeyard.sql import runs as run_rows
from recipeyard.work.running import accepting, acting, hands, listening, shell, workplace

AT_ONCE = 100
SECONDS = 120
"""How long a look may take."""

LEASE = timedelta(minutes=10)
"""When somebody looks again where whoever looked was never heard of any more."""

AGAIN = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
_log = logging.getLogger(__name__)


def fire_due(db: database.Database) -> list[listeners.Listener]:
    """Let schedules fire that are due; gives the listeners that have to look, which nobody else does now."""
    with db.read() as tx:
        if not listeners.due(tx, 1):
            return []
    with db.write() as tx:
        found = listeners.due(tx, AT_ONCE)
        for listener in found:
            if listener.kind == listening.SCHEDULE:
                _fire(tx, listener)
            else:
                listeners.postpone(tx, listener, tx.now + LEASE)
    return [each for each in found if each.kind != listening.SCHEDULE]


def _fire(tx: database.Tx, listener: listeners.Listener) -> None:
    """One moment of a schedule. Moments that passed while nobody was here are made up for by one."""
    moment = listener.due_at or tx.now
    try:
        heard = listening.heard_by(tx, listener)
        schedule = heard.trigger.listening if heard and heard.trigger else None
        if heard is None or not isinstance(schedule, interface.Schedule):
            listeners.postpone(tx, listener, None)
            return
        following = schedule.following(heard.input, tx.now)
        if listeners.postpone(tx, listener, following):
            event = interface.Event(schedule.event(heard.input, moment), f"schedule:{moment.isoformat()}")
            accepting.accept(tx, listener.recipe_id, event)
    except (interface.Failure, errors.Failure) as e:
        _log.warning("the schedule of recipe %s can't be followed: %s", listener.recipe_id, e)
        listeners.remember(tx, listener.recipe_id, None, str(e))
        listeners.postpone(tx, listener, tx.now + LONGEST_PAUSE)


def look(means: shell.Shell, calls: hands.Hands, listener: listeners.Listener) -> int:
    """One look of a polling trigger: what it finds is accepted together with its cursor; how many events are new."""
    with means.db.read() as tx:
        heard = listening.heard_by(tx, listener)
    poll = heard.trigger.listening if heard and heard.trigger else None
    if heard is None or not isinstance(poll, interface.Poll):
        return 0
    try:
        found = _ask(means, calls, listener, heard, poll)
    except interface.Failure as e:
        _give_up(means.db, listener, str(e))
        return 0
    with means.db.write() as tx:
        if run_rows.running_version(tx, listener.recipe_id)[1] is None:
            return 0
        taken = [accepting.accept(tx, listener.recipe_id, each) for each in found.events]
        cursor = codec.encode([_whose(heard), found.cursor])
        listeners.remember(tx, listener.recipe_id, cursor, None)
        pause = timedelta(0) if found.more else timedelta(seconds=poll.seconds)
        listeners.due_again(tx, listener.recipe_id, tx.now + pause)
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
    asked = interface.Asked(
        input=heard.input,
        step=place.source,
        connection=acting.open_for(means, heard.program, place.provider),
        cursor=_cursor(listener, heard),
        now=means.db.clock(),
        workspace=workplace.Nowhere(0),
        outbound=means.outbound,
    )
    polled = calls.within(SECONDS, place.provider, lambda: _look(means, heard, poll, asked))
    if not isinstance(polled, interface.Polled):
        raise interface.Failure(f"{place.operation} gave {type(polled).__name__}, which is no look", "Connector")
    return polled


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
        return acting.guarded(place.operation, lambda: poll.look(asked))
    except interface.Stale:
        again = acting.renewed(means, heard.program, place.provider, asked.connection)
        once_more = replace(asked, connection=again, renewed=True)
        return acting.guarded(place.operation, lambda: poll.look(once_more))


def _give_up(db: database.Database, listener: listeners.Listener, why: str) -> None:
    """A look failed: the next one comes, later and later."""
    with db.write() as tx:
        listeners.remember(tx, listener.recipe_id, None, why)
        pause = min(AGAIN * 2 ** min(listener.failures, 10), LONGEST_PAUSE)
        listeners.due_again(tx, listener.recipe_id, tx.now + pause)
        tx.afterwards.append(tx.noticed)
