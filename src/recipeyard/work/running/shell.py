"""What carrying out runs takes, beside the database: the way out, keys, limits. Built once by `server`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from recipeyard.runtime import outbound
from recipeyard.runtime.stepping import telling
from recipeyard.sql import database
from recipeyard.work.running import credentials

BOUNDS = telling.Bounds()


@dataclass(frozen=True, slots=True)
class Shell:
    """One process's means. `seed` makes ids that nobody can guess; `node` is the process's name.

    `seal` and `unseal` hide what masked steps hold, and open credentials.
    """

    db: database.Database
    node: str
    outbound: outbound.Outbound
    seal: Callable[[bytes], bytes]
    unseal: Callable[[bytes], bytes]
    seed: bytes
    zone: tzinfo
    address: str
    keeper: credentials.Keeper
    bounds: telling.Bounds = BOUNDS
