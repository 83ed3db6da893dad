"""Numbers of a committee's disputes: without gaps or doubles in each year, however many are accepted at once."""

from __future__ import annotations

from datetime import datetime

from grids import clock
from mediation.models import Docket, Serial


def give(docket: Docket, at: datetime) -> str:
    """Give a docket the next number of its committee in the year of `at`; returns it.

    The row of the year stays locked until the caller's transaction ends: one that fails takes its number back.
    """
    year = clock.local_day(at).year
    Serial.objects.bulk_create([Serial(committee=docket.committee, year=year)], ignore_conflicts=True)
    serial = Serial.objects.select_for_update().get(committee=docket.committee, year=year)
    serial.last += 1
    serial.save(update_fields=["last"])
    docket.accepted_at, docket.year, docket.serial = at, year, serial.last
    docket.save(update_fields=["accepted_at", "year", "serial"])
    return docket.number
