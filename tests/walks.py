"""Recipes written out in a line each, and runs of them that are told what their steps come to."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from recipeyard.runtime import interface
from recipeyard.runtime.stepping import programs, telling, walking

MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)
Answers = Callable[[telling.Next, datetime], telling.Heard]
_CURRENT = {"path_element_type": "current_item"}


def pill(line: str, *path: Any, provider: str = "app") -> str:
    """A pill in the new notation, to be used in a formula. `*` stands for the item that a mapping is at."""
    elements = [_CURRENT if each == "*" else each for each in path]
    said = {"pill_type": "output", "provider": provider, "line": line, "path": elements}
    return f"_dp('{json.dumps(said, separators=(',', ':'))}')"


def shown(line: str, *path: Any, provider: str = "app") -> str:
    """A text that is one pill."""
    return "#{" + pill(line, *path, provider=provider) + "}"


def meta(line: str, key: str) -> str:
    """A text that asks a loop where it is."""
    return "#{_dp('" + json.dumps({"pill_type": "foreach_meta", "line": line, "key": key}) + "')}"


def recipe(*block: dict[str, Any], **trigger: Any) -> dict[str, Any]:
    """A document. Its trigger is called `start`."""
    code = {"keyword": "trigger", "provider": "app", "name": "event", "as": "start", "input": {}, "block": [*block]}
    return {"name": "Made up", "concurrency": 1, "config": [], "code": code | trigger}


def action(alias: str, given: Any = None, **more: Any) -> dict[str, Any]:
    return {"keyword": "action", "provider": "app", "name": "do", "as": alias, "input": given or {}} | more


def group(*conditions: tuple[str, Any, Any], operand: str = "and") -> dict[str, Any]:
    """Conditions: operator, data, value."""
    said = [{"operand": operator, "lhs": left, "rhs": right} for operator, left, right in conditions]
    return {"type": "compound", "operand": operand, "conditions": said}


def step(keyword: str, *block: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"keyword": keyword, "block": [*block], "input": {}} | more


def foreach(alias: str, source: Any, *block: dict[str, Any], **more: Any) -> dict[str, Any]:
    return step("foreach", *block, **{"as": alias, "source": source, "clear_scope": "false"} | more)


def stop(*, error: bool = False, reason: str = "") -> dict[str, Any]:
    return {"keyword": "stop", "input": {"stop_with_error": str(error).lower(), "stop_reason": reason}}


@dataclass
class Facts:
    """Facts of a run in which nothing is left to chance."""

    started_at: datetime = MIDNIGHT
    zone: tzinfo = UTC
    job: Mapping[str, Any] = field(default_factory=lambda: {"job_id": "j-7"})
    properties: Mapping[str, str] = field(default_factory=lambda: {"region": "north"})

    def property_of(self, name: str) -> str | None:
        return self.properties.get(name)

    def lookup(self, table: str, criteria: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if table == "Gone":
            raise interface.Failure("there is no such table", "NotFound")
        return {"Colour": "red"} if (table, criteria) == ("Colours", {"Name": "rose"}) else None

    def uuid(self) -> str:
        return "11111111-1111-4111-8111-111111111111"


@dataclass
class Played:
    """A run that has ended: what it asked for, and how it ended."""

    asked: list[telling.Next]
    ending: telling.Ending

    @property
    def inputs(self) -> list[Any]:
        """What the steps were given."""
        return [each.input for each in self.asked if isinstance(each, telling.Perform)]

    @property
    def names(self) -> list[str]:
        """The steps that were done."""
        return [each.place.alias for each in self.asked]


def outputs(**by_alias: Any) -> Answers:
    """Each step comes to what is said of it: an output, or what its input makes of it; nothing otherwise."""

    def answer(asked: telling.Next, now: datetime) -> telling.Heard:
        said = by_alias.get(asked.place.alias, {})
        made = said(asked) if callable(said) else said
        return made if isinstance(made, telling.Done | telling.Failed) else telling.Done(now, made)

    return answer


def play(
    document: dict[str, Any],
    event: Mapping[str, Any] | None = None,
    answers: Answers | None = None,
    bounds: telling.Bounds | None = None,
) -> Played:
    """Run a recipe to its end; a minute passes with each step."""
    program = programs.compile_document(document)
    walk = walking.walk(program, event or {}, Facts(), bounds or telling.Bounds())
    answer, asked, now = answers or outputs(), [], MIDNIGHT
    try:
        following = next(walk)
        while True:
            asked.append(following)
            now += timedelta(minutes=1)
            following = walk.send(answer(following, now))
    except StopIteration as stopped:
        return Played(asked, stopped.value)


def problems(document: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Why a document can't be compiled."""
    try:
        programs.compile_document(document)
    except programs.Refused as refused:
        return [(each.step, each.path, each.message) for each in refused.problems]
    return []


def paths(played: Played) -> Iterator[str]:
    return (each.path for each in played.asked)
