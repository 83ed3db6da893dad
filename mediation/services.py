"""Entering a dispute. Every later step is a move of one of the tables."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases import events, policies, workflow
from cases.errors import Incomplete, NotAllowed
from cases.models import Case, CaseLink, LinkKind, Stage
from cases.numbers import next_number
from cases.search import bigrams
from cases.tables import PaperField
from grids import clock
from grids.models import Division
from mediation import choices as c
from mediation import parties, routing
from mediation.models import (
    Agreement,
    Committee,
    Confirmation,
    Docket,
    Material,
    Mediation,
    Party,
    Promise,
    RoutesNotice,
    Session,
    Visit,
)

KIND: Final = "mediation"
PAPERS: Final = {"documents": PaperField(Stage.OTHER, picture_only=False)}
NO_REASON: Final = _("越过村（社区）和乡镇（街道）由县（市）直接受理的，请写明理由。")
REGISTRARS: Final = (Role.MEDIATOR, *sorted(CENTRE_ROLES))


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written down at the counter, checked. `amount` in yuan.

    `parties`: the cleaned fields of each; `committee`: who is to handle it; `place`: where the dispute is.
    `direct_reason`: why the county or city takes it before village and township. `came_from`: the case it grew out of.
    """

    committee: Committee
    place: Division
    title: str
    kind: str
    source: str
    initiative: str
    brief: str
    parties: Sequence[Mapping[str, Any]]
    source_number: str = ""
    request: str = ""
    amount: Decimal | None = None
    cross_division: bool = False
    direct_reason: str = ""
    fast: bool = False
    came_from: Case | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def check_registrar(post: Post | None) -> Post:
    """The post, if it may enter disputes (a mediator, or the staff of a centre); raises NotAllowed."""
    if post is None or post.role not in REGISTRARS or post.division is None:
        raise NotAllowed(_("纠纷由调解委员会或综治中心登记，您现在的岗位不能登记。"))
    return post


def covers(post: Post, committee: Committee) -> bool:
    """Whether a post may enter disputes for a committee: a mediator's own; a centre's on the line below or above it."""
    assert post.division is not None  # `check_registrar`
    if post.role == Role.MEDIATOR:
        return committee.division_id == post.division_id
    mine, theirs = post.division.heir.prefix, committee.division.prefix
    return theirs.startswith(mine) or mine.startswith(theirs)


def register(entry: Entry, *, by: Post) -> Case:
    """Write a dispute down; its committee is told and decides within its time whether to accept it.

    Returns the case. Raises NotAllowed for a post that cannot, or for a committee elsewhere; Incomplete where the
    county or city is to take it before village and township, and nobody says why (domain rules, section 6).
    """
    check_registrar(by)
    if not covers(by, entry.committee):
        raise NotAllowed(_("您现在的岗位不能向%(committee)s登记纠纷。") % {"committee": entry.committee.name})
    direct = entry.direct_reason.strip() if routing.skips(entry.place, entry.committee) else None
    if direct == "":
        raise Incomplete(NO_REASON, errors={"direct_reason": [str(NO_REASON)]})
    with transaction.atomic():
        now, cause = clock.now(), uuid.uuid4()
        case = _case(entry, now)
        for given in entry.parties:
            parties.add(case, given, at=now)
        Docket.objects.create(
            case=case, committee=entry.committee, tier=entry.committee.tier, received_at=now
        )
        data: dict[str, Any] = {"kind": entry.kind, "source": entry.source}
        if entry.came_from is not None:
            CaseLink.objects.create(source=entry.came_from, target=case, kind=LinkKind.MEDIATION, at=now)
            data["came_from"] = entry.came_from.number
        workflow.open_case(
            case, workflow.of(KIND), by=by, verb="mediation.registered", at=now, cause=cause, text=direct or "", data=data,
            starts=("accept",), tells=("committee",),
        )  # fmt: skip
        _tell_same(case, entry, at=now, cause=cause)
    return case


def _tell_same(case: Case, entry: Entry, *, at: datetime, cause: uuid.UUID) -> None:
    """Its committee, and nobody else, reads of a dispute that it already has between just these parties.

    The entry is written whatever was found: that there is one tells whoever registers for another committee nothing.
    """
    numbers = [str(given.get("id_number") or "") for given in entry.parties]
    if parties.checkable(numbers):
        same = parties.same_parties(case.office_id, numbers, but=case.pk)
        events.append(
            case, "mediation.same_parties_checked", by=None, at=at, cause=cause, data=parties.told(same)
        )


def _case(entry: Entry, now: Any) -> Case:
    source = entry.came_from
    hidden = source is not None and source.sensitive
    case = Case.objects.create(
        number=next_number("TJ", "mediation_number", now),
        kind=KIND,
        title=entry.title,
        state="registered",
        place=entry.place,
        place_prefix=entry.place.prefix,
        office=entry.committee.division,
        sensitive=hidden,
        visible_roles=[*source.visible_roles, Role.MEDIATOR] if source is not None and hidden else [],
        opened_at=now,
        updated_at=now,
        search=bigrams(entry.title),
    )
    Mediation.objects.create(
        case=case, kind=entry.kind, source=entry.source, source_number=entry.source_number,
        initiative=entry.initiative, brief=entry.brief, request=entry.request, amount=entry.amount,
        cross_division=entry.cross_division, fast=entry.fast,
    )  # fmt: skip
    return case


def mediates(case: Case, by: Post) -> bool:
    """Whether a post handles a dispute: a mediator of the committee that has it."""
    return by.role == Role.MEDIATOR and policies.OFFICE in policies.stances(case, by)


def forget(case: Case) -> str:
    """Erase what was written freely about a dispute and what describes its parties; what is counted stays.

    Returns what the case is called from then on: its kind of dispute.
    """
    dispute = case.mediation
    dispute.brief = dispute.request = dispute.source_number = ""
    dispute.save(update_fields=["brief", "request", "source_number"])
    Party.objects.filter(case=case).update(sex="", nation="", age=None, occupation="", digest="")
    for party in case.parties.all():
        party.representatives.update(relation="")
    for session in Session.objects.filter(case=case):
        for number, guest in enumerate(session.invitations.exclude(named=""), 1):
            guest.named = f"—{number}"  # a guest is invited once: each still counts
            guest.save(update_fields=["named"])
        Session.objects.filter(pk=session.pk).update(record="", matter="", place="", draft={})
    Material.objects.filter(case=case).update(title="", words="", place="")
    agreements = Agreement.objects.filter(attempt__docket__case=case)
    agreements.update(facts="", issues="", content="", manner="", term="")
    Promise.objects.filter(agreement__in=agreements).update(what="")
    Confirmation.objects.filter(agreement__in=agreements).update(ruling="")
    RoutesNotice.objects.filter(case=case).update(reason="")
    Visit.objects.filter(case=case).update(words="")
    return str(c.Kind(dispute.kind).label)
