"""Subsidies (案补) as lists: what waits for a decision, what was approved and paid, and a month's payments in Excel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Post
from accounts.roles import Role
from cases.errors import NotAllowed
from cases.exports import Columns, Value
from cases.models import Case
from grids.clock import SHANGHAI
from mediation.models import Subsidy
from mediation.tables import grades

READERS: Final = frozenset({Role.MEDIATOR, Role.CENTRE})


def check_reader(post: Post) -> Post:
    """The post, if subsidies concern it; raises NotAllowed."""
    if post.role not in READERS:
        raise NotAllowed(_("案补由调解委员会申请，县（市）综治中心审批。"))
    return post


def visible_to(post: Post) -> QuerySet[Subsidy]:
    """The subsidies of the disputes that a post may see; a mediator those of the own committee."""
    rows = Subsidy.objects.filter(case__in=Case.objects.in_scope_of_post(check_reader(post)).values("pk"))
    if post.role == Role.MEDIATOR:
        rows = rows.filter(committee__division=post.division)
    return rows.select_related("case", "committee", "payee__user", "claimed_by__user", "decided_by__user")


def of_month(post: Post, first: date) -> QuerySet[Subsidy]:
    """Those approved in a month, paid or not, in the order of approval."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    since, until = (datetime.combine(day, time(), SHANGHAI) for day in (first, after))
    rows = visible_to(post).filter(
        state__in=["approved", "paid"], decided_at__gte=since, decided_at__lt=until
    )
    return rows.order_by("decided_at", "pk")


def total_of(rows: QuerySet[Subsidy]) -> Decimal:
    """Their sum in yuan."""
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


COLUMNS: Final[Columns] = (
    (gettext_lazy("序号"), 8),
    (gettext_lazy("调解委员会"), 28),
    (gettext_lazy("领取人"), 14),
    (gettext_lazy("纠纷编号"), 18),
    (gettext_lazy("卷号"), 24),
    (gettext_lazy("档次"), 20),
    (gettext_lazy("金额（元）"), 12),
    (gettext_lazy("申请人"), 14),
    (gettext_lazy("审批人"), 14),
    (gettext_lazy("审批时间"), 18),
    (gettext_lazy("发放日期"), 14),
    (gettext_lazy("签收"), 14),
)


def records(rows: QuerySet[Subsidy]) -> Iterator[list[Value]]:
    """A month's payments in the order of COLUMNS, and their sum."""
    total = Decimal(0)
    for n, row in enumerate(rows.prefetch_related("case__dockets__committee"), 1):
        total += row.amount
        docket = [one for one in row.case.dockets.all() if one.serial][-1:]
        yield [
            n, row.committee.name, row.payee.user.name, row.case.number, docket[0].number if docket else "",
            grade_name(row), row.amount, row.claimed_by.user.name,
            row.decided_by.user.name if row.decided_by else "", row.decided_at,
            f"{row.paid_on:%Y-%m-%d}" if row.paid_on else "", "",
        ]  # fmt: skip
    last: list[Any] = [_("合计"), *[""] * 5, total, *[""] * 5]
    yield last


def grade_name(row: Subsidy) -> str:
    """The name of its grade; the code of one that the table no longer has."""
    return str(grades().get(row.grade, row.grade))
