"""What the templates of papers may name: the facts of a dispute in words, as plain texts and lists (in Chinese).

Every name that a template may use stands in `PaperFacts`; docs/howto/paper-templates.md tells the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from cases import personal
from cases.models import Case
from grids.clock import SHANGHAI
from mediation import choices as c
from mediation import routing
from mediation.guards import missing_papers
from mediation.models import (
    Agreement,
    Confirmation,
    Docket,
    Invitation,
    Material,
    Party,
    Promise,
    Representative,
    RoutesNotice,
    Session,
    Visit,
    last_day_to_confirm,
)
from mediation.parties import field_of
from mediation.standing import agreement_of
from mediation.workflow import PROMISE_STATES, STATES

SEPARATOR: Final = "、"


def day(value: date | datetime | None) -> str:
    """2026年11月23日; empty for nothing."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"


def moment(value: datetime | None) -> str:
    """2026年11月23日 14:05; empty for nothing."""
    return f"{day(value)} {value.astimezone(SHANGHAI):%H:%M}" if value is not None else ""


def money(value: Decimal | None) -> str:
    """12,000.00 元; empty for nothing."""
    return f"{value:,.2f} 元" if value is not None else ""


# Signs without a meaning of their own (private use), which the program's templates give one.
PRIVATE: Final = dict.fromkeys(range(0xE000, 0xF900))


