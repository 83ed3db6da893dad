"""The life of a yearly assessment: made, items fixed, scored, published, appealed against, signed.

Every act locks the year first, then decides, and writes its entry in the same transaction. Source: docs/domain.md, section
9; no source gives weights or times, so those are constants here and in `assessment_items`, with their reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Post
from accounts.roles import Role
from cases.errors import Incomplete, NotAllowed, WrongState
from cases.names import office_name
from grids import calendars, clock, workcalendar
from grids.calendars import Allowance, Unit
from grids.models import Department, Division, DivisionLevel
from oversight import assessment_items, assessment_scores, assessment_sheets, figures, summaries
from oversight.assessment_items import Draft
from oversight.assessment_scores import said
from oversight.assessment_sheets import Line
from oversight.figures import Counts
from oversight.indicators import BY_CODE, RULES_VERSION
from oversight.models import (
    AppealState,
    Assessed,
    AssessmentAppeal,
    AssessmentEntry,
    AssessmentItem,
    AssessmentMark,
    AssessmentScore,
    AssessmentSheet,
    AssessmentYear,
    ItemKind,
    YearState,
)

TIME_TO_APPEAL: Final = Allowance(
    7, Unit.CALENDAR_DAYS
)  # a week: enough to read, ask and answer in an office
LEAST_REASON, MOST_REASON = 10, 2000  # characters
TOWNSHIP_ROLES: Final = frozenset({Role.TOWNSHIP_CENTRE, Role.TOWNSHIP_SECRETARY})
APPELLANTS: Final = frozenset({Role.TOWNSHIP_CENTRE, Role.DEPARTMENT_OFFICER})
ROLES: Final = frozenset({Role.COMMITTEE, *TOWNSHIP_ROLES, Role.DEPARTMENT_OFFICER})  # who has anything here
CENT: Final = Decimal("0.01")


# --- who, and in which state


def is_committee(post: Post, year: AssessmentYear) -> bool:
    """Whether a post assesses here: the committee of the place itself, of no other."""
    return post.role == Role.COMMITTEE and post.division_id == year.place_id


def own_sheets(post: Post) -> QuerySet[AssessmentSheet]:
    """The sheets of a post's own office: of a township for its centre and secretary, of a department for its officers."""
    if post.role == Role.DEPARTMENT_OFFICER:
        return AssessmentSheet.objects.filter(department=post.department)
    if post.role in TOWNSHIP_ROLES:
        return AssessmentSheet.objects.filter(division=post.division)
    return AssessmentSheet.objects.none()


def visible_years(post: Post) -> QuerySet[AssessmentYear]:
    """The committee sees its own place's; whoever is assessed sees those with a sheet of the own office, once open."""
    years = AssessmentYear.objects.select_related("place", "signed_by__user")
    if post.role == Role.COMMITTEE:
        return years.filter(place=post.division)
    return years.filter(pk__in=own_sheets(post).values("year"))


def visible_sheets(post: Post) -> QuerySet[AssessmentSheet]:
    """The committee sees all of its place; everybody else the own office's, from publication on."""
    sheets = AssessmentSheet.objects.select_related("year__place", "division", "department")
    if post.role == Role.COMMITTEE:
        return sheets.filter(year__place=post.division)
    shown = [YearState.PUBLISHED, YearState.SIGNED]
    return sheets.filter(pk__in=own_sheets(post).values("pk"), year__state__in=shown)


def _locked(year: AssessmentYear, by: Post, *states: YearState) -> AssessmentYear:
    """The year, locked, if this post may act on it now. Raises NotAllowed or WrongState."""
    if not is_committee(by, year):
        raise NotAllowed(_("年度考核由本级政法委组织。"))
    return _in_state(year, *states)


def _in_state(year: AssessmentYear, *states: YearState) -> AssessmentYear:
    locked = AssessmentYear.objects.select_for_update().get(pk=year.pk)
    if locked.state not in states:
        raise WrongState(
            _("这一步已经过了或者还没有到，现在是“%(state)s”。") % {"state": locked.get_state_display()},
            state=locked.state,
        )
    return locked


def _enter(
    year: AssessmentYear,
    what: str,
    by: Post,
    at: datetime,
    *,
    sheet: AssessmentSheet | None = None,
    item: AssessmentItem | None = None,
    note: str = "",
) -> None:
    AssessmentEntry.objects.create(
        year=year, sheet=sheet, item=item, what=what, note=note, post=by, at=at
    )  # fmt: skip


def _refuse(field: str, words: str) -> Incomplete:
    return Incomplete(words, errors={field: [words]})


