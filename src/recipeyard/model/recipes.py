"""Recipes: the step tree, what keeps one from starting, and the spelling of its references as ids.

Documents name other assets by reference objects; the API names them by ids. `with_ids` and `with_references` turn one
spelling into the other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from recipeyard.model import assets, catalogue, documents, references

Object = Mapping[str, documents.Value]

KEYWORDS = frozenset("trigger action if elsif else foreach repeat while_condition try catch stop".split())
OPERATORS = frozenset(
    "equals_to not_equals_to present blank greater_than less_than is_true is_not_true contains not_contains"
    " starts_with not_starts_with ends_with not_ends_with".split()
)
CONTAINERS = frozenset("trigger if elsif else foreach repeat try catch".split())
PARENTS = {"elsif": "if", "else": "if", "catch": "try", "while_condition": "repeat"}
"""Keywords that belong at the end of one other keyword's block."""

ID_FIELDS = {
    "flow_id": assets.RECIPE,
    "bot_command": assets.RECIPE,
    "lookup_table_id": assets.LOOKUP_TABLE,
    "table_id": assets.DATA_TABLE,
    "topic_id": "topic",
    "template_id": "workato_template",
    "workato_schema_id": "workato_schema",
    "model_id": "decision_engine_model",
    "app_id": "lcap_app",
    "page_id": "lcap_page",
}
"""Input fields that the API fills with an asset's id, and the kind of that asset."""


@dataclass(frozen=True, slots=True)
class State:
    """A recipe's own state beside its document. It runs where `running_version_id` names the version that runs."""

    trigger_application: str | None
    applications: tuple[str, ...]
    running_version_id: int | None
    stopped_at: datetime | None
    stop_cause: str | None
    copy_count: int
    author: str
    comment: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a recipe, as its history tells it."""

    id: int
    version_no: int
    digest: str
    author: str
    comment: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a recipe cannot start: the step's number, the field's label and value, a sentence, and the field's path."""

    step: int
    label: str
    value: documents.Value
    message: str
    path: str


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a recipe finds in its workspace. `resolves` says whether a reference meets an asset.

    `stubbed` are the providers for which stubs answer where there is no connection, `bound` says whether one answers
    for a connection. `installed` says which providers can be run, `connectionless` are those that need no connection.
    """

    resolves: Callable[[references.Reference], bool]
    authorized: Callable[[references.Reference], bool]
    is_here: Callable[[str, int], bool]
    lookup_tables: frozenset[str]
    stubbed: frozenset[str] = frozenset()
    connectionless: frozenset[str] = frozenset(catalogue.PLATFORM)
    bound: Callable[[references.Reference], bool] = lambda _: False
    installed: Callable[[str], bool] = lambda _: True


def steps(code: Object) -> Iterator[tuple[Object, str, bool]]:
    """Every step in pre-order, with its parent's keyword and whether it is the last of its block."""
    stack: list[tuple[Object, str, bool]] = [(code, "", True)]
    while stack:
        step, parent, is_last = stack.pop()
        yield step, parent, is_last
        block = step.get("block")
        children = [each for each in block if isinstance(each, Mapping)] if isinstance(block, list) else []
        keyword = str(step.get("keyword"))
        stack += [(child, keyword, at == len(children) - 1) for at, child in enumerate(children)][::-1]


def code_problems(code: Object, wiring: Wiring, lookups: Sequence[str]) -> list[Problem]:
    """What is wrong with the steps: unknown, nested wrongly, naming what is not there. Skipped steps may be wrong."""
    found: list[Problem] = []
    for number, (step, parent, is_last) in enumerate(steps(code)):
        if not _is_skipped(number, step):
            found += structure(number, step, parent, is_last=is_last)
            found += _conditions(number, step)
            found += _operation(number, step)
            found += _mentions(number, step, wiring)
    for name in lookups:
        if name not in wiring.lookup_tables:
            found.append(Problem(0, "Lookup table", name, "can't be found", f'lookup("{name}")'))
    return found


def _is_skipped(number: int, step: Object) -> bool:
    """Whether a step is never done. A trigger always is: the recipe hears by it."""
    return number > 0 and step.get("skip") is True


