"""Real changes of other makers: what changed between states of the corpus is planned, applied, taken back.

Some projects of the corpus are there as they stood at two or three commits. Skipped only where the corpus is absent.
"""

from pathlib import Path

import pytest

import states
import test_real_packages as real
import worlds
from recipeyard.model import packages, proposals

PROJECTS = ("atomic-salesforce-recipes", "atomic-stripe-recipes", "orchestrator-recipes")
COMMITS = ("dewy-resort", "dewy-resort-pulled/projects", "dewy-resort-pulled/workato")

pytestmark = pytest.mark.skipif(not real.CORPUS.exists(), reason="the corpus is not beside this repository")


def at_commits(project: str) -> list[real.Files]:
    """A project's files at each commit; later commits lie over the earlier ones where they hold a part alone."""
    found: list[real.Files] = []
    for commit in COMMITS:
        root = real.CORPUS / commit / project
        part = real.read(Path(root)) if root.exists() else {}
        is_whole = len(part) > 2
        found.append(part if is_whole or not found else found[-1] | part)
    return found


@pytest.mark.parametrize("project", PROJECTS)
def test_the_changes_of_two_commits_are_planned_applied_and_taken_back(place: worlds.Place, project: str) -> None:
    first, *later = at_commits(project)
    place.load(first)
    stood, applied = [states.of(place)], []
    for files in later:
        plan = place.plan(files, prune=True, restart_recipes=True)
        package = place.apply(plan)
        assert packages.Status.COMPLETED is package.status, package.error_parts
        assert () == said(place.plan(files, prune=True)).changes
        applied.append((plan, package))
        stood.append(states.of(place))

    assert len(later) == len([plan for plan, _ in applied if changed_recipes(plan)])
    for (_, package), before in zip(reversed(applied), reversed(stood[:-1]), strict=True):
        back = place.roll_back(package)
        assert packages.Status.COMPLETED is back.status, back.error_parts
        assert before == states.of(place)


def said(plan: proposals.Plan) -> proposals.Content:
    assert plan.content, plan.error_parts
    return plan.content


def changed_recipes(plan: proposals.Plan) -> list[str]:
    """The recipes that a plan tells step by step."""
    lines = [line for line in said(plan).changes if line.kind == "recipe" and line.diff]
    return [line.path for line in lines if line.diff and line.diff.document and line.diff.document.steps]
