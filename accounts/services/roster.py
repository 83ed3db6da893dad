"""The duty roster of a department: who is called when a matter may not wait (值班表)."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policies, record
from accounts.errors import Invalid, Refused, invalid
from accounts.models import AdminAction, DutyRosterEntry, Post, User
from accounts.record import Entry
from grids.models import Department


def add_duty(
    department: Department,
    *,
    person: Post,
    telephone: str,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    deputy: Post | None = None,
) -> DutyRosterEntry:
    """Puts a person on duty from `starts_at` until before `ends_at`. At any instant a department has one entry.

    Raises: Refused unless `by` heads the department or is a system administrator; Invalid naming the field.
    """
    if not policies.may_edit_roster(by, department):
        raise Refused(policies.ONLY_HEAD)
    entry = DutyRosterEntry(
        department=department,
        person=person,
        deputy=deputy,
        telephone=telephone.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
    )
    with transaction.atomic():
        Department.objects.select_for_update().get(pk=department.pk)
        check_duty(entry)
        entry.save(force_insert=True)
        record.append(Entry(AdminAction.ROSTER_ADDED, person.user, person, described(entry)), by=by)
    return entry


def remove_duty(entry: DutyRosterEntry, *, by: User) -> None:
    """Takes an entry off the roster; the record keeps what it said.

    Raises: Refused unless `by` heads the department or is a system administrator.
    """
    if not policies.may_edit_roster(by, entry.department):
        raise Refused(policies.ONLY_HEAD)
    with transaction.atomic():
        Department.objects.select_for_update().get(pk=entry.department_id)
        data = described(entry)
        removed, _rows = DutyRosterEntry.objects.filter(pk=entry.pk).delete()
        if removed:
            record.append(Entry(AdminAction.ROSTER_REMOVED, entry.person.user, entry.person, data), by=by)


def check_duty(entry: DutyRosterEntry) -> None:
    try:
        entry.clean_fields()
    except ValidationError as error:
        raise Invalid(error.message_dict) from error
    if entry.ends_at <= entry.starts_at:
        raise invalid("ends_at", _("结束时间须晚于开始时间。"))
    if entry.deputy is not None and entry.deputy.user_id == entry.person.user_id:
        raise invalid("deputy", _("副班须是另一人。"))
    for field, post in (("person", entry.person), ("deputy", entry.deputy)):
        if post is not None and not on_staff(post, entry):
            raise invalid(field, _("此人在值班期间不在本部门任职。"))
    clashing = DutyRosterEntry.objects.overlapping(entry.department, entry.starts_at, entry.ends_at)
    if clashing.exists():
        raise invalid("starts_at", _("这段时间已有值班安排，请先撤销原安排。"))


def on_staff(post: Post, entry: DutyRosterEntry) -> bool:
    """True when the post is of this department on every day of the duty."""
    first, last = (timezone.localdate(instant) for instant in (entry.starts_at, entry.ends_at))
    held = post.starts_on <= first and (post.ends_on is None or last <= post.ends_on)
    return held and post.department_id == entry.department_id and post.user.is_active


def described(entry: DutyRosterEntry) -> dict[str, str | int | None]:
    return {
        "department": entry.department_id,
        "person": entry.person_id,
        "deputy": entry.deputy_id,
        "telephone": entry.telephone,
        "starts_at": entry.starts_at.isoformat(),
        "ends_at": entry.ends_at.isoformat(),
    }
