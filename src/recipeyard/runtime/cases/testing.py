"""Run test cases offline, and say what differs: at which step, field by field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recipeyard.model import documents, test_cases
from recipeyard.runtime import expecting, interface, stubbing, values
from recipeyard.runtime.cases import playing, unanswered
from recipeyard.runtime.formulas import frames, zones
from recipeyard.runtime.stepping import programs, telling

NOT_AT_HAND = "its recipe is not here"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as expected. `step` is the step's number, None where it is the run's as a whole.

    `path` leads to the field, `message` says all of it.
    """

    message: str
    step: int | None = None
    path: str = ""
    expected: documents.Value = None
    found: values.Value = None


@dataclass(frozen=True, slots=True)
class Report:
    """What a case came to. `status` is how the run ended, None where it could not be played to its end.

    `ran` are the numbers of the recipe's steps that were done, `steps` those of all its actions.
    """

    status: test_cases.Status | None
    findings: tuple[Finding, ...]
    ran: frozenset[int] = frozenset()
    steps: tuple[int, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.findings


def run(case: test_cases.Case, recipe_id: str, bench: playing.Bench) -> Report:
    """Play a case, and compare. It takes milliseconds, but for what its connectors compute."""
    try:
        program = bench.program(recipe_id)
        zone = zones.zone(case.time_zone)
    except programs.Refused as e:
        return unplayed(f"its recipe can't run: {e}")
    except frames.Refusal as e:
        return unplayed(f"time_zone: {e}")
    if program is None:
        return unplayed(NOT_AT_HAND)
    play = playing.Play(case, bench, playing.Facts(case, zone, _job(recipe_id)))
    places = tuple(actions(program.body))
    steps = tuple(place.number for place in places)
    try:
        ending, reply = play.run(recipe_id, program)
    except unanswered.Unanswered as e:
        step = e.step if e.recipe_id == recipe_id else None
        return Report(None, (Finding(str(e), step),), _ran(play), steps)
    found = [*_unknown(case), *_ended(case.expected, ending), *_told(case.expected, ending, reply)]
    found += _stepped(case.expected, places, play.done)
    return Report(_STATUS[type(ending)], tuple(found), _ran(play), steps)


def actions(block: programs.Block) -> Iterator[telling.Place]:
    """The steps that connectors do, in their order."""
    for step in block:
        if isinstance(step, programs.Action):
            yield step.place
        for each in _blocks(step):
            yield from actions(each)


def _blocks(step: programs.Step) -> tuple[programs.Block, ...]:
    if isinstance(step, programs.If):
        return tuple(each.body for each in step.branches)
    if isinstance(step, programs.Try):
        return step.body, step.catch.body if step.catch else ()
    return (step.body,) if isinstance(step, programs.ForEach | programs.Repeat) else ()


def unplayed(why: str) -> Report:
    """The report of a case that can't be played."""
    return Report(None, (Finding(why),))


def _ran(play: playing.Play) -> frozenset[int]:
    return frozenset(number for number, _ in play.done)


def _job(recipe_id: str) -> telling.Object:
    return {"job_id": "j-1", "recipe_id": recipe_id, "repeat_count": 0}


def _unknown(case: test_cases.Case) -> Iterator[Finding]:
    yield from (Finding(f"{name} means nothing in a test case", path=name) for name in case.unknown)


def _ended(expected: test_cases.Expected, ending: telling.Ending) -> Iterator[Finding]:
    status = _STATUS[type(ending)]
    why = f" (step {ending.number}: {_said(ending)})" if isinstance(ending, telling.Broken) else ""
    if status is not expected.status:
        what = f"the run {status}{why}; expected: {expected.status}"
        yield Finding(what, None, "status", str(expected.status), str(status))
    elif expected.error is not None:
        said = _said(ending) if isinstance(ending, telling.Broken) else ""
        if expected.error not in said:
            yield Finding(f"the error is {said!r}; expected: {expected.error!r}", None, "error", expected.error, said)


def _told(expected: test_cases.Expected, ending: telling.Ending, reply: interface.Object | None) -> Iterator[Finding]:
    report = {} if isinstance(ending, telling.Filtered) else ending.report
    if expected.reply is not None:
        yield from _compared("reply", expecting.differences(expected.reply, reply))
    yield from _compared("report", expecting.differences(expected.report, report))


def _stepped(
    expected: test_cases.Expected, places: tuple[telling.Place, ...], done: Sequence[tuple[int, telling.Object]]
) -> Iterator[Finding]:
    """What differs at the steps that are named. Steps of one name count together; one that was done speaks for them."""
    for name, wanted in expected.steps.items():
        numbers = [place.number for place in places if name in (place.uuid, place.alias)]
        mine = [(number, given) for number, given in done if number in numbers]
        if numbers:
            number = mine[-1][0] if mine else numbers[0]
            yield from _step((number, name), wanted, [given for _, given in mine])
        else:
            yield Finding(f"no step is called {name!r}", path=f"steps.{name}")


def _step(named: tuple[int, str], wanted: test_cases.Step, inputs: Sequence[telling.Object]) -> Iterator[Finding]:
    number, name = named
    times, step = len(inputs), f"step {number} ({name})"
    if wanted.ran is not None and wanted.ran != bool(times):
        what = f"{step} {'ran' if times else 'did not run'}; expected: it {'does' if wanted.ran else 'does not'}"
        yield Finding(what, number, "ran", wanted.ran, bool(times))
    if wanted.times is not None and wanted.times != times:
        yield Finding(f"{step} ran {times} times; expected: {wanted.times}", number, "times", wanted.times, times)
    if wanted.input is not None and not times and wanted.ran is not False:
        yield Finding(f"{step} did not run, so it had no input", number, "input", dict(wanted.input), None)
    elif wanted.input is not None and times:
        found = expecting.differences(wanted.input, inputs[-1])
        yield from _compared("input", found, (number, f"{step}: "))


def _compared(
    where: str, found: Iterator[expecting.Difference], step: tuple[int | None, str] = (None, "")
) -> Iterator[Finding]:
    for each in found:
        path = f"{where}.{each.path}" if each.path else where
        what = f"{step[1]}{path} is {stubbing.shown(each.found)}; expected: {stubbing.shown(each.expected)}"
        yield Finding(what, step[0], path, each.expected, each.found)


def _said(ending: telling.Broken) -> str:
    return f"{ending.where}: {ending.message}" if ending.where else ending.message


_STATUS: Mapping[type[telling.Ending], test_cases.Status] = {
    telling.Finished: test_cases.Status.SUCCEEDED,
    telling.Broken: test_cases.Status.FAILED,
    telling.Filtered: test_cases.Status.FILTERED,
}
