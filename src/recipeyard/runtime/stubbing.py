"""Answer from recorded answers instead of asking a connector."""

from collections.abc import MutableMapping

import msgspec

from recipeyard.model import stubs
from recipeyard.runtime import codec, expecting, interface, values

SHOWN = 300
"""How many characters of an input a failure shows."""

Given = MutableMapping[tuple[str, int], int]
"""How often answers were given in one run: by stub and position there."""


class NoAnswer(interface.Failure):
    """Nothing was recorded for that."""


def answer(
    stub: stubs.Stub, provider: str, operation: str, asked: interface.Object, given: Given | None = None
) -> interface.Result | interface.Failure:
    """What a stub answers to an operation with that input; `NoAnswer` names both.

    `given` counts the answers that a run has had; without it none is ever used up.
    """
    if stub.provider == provider:
        for at, each in enumerate(stub.answers):
            used = (given or {}).get((stub.name, at), 0)
            is_left = each.times is None or used < each.times
            if is_left and each.operation == operation and expecting.meets(each.input, asked):
                if given is not None:
                    given[stub.name, at] = used + 1
                return told(each.outcome)
    what = f"no answer recorded for {operation} of {provider} with the input {shown(asked)} in stub {stub.name!r}"
    return NoAnswer(what, "NoAnswer")


def told(outcome: stubs.Outcome) -> interface.Result | interface.Failure:
    """A recorded outcome as a connector's."""
    if isinstance(outcome, stubs.Fault):
        return interface.Failure(outcome.message, outcome.kind, expecting.values_of(outcome.details))
    return interface.Result(expecting.values_of(outcome))


def shown(value: values.Value) -> str:
    """A value in few characters."""
    text = msgspec.json.encode(codec.plain(value)).decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
