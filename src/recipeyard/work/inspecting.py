"""The gates that look at what arrives: where recipes must have run before, and what lint finds in them.

What is not met is a blocker of the plan, beside all others; only whoever applies knows who may pass.
"""

from collections.abc import Iterator, Sequence

from recipeyard.model import assets, bundles, deployments, gates, linting, plans, proposals
from recipeyard.sql import database, environments
from recipeyard.sql import gates as gate_rows
from recipeyard.work import imports, spellings


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
