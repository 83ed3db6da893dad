"""Named conditions of the tables beyond state, role and place; each says why not, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import Post
from cases.errors import CaseError, NotAllowed, WrongState
from cases.models import Case
from cases.tables import Guard, case_of
from mediation import parties, routing
from mediation.choices import MaterialKind
from mediation.models import Confirmation, Session, Subsidy
from mediation.standing import agreement_of
from mediation.tables import papers as paper_table

ATTEMPTS = 3  # a tier (达拉特: 三个三; domain rules, section 6)


def _no(words: Any, case: Case, code: str) -> CaseError:
    return WrongState(words, state=case.state, code=code)


def two_sides(case: Case, by: Post | None) -> CaseError | None:
    sides = {party.side for party in parties.present(case)}
    return None if len(sides) >= 2 else _no(_("至少要有两方当事人，请先登记。"), case, "one_side")


def side_stays(party: Any, by: Post | None) -> CaseError | None:
    left = {other.side for other in parties.present(party.case) if other.pk != party.pk}
    return None if len(left) >= 2 else _no(_("至少要留下两方当事人。"), party.case, "one_side")


def rights_untold(case: Case, by: Post | None) -> CaseError | None:
    if case.mediation.rights_told_on is not None:
        return _no(_("已经告知过权利义务。"), case, "rights_told")
    return None


def rights_told(case: Case, by: Post | None) -> CaseError | None:
    if case.mediation.rights_told_on is None:
        return _no(_("请先向各方告知权利义务。"), case, "rights_untold")
    return None


def mediators_named(case: Case, by: Post | None) -> CaseError | None:
    return None if routing.assigned(case) else _no(_("请先确定调解员。"), case, "no_mediator")


def attempts_left(case: Case, by: Post | None) -> CaseError | None:
    tier = routing.docket_of(case).tier
    if routing.attempts_at(case, tier) < ATTEMPTS:
        return None
    return _no(_("本级已经调解三次，请报上级或者终止。"), case, "three_attempts")


def attempt_running(case: Case, by: Post | None) -> CaseError | None:
    attempt = routing.attempt_of(case)
    if attempt is not None and attempt.state == "running":
        return None
    return _no(_("各方都同意以后才能进行，请先记录同意。"), case, "no_consent")


def attempt_begun(case: Case, by: Post | None) -> CaseError | None:
    """A meeting belongs to an attempt: to the one that runs, or to the one that led to the agreement."""
    attempt = routing.attempt_of(case)
    if attempt is not None and attempt.state in ("running", "agreed"):
        return None
    return _no(_("各方都同意以后才能进行，请先记录同意。"), case, "no_consent")


def tried(case: Case, by: Post | None) -> CaseError | None:
    """To give up, somebody must have tried; a party that will not is another row (refuse)."""
    if case.dockets.filter(attempts__state="failed").exists():
        return None
    return _no(_("还没有调解过。当事人不愿意调解的，请用“当事人拒绝调解”。"), case, "untried")


def tier_above(case: Case, by: Post | None) -> CaseError | None:
    if routing.higher(case):
        return None
    return _no(_("上面没有更高一级的调解委员会。"), case, "top_tier")


def no_session_planned(thing: Any, by: Post | None) -> CaseError | None:
    case = case_of(thing)
    if Session.objects.filter(case=case, state="planned").exists():
        return _no(_("还有安排好的会议没有记录或取消。"), case, "session_planned")
    return None


# --- agreement and after


def _form(case: Case, form: str, words: Any) -> CaseError | None:
    agreement = agreement_of(case)
    if agreement is not None and agreement.form == form:
        return None
    return _no(words, case, "other_form")


def written(case: Case, by: Post | None) -> CaseError | None:
    return _form(case, "written", _("这是口头协议，记录后生效。"))


def oral(case: Case, by: Post | None) -> CaseError | None:
    return _form(case, "oral", _("这是书面协议，要签字盖章后生效。"))


def has_promise(case: Case, by: Post | None) -> CaseError | None:
    agreement = agreement_of(case)
    if agreement is not None and agreement.promises.exclude(state="void").exists():
        return None
    return _no(_("请先逐条登记履行约定。"), case, "no_promise")


def may_confirm(case: Case, by: Post | None) -> CaseError | None:
    """Once; that the day of the application lies within the 30 of article 33 is the form's to check."""
    asked = Confirmation.objects.filter(agreement=agreement_of(case)).exclude(state="dropped")
    return _no(_("已经登记过司法确认申请。"), case, "confirmation_exists") if asked.exists() else None


