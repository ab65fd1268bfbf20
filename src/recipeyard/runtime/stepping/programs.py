"""A recipe's document compiled: its steps with their expressions parsed, ready to be walked any number of times.

Compiling finds everything that is wrong at once. What is skipped is left out, and may be wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from recipeyard.model import documents, recipes
from recipeyard.runtime.stepping import conditions, converting, mapping, telling

DEPTH = 60
BATCH = "100"
MOST = 31_536_000
"""The largest batch, the most tries, the longest rest between them (a year, in seconds)."""


@dataclass(frozen=True, slots=True)
class Action:
    """A step that a connector does; its schemas may convert what it is given and what it puts out."""

    place: telling.Place
    input: mapping.Fields
    renders: converting.Conversions | None
    parses: converting.Conversions | None


@dataclass(frozen=True, slots=True)
class Branch:
    """Steps that are taken under a condition; an else has none."""

    place: telling.Place
    test: conditions.Group | None
    body: "Block"


@dataclass(frozen=True, slots=True)
class If:
    """The first branch whose condition holds is taken."""

    place: telling.Place
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class ForEach:
    """Steps for each item of a list, or for each batch of so many. `forgets` are the steps cleared at each turn."""

    place: telling.Place
    source: mapping.Node
    batch: mapping.Node | None
    forgets: tuple[str, ...]
    body: "Block"


@dataclass(frozen=True, slots=True)
class Repeat:
    """Steps that are done, and done again while the condition at their end holds."""

    place: telling.Place
    body: "Block"
    end: Branch | None


@dataclass(frozen=True, slots=True)
class Catch:
    """What is done when tries have failed: so many more tries, if the condition holds, then the steps."""

    place: telling.Place
    retries: mapping.Node
    interval: mapping.Node
    test: conditions.Group | None
    body: "Block"


@dataclass(frozen=True, slots=True)
class Try:
    """Steps whose failure is caught, unless nothing catches it."""

    place: telling.Place
    body: "Block"
    catch: Catch | None


@dataclass(frozen=True, slots=True)
class Stop:
    """The run's end."""

    place: telling.Place
    failing: mapping.Node
    reason: mapping.Node


Step: TypeAlias = Action | If | ForEach | Repeat | Try | Stop
Block: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A recipe, compiled. `config` are its apps' entries by provider; `report` are the job's own columns.

    `parses` is what the trigger's schema makes of an event.
    """

    trigger: telling.Place
    parses: converting.Conversions | None
    input: mapping.Fields
    filter: conditions.Group | None
    body: Block
    report: mapping.Fields
    concurrency: int
    config: Mapping[str, telling.Object]

    def connection(self, provider: str) -> int | None:
        """The id of the connection that steps of a provider use; None where they have none."""
        account = self.config.get(provider, {}).get("account_id")
        return account if isinstance(account, int) else None


class Refused(Exception):
    """A document that can't be compiled: everything that is wrong with it."""

    def __init__(self, problems: tuple[recipes.Problem, ...]) -> None:
        super().__init__("; ".join(f"step {each.step}: {each.path} {each.message}" for each in problems))
        self.problems = problems


def compile_document(document: Mapping[str, documents.Value]) -> Program:
    """The program of a decoded recipe document, its references spelled as ids. `Refused` says all that is wrong."""
    code = document.get("code")
    if not isinstance(code, Mapping):
        raise Refused((recipes.Problem(0, "Code", None, "must be a trigger step", "code"),))
    compiler = _Compiler(code)
    program = compiler.program(document, code)
    if compiler.problems:
        raise Refused(tuple(sorted(compiler.problems, key=lambda each: each.step)))
    return program


