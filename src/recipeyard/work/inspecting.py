"""The gates that look at what arrives: where recipes must have run before, what lint finds in them, and their tests.

What is not met is a blocker of the plan, beside all others; only whoever applies knows who may pass.
"""

from collections.abc import Iterator, Sequence

from recipeyard.model import assets, bundles, deployments, gates, linting, plans, proposals, test_runs
from recipeyard.sql import database, environments, links
from recipeyard.sql import gates as gate_rows
from recipeyard.work import imports, spellings, test_cases

FINDINGS_TOLD = 5
"""How many differences of one test case a blocker names."""


def inspect(job: imports.Import, changes: Sequence[plans.Change]) -> None:
    """Look at every recipe that would be made or updated."""
    kept = gate_rows.find(job.tx, job.workspace.id).gates
    arriving = [each for each in changes if each.incoming.kind == assets.RECIPE and not isinstance(each, plans.Keep)]
    if kept.ran_in and arriving:
        job.blockers += _not_ran(job, arriving, kept.ran_in)
    rules = {rule: severity for rule, severity in kept.lint.items() if severity is not gates.Severity.OFF}
    for change in arriving if rules else ():
        code = bundles.parse_text(imports.kept_text(job, change.incoming)).get("code")
        for found in linting.findings(code, rules):
            gathered = job.blockers if rules[found.rule] is gates.Severity.ERROR else job.warnings
            gathered.append(gates.finding(found, change.incoming.path))


def try_out(job: imports.Import, changes: Sequence[plans.Change]) -> None:
    """Run the test cases of what changes, once all is written, where the request or the gates ask for that.

    These are the cases that arrive, and those here whose recipe or stub is made or updated.
    """
    if not (job.order.options.require_tests or gate_rows.find(job.tx, job.workspace.id).gates.require_tests):
        return
    written = {job.asset(each).id: each.incoming for each in changes if not isinstance(each, plans.Keep)}
    recipes = {key: each for key, each in written.items() if each.kind == assets.RECIPE}
    arrived = {key for key, each in written.items() if each.kind == assets.TEST_CASE}
    results = test_cases.play(job.tx, job.workspace, links.test_cases_of(job.tx, written) | arrived)
    for result in results:
        arriving = written.get(result.case_id) or written.get(result.recipe_id or 0)
        job.blockers += _failed(result, arriving.path if arriving else "")
    tested = {result.recipe_id for result in results}
    job.warnings += [
        proposals.Notice(proposals.Code.TESTS, each.path, f"recipe {each.facts.name!r} has no test case")
        for key, each in recipes.items()
        if key not in tested
    ]


def _failed(result: test_runs.Result, path: str) -> Iterator[proposals.Notice]:
    told = [each.message for each in result.findings]
    if told:
        more = f"; and {len(told) - FINDINGS_TOLD} more" if len(told) > FINDINGS_TOLD else ""
        what = f"test case {result.name!r} of recipe {result.recipe_name!r}: {'; '.join(told[:FINDINGS_TOLD])}{more}"
        yield proposals.Notice(proposals.Code.TESTS, path, what)


def trusted(tx: database.Tx, workspace_id: int, which: gates.Trusted) -> int | None:
    """The workspace that another one trusts as the place where recipes run first; None where none is bound so.

    Only the operator binds workspaces, so that no token can ask about a workspace that has nothing to do with its own.
    """
    bound = environments.source(tx, workspace_id)
    if bound is None:
        return None
    if which is gates.Trusted.DEVELOPMENT:
        return bound[1].id
    test = environments.targets(tx, bound[1].id).get(deployments.Environment.TEST)
    return None if test == workspace_id else test


def _not_ran(job: imports.Import, arriving: Sequence[plans.Change], which: gates.Trusted) -> Iterator[proposals.Notice]:
    workspace_id = trusted(job.tx, job.workspace.id, which)
    if workspace_id is None:
        yield gates.notice(gates.Gate.RAN_IN, f"no workspace is bound as the {which} of this one any more")
        return
    arrived = {each.path: each for each in job.read.incoming}
    digests = {each.incoming.path: _digest(job, each.incoming, arrived[each.incoming.path]) for each in arriving}
    ran = gate_rows.ran(job.tx, workspace_id, [*digests.values()])
    for change in arriving:
        path, name = change.incoming.path, change.incoming.facts.name
        if digests[path] not in ran:
            what = f"recipe {name!r} has not run in the {which} as it would be here"
            yield gates.notice(gates.Gate.RAN_IN, what, path)


def _digest(job: imports.Import, kept: bundles.Incoming, arrived: bundles.Incoming) -> str:
    """What must have run: what arrived, where it is at most spelled otherwise here; else what was made of it."""
    digest = kept.content.digest
    return arrived.arrived.digest if digest in {arrived.arrived.digest, spellings.spelling(job, arrived)} else digest