def promises_settled(case: Case, by: Post | None) -> CaseError | None:
    agreement = agreement_of(case)
    if agreement is not None and agreement.promises.filter(state="open").exists():
        return _no(_("还有履行约定没有结果。"), case, "promise_open")
    return None


def confirmation_settled(case: Case, by: Post | None) -> CaseError | None:
    agreement = agreement_of(case)
    if Confirmation.objects.filter(agreement=agreement, state__in=["applied", "accepted"]).exists():
        return _no(_("司法确认还没有结果。"), case, "confirmation_open")
    return None


def not_filed(case: Case, by: Post | None) -> CaseError | None:
    if case.anonymised_at is not None:
        return _no(_("保存期已满，已经匿名。"), case, "anonymised")
    return _no(_("已经立卷归档。"), case, "filed") if case.mediation.filed_on else None


def filed(case: Case, by: Post | None) -> CaseError | None:
    return None if case.mediation.filed_on else _no(_("请先立卷归档。"), case, "not_filed")


def missing_papers(case: Case) -> list[str]:
    """What the file must have and has not (必须 of the order of the file); of an agreed dispute all of it."""
    dispute = case.mediation
    names = paper_table()
    held = {
        "rights": dispute.rights_told_on is not None,
        "identity": _all_identified(case),
        "record": case.sessions.filter(state="held", kind="mediation").exists(),
        "agreement": agreement_of(case) is not None and agreement_of(case).state == "effective",  # type: ignore[union-attr]
    }
    return [str(names[code]) for code, there in held.items() if not there]


def _all_identified(case: Case) -> bool:
    """Whether a scan shows who each party is: one of its own, or one for all."""
    rows = case.materials.filter(kind=MaterialKind.IDENTITY)
    scanned = set(case.attachments.values_list("event__seq", flat=True))
    of = {row.party_id for row in rows if row.seq in scanned}
    return None in of or {party.pk for party in parties.present(case)} <= of


def papers_complete(case: Case, by: Post | None) -> CaseError | None:
    """Only what ended in an agreement must have the whole file."""
    if case.state != "closed":
        return None
    missing = missing_papers(case)
    if not missing:
        return None
    return _no(_("卷宗还缺：%(papers)s。") % {"papers": "、".join(missing)}, case, "file_incomplete")


def no_subsidy(case: Case, by: Post | None) -> CaseError | None:
    if Subsidy.objects.filter(case=case).exists():
        return _no(_("一个纠纷只补一次，已经申请过。"), case, "subsidy_exists")
    return None


def not_own(subsidy: Any, by: Post | None) -> CaseError | None:
    """Nobody decides on their own subsidy: neither who claimed it nor who mediated (domain rules, section 6)."""
    assert by is not None  # people decide
    own = {subsidy.claimed_by.user_id, subsidy.payee.user_id}
    own |= set(
        subsidy.case.dockets.filter(assignments__isnull=False).values_list(
            "assignments__post__user", flat=True
        )
    )
    return NotAllowed(_("自己申请或者自己调解的案补，要由别人审批。")) if by.user_id in own else None


CASE_GUARDS: dict[str, Guard] = {
    one.__name__: one
    for one in (
        two_sides, rights_untold, rights_told, mediators_named, attempts_left, attempt_running,
        attempt_begun, tried,
        tier_above, no_session_planned, written, oral, has_promise, may_confirm, promises_settled,
        confirmation_settled, not_filed, filed, papers_complete, no_subsidy,
    )
}  # fmt: skip
PARTY_GUARDS: dict[str, Guard] = {"side_stays": side_stays}
ATTEMPT_GUARDS: dict[str, Guard] = {"no_session_planned": no_session_planned}
SUBSIDY_GUARDS: dict[str, Guard] = {"not_own": not_own}