def _reason(text: str, field: str = "reason") -> str:
    """A reason as it is kept. Raises Incomplete for one that says nothing or does not end."""
    found = text.strip()
    if not LEAST_REASON <= len(found) <= MOST_REASON:
        raise _refuse(
            field,
            _("请写明理由，%(least)s 到 %(most)s 字。") % {"least": LEAST_REASON, "most": MOST_REASON},
        )
    return found


def _within(item: AssessmentItem, points: Decimal, field: str = "points") -> Decimal:
    """A score as it is kept. Raises Incomplete for one beyond what the item has."""
    if not points.is_finite() or not item.lowest <= points <= item.points or points % CENT:
        raise _refuse(
            field,
            _("得分要在 %(low)s 到 %(high)s 之间，最多两位小数。")
            % {"low": said(item.lowest), "high": said(item.points)},
        )
    return points


# --- the items


def years_to_make(place: Division) -> list[int]:
    """For which years a place may make an assessment: the last, this and the next one that it has none of."""
    this = clock.today().year
    had = set(AssessmentYear.objects.filter(place=place).values_list("year", flat=True))
    return [year for year in (this, this + 1, this - 1) if year not in had]


@transaction.atomic
def make(year: int, *, by: Post) -> AssessmentYear:
    """An assessment to be drafted, with the items of the year before, or our proposal. Raises NotAllowed or Incomplete."""
    if by.role != Role.COMMITTEE or by.division is None:
        raise NotAllowed(_("年度考核由本级政法委组织。"))
    place = Division.objects.select_for_update().get(pk=by.division.pk)
    if year not in years_to_make(place):
        raise _refuse("year", _("这一年的方案已经有了，或者不能新建。"))
    before = AssessmentYear.objects.filter(place=place, year__lt=year).order_by("-year").first()
    made = AssessmentYear.objects.create(place=place, year=year)
    drafts = assessment_items.copied(before.items.all()) if before else assessment_items.proposal()
    _write(made, drafts)
    _enter(made, "made", by, clock.now(), note=str(before.year) if before else "")
    return made


def _write(year: AssessmentYear, drafts: Sequence[Draft]) -> None:
    rows = [one.row(position) for position, one in enumerate(drafts, start=1)]
    for row in rows:
        row.year = year
    AssessmentItem.objects.bulk_create(rows)


def seen(year: AssessmentYear) -> int:
    """The last act on a year: a form says it, so that nobody overwrites what another changed meanwhile."""
    return year.entries.order_by("-pk").values_list("pk", flat=True).first() or 0


@transaction.atomic
def set_items(
    year: AssessmentYear, drafts: Sequence[Draft], *, by: Post, base: int | None = None
) -> AssessmentYear:
    """Other items in place of all. `base`: what `seen` gave when they were shown.

    Raises NotAllowed, WrongState (also when somebody changed them since) or Incomplete for items that are wrong.
    """
    locked = _locked(year, by, YearState.DRAFT)
    if base is not None and base != seen(locked):
        raise WrongState(_("您打开以后，另一个人改过项目。请核对后再保存。"), state=locked.state)
    faults = [str(why) for one in drafts for why in assessment_items.faults_of(one).values()]
    faults += [str(why) for _number, _field, why in assessment_items.faults_between(drafts)]
    if faults:
        raise Incomplete(_("有项目需要改正。"), errors={"points": faults})
    AssessmentItem.objects.filter(year=locked).delete()
    _write(locked, drafts)
    _enter(locked, "items", by, clock.now())
    return locked


def open_year(year: AssessmentYear, *, by: Post) -> AssessmentYear:
    """Fix the items, make the sheets and count them. Raises NotAllowed, WrongState, or Incomplete for a wrong sum."""
    summaries.refresh_all()
    with transaction.atomic():
        locked, now = _locked(year, by, YearState.DRAFT), clock.now()
        faults = [why for one in assessment_items.sums(locked.items.all()) for why in one.faults]
        if locked.period.first > clock.today():
            faults.append(_("这一年还没有开始。"))
        if faults:
            raise Incomplete(_("方案还不能定下。"), errors={"points": faults})
        locked.state = YearState.OPEN
        _count(locked, now)
        _enter(locked, "opened", by, now)
    return locked


# --- scoring


def count_again(year: AssessmentYear, *, by: Post) -> AssessmentYear:
    """The automatic scores as the record is now, with sheets for offices that had no work before.

    Raises NotAllowed, or WrongState from publication on.
    """
    summaries.refresh_all()
    with transaction.atomic():
        locked, now = _locked(year, by, YearState.OPEN), clock.now()
        _count(locked, now)
        _enter(locked, "counted", by, now)
    return locked


