"""Every recipe of the corpus that may lie beside this repository compiles."""

import json
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from recipeyard.runtime import interface
from recipeyard.runtime.stepping import programs, telling
from walks import outputs, play, problems

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
RECIPES = sorted(CORPUS.rglob("*.recipe.json")) if CORPUS.exists() else []


@pytest.mark.skipif(not RECIPES, reason="the corpus is not here")
def test_every_recipe_of_the_corpus_compiles(capsys: pytest.CaptureFixture[str]) -> None:
    found: dict[str, Any] = {}
    for path in RECIPES:
        wrong = problems(json.loads(path.read_text()))
        if wrong:
            found[path.relative_to(CORPUS).as_posix()] = wrong
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(RECIPES)} recipes, {sum(map(len, found.values()))} problems in {len(found)} of them\n"
        )

    assert {} == found


@pytest.mark.skipif(not RECIPES, reason="the corpus is not here")
def test_a_recipe_of_the_corpus_has_as_many_steps_as_its_document() -> None:
    for path in RECIPES:
        document = json.loads(path.read_text())
        numbers = [each["number"] for each in walked(document["code"])]

        assert max(numbers) + 1 == len(numbers)
        assert programs.compile_document(document).trigger.number == 0


@pytest.mark.skipif(not RECIPES, reason="the corpus is not here")
def test_every_recipe_of_the_corpus_comes_to_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    ends: Counter[str] = Counter()
    for path in RECIPES:
        document = json.loads(path.read_text())
        for answers in (outputs(), failing):
            ending = play(document, {"rows": [{}]}, answers).ending
            ends[type(ending).__name__ + ("" if answers is failing else f" {getattr(ending, 'kind', '')}")] += 1
    with capsys.disabled():
        sys.stdout.write(f"\n{dict(ends)}\n")

    assert 2 * len(RECIPES) == ends.total()


def failing(asked: telling.Next, now: datetime) -> telling.Heard:
    if isinstance(asked, telling.Rest):
        return telling.Done(now)
    return telling.Failed(now, interface.Failure("gone"))


def walked(step: dict[str, Any]) -> list[dict[str, Any]]:
    return [step] + [inner for each in step.get("block") or () for inner in walked(each)]