def structure(number: int, step: Object, parent: str, *, is_last: bool) -> Iterator[Problem]:
    """What is wrong with where a step stands: what it is, what it stands in, what it holds."""
    keyword = str(step.get("keyword"))
    if keyword not in KEYWORDS:
        yield Problem(number, "Step", keyword, "is not a known kind of step", "keyword")
    elif (keyword == "trigger") != (number == 0):
        yield Problem(number, "Step", keyword, "must be the first step, and the only trigger", "keyword")
    if keyword in PARENTS and parent != PARENTS[keyword]:
        yield Problem(number, "Step", keyword, f"must stand inside {PARENTS[keyword]}", "keyword")
    elif keyword in {"else", "catch", "while_condition"} and not is_last:
        yield Problem(number, "Step", keyword, f"must be the last step of its {parent}", "keyword")
    if step.get("block") and keyword not in CONTAINERS:
        yield Problem(number, "Step", keyword, "can't hold other steps", "block")


def config_problems(code: Object, config: Sequence[Object], wiring: Wiring) -> list[Problem]:
    """What is wrong with the providers: not installed, or their connections missing, not there, or not authorized."""
    entries = {str(entry.get("provider")): entry for entry in config}
    found: list[Problem] = []
    seen: set[str] = set()
    for number, (step, _, _) in enumerate(steps(code)):
        provider = step.get("provider")
        if not isinstance(provider, str) or not provider or provider in seen or _is_skipped(number, step):
            continue
        seen.add(provider)
        account = entries.get(provider, {}).get("account_id")
        if message := _unusable(provider, account, wiring):
            found.append(Problem(number, "account_id", _plain(account), message, f"config.{provider}.account_id"))
    return found


def connection(value: Object, provider: str) -> int | None:
    """The id of the connection through which a recipe reaches an app; None where it has none.

    `value` is the recipe's document with ids.
    """
    config = value.get("config")
    entries = [entry for entry in config if isinstance(entry, Mapping)] if isinstance(config, list) else []
    found = [entry.get("account_id") for entry in entries if entry.get("provider") == provider]
    return next((each for each in found if isinstance(each, int)), None)


def with_ids(value: documents.Value, id_of: Callable[[references.Reference], int | None]) -> documents.Value:
    """A decoded document with each reference that meets an asset spelled as the API does: its id.

    Connections are spelled as numbers, everything else as texts; a reference that meets nothing stays an object.
    """
    if isinstance(value, Mapping):
        if "zip_name" in value:
            reference = references.parse(value)
            target = id_of(reference)
            if target is not None:
                return target if reference.kind == assets.CONNECTION else str(target)
        return {key: with_ids(each, id_of) for key, each in value.items()}
    if isinstance(value, list):
        return [with_ids(each, id_of) for each in value]
    return value


def with_references(
    value: documents.Value, reference_of: Callable[[str, int], references.Reference | None]
) -> documents.Value:
    """A decoded document with ids spelled as references, where `reference_of` (kind, id) knows the asset."""
    if isinstance(value, Mapping):
        spelled: dict[str, documents.Value] = {}
        for key, each in value.items():
            kind = assets.CONNECTION if key == "account_id" else ID_FIELDS.get(key)
            number = _id(each)
            reference = reference_of(kind, number) if kind and number else None
            spelled[key] = _object(reference) if reference else with_references(each, reference_of)
        return spelled
    if isinstance(value, list):
        return [with_references(each, reference_of) for each in value]
    return value


def with_config(before: Sequence[Object], sent: Sequence[Object]) -> list[Object]:
    """The apps of a recipe as they were sent, each laid over what the document said of it.

    What was sent as it is shown changes nothing; what is never shown stays.
    """
    left = list(before)
    merged: list[Object] = []
    for entry in sent:
        mine: Object = next((each for each in left if each.get("provider") == entry.get("provider")), {})
        left = [each for each in left if each is not mine]
        shown = as_shown(mine) if mine else {}
        merged.append({**mine, **{key: value for key, value in entry.items() if shown.get(key, mine) != value}})
    return merged


def as_shown(entry: Object) -> dict[str, documents.Value]:
    """An app's entry as the API shows it: its connection as a number or nothing, and every key there."""
    provider, account = str(entry.get("provider") or ""), entry.get("account_id")
    return {
        "keyword": str(entry.get("keyword") or "application"),
        "name": str(entry.get("name") or provider),
        "provider": provider,
        "skip_validation": entry.get("skip_validation") is True,
        "account_id": account if isinstance(account, int) else None,
    }


_ARTICLES = {"Trigger": "a trigger", "Action": "an action"}


def _conditions(number: int, step: Object) -> Iterator[Problem]:
    for field in ("input", "filter"):
        group = step.get(field)
        conditions = group.get("conditions") if isinstance(group, Mapping) else None
        for at, condition in enumerate(conditions if isinstance(conditions, list) else ()):
            operand = condition.get("operand") if isinstance(condition, Mapping) else None
            if isinstance(group, Mapping) and group.get("type") == "compound" and operand not in OPERATORS:
                path = f"{field}.conditions.{at}.operand"
                yield Problem(number, "Condition", str(operand), "is not a known operator", path)