def _count(year: AssessmentYear, now: datetime) -> None:
    year.counted_at, year.rules_version = now, RULES_VERSION
    year.save(update_fields=["state", "counted_at", "rules_version"])
    townships = {
        one.division.pk: one
        for one in figures.below(year.period, year.place, DivisionLevel.TOWNSHIP)
    }  # fmt: skip
    offices = figures.by_office(year.period, year.place)
    worked = [int(who[1:]) for who in offices if who.startswith("d")]
    departments = Department.objects.within(year.place).filter(pk__in=worked).select_related("division")
    new = [
        AssessmentSheet(year=year, target=Assessed.TOWNSHIP, division=one.division, name=one.division.name)
        for one in townships.values()
    ]
    new += [
        AssessmentSheet(year=year, target=Assessed.DEPARTMENT, department=one, name=office_name(one))
        for one in departments
    ]
    AssessmentSheet.objects.bulk_create(new, ignore_conflicts=True)
    items = list(year.items.filter(kind__in=[ItemKind.SHARE, ItemKind.NEGATIVE]))
    rows = []
    for sheet in year.sheets.all():
        if sheet.division_id:
            counts = townships[sheet.division_id].counts if sheet.division_id in townships else {}
        else:
            counts = offices.get(sheet.who, {})
        rows += [_score(sheet, item, counts) for item in items if item.target == sheet.target]
    AssessmentScore.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["sheet", "item"],
        update_fields=["numerator", "denominator", "score"],
    )  # fmt: skip


def _score(sheet: AssessmentSheet, item: AssessmentItem, counts: Counts) -> AssessmentScore:
    value = BY_CODE[item.indicator].value(counts)
    if item.each is not None:
        score: Decimal | None = assessment_scores.of_entries(value.numerator, item.points, item.each)
    else:
        score = assessment_scores.of_share(
            value.numerator, value.denominator or 0, item.points, better=value.indicator.better
        )
    return AssessmentScore(
        sheet=sheet, item=item, numerator=value.numerator, denominator=value.denominator, score=score
    )


@transaction.atomic
def give(
    sheet: AssessmentSheet, item: AssessmentItem, points: Decimal, reason: str, *, by: Post
) -> AssessmentMark:
    """A score by hand; a later one takes its place and the earlier stays to be read.

    Raises NotAllowed, WrongState, or Incomplete for points beyond the item's or a reason that is none.
    """
    locked = _locked(sheet.year, by, YearState.OPEN)
    if not item.by_hand or (item.year_id, item.target) != (locked.pk, sheet.target):
        raise _refuse("points", _("这一项按记录自动计分，不能手工给分。"))
    return _mark(locked, sheet, item, points, reason, by, "marked")


def _mark(
    year: AssessmentYear,
    sheet: AssessmentSheet,
    item: AssessmentItem,
    points: Decimal,
    reason: str,
    by: Post,
    what: str,
) -> AssessmentMark:
    now = clock.now()
    kept = _within(item, points)
    mark = AssessmentMark.objects.create(
        sheet=sheet, item=item, points=kept, reason=_reason(reason), by=by, at=now
    )
    _enter(year, what, by, now, sheet=sheet, item=item, note=said(kept))
    return mark


# --- publication and appeals


def is_stale(year: AssessmentYear) -> bool:
    """Whether the sheets were last counted before the year was over: what is published is what the committee has seen."""
    return year.counted_at is None or clock.local_day(year.counted_at) <= year.period.last


@transaction.atomic
def publish(year: AssessmentYear, *, by: Post) -> AssessmentYear:
    """Show every office its sheet and begin the time to appeal.

    Raises NotAllowed, WrongState, or Incomplete while the year goes on, was last counted before its end, or wants a score
    by hand.
    """
    locked, now = _locked(year, by, YearState.OPEN), clock.now()
    if clock.today() <= locked.period.last:
        raise _refuse("year", _("这一年还没有过完，年底以前的事项还会计入，不能公示。"))
    if is_stale(locked):
        raise _refuse("year", _("自动得分是年底以前算的，请先重新计算，核对后再公示。"))
    sheets = assessment_sheets.of_year(locked)
    missing = sum(len(one.missing) for one in sheets)
    if missing or not sheets:
        raise _refuse("points", _("还有 %(n)s 项没有手工给分，不能公示。") % {"n": missing})
    locked.state, locked.published_at = YearState.PUBLISHED, now
    locked.appeals_until = calendars.due(now, TIME_TO_APPEAL, [], workcalendar.load()).at
    locked.save(update_fields=["state", "published_at", "appeals_until"])
    _enter(locked, "published", by, now)
    return locked


