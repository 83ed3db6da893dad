"""Numbers of incidents: a sequence of the database's, so that two at once never wait and never collide."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone


def next_number(at: datetime) -> str:
    """The next number, e.g. SJ2026-0000123. A number may be skipped when a report fails; none comes twice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('incidents_number')")
        (value,) = cursor.fetchone()
    return f"SJ{timezone.localtime(at).year}-{value:07d}"
