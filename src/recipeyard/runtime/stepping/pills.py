"""Data pills: what an expression takes from the run. Both notations, `_dp('{…}')` and `_('data.…')`, come to these."""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Kind(StrEnum):
    """Where a pill's value comes from."""

    OUTPUT = "output"
    JOB = "job_context"
    PROJECT_PROPERTY = "project_property"
    ACCOUNT_PROPERTY = "account_property"
    LOOP = "foreach_meta"


class Element(Enum):
    """A path's elements that are no key: the item that a list mapping is at, a list's length, the item's index."""

    CURRENT_ITEM = "current_item"
    SIZE = "size"
    INDEX = "current_index"


@dataclass(frozen=True, slots=True)
class Pill:
    """One pill.

    `line` is the `as` of the step (or of the loop, for `provider` foreach, or of the catch); `path` leads into its
    output. `name` is the property's name, the key of the job's context (`job_id`), or the loop's (`index`, `size`,
    `is_first`, `is_last`).
    """

    kind: Kind
    provider: str = ""
    line: str = ""
    path: tuple[str | Element, ...] = ()
    name: str = ""