def may_appeal(post: Post, sheet: AssessmentSheet) -> bool:
    """Whether a post may appeal in the name of a sheet's office, as long as there is time."""
    return post.role in APPELLANTS and own_sheets(post).filter(pk=sheet.pk).exists()


@transaction.atomic
def appeal(sheet: AssessmentSheet, item: AssessmentItem, reason: str, *, by: Post) -> AssessmentAppeal:
    """An office's appeal against an item of its own sheet, once, in time.

    Raises NotAllowed, WrongState when the time is over or it was made already, or Incomplete.
    """
    if not may_appeal(by, sheet):
        raise NotAllowed(_("申诉由被考核的乡镇（街道）综治中心或者部门自己提出。"))
    locked, now = _in_state(sheet.year, YearState.PUBLISHED), clock.now()
    if locked.appeals_until is None or now >= locked.appeals_until:
        raise WrongState(_("申诉的时间已经过了。"), state=locked.state, code="too_late")
    if (item.year_id, item.target) != (locked.pk, sheet.target):
        raise _refuse("reason", _("这张考核表没有这一项。"))
    if AssessmentAppeal.objects.filter(sheet=sheet, item=item).exists():
        raise WrongState(_("这一项已经申诉过，每项只能申诉一次。"), state=locked.state)
    made = AssessmentAppeal.objects.create(sheet=sheet, item=item, reason=_reason(reason), by=by, at=now)
    _enter(locked, "appealed", by, now, sheet=sheet, item=item)
    return made


@transaction.atomic
def decide(appeal: AssessmentAppeal, *, points: Decimal | None, answer: str, by: Post) -> AssessmentAppeal:
    """The committee's answer, once: another score (`points`), or None to refuse; with its reason.

    Raises NotAllowed (also for who gave the score appealed against, while the committee has somebody else), WrongState,
    or Incomplete.
    """
    year = _locked(appeal.sheet.year, by, YearState.PUBLISHED)
    found = AssessmentAppeal.objects.select_related("sheet", "item").get(pk=appeal.pk)
    if found.state != AppealState.PENDING:
        raise WrongState(_("这件申诉已经裁定。"), state=found.state)
    line = assessment_sheets.of_sheet(found.sheet).line(found.item)
    if not may_decide(year, line, by):
        raise NotAllowed(_("这一项是您给的分，申诉要由政法委的另一个人裁定。"))
    found.answer = _reason(answer, "answer")
    if points is not None and points == line.score:
        raise _refuse("points", _("得分没有变。要支持申诉就改分，否则选“不支持”。"))
    now = clock.now()
    found.state = AppealState.REFUSED if points is None else AppealState.UPHELD
    found.decided_at, found.decided_by = now, by
    found.save(update_fields=["state", "answer", "decided_at", "decided_by"])
    if points is None:
        _enter(year, "refused", by, now, sheet=found.sheet, item=found.item)
    else:
        _mark(year, found.sheet, found.item, points, found.answer, by, "upheld")
    return found


def may_decide(year: AssessmentYear, line: Line, by: Post) -> bool:
    """Whether somebody of the committee may decide about an item: not who gave its score, unless nobody else is there.

    Who closes is never who handled (docs/design.md, rule 7); a committee of one would leave the appeal without an answer.
    """
    if line.mark is None or line.mark.by.user_id != by.user_id:
        return True
    held = Post.objects.held_on(clock.today()).filter(role=Role.COMMITTEE, division=year.place_id)
    return not held.exclude(user=by.user_id).exists()


# --- the end


@transaction.atomic
def sign(year: AssessmentYear, *, by: Post) -> AssessmentYear:
    """Totals and ranks as they stay for ever, told to everybody assessed.

    Raises NotAllowed, or WrongState while appeals may still be made or wait for an answer.
    """
    locked, now = _locked(year, by, YearState.PUBLISHED), clock.now()
    if locked.appeals_until is None or now < locked.appeals_until:
        raise WrongState(_("申诉的时间还没有过，不能签定。"), state=locked.state, code="too_early")
    waiting = AssessmentAppeal.objects.filter(sheet__year=locked, state=AppealState.PENDING).count()
    if waiting:
        raise WrongState(_("还有 %(n)s 件申诉没有裁定，不能签定。") % {"n": waiting}, state=locked.state)
    for filled in assessment_sheets.ranked(assessment_sheets.of_year(locked)):
        filled.sheet.total, filled.sheet.rank = filled.total, filled.rank
        filled.sheet.save(update_fields=["total", "rank"])
    _enter(locked, "signed", by, now)
    locked.state, locked.signed_at, locked.signed_by = YearState.SIGNED, now, by
    locked.save(update_fields=["state", "signed_at", "signed_by"])
    return locked
