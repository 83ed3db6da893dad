"""Numbers of cases: a sequence of the database's for each kind, so that two at once never wait and never collide."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.utils import timezone


def next_number(letters: str, sequence: str, at: datetime) -> str:
    """The next number, e.g. SJ2026-0000123. A number may be skipped when a report fails; none comes twice.

    letters: the kind's two letters. sequence: the name of its sequence, from the code and never from a user.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [sequence])
        (value,) = cursor.fetchone()
    return f"{letters}{timezone.localtime(at).year}-{value:07d}"
