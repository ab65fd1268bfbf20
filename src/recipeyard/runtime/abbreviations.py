"""Time zones as mails and old systems abbreviate them, each a fixed offset from UTC."""

from collections.abc import Mapping
from datetime import timedelta, timezone

_HOURS: Mapping[str, float] = {
    "UT": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5,
    "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "NST": -3.5, "NDT": -2.5,
    "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10,
}  # fmt: skip
OFFSETS: Mapping[str, timezone] = {name: timezone(timedelta(hours=hours)) for name, hours in _HOURS.items()}
"""By abbreviation in capitals. Where several zones share one, it is the one that Ruby takes it for."""
