"""The world that a test case does not have: whatever a connector asks of it beyond calls of recipes must be stubbed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import NoReturn

from recipeyard.runtime import interface, outbound, workspace


class Reached(Exception):
    """What was asked of the world, in words that follow on a step's name."""


class Unanswered(Exception):
    """A step needs a stub: no recipe may catch that, the case itself fails. `step` is its number in `recipe_id`."""

    def __init__(self, recipe_id: str, step: int, message: str) -> None:
        super().__init__(message)
        self.recipe_id = recipe_id
        self.step = step


Documents = Callable[[str, str], interface.Object | None]
"""Tells the document of an asset by kind and id."""


class Out:
    """No way out."""

    def request(self, send: outbound.Send) -> NoReturn:
        """Raises `Reached`."""
        raise Reached(f"asks {send.url}")

    def mail(self, message: EmailMessage) -> NoReturn:
        """Raises `Reached`."""
        raise Reached(f"sends a mail to {message['To']}")


class Recipes:
    """The recipes that are at hand can be called; nothing else can be known of them."""

    def __init__(self, begin: Callable[[str, interface.Object], workspace.Run], runs: dict[str, workspace.Run]) -> None:
        self._begin = begin
        self._runs = runs

    def call(self, recipe_id: str, parameters: interface.Object, *, waited_for: bool) -> str:
        """The called recipe runs at once, to its end."""
        del waited_for
        run = self._begin(recipe_id, parameters)
        self._runs[run.id] = run
        return run.id

    def run(self, run_id: str) -> workspace.Run:
        """How a call ended."""
        if run_id not in self._runs:
            raise Reached(f"asks for the job {run_id}")
        return self._runs[run_id]

    def show(self, recipe_id: str) -> NoReturn:
        """Raises `Reached`."""
        raise Reached(f"asks for recipe {recipe_id}")

    def start(self, recipe_id: str) -> NoReturn:
        """Raises `Reached`."""
        raise Reached(f"starts recipe {recipe_id}")

    def stop(self, recipe_id: str) -> NoReturn:
        """Raises `Reached`."""
        raise Reached(f"stops recipe {recipe_id}")

    def jobs(self, recipe_id: str, *, status: str | None, limit: int) -> NoReturn:
        """Raises `Reached`."""
        del status, limit
        raise Reached(f"asks for the jobs of recipe {recipe_id}")

    def rerun(self, job_ids: Sequence[str]) -> NoReturn:
        """Raises `Reached`."""
        raise Reached(f"runs {len(job_ids)} jobs again")

    def connections(self) -> NoReturn:
        """Raises `Reached`."""
        raise Reached("asks for connections")

    def summary(self) -> NoReturn:
        """Raises `Reached`."""
        raise Reached("asks for the workspace")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Documents and recipes that are at hand, and a log that nobody keeps."""

    recipes: Recipes
    documents: Documents

    def document(self, kind: str, asset_id: str) -> interface.Object:
        """The document of an asset at hand."""
        found = self.documents(kind, asset_id)
        if found is None:
            raise Reached(f"asks for a {kind} that is not at hand ({asset_id or 'none is named'})")
        return found

    def log(self, message: str, level: str) -> None:
        """Nobody keeps it."""

    def lookup_table(self, table: str) -> NoReturn:
        """Raises `Reached`."""
        raise Reached(f"uses the lookup table {table}")

    def data_table(self, table: str) -> NoReturn:
        """Raises `Reached`."""
        raise Reached(f"uses the data table {table}")

    @property
    def files(self) -> NoReturn:
        """Raises `Reached`."""
        raise Reached("uses the file storage")

    def publish(self, subject: str, payload: interface.Object) -> NoReturn:
        """Raises `Reached`."""
        del payload
        raise Reached(f"publishes to {subject}")
