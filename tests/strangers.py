"""A connector that somebody else wrote, and that does what each event asks for: mostly something bad."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import running
import worlds
from recipeyard.runtime import installed, interface

NAME = "stranger"
Deed = Callable[[interface.Call], Any]


def connector(deeds: Mapping[str, Deed], *triggers: interface.Trigger, seconds: float = 120) -> interface.Connector:
    """A connector with an action of each effect; what they do is named by their input's `deed`."""

    def act(call: interface.Call) -> Any:
        return deeds[str(call.input["deed"])](call)

    actions = [interface.Action(each.value, act, effect=each, seconds=seconds) for each in interface.Effect]
    return interface.Connector(NAME, "Stranger", triggers, tuple(actions))


def plug(patch: pytest.MonkeyPatch, made: interface.Connector) -> None:
    """The connector is installed beside the others."""
    found = {**installed.installed(), made.name: made}
    patch.setattr(installed, "installed", lambda: found)


def asking(effect: interface.Effect, name: str = "A") -> worlds.Recipe:
    """A recipe whose step does what the event asks for."""
    recipe = running.hooked(name)
    return recipe.step(NAME, effect.value, {"deed": f"#{{{running.pill('payload', 'deed')}}}"})


def deed(name: str) -> dict[str, Any]:
    """An event that asks for something."""
    return {"payload": {"deed": name}}
