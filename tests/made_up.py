"""Values made of schemas, and stubs made of recipes: what apps that nobody has here might have said."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import worlds
from recipeyard.model import recipes

_VALUES = {
    "boolean": True,
    "date": "2026-01-15",
    "date_time": "2026-01-15T10:30:00Z",
    "integer": 7,
    "number": 7.5,
}
_TEXTS = {"email": "someone@example.com", "url": "https://example.com/made/up", "phone": "+49 30 1234567"}
Object = dict[str, Any]


def output(step: Mapping[str, Any]) -> Object:
    """An output of a step as the recipe's own schema says that it looks."""
    return of_schema(step.get("extended_output_schema"))


def of_schema(schema: Any) -> Object:
    """An object with every field that a schema has."""
    listed = json.loads(schema) if isinstance(schema, str) else schema or []
    return {field["name"]: _value(field) for field in listed}


def stubs(documents: Iterable[Mapping[str, Any]], known: Iterable[str]) -> dict[str, bytes]:
    """A stub for each provider that these recipes use and that is not known, by provider.

    An answer stands for each operation with the literal texts of a step's input; steps that have the same are one, and
    in the end each operation answers whatever it is asked.
    """
    found: dict[str, dict[tuple[str, str], Object]] = {}
    skipped = frozenset(known)
    for step in steps(documents):
        if step.get("provider") not in skipped:
            answers = found.setdefault(step["provider"], {})
            for asked in (_literal(step.get("input") or {}), {}):
                key = (step["name"], json.dumps(asked, sort_keys=True))
                answers[key] = _both(answers.get(key, {}), output(step))
    return {provider: _stub(provider, answers) for provider, answers in found.items()}


def steps(documents: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The triggers and actions of recipes that are not skipped."""
    for document in documents:
        for step, _, _ in recipes.steps(document["code"]):
            if step.get("keyword") in {"trigger", "action"} and step.get("skip") is not True:
                yield step


def _value(field: Mapping[str, Any]) -> Any:
    kind, inside = field.get("type"), field.get("properties")
    if kind == "array":
        return [of_schema(inside) if inside else _VALUES.get(field.get("of") or "", field["name"])]
    if kind == "object":
        return of_schema(inside)
    return _VALUES.get(kind or "", _TEXTS.get(field.get("control_type") or "", f"some {field['name']}"))


def _literal(given: Mapping[str, Any]) -> Object:
    """What of an input is the same in each run."""
    kept = {name: _literal(each) if isinstance(each, Mapping) else each for name, each in given.items()}
    return {
        name: each
        for name, each in kept.items()
        if (isinstance(each, dict) and each and "zip_name" not in each)
        or (isinstance(each, str) and each and not each.startswith("=") and "#{" not in each)
    }


def _both(one: Any, other: Any) -> Any:
    """Two outputs of one operation as one."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {name: _both(one.get(name), other.get(name)) for name in one | other}
    if isinstance(one, list) and isinstance(other, list):
        return [_both(one[0], other[0])]
    return other if one is None else one


def _stub(provider: str, answers: Mapping[tuple[str, str], Object]) -> bytes:
    told = [
        {"operation": operation, "input": json.loads(asked), "output": answer}
        for (operation, asked), answer in sorted(answers.items(), key=lambda each: -len(each[0][1]))
    ]
    return worlds.document({"name": f"Made up {provider}", "provider": provider, "answers": told})
