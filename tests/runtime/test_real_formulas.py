"""Every formula, text and pill of the corpus that may lie beside this repository is parsed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recipeyard.runtime.stepping import expressions

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
FIELDS = ("input", "filter", "source", "job_report_config")


def leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)


def steps(step: Any) -> Iterator[Any]:
    if isinstance(step, dict):
        yield step
        for each in step.get("block") or ():
            yield from steps(each)


@pytest.mark.skipif(not CORPUS.exists(), reason="no corpus beside this repository")
def test_all_that_real_recipes_say_is_parsed() -> None:
    recipes = [json.loads(path.read_bytes()) for path in CORPUS.rglob("*.recipe.json")]
    texts = {
        leaf
        for recipe in recipes
        for step in steps(recipe.get("code"))
        for key in FIELDS
        for leaf in leaves(step.get(key))
    }
    wrong = []
    for text in texts:
        try:
            expression = expressions.compile_text(text)
        except expressions.ExpressionError as error:
            wrong.append(f"{error.position}: {error.message}: {text[:200]}")
            continue
        if ("_dp('" in text or "_('data." in text) and (text.startswith("=") or "#{_" in text) and not expression.pills:
            wrong.append(f"no pill found: {text[:200]}")

    assert [] == wrong
    assert recipes
