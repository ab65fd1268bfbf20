"""What keeps a step from going on, and where: a formula, a condition, a loop's list, an operation, a limit."""

from recipeyard.runtime import interface
from recipeyard.runtime.stepping import telling

FORMULA = "FormulaError"
CONDITION = "ConditionError"
LOOP = "LoopError"
LIMIT = "LimitError"

HIDDEN = "it has failed; as it hides its data, what it said is hidden too"
"""What a step with masked data is said to have failed by: messages quote what they are about."""


class Fault(Exception):
    """A step fails. Whoever knows the step adds it; a try may catch it, unless a limit is what was met."""

    def __init__(self, where: str, message: str, kind: str = "Error", details: interface.Object | None = None) -> None:
        super().__init__(message)
        self.where = where
        self.message = message
        self.kind = kind
        self.details: interface.Object = details or {}
        self.place: telling.Place | None = None

    @property
    def shown(self) -> str:
        """What a job may show of it."""
        is_hidden = self.place is not None and self.place.masked
        return HIDDEN if is_hidden else self.message

    def at(self, place: telling.Place) -> "Fault":
        """The same fault, of this step, unless it is known to be another's."""
        self.place = self.place or place
        return self


class Limit(Fault):
    """The walk itself has met a limit. That quotes no data, so it is shown of masked steps too."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(where, message, LIMIT)

    @property
    def shown(self) -> str:
        """All that it says."""
        return self.message