def plain(value: Any) -> Any:
    """The same words with lines ending as templates know them (browsers send two characters), without private signs."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").translate(PRIVATE)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


class PaperFacts:
    """The facts of one dispute for its papers. `shown`: the full personal values; without them they are masked.

    `side`: for whom a copy is made: of the other sides it holds the names, and the rest masked.
    """

    def __init__(self, case: Case, shown: Mapping[str, str] | None = None, side: int | None = None) -> None:
        self.case, self.side = case, side
        self.dispute = case.mediation
        self.hidden = personal.masked(case)
        self.full = shown is not None
        self.values = self.hidden if shown is None else shown
        self.docket = routing.docket_of(case)
        self.agreement = agreement_of(case)
        self.rows = list(Party.objects.filter(case=case).prefetch_related("representatives"))

    def name_of(self, row: Party | Representative) -> str:
        return self.values.get(field_of(row, "name"), "")

    def _person(self, row: Party | Representative, values: Mapping[str, str]) -> dict[str, str]:
        told = {name: values.get(field_of(row, name), "") for name in ("name", "id_number", "phone")}
        return told | {"name": self.name_of(row)}

    @property
    def here(self) -> list[Party]:
        """The parties that take part; of a dispute that all have left, all of them."""
        return [row for row in self.rows if row.state == "present"] or self.rows

    def _party(self, row: Party, *, together: bool) -> dict[str, Any]:
        """`together`: in a paper that the sides sign together each says whole who it is."""
        values = self.values if together or self.side in (None, row.side) else self.hidden
        spoken_for = [rep for rep in row.representatives.all() if rep.until is None]
        return {
            **self._person(row, values),
            "address": values.get(field_of(row, "address"), ""),
            "side": str(c.Side(row.side).label),
            "role": "申请人" if row.side == c.Side.FIRST else "被申请人",
            "kind": str(c.PartyKind(row.kind).label),
            "sex": str(c.Sex(row.sex).label) if row.sex else "",
            "nation": row.nation,
            "age": f"{row.age} 岁" if row.age is not None else "",
            "occupation": row.occupation,
            "representatives": [
                {
                    **self._person(rep, values),
                    "authority": str(c.Authority(rep.authority).label),
                    "relation": rep.relation,
                }
                for rep in spoken_for
            ],
        }

    @property
    def mediators(self) -> list[str]:
        """Who mediates now; of an ended dispute, who did last."""
        rows = self.docket.assignments.select_related("post__user")
        return [row.post.user.name for row in rows.filter(until=None) or rows]

    @property
    def parties_named(self) -> str:
        return SEPARATOR.join(f"{c.Side(row.side).label} {self.name_of(row)}" for row in self.here)

    def all_of(self, more: Mapping[str, Any], *, together: bool = False) -> dict[str, Any]:
        """Everything that a template may name: the dispute's and `more`, with the ends of lines as one character."""
        found: dict[str, Any] = plain({**self.whole(together=together), **more})
        return found

    def whole(self, *, together: bool = False) -> dict[str, Any]:
        """The names that every paper knows."""
        case, dispute = self.case, self.dispute
        return {
            "number": self.docket.number,
            "case_number": case.number,
            "committee": self.docket.committee.name,
            "window": self.docket.committee.window,
            "telephone": self.docket.committee.telephone,
            "place": case.place.path,
            "title": case.title,
            "kind": str(c.Kind(dispute.kind).label),
            "source": str(c.Source(dispute.source).label),
            "source_number": dispute.source_number,
            "initiative": str(c.Initiative(dispute.initiative).label),
            "brief": dispute.brief,
            "request": dispute.request,
            "amount": money(dispute.amount),
            "registered_on": day(case.opened_at),
            "accepted_on": day(self._accepted_at),
            "closed_on": day(case.closed_at),
            "state": str(STATES[case.state]),
            "ending": str(c.Ending(dispute.ending).label) if dispute.ending else "",
            "rights_on": day(dispute.rights_told_on),
            "parties": [self._party(row, together=together) for row in self.here],
            "party_names": self.parties_named,
            "mediators": SEPARATOR.join(self.mediators),
            "history": self._history,
            "agreement": self._agreed(),
            "promises": [self._promise(row) for row in self._promises],
            "confirmation": self._confirmation(),
            "notice": self._notice(),
            "filed_on": day(dispute.filed_on),
            "filed_by": dispute.filed_by.user.name if dispute.filed_by else "",
            "keep": str(c.KeepTerm(dispute.keep_years).label) if dispute.keep_years else "",
            "missing": SEPARATOR.join(missing_papers(case)) or "无",
            "remark": "",
        }

    @property
    def _accepted_at(self) -> datetime | None:
        return self.docket.accepted_at

    @property
    def _history(self) -> str:
        """东路社区人民调解委员会调解 3 次；…"""
        rows = Docket.objects.filter(case=self.case).select_related("committee")
        return "；".join(f"{row.committee.name}调解 {row.attempts.count()} 次" for row in rows)

    def _agreed(self) -> dict[str, str]:
        row = self.agreement or Agreement(copies=0)
        effective = row.effective_on
        return {
            "form": str(c.AgreementForm(row.form).label) if row.form else "",
            "facts": row.facts, "issues": row.issues, "content": row.content, "manner": row.manner,
            "term": row.term, "amount": money(row.amount), "copies": str(row.copies or ""),
            "signed_on": day(row.mediator_signed_on), "sealed_on": day(row.sealed_on),
            "effective_on": day(effective),
            "confirm_until": day(last_day_to_confirm(effective)) if effective else "",
        }  # fmt: skip

    @property
    def _promises(self) -> list[Promise]:
        if self.agreement is None:
            return []
        return list(self.agreement.promises.exclude(state="void").select_related("party"))

    def _promise(self, row: Promise) -> dict[str, str]:
        return {
            "party": f"{c.Side(row.party.side).label} {self.name_of(row.party)}",
            "what": row.what,
            "amount": f"{row.amount:,.2f}" if row.amount is not None else "",
            "due_on": day(row.due_on),
            "state": str(PROMISE_STATES[row.state]),
            "settled_on": day(row.settled_on),
        }

    def _confirmation(self) -> dict[str, str]:
        row = Confirmation.objects.filter(agreement=self.agreement).first() if self.agreement else None
        if row is None:
            return {"court": "", "applied_on": "", "decided_on": "", "ruling": ""}
        return {
            "court": row.court, "applied_on": day(row.applied_on), "decided_on": day(row.decided_on), "ruling": row.ruling,
        }  # fmt: skip

    def _notice(self) -> dict[str, str]:
        row = RoutesNotice.objects.filter(case=self.case).first()
        if row is None:
            return {"routes": "", "given_on": "", "manner": "", "reason": ""}
        routes = [f"{n}. {c.Route(route).label}" for n, route in enumerate(row.routes, 1)]
        return {
            "routes": "\n".join(routes),
            "given_on": day(row.given_on),
            "manner": str(c.Manner(row.manner).label),
            "reason": row.reason,
        }

    # --- rows of which there is a paper each

    def session(self, row: Session) -> dict[str, Any]:
        """A meeting as its record tells it."""
        guests = list(row.invitations.select_related("party", "post__user", "expert"))
        return {
            "kind": "调解" if row.kind == c.SessionKind.MEDIATION else "会商",
            "from": moment(row.held_from or row.starts_at),
            "until": moment(row.held_until),
            "place": row.place,
            "public": "公开" if row.public else "不公开",
            "matter": row.matter or self.case.title,
            "present": SEPARATOR.join(self._guest(one) for one in guests if one.present),
            "absent": SEPARATOR.join(self._guest(one) for one in guests if one.present is False) or "无",
            "record": row.record,
            "outcome": str(c.SessionOutcome(row.outcome).label) if row.outcome else "",
        }

    def _guest(self, row: Invitation) -> str:
        if row.party is not None:
            return f"{c.Side(row.party.side).label} {self.name_of(row.party)}"
        if row.post is not None:
            return row.post.user.name
        return str(row.expert) if row.expert is not None else row.named

    def material(self, row: Material) -> dict[str, str]:
        """A paper that somebody brought, or that was written down."""
        sides = SEPARATOR.join(str(c.Side(side).label) for side in row.sides)
        return {
            "kind": str(c.MaterialKind(row.kind).label),
            "title": row.title,
            "on": day(row.on),
            "place": row.place,
            "words": row.words,
            "party": f"{c.Side(row.party.side).label} {self.name_of(row.party)}" if row.party else "",
            "by": row.by.user.name,
            "sides": sides or "各方",
        }

    def visit(self, row: Visit) -> dict[str, str]:
        """A return visit."""
        return {
            "on": day(row.on),
            "manner": str(c.Manner(row.manner).label),
            "performed": "是" if row.performed else "否",
            "satisfaction": str(c.Satisfaction(row.satisfaction).label),
            "words": row.words,
            "by": row.by.user.name,
        }