class _Compiler:
    """Compiles one document. Steps are numbered in their order in the document, skipped ones too."""

    def __init__(self, code: recipes.Object) -> None:
        self.problems: list[recipes.Problem] = []
        self._found = {
            id(step): (number, parent, is_last)
            for number, (step, parent, is_last) in enumerate(recipes.steps(code))
        }  # fmt: skip
        self._makers: dict[str, Callable[[recipes.Object, telling.Place, int], Step]] = {
            "action": self._action,
            "if": self._if,
            "foreach": self._foreach,
            "repeat": self._repeat,
            "try": self._try,
            "stop": self._stop,
        }

    def program(self, document: recipes.Object, code: recipes.Object) -> Program:
        """The whole document."""
        place, findings = self._place(code), self._findings(code)
        self._check(code)
        concurrency, config = document.get("concurrency"), document.get("config")
        entries = [each for each in config if isinstance(each, Mapping)] if isinstance(config, list) else []
        return Program(
            trigger=place,
            parses=converting.compile_schema(code, converting.OUTPUT),
            input=mapping.compile_object(code.get("input"), "input", findings),
            filter=conditions.compile_group(code["filter"], "filter", findings) if code.get("filter") else None,
            body=self._body(code, DEPTH),
            report=mapping.compile_object(code.get("job_report_config"), "job_report_config", findings),
            concurrency=concurrency if isinstance(concurrency, int) and concurrency > 0 else 1,
            config={str(entry.get("provider")): entry for entry in entries},
        )

    def _body(self, step: recipes.Object, depth: int) -> Block:
        """The steps inside a step, but for those that belong to its own keyword."""
        if not depth:
            self._findings(step).add("block", None, f"nests deeper than {DEPTH} levels")
            return ()
        made = (self._step(each, depth - 1) for each in _children(step))
        return tuple(each for each in made if each)

    def _step(self, step: recipes.Object, depth: int) -> Step | None:
        keyword = str(step.get("keyword"))
        if keyword in recipes.PARENTS:
            if self._found[id(step)][1] != recipes.PARENTS[keyword]:
                self._check(step)
            return None
        self._check(step)
        make = self._makers.get(keyword)
        return make(step, self._place(step), depth) if make else None

    def _action(self, step: recipes.Object, place: telling.Place, depth: int) -> Step:
        del depth
        findings = self._findings(step)
        for field, value in (("provider", place.provider), ("name", place.operation)):
            if not value:
                findings.add(field, value, "can't be blank")
        return Action(
            place=place,
            input=mapping.compile_object(step.get("input"), "input", findings),
            renders=converting.compile_schema(step, converting.INPUT),
            parses=converting.compile_schema(step, converting.OUTPUT),
        )

    def _if(self, step: recipes.Object, place: telling.Place, depth: int) -> Step:
        others = [each for each in _children(step) if each.get("keyword") in ("elsif", "else")]
        for other in others:
            self._check(other)
        return If(place, tuple(self._branch(each, depth) for each in (step, *others)))

    def _branch(self, step: recipes.Object, depth: int) -> Branch:
        test = None
        if step.get("keyword") != "else":
            test = conditions.compile_group(step.get("input"), "input", self._findings(step))
        return Branch(self._place(step), test, self._body(step, depth))

    def _foreach(self, step: recipes.Object, place: telling.Place, depth: int) -> Step:
        findings, given = self._findings(step), step.get("input")
        source, inner = step.get("source"), given.get("source") if isinstance(given, Mapping) else None
        where = "source" if source else "input.source"
        node = mapping.compile_field(source or inner, where, findings)
        if isinstance(node, mapping.Constant) and not findings.has(where):
            findings.add(where, source or inner, "must be a list from a step before, or a formula")
        batch = None
        if step.get("repeat_mode") == "batch":
            batch = self._number(step.get("batch_size") or BATCH, "batch_size", findings, least=1)
        forgets = _aliases(step) if conditions.true(step.get("clear_scope")) else ()
        return ForEach(place, node, batch, forgets, self._body(step, depth))

    def _repeat(self, step: recipes.Object, place: telling.Place, depth: int) -> Step:
        end = self._last(step, "while_condition")
        return Repeat(place, self._body(step, depth), self._branch(end, depth) if end else None)

    def _try(self, step: recipes.Object, place: telling.Place, depth: int) -> Step:
        last = self._last(step, "catch")
        return Try(place, self._body(step, depth), self._catch(last, depth) if last else None)

    def _catch(self, step: recipes.Object, depth: int) -> Catch:
        findings, said = self._findings(step), step.get("input")
        given = said if isinstance(said, Mapping) else {}
        return Catch(
            place=self._place(step),
            retries=self._number(given.get("max_retry_count"), "input.max_retry_count", findings),
            interval=self._number(given.get("retry_interval"), "input.retry_interval", findings),
            test=conditions.compile_group(step["filter"], "filter", findings) if step.get("filter") else None,
            body=self._body(step, depth),
        )

    def _stop(self, step: recipes.Object, place: telling.Place, depth: int) -> Step:
        del depth
        findings, said = self._findings(step), step.get("input")
        given = said if isinstance(said, Mapping) else {}
        failing = mapping.compile_field(given.get("stop_with_error"), "input.stop_with_error", findings)
        return Stop(place, failing, mapping.compile_field(given.get("stop_reason"), "input.stop_reason", findings))

    def _last(self, step: recipes.Object, keyword: str) -> recipes.Object | None:
        """The step that must end a block; None where it is skipped, or missing."""
        found = [each for each in _inside(step) if each.get("keyword") == keyword]
        if not found:
            self._findings(step).add("block", None, f"must end with {keyword}")
        for each in found:
            self._check(each)
        return found[-1] if found and found[-1].get("skip") is not True else None

    def _number(
        self, value: documents.Value, where: str, findings: mapping.Findings, *, least: int = 0
    ) -> mapping.Node:
        node = mapping.compile_field("0" if value in (None, "") else value, where, findings)
        if isinstance(node, mapping.Constant) and not findings.has(where):
            number = conditions.number(node.value)
            if number is None or not least <= number <= MOST:
                findings.add(where, value, f"must be a number from {least} to {MOST}")
        return node

    def _check(self, step: recipes.Object) -> None:
        number, parent, is_last = self._found[id(step)]
        self.problems += recipes.structure(number, step, parent, is_last=is_last)

    def _findings(self, step: recipes.Object) -> mapping.Findings:
        return mapping.Findings(self._found[id(step)][0], self.problems)

    def _place(self, step: recipes.Object) -> telling.Place:
        said = {key: str(step.get(key) or "") for key in ("as", "uuid", "provider", "name")}
        return telling.Place(
            number=self._found[id(step)][0],
            alias=said["as"],
            uuid=said["uuid"],
            provider=said["provider"],
            operation=said["name"],
            masked=step.get("mask_data") is True,
            source={key: value for key, value in step.items() if key != "block"},
        )


def _inside(step: recipes.Object) -> Iterator[recipes.Object]:
    block = step.get("block")
    return (each for each in block if isinstance(each, Mapping)) if isinstance(block, list) else iter(())


def _children(step: recipes.Object) -> list[recipes.Object]:
    return [each for each in _inside(step) if each.get("skip") is not True]


def _aliases(step: recipes.Object) -> tuple[str, ...]:
    """The names in pills of the steps inside a step."""
    return tuple(str(each["as"]) for each, parent, _ in recipes.steps(step) if parent and each.get("as"))
