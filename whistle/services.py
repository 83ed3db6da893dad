"""Writing whistles: the draft itself. Every later step is a move of one of the tables."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import Role
from cases import workflow
from cases.errors import NotAllowed
from cases.models import Case, CaseLink, LinkKind, Stage
from cases.numbers import next_number
from cases.search import bigrams
from cases.tables import PaperField
from grids import clock
from whistle.effects import name_departments
from whistle.models import Summons, Task, Whistle
from whistle.routing import level_of
from whistle.tables import subject_name

KIND: Final = "whistle"
PAPERS: Final = {
    "photos": PaperField(Stage.OTHER, picture_only=True),
    "documents": PaperField(Stage.OTHER, picture_only=False),
}
WHISTLERS: Final = (Role.TOWNSHIP_CENTRE, Role.VILLAGE_CENTRE)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a whistle says, checked. `departments`: ids; `came_from`: the case it grew out of; `linked`: others.

    `lat`, `lng`: where to report, WGS-84 degrees.
    """

    title: str
    kind: str
    subject: str
    matter: str
    why_not: str
    address: str
    departments: Sequence[int]
    lat: float | None = None
    lng: float | None = None
    came_from: Case | None = None
    linked: Sequence[Case] = ()


def check_whistler(post: Post | None) -> Post:
    """The post, if it may whistle (the centre of a township or of a village); raises NotAllowed."""
    if post is None or post.role not in WHISTLERS or post.division is None:
        raise NotAllowed(_("吹哨由乡镇（街道）或村（社区）综治中心提出，您现在的岗位不能提出。"))
    return post


def draft(facts: Draft, *, by: Post) -> Case:
    """Write a whistle down; nobody outside the office is told yet.

    Returns the case. Raises NotAllowed for a post that cannot whistle (domain rules, section 5: the centre of a
    township, or of a village).
    """
    seat = check_whistler(by).division
    assert seat is not None  # a centre's
    office = seat.heir
    with transaction.atomic():
        now, cause = clock.now(), uuid.uuid4()
        case = Case.objects.create(
            number=next_number("CS", "whistle_number", now),
            kind=KIND,
            title=facts.title,
            state="draft",
            place=office,
            place_prefix=office.prefix,
            office=office,
            opened_at=now,
            updated_at=now,
            search=bigrams(facts.title, facts.matter, facts.address),
        )
        Whistle.objects.create(
            case=case, level=level_of(office), kind=facts.kind, subject=facts.subject, matter=facts.matter,
            why_not=facts.why_not, address=facts.address, lat=facts.lat, lng=facts.lng,
        )  # fmt: skip
        name_departments(case, list(facts.departments))
        _link(case, facts)
        data = {"subject": facts.subject}
        if facts.came_from is not None:
            data["came_from"] = facts.came_from.number
        workflow.open_case(
            case, workflow.of(KIND), by=by, verb="whistle.drafted", at=now, cause=cause, data=data
        )
    return case


def _link(case: Case, facts: Draft) -> None:
    if facts.came_from is not None:
        CaseLink.objects.create(source=facts.came_from, target=case, kind=LinkKind.WHISTLE, at=case.opened_at)
    for other in facts.linked:
        if other != facts.came_from:
            CaseLink.objects.create(source=case, target=other, kind=LinkKind.RELATED, at=case.opened_at)


def opened(summons: Summons, *, by: Post) -> None:
    """Somebody of the department looked at the whistle: its ten minutes are met. Later looks change nothing."""
    if workflow.refusal(summons.case, "open", by, subject=summons) is None:
        workflow.advance(summons.case, "open", by=by, subject=summons)


def forget(case: Case) -> str:
    """Erase what was written freely about a whistle and every exact position; what is counted stays.

    Returns what the case is called from then on: its subject.
    """
    whistle = case.whistle
    whistle.matter = whistle.why_not = whistle.address = ""
    whistle.lat = whistle.lng = None
    whistle.save(update_fields=["matter", "why_not", "address", "lat", "lng"])
    Summons.objects.filter(case=case).update(lat=None, lng=None, accuracy=None, distance=None)
    Task.objects.filter(summons__case=case).update(text="")
    return subject_name(whistle.subject)
