"""Statistics in the ministry's way: by kind, source, tier and outcome, each number with the disputes behind it.

A dispute counts as received on the day of its first acceptance, and as mediated on the day on which mediation came to a
result: its agreement took effect (success), or it ended by refusal or for want of agreement. What was withdrawn,
referred or not accepted came to no result and counts in neither numerator nor denominator. A tier is that of the
committee where the result came about (docs/domain.md, section 6).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any, Final

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models import (
    Value as Constant,
)
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cases.exports import Columns, Value
from cases.periods import Period
from cases.shares import Share, rounded
from grids import clock
from grids.clock import SHANGHAI
from mediation import choices as c
from mediation.models import Agreement, Docket, Mediation

# The columns of the statistics; each is a filter of disputes by which the list behind its number narrows.
COUNTS: Final = ("received", "mediated", "succeeded", "refused", "failed", "performed", "confirmed")
OPEN: Final = "open"  # the outcome of a dispute that has not ended
GROUPS: Final[dict[str, tuple[str, Any]]] = {
    "kind": ("kind", c.Kind.choices),
    "source": ("source", c.Source.choices),
    "tier": ("tier", c.Tier.choices),
    "initiative": ("initiative", c.Initiative.choices),
    "ending": (
        "outcome",
        [*(choice for choice in c.Ending.choices if choice[0]), (OPEN, c.Ending.NONE.label)],
    ),
}


@dataclass(slots=True)
class Line:
    """One line of the statistics. `amount` in yuan; `days`: median from first acceptance to effect, None without any."""

    code: str
    label: Any
    received: int = 0
    mediated: int = 0
    succeeded: int = 0
    refused: int = 0
    failed: int = 0
    performed: int = 0
    confirmed: int = 0
    amount: Decimal = Decimal(0)
    days: Decimal | None = None

    @property
    def success(self) -> Share:
        return Share(self.succeeded, self.mediated)


def annotated(user: User) -> QuerySet[Any]:
    """The disputes that a person may see, with the days and the agreement by which they count."""
    standing = Agreement.objects.filter(attempt__docket__case=OuterRef("pk"), state="effective")
    dockets = Docket.objects.filter(case=OuterRef("pk"), accepted_at__isnull=False)
    accepted = dockets.order_by().values("case").annotate(first=Min("accepted_at")).values("first")
    return (
        Mediation.objects.visible_to(user)
        .annotate(
            received_on=TruncDate(Subquery(accepted, output_field=DateTimeField()), tzinfo=SHANGHAI),
            effective_on=Subquery(standing.values("effective_on")[:1]),
            agreed_amount=Subquery(standing.values("amount")[:1]),
            ended_on=TruncDate("case__closed_at", tzinfo=SHANGHAI),
            tier=Subquery(dockets.order_by("-pk").values("tier")[:1]),
            outcome=Case(When(ending="", then=Constant(OPEN)), default=F("ending"), output_field=CharField()),
            court=Subquery(standing.values("confirmation__state")[:1]),
        )
        .order_by()
    )


def _within(field: str, period: Period) -> Q:
    return Q((f"{field}__range", (period.first, period.last)))


def filters(period: Period) -> dict[str, Q]:
    """What each column counts, as a filter of the annotated disputes."""
    succeeded = _within("effective_on", period)
    unsettled = Q(effective_on__isnull=True, received_on__isnull=False) & _within("ended_on", period)
    refused, failed = unsettled & Q(ending="refused"), unsettled & Q(ending="failed")
    return {
        "received": _within("received_on", period),
        "mediated": succeeded | refused | failed,
        "succeeded": succeeded,
        "refused": refused,
        "failed": failed,
        "performed": succeeded & Q(ending="performed"),
        "confirmed": succeeded & Q(court="confirmed"),
    }


def behind(user: User, period: Period, column: str, **narrowed: str) -> QuerySet[Mediation]:
    """The disputes behind a number: of a column, narrowed by groups (kind="labour"). KeyError for no such column."""
    return annotated(user).filter(filters(period)[column], **narrowed)


def by(user: User, period: Period, group: str) -> list[Line]:
    """The lines of a group, in the ministry's order; those without any dispute too."""
    field, choices = GROUPS[group]
    lines = {code: Line(code, label) for code, label in choices}
    _fill(annotated(user), period, field, lines)
    return list(lines.values())


def total(user: User, period: Period) -> Line:
    """All disputes together."""
    line = Line("", "")
    rows = annotated(user)
    counts = rows.aggregate(**{name: Count("pk", filter=q) for name, q in filters(period).items()})
    for name, number in counts.items():
        setattr(line, name, number)
    agreed = rows.filter(filters(period)["succeeded"])
    line.amount = agreed.aggregate(sum=Sum("agreed_amount"))["sum"] or Decimal(0)
    line.days = _median(agreed.values_list("effective_on", "received_on"))
    return line


def _fill(rows: QuerySet[Mediation], period: Period, field: str, lines: dict[str, Line]) -> None:
    wanted = {name: Count("pk", filter=q) for name, q in filters(period).items()}
    for found in rows.values(group=F(field)).annotate(**wanted):
        line = lines.get(found["group"])
        counted: dict[str, Any] = dict(found)
        for name in COUNTS:
            if line is not None:
                setattr(line, name, counted[name])
    agreed = rows.filter(filters(period)["succeeded"])
    spans: dict[str, list[tuple[date, date]]] = {}
    known = agreed.filter(**{f"{field}__in": list(lines)})
    for code, amount, effective, received in known.values_list(
        field, "agreed_amount", "effective_on", "received_on"
    ):
        lines[code].amount += amount or 0
        spans.setdefault(code, []).append((effective, received))
    for code, pairs in spans.items():
        lines[code].days = _median(pairs)


def _median(pairs: Any) -> Decimal | None:
    days = [Decimal(one) for one in _days(pairs)]
    return rounded(median(days)) if days else None


def _days(pairs: Any) -> Iterator[int]:
    for effective, received in pairs:
        if effective is not None and received is not None:
            yield max(0, (effective - received).days)  # what was agreed on paper may be entered later


COLUMNS: Final[Columns] = (
    (gettext_lazy("分组"), 24),
    (gettext_lazy("受理"), 10),
    (gettext_lazy("调解有结果"), 12),
    (gettext_lazy("调解成功"), 10),
    (gettext_lazy("成功率（%）"), 12),
    (gettext_lazy("当事人拒绝"), 12),
    (gettext_lazy("调解不成"), 10),
    (gettext_lazy("协议已履行"), 12),
    (gettext_lazy("司法确认"), 10),
    (gettext_lazy("协议涉及金额（元）"), 18),
    (gettext_lazy("用时中位数（天）"), 16),
)


def records(user: User, period: Period, group: str) -> Iterator[list[Value]]:
    """The lines of a group and their total, in the order of COLUMNS."""
    for line in [*by(user, period, group), total(user, period)]:
        percent = line.success.percent
        yield [
            str(line.label) or _("合计"), line.received, line.mediated, line.succeeded,
            percent, line.refused, line.failed, line.performed, line.confirmed,
            line.amount, line.days,
        ]  # fmt: skip


def years(user: User) -> list[int]:
    """The years with any dispute received or mediated, the newest first; this year always."""
    found = {clock.today().year}
    for first, last in annotated(user).values_list("received_on", "effective_on"):
        found |= {day.year for day in (first, last) if day is not None}
    return sorted(found, reverse=True)
