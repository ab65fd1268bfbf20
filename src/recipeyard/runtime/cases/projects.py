"""A project's files as a bench: its test cases and all that they need, by path; no workspace is asked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from recipeyard.model import assets, bundles, documents, errors, recipes, references, stubs, test_cases
from recipeyard.runtime import expecting, interface
from recipeyard.runtime.cases import playing, testing
from recipeyard.runtime.stepping import programs


@dataclass(frozen=True, slots=True)
class Told:
    """What a test case of a project came to. `recipe` is its recipe's path, or what it names where that is not here."""

    path: str
    name: str
    recipe: str
    report: testing.Report


@dataclass
class Project:
    """Files by path. Ids are given in the order of paths."""

    files: Mapping[str, bytes]
    connectors: Mapping[str, interface.Connector]
    _ids: dict[str, int] = field(init=False)
    _paths: dict[str, str] = field(init=False)
    _programs: dict[str, programs.Program] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._ids = {path: at for at, path in enumerate(sorted(self.files), 1)}
        self._paths = {str(at): path for path, at in self._ids.items()}

    def run(self) -> Iterator[Told]:
        """Run every test case, by path."""
        for path in sorted(self.files):
            if _kind(path) == assets.TEST_CASE:
                yield self._run(path)

    def _run(self, path: str) -> Told:
        try:
            case = test_cases.parse(self._document(path))
        except errors.Invalid as e:
            return Told(path, assets.split(path)[1], "", testing.unplayed(e.message))
        recipe = self._path(case.recipe)
        name = case.name or assets.split(path)[1]
        try:
            recorded = tuple(self._stub(each) for each in case.answered_by)
            bench = playing.Bench(self.connectors, self._program, self._at_hand, recorded)
            report = testing.run(case, str(self._ids[recipe]) if recipe else "", bench)
        except errors.Invalid as e:
            report = testing.unplayed(e.message)
        return Told(path, name, recipe or str(case.recipe), report)

    def _path(self, reference: references.Reference) -> str | None:
        """Where what a reference names is: at its path, else the only one of its kind and name."""
        if reference.full_path is None and reference.zip_name in self.files:
            return reference.zip_name
        alike = [path for path in self.files if _kind(path) == reference.kind and self._name(path) == reference.name]
        return alike[0] if len(alike) == 1 else None

    def _stub(self, reference: references.Reference) -> stubs.Stub:
        path = self._path(reference)
        if path is None:
            raise errors.Invalid(f"answered_by: {reference} is not here")
        return stubs.parse(self._document(path))

    def _program(self, recipe_id: str) -> programs.Program | None:
        """The program of a recipe; None where there is none of that id. Raises `programs.Refused`."""
        path = self._paths.get(recipe_id, "")
        if _kind(path) != assets.RECIPE:
            return None
        if recipe_id not in self._programs:
            spelled = recipes.with_ids(self._document(path), self._id)
            self._programs[recipe_id] = programs.compile_document(spelled if isinstance(spelled, dict) else {})
        return self._programs[recipe_id]

    def _at_hand(self, kind: str, asset_id: str) -> interface.Object | None:
        path = self._paths.get(asset_id, "")
        return expecting.values_of(self._document(path)) if path and _kind(path) == kind else None

    def _id(self, reference: references.Reference) -> int | None:
        return self._ids.get(self._path(reference) or "")

    def _name(self, path: str) -> str:
        try:
            return str(self._document(path).get("name"))
        except errors.Invalid:
            return ""

    def _document(self, path: str) -> dict[str, documents.Value]:
        """A document of the right shape. Raises `errors.Invalid`."""
        try:
            text = self.files[path].decode()
            value = bundles.parse_text(text)
        except ValueError as e:
            raise errors.Invalid(f"{path}: is not JSON") from e
        if not isinstance(value, dict):
            raise errors.Invalid(f"{path}: is no JSON object")
        bundles.describe(_kind(path) or "", path, value, text)
        return value


def _kind(path: str) -> str | None:
    file = assets.parse_file(assets.split(path)[1])
    return file.kind if file and file.suffix == assets.JSON else None
