"""Tells every process that what it keeps in memory is out of date."""

from __future__ import annotations

import secrets
from typing import Final

from grids.models import Revision

GRIDS: Final = "grids"
CALENDAR: Final = "calendar"


def bump(subject: str) -> None:
    """Marks the subject as changed, in the transaction of the change.

    The number is drawn, not counted: a change that is rolled back must not leave its number to the next one, or a
    process that had read the first would take it for the second.
    """
    Revision.objects.update_or_create(subject=subject, defaults={"number": secrets.randbits(62)})


def current(subject: str) -> int:
    """The number of a subject; 0 before its first change."""
    return Revision.objects.filter(subject=subject).values_list("number", flat=True).first() or 0
