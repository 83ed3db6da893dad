"""Who has a part in a case now, and how parts begin and end. The case row is locked by whoever changes them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from accounts.models import Post
from cases.models import Case, Part, PartKind
from cases.offices import Office


class Held(NamedTuple):
    """An open part: its kind, the post and person it names (if any), and the columns of its office."""

    kind: str
    post_id: int | None
    user_id: int | None
    department_id: int | None
    division_id: int | None
    successor_id: int | None

    @property
    def office(self) -> Office:
        return Office.held(self.department_id, self.division_id, self.successor_id)


COLUMNS = ("kind", "post_id", "post__user_id", "department_id", "division_id", "division__successor_id")


def held(case: Case, kinds: Collection[str] = ()) -> list[Held]:
    """The open parts of a case, of the named kinds or of all, the oldest first."""
    rows = Part.objects.filter(case=case, ended_at__isnull=True)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return [Held(*row) for row in rows.order_by("pk").values_list(*COLUMNS)]


def add(case: Case, kind: str, office: Office, *, at: datetime, post: Post | None = None) -> None:
    """Give an office (or one post of it) a part, unless it has that part already."""
    same = Part.objects.filter(case=case, kind=kind, ended_at=None, post=post, **office.columns)
    if not same.exists():
        Part.objects.create(case=case, kind=kind, post=post, started_at=at, **office.columns)


def end(case: Case, *kinds: str, at: datetime) -> None:
    """End the open parts of the named kinds; without a name all but the reporters'."""
    rows = Part.objects.filter(case=case, ended_at=None)
    (rows.filter(kind__in=kinds) if kinds else rows.exclude(kind=PartKind.REPORTER)).update(ended_at=at)
