"""A workspace as a bench for test cases: recipes, stubs and other documents as they are in one transaction."""

from dataclasses import dataclass

from recipeyard.model import (
    assets,
    bundles,
    documents,
    errors,
    references,
    stubs,
    test_cases,
    test_runs,
    workspaces,
)
from recipeyard.runtime import expecting, installed, interface
from recipeyard.runtime.cases import playing, testing
from recipeyard.runtime.stepping import programs
from recipeyard.sql import assets as asset_rows
from recipeyard.sql import database
from recipeyard.sql import documents as document_rows
from recipeyard.work import starting
from recipeyard.work.running import loading


@dataclass
class Bench:
    """Runs cases of one workspace, in one transaction."""

    tx: database.Tx
    workspace: workspaces.Workspace

    def run(self, asset: assets.Asset) -> test_runs.Result:
        """What a test case comes to."""
        value, targets = self._read(asset)
        case = test_cases.parse(value)
        recipe_id = targets.get(case.recipe)
        name = case.recipe.name
        try:
            recorded = tuple(self._stub(targets.get(each), each) for each in case.answered_by)
            bench = playing.Bench(installed.installed(), self._program, self._document, recorded)
            report = testing.run(case, str(recipe_id), bench)
        except errors.Invalid as e:
            report = testing.unplayed(e.message)
        found = tuple(
            test_runs.Finding(_kept(each.message), each.step, _kept(each.path), each.expected, each.found)
            for each in report.findings
        )
        return test_runs.Result(asset.id, asset.name, recipe_id, name, found, report.steps, tuple(sorted(report.ran)))

    def _read(self, asset: assets.Asset) -> tuple[dict[str, documents.Value], dict[references.Reference, int]]:
        """An asset's document, and what its references mean."""
        digest = asset.content.digest
        value = bundles.parse_text(bundles.inflate(document_rows.packed(self.tx, digest)).decode())
        facts = document_rows.facts(self.tx, [digest])[digest, asset.kind]
        return value, starting.targets_of(self.tx, asset, facts)

    def _asset(self, kind: str, asset_id: str) -> assets.Asset | None:
        number = int(asset_id) if asset_id.isascii() and asset_id.isdigit() and len(asset_id) < len(str(2**63)) else 0
        found = asset_rows.by_ids(self.tx, self.workspace.id, [number]).get(number)
        return found if found and found.kind == kind else None

    def _program(self, recipe_id: str) -> programs.Program | None:
        """The program of a recipe's current version; None where there is none. Raises `programs.Refused`."""
        asset = self._asset(assets.RECIPE, recipe_id)
        return loading.program(self.tx, asset_rows.version_ids(self.tx, [asset.id])[asset.id]) if asset else None

    def _document(self, kind: str, asset_id: str) -> interface.Object | None:
        asset = self._asset(kind, asset_id)
        return expecting.values_of(self._read(asset)[0]) if asset else None

    def _stub(self, asset_id: int | None, reference: references.Reference) -> stubs.Stub:
        asset = self._asset(assets.STUB, str(asset_id))
        if asset is None:
            raise errors.Invalid(f"answered_by: {reference} is not here")
        return stubs.parse(self._read(asset)[0])


def _kept(text: str) -> str:
    """A text as a database keeps it: recipes may name steps with NUL characters."""
    return text.replace("\0", "")
