"""The one door to a case on behalf of a person."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cases.errors import NotFound
from cases.models import Case


def get_case(user: User, number: str, *, kind: str | None = None) -> Case:
    """The case, if the person may see it now; raises NotFound otherwise, whether or not it exists."""
    found = Case.objects.visible_to(user).filter(number=number)
    if kind is not None:
        found = found.filter(kind=kind)
    case: Case | None = found.select_related("place", "office", "first_receiver").first()
    if case is None:
        raise NotFound(_("没有找到这个事项，或者它不在您的岗位范围内。"))
    return case


def sees_inner(user: User, case: Case) -> bool:
    """Whether inner notes may be shown: not to those who see the case only as its reporter, or watch over a dispute."""
    return Case.objects.inside_of(user).filter(pk=case.pk).exists()


def lock_cases(ids: Iterable[int]) -> dict[int, Case]:
    """Lock the case rows in order of id, so that two people can never wait for each other."""
    rows = Case.objects.select_for_update().filter(pk__in=set(ids)).order_by("pk")
    return {case.pk: case for case in rows}


def stored(case: Case) -> Case:
    """The case as the database has it now, not locked."""
    found: Case = Case.objects.unscoped().get(pk=case.pk)
    return found
