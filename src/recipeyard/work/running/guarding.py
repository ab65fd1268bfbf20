"""What other people's code gives, throws or says is taken with care: it is a value, or a failure that names it."""

import logging
import traceback
from collections.abc import Callable, Mapping
from typing import TypeVar

import sqlalchemy as sa

from recipeyard.runtime import codec, interface
from recipeyard.sql import database
from recipeyard.work.running import ending

_LONGEST_KIND = 100
_log = logging.getLogger(__name__)
_Given = TypeVar("_Given")


def guarded(name: str, work: Callable[[], _Given]) -> _Given:
    """What other people's code gives. Whatever it throws is its failure, and names it.

    Only where the database is out of reach that is nobody's failure, and raised as it is.
    """
    try:
        return work()
    except interface.Failure as e:
        _clean(e)
        raise
    except BaseException as e:
        if isinstance(e, sa.exc.SQLAlchemyError) and database.is_transient(e):
            raise
        frames = "".join(traceback.format_tb(e.__traceback__))
        _log.warning("%s threw %s\n%s", name, type(e).__name__, frames)  # what it says may quote what is masked
        raise interface.Failure(f"{name} failed unexpectedly: {type(e).__name__}", "Connector") from e


def output(given: object, name: str) -> interface.Object:
    """What an operation put out, as values. Raises `interface.Failure` for anything that is no object of values."""
    checked = codec.checked(given, name)
    if not isinstance(checked, Mapping):
        raise interface.Failure(f"{name} gave {type(given).__name__} where an object belongs", "Connector")
    return checked


def _clean(failure: interface.Failure) -> None:
    """What a failure says is kept and shown: it has to be text of a bearable length, its details values."""
    failure.message = codec.legible(failure.message, ending.LONGEST_MESSAGE)
    failure.kind = codec.legible(failure.kind, _LONGEST_KIND)
    try:
        failure.details = output(failure.details, "the failure")
        codec.encode(failure.details)
    except interface.Failure:
        failure.details = {}
