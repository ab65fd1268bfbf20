"""Runs that wait for somebody outside leave their place to others."""

import threading

import pytest

import running
import strangers
import worlds
from recipeyard.model import runs
from recipeyard.runtime import interface
from recipeyard.work.running import dispatching


def test_recipes_that_wait_outside_hold_nobody_up(embedded: worlds.World, monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()

    def wait(_: interface.Call) -> interface.Result:
        free.wait(running.PATIENCE_S)
        return interface.Result()

    strangers.plug(monkeypatch, strangers.connector({"wait": wait}))
    waits = strangers.asking(interface.Effect.OUTSIDE, "Waits")
    waits.concurrency = 2 * dispatching.THREADS
    with running.running(embedded) as runner:
        _, waiting = runner.started(waits)
        _, goes_on = runner.started(running.hooked("Goes on"))

        held = [runner.accept(waiting, strangers.deed("wait")) for _ in range(waits.concurrency)]
        for run_id in held:
            runner.when(run_id, runs.Status.RUNNING)

        assert runs.Status.SUCCEEDED is runner.run(goes_on, {}).status
        free.set()
        assert {runs.Status.SUCCEEDED} == {runner.ended(run_id).status for run_id in held}
