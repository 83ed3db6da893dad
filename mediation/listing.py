"""The list of disputes that a person may see: numbers, kinds and states; no party's name outside its committee."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import F, Prefetch, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.roles import Role
from cases import personal
from cases.exports import Columns, Value
from cases.lists import FilteredList
from cases.models import Case, Deadline
from mediation import choices as c
from mediation.figures import annotated
from mediation.filters import MediationFilter
from mediation.models import Docket, Mediation, Party
from mediation.parties import field_of
from mediation.workflow import STATES

CHUNK: Final = 200


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One dispute as a line. `parties`: masked, and only for the committee that has it."""

    case: Case
    dispute: Mediation
    docket: Docket
    kind: str
    tier: str
    state: str | Promise
    colour: str
    parties: str
    deadline: Deadline | None


def row_of(dispute: Any, *, named: bool) -> DisputeRow:
    """A line from a dispute read by `DisputeList.with_rows`."""
    case, docket = dispute.case, dispute.case.all_dockets[-1]
    return DisputeRow(
        case=case,
        dispute=dispute,
        docket=docket,
        kind=str(c.Kind(dispute.kind).label),
        tier=str(c.Tier(docket.tier).label),
        state=STATES[case.state],
        colour=str(c.Colour(dispute.colour).label) if dispute.colour else "",
        parties=_named(case) if named else "",
        deadline=next(iter(case.open_ends), None),
    )


def _named(case: Any) -> str:
    """欧** · 司**: the sides by masked names."""
    values = {value.field: value for value in case.name_values}
    told = []
    for party in case.here:
        value = values.get(field_of(party, "name"))
        told.append(personal.mask("name", personal.clear_text(value)) if value else "—")
    return " · ".join(told)


def with_dockets(rows: QuerySet[Mediation]) -> QuerySet[Mediation]:
    """Each with its place and all its dockets, in a fixed number of queries."""
    dockets = Docket.objects.select_related("committee")
    return rows.select_related("case__place__parent", "case__office").prefetch_related(
        Prefetch("case__dockets", dockets, to_attr="all_dockets")
    )


class DisputeList(FilteredList[Mediation]):
    """The disputes that a person may see, the last entered first."""

    filter_class = MediationFilter

    def scope(self) -> QuerySet[Mediation]:
        return annotated(self.request.user)

    @property
    def ordered(self) -> QuerySet[Mediation]:
        return self.found.annotate(sort_key=F("case__opened_at")).order_by("-sort_key", "-pk")

    def with_rows(self, rows: QuerySet[Mediation]) -> QuerySet[Mediation]:
        ends = Deadline.objects.filter(met_at=None, cancelled_at=None, item=0).order_by("due_at")
        names = Case.personal_values.rel.related_model.objects.filter(  # type: ignore[attr-defined]
            field__endswith=".name", erased_at__isnull=True
        )
        return with_dockets(rows).prefetch_related(
            Prefetch("case__deadlines", ends, to_attr="open_ends"),
            Prefetch("case__parties", Party.objects.filter(state="present"), to_attr="here"),
            Prefetch("case__personal_values", names, to_attr="name_values"),
        )

    @property
    def rows(self) -> list[DisputeRow]:
        """The page's lines; names only of disputes that the acting mediator's own committee has."""
        mine = self.post.division_id if self.post.role == Role.MEDIATOR else None
        return [row_of(dispute, named=dispute.case.office_id == mine) for dispute in self.page.rows]


# --- as a file

COLUMNS: Final[Columns] = (
    (gettext_lazy("编号"), 18),
    (gettext_lazy("卷号"), 24),
    (gettext_lazy("标题"), 36),
    (gettext_lazy("纠纷类别"), 16),
    (gettext_lazy("来源"), 16),
    (gettext_lazy("启动方式"), 14),
    (gettext_lazy("调解委员会"), 30),
    (gettext_lazy("层级"), 14),
    (gettext_lazy("地点"), 30),
    (gettext_lazy("状态"), 18),
    (gettext_lazy("结果"), 16),
    (gettext_lazy("颜色"), 8),
    (gettext_lazy("涉及金额（元）"), 14),
    (gettext_lazy("登记时间"), 18),
    (gettext_lazy("受理时间"), 18),
    (gettext_lazy("结束时间"), 18),
)


def records(found: QuerySet[Mediation]) -> Iterator[list[Value]]:
    """One line for each dispute, in the order of COLUMNS. Nobody is named, not even in part."""
    rows: Any = with_dockets(found)
    for dispute in rows.iterator(chunk_size=CHUNK):
        case, docket = dispute.case, dispute.case.all_dockets[-1]
        yield [
            case.number, docket.number, case.title, str(c.Kind(dispute.kind).label), str(c.Source(dispute.source).label),
            str(c.Initiative(dispute.initiative).label), docket.committee.name, str(c.Tier(docket.tier).label),
            case.place.path, str(STATES[case.state]), str(c.Ending(dispute.ending).label) if dispute.ending else "",
            str(c.Colour(dispute.colour).label) if dispute.colour else "",
            dispute.amount, case.opened_at, docket.accepted_at, case.closed_at,
        ]  # fmt: skip
