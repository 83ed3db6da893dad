"""What is counted: the names of all measures, and from which entries and duties of the record each comes.

Indicators (`oversight.indicators`) are made of these. The SQL that finds them is `oversight.counting`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from whistle.querysets import STANDING

__all__ = [
    "DUTIES",
    "OFFICE_DUTIES",
    "OTHERS",
    "SIDES",
    "STANDING",
    "VALID_BY",
    "VERBS",
    "WHISTLE_DUTIES",
    "all_measures",
]

# Duties that are judged: "due" what fell due or was done, "late" of it what was not on time, "undone" of it what was
# still not done at the end of the period, "moved" of it what had its limit moved by an agreement or a suspension (缓办).
DUTIES: Final = {"whole": "incident", "handle": "incident"}
SIDES: Final = ("due", "late", "undone", "moved")
# Of these an office is judged as well as the matter.
OFFICE_DUTIES: Final = ("handle",)

# Entries that count as such, the first of each day.
VERBS: Final = {
    "incident.reported": "reported",
    "incident.reworked": "reworked",
    "incident.returned": "returned",
    "incident.reopened": "reopened",
}
# A report is valid when it was filed, or settled on the spot; it counts on the day of the report.
VALID_BY: Final = ("incident.filed", "incident.settled")

# A whistle that goes on is judged once one of these is overdue: until then nobody owes its end.
WHISTLE_DUTIES: Final = ("task", "close")

OTHERS: Final = (
    "collected",
    "valid",
    "settled",
    "whistle.sounded",
    "whistle.closed",
    "whistle.due",
    "summons.called",
    "summons.on_time",
    "summons.late",
    "summons.absent",
    "task.due",
    "task.on_time",
    "negative.standing",
    "mediation.received",
    "mediation.succeeded",
    "mediation.refused",
    "mediation.failed",
    "mediation.performed",
    "mediation.confirmed",
)


def all_measures() -> Iterator[str]:
    """Every name that a tally may have."""
    for duty in DUTIES:
        yield from (f"{duty}.{side}" for side in SIDES)
    yield from VERBS.values()
    yield from OTHERS
