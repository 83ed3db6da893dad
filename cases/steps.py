"""The pieces of a step bar: the steps of a kind, who did each and when, and the side ways a case took."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases.models import CaseEvent


@dataclass(frozen=True, slots=True)
class Branch:
    """A side way that left from a step."""

    label: str | Promise
    at: datetime
    who: str
    kind: str


@dataclass(slots=True)
class Step:
    """One step; `status` is done, now or todo. On the step that is now, `who` is who has it."""

    label: str | Promise
    status: str
    who: str = ""
    at: datetime | None = None
    note: str | Promise = ""
    branches: list[Branch] = field(default_factory=list)


def who_of(event: CaseEvent) -> str:
    """The post that wrote an entry; the program has none."""
    return event.post.label if event.post is not None else _("系统")
