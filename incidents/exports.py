"""The columns of a filtered list of incidents as a file: exactly its rows, however many (see `cases.exports`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.exports import Columns, Value
from cases.models import Part, PartKind, Supervision
from cases.names import office_name, part_name
from grids.wording import listed
from incidents.listing import row_of, with_rows
from incidents.models import Incident, Source

CHUNK: Final = 500

# Label and width of every column, in their order.
COLUMNS: Final[Columns] = (
    (gettext_lazy("编号"), 18),
    (gettext_lazy("标题"), 36),
    (gettext_lazy("大类"), 14),
    (gettext_lazy("小类"), 18),
    (gettext_lazy("地点"), 36),
    (gettext_lazy("地址"), 28),
    (gettext_lazy("状态"), 10),
    (gettext_lazy("负责的综治中心"), 24),
    (gettext_lazy("承办"), 28),
    (gettext_lazy("协办"), 28),
    (gettext_lazy("加急"), 6),
    (gettext_lazy("督办"), 10),
    (gettext_lazy("来源"), 14),
    (gettext_lazy("上报时间"), 18),
    (gettext_lazy("结束时间"), 18),
    (gettext_lazy("当前时限"), 10),
    (gettext_lazy("到期时间"), 18),
    (gettext_lazy("是否超期"), 10),
    (gettext_lazy("退回次数"), 10),
    (gettext_lazy("重办次数"), 10),
)


def records(found: QuerySet[Incident], now: datetime) -> Iterator[list[Value]]:
    """The values of each incident in the order of COLUMNS; read in chunks, so that any number fits."""
    for incident in with_rows(found).iterator(chunk_size=CHUNK):
        yield record_of(incident, now)


def record_of(incident: Incident, now: datetime) -> list[Value]:
    case, row = incident.case, row_of(incident)
    parts: list[Part] = getattr(case, "open_parts", [])
    late = bool(row.deadline and (row.deadline.missed_at or row.deadline.due_at < now))
    return [
        case.number,
        case.title,
        str(incident.category.parent or ""),
        str(incident.category),
        row.path,
        incident.address,
        str(row.step),
        office_name(case.office),
        _names(parts, PartKind.HANDLER),
        _names(parts, PartKind.CO_HANDLER),
        _("是") if case.urgent else "",
        str(Supervision(case.supervision).label) if case.supervision else "",
        str(Source(incident.source).label),
        case.opened_at,
        case.closed_at,
        str(row.duty),
        row.deadline.due_at if row.deadline else None,
        _("是") if late else "",
        incident.return_count,
        incident.reopen_count,
    ]


def _names(parts: list[Part], kind: str) -> str:
    return listed(part_name(part) for part in parts if part.kind == kind)