def _operation(number: int, step: Object) -> Iterator[Problem]:
    if step.get("keyword") not in {"trigger", "action"}:
        return
    provider, name = step.get("provider"), step.get("name")
    label = "Trigger" if step.get("keyword") == "trigger" else "Action"
    if not isinstance(provider, str) or not provider:
        yield Problem(number, label, _plain(provider), "can't be blank", "provider")
    elif not isinstance(name, str) or not name:
        yield Problem(number, label, _plain(name), "can't be blank", "name")
    elif not catalogue.knows(provider, label.lower(), name):
        yield Problem(number, label, name, f"is not {_ARTICLES[label]} of {provider}", "name")
    else:
        yield from _required(number, step, catalogue.required(provider, name))


def _required(number: int, step: Object, field: str | None) -> Iterator[Problem]:
    given = step.get("input")
    value = given.get(field) if field and isinstance(given, Mapping) else None
    if field and value in (None, "", "0", 0, {}):
        yield Problem(number, _label(field), value, "can't be blank", f"input.{field}")


def _mentions(number: int, step: Object, wiring: Wiring) -> Iterator[Problem]:
    """References and raw ids in a step's own fields; its block's steps speak for themselves."""
    stack: list[tuple[str, documents.Value]] = [(key, step[key]) for key in step if key not in {"block", "config"}]
    while stack:
        path, value = stack.pop()
        if isinstance(value, list):
            stack += [(f"{path}.{at}", each) for at, each in enumerate(value)]
        elif isinstance(value, Mapping) and "zip_name" in value:
            if not wiring.resolves(references.parse(value)):
                yield Problem(number, _label(path), str(value.get("name")), "can't be found", path)
        elif isinstance(value, Mapping) and not _is_named(path, value):
            stack += [(f"{path}.{key}", each) for key, each in value.items()]
        elif isinstance(value, Mapping):
            yield Problem(number, _label(path), str(value["name"]), "can't be found without its zip_name", path)
        else:
            yield from _raw_id(number, path, value, wiring)


def _is_named(path: str, value: Object) -> bool:
    """Whether this is an asset's name where its id belongs: a reference as some tools write it, which meets nothing."""
    return path.startswith("input.") and path.rpartition(".")[2] in ID_FIELDS and isinstance(value.get("name"), str)


def _raw_id(number: int, path: str, value: documents.Value, wiring: Wiring) -> Iterator[Problem]:
    kind = ID_FIELDS.get(path.rpartition(".")[2])
    identity = _id(value)
    if kind and identity and path.startswith("input.") and not wiring.is_here(kind, identity):
        yield Problem(number, _label(path), value, "can't be found", path)


def _unusable(provider: str, account: documents.Value, wiring: Wiring) -> str | None:
    """Why steps of a provider can't be done; None where they can, or where a stub answers for them."""
    reference = references.parse(account) if isinstance(account, Mapping) and "zip_name" in account else None
    if provider in wiring.stubbed if account is None else reference is not None and wiring.bound(reference):
        return None
    if not wiring.installed(provider):
        return f"provider {provider!r} is not installed here; {_remedy(account, reference, wiring)}"
    return None if provider in wiring.connectionless else _unconnected(account, wiring)


def _remedy(account: documents.Value, reference: references.Reference | None, wiring: Wiring) -> str:
    """How steps of a provider could be done that is not installed."""
    if account is None:
        return "bind it to a stub"
    if reference is not None and wiring.resolves(reference):
        return f"bind its connection {reference.name!r} to a stub"
    return f"{_unconnected(account, wiring)}; choose one that is bound to a stub"


def _unconnected(account: documents.Value, wiring: Wiring) -> str | None:
    if isinstance(account, Mapping) and "zip_name" in account:
        reference = references.parse(account)
        if not wiring.resolves(reference):
            return f"connection {reference.name!r} can't be found"
        return None if wiring.authorized(reference) else f"connection {reference.name!r} is not authorized"
    return "connection can't be blank" if account is None else "connection can't be found"


def _plain(value: documents.Value) -> documents.Value:
    return str(value.get("name")) if isinstance(value, Mapping) else value


def _label(path: str) -> str:
    return path.rpartition(".")[2].removesuffix("_id").replace("_", " ").capitalize()


def _id(value: documents.Value) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19 else None


def _object(reference: references.Reference) -> documents.Value:
    spelled = {"zip_name": reference.zip_name, "name": reference.name, "folder": reference.folder}
    return spelled | ({"folder_full_path": reference.full_path} if reference.full_path else {})
