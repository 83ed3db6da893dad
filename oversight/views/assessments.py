"""The yearly assessment: the list, a year with its items, a sheet with its scores and appeals, and the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import Role
from cases.doors import acting, for_cases
from cases.errors import Incomplete, NotAllowed, NotFound, WrongState
from grids import clock
from oversight import assessment_files, assessment_items, assessment_sheets, assessments
from oversight.assessment_forms import (
    AppealForm,
    DecisionForm,
    ItemRows,
    MarkForm,
    YearForm,
    item_rows,
)
from oversight.assessment_sheets import Filled, Line
from oversight.figures import Slice
from oversight.models import (
    AppealState,
    Assessed,
    AssessmentAppeal,
    AssessmentItem,
    AssessmentSheet,
    AssessmentYear,
    YearState,
)

ScoreForm = MarkForm | AppealForm | DecisionForm


def _reader(request: PostRequest) -> Post:
    post = acting(request)
    if post.role not in assessments.ROLES:
        raise NotAllowed(_("年度考核给政法委和被考核的乡镇（街道）、部门使用。"))
    return post


def _year(post: Post, pk: int) -> AssessmentYear:
    year = assessments.visible_years(post).filter(pk=pk).first()
    if year is None:
        raise NotFound(_("没有这一年的考核，或者与您的单位无关。"))
    return year


def _own_year(post: Post, pk: int) -> AssessmentYear:
    """A year of the committee's own. Raises NotFound, or NotAllowed for whoever is assessed."""
    year = _year(post, pk)
    if not assessments.is_committee(post, year):
        raise NotAllowed(_("年度考核由本级政法委组织。"))
    return year


def _sheet(post: Post, pk: int) -> AssessmentSheet:
    sheet = assessments.visible_sheets(post).filter(pk=pk).first()
    if sheet is None:
        raise NotFound(_("没有这张考核表，或者还没有公示。"))
    return sheet


# --- the list and a year


@require_http_methods(["GET", "POST"])
@for_cases
def index(request: PostRequest) -> HttpResponse:
    """The years that a post may see; the committee begins new ones."""
    post = _reader(request)
    years = assessments.years_to_make(post.division) if post.role == Role.COMMITTEE and post.division else []
    form = YearForm(request.POST if request.method == "POST" else None, years=years)
    if request.method == "POST" and form.is_valid():
        made = assessments.make(form.cleaned_data["year"], by=post)
        messages.success(request, _("方案已新建。先核对项目和分值，再定下方案。"))
        return redirect(made.get_absolute_url())
    rows = assessments.visible_years(post)
    context = {"rows": rows, "form": form if years else None}
    return render(request, "oversight/assessments.html", context, status=422 if form.is_bound else 200)


@require_GET
@for_cases
def page(request: PostRequest, pk: int) -> HttpResponse:
    """A year: its items, and what its state has to show to whom."""
    post = _reader(request)
    year = _year(post, pk)
    committee = assessments.is_committee(post, year)
    own = set(assessments.own_sheets(post).filter(year=year).values_list("pk", "target"))
    items = list(year.items.all())
    sums = assessment_items.sums(items)
    context: dict[str, Any] = {
        "year": year,
        "title": assessment_files.title_of(year),
        "committee": committee,
        "sums": sums,
        "groups": [
            (one, mine)
            for one in sums
            if (mine := [item for item in items if item.target == one.target])
            and (committee or one.target in {kind for _pk, kind in own})
        ],
        "note": assessment_files.NOTE,
        "never": assessment_items.NEVER,
        "entries": _entries(year, committee),
        "own": {pk for pk, _kind in own},
        "over": year.appeals_until is not None and clock.now() >= year.appeals_until,
    }
    signed = year.sheets.order_by("rank", "name") if year.state == YearState.SIGNED and not committee else []
    context["results"] = [
        (target.label, [one for one in signed if one.target == target]) for target in Assessed
    ]
    scored = committee and year.state != YearState.DRAFT
    context |= _for_committee(year, assessment_sheets.of_year(year) if scored else [])
    return render(request, "oversight/assessment.html", context)


def _entries(year: AssessmentYear, committee: bool) -> Any:
    found = year.entries.select_related("post__user", "sheet", "item").order_by("-pk")
    return found if committee else found.filter(sheet=None)


def _for_committee(year: AssessmentYear, filled: Sequence[Filled]) -> dict[str, Any]:
    """Every sheet with its standing, and the appeals that wait."""
    sheets = assessment_sheets.ranked(filled)
    return {
        "sheets": [
            (target.label, [one for one in sheets if one.sheet.target == target]) for target in Assessed
        ],
        "missing": sum(len(one.missing) for one in sheets),
        "waiting": [
            (one, line)
            for one in sheets
            for line in one.lines
            if line.appeal and line.appeal.state == AppealState.PENDING
        ],
        "running": year.period.last >= clock.today(),
        "stale": assessments.is_stale(year),
    }


@require_http_methods(["GET", "POST"])
@for_cases
def items(request: PostRequest, pk: int) -> HttpResponse:
    """The items of a draft as a table to be edited, saved with one button."""
    post = _reader(request)
    year = _own_year(post, pk)
    sent = request.POST if request.method == "POST" else None
    kept = list(year.items.all())
    tables = [item_rows(sent, target, kept) for target in Assessed]
    if sent is None:
        if year.state != YearState.DRAFT:
            messages.info(request, _("方案已经定下，项目和分值不能再改。"))
            return redirect(year.get_absolute_url())
        return _items_shown(request, year, tables, 200)
    sound = [rows.is_valid() for rows in tables]  # every table, so that all that is wrong is said at once
    if not all(sound):
        return _items_shown(request, year, tables, 422)
    drafts = [one for rows in tables for one in rows.drafts()]
    base = sent.get("base", "")
    try:
        assessments.set_items(year, drafts, by=post, base=int(base) if base.isdecimal() else 0)
    except WrongState as error:
        return _items_shown(request, year, tables, 409, str(error.message))
    messages.success(request, _("项目和分值已保存。"))
    return redirect(year.get_absolute_url())


def _items_shown(
    request: PostRequest, year: AssessmentYear, tables: Sequence[ItemRows], status: int, stale: str = ""
) -> HttpResponse:
    context = {
        "year": year,
        "title": assessment_files.title_of(year),
        "tables": tables,
        "wrong": any(rows.is_bound and not rows.is_valid() for rows in tables),
        "stale": stale,
        "base": assessments.seen(year) if not request.POST or stale else request.POST.get("base", ""),
        "most_given": assessment_items.MOST_GIVEN,
        "most_bonus": assessment_items.MOST_BONUS,
    }
    return render(request, "oversight/assessment_items.html", context, status=status)


# The steps of a year that need nothing but a press: what is done, and what is said then.
STEPS: Final = {
    "open": (assessments.open_year, gettext_lazy("方案已定下，自动得分已计算。可以开始手工给分。")),
    "count": (assessments.count_again, gettext_lazy("自动得分已重新计算。")),
    "publish": (assessments.publish, gettext_lazy("已公示，各单位看得到自己的考核表，可以申诉。")),
    "sign": (assessments.sign, gettext_lazy("已签定，结果不再改变。")),
}


@require_POST
@for_cases
def step(request: PostRequest, pk: int, name: str) -> HttpResponse:
    """One step of a year, by its name in STEPS."""
    post = _reader(request)
    act, said = STEPS[name]
    year = act(_own_year(post, pk), by=post)
    messages.success(request, said)
    return redirect(year.get_absolute_url())


# --- a sheet


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of a sheet with the form that this reader has for it."""

    line: Line
    form: ScoreForm | None
    url: str = ""


@require_GET
@for_cases
def sheet(request: PostRequest, pk: int) -> HttpResponse:
    """An office's sheet: scores with what they are made of, marks, appeals; forms for whoever may act now."""
    post = _reader(request)
    return _sheet_shown(request, post, _sheet(post, pk), None, 200)


def _sheet_shown(
    request: PostRequest, post: Post, sheet: AssessmentSheet, bound: ScoreForm | None, status: int
) -> HttpResponse:
    year = sheet.year
    filled, following = assessment_sheets.of_sheet(sheet), None
    committee = assessments.is_committee(post, year)
    if committee and year.state != YearState.SIGNED:
        everything = assessment_sheets.of_year(year)
        ranks = assessment_sheets.ranked(everything)
        filled = next(one for one in ranks if one.sheet.pk == sheet.pk)
        following = _next_missing(everything, sheet)
    in_time = year.appeals_until is not None and clock.now() < year.appeals_until
    context = {
        "year": year,
        "title": assessment_files.title_of(year),
        "sheet": sheet,
        "filled": filled,
        "next": following,
        "committee": committee,
        "shown": [_with_form(post, sheet, line, bound, in_time) for line in filled.lines],
        "of": _behind(post, sheet),
        "note": assessment_files.NOTE,
        "entries": sheet.entries.select_related("post__user", "item").order_by("-pk"),
        "may_appeal": in_time and year.state == YearState.PUBLISHED and assessments.may_appeal(post, sheet),
        "in_time": in_time,
    }
    return render(request, "oversight/assessment_sheet.html", context, status=status)


def _next_missing(sheets: Sequence[Filled], sheet: AssessmentSheet) -> AssessmentSheet | None:
    """The next sheet after this one that still wants scores by hand, from the last on to the first."""
    at = next(number for number, one in enumerate(sheets) if one.sheet.pk == sheet.pk)
    return next((one.sheet for one in [*sheets[at + 1 :], *sheets[:at]] if one.missing), None)


def _behind(post: Post, sheet: AssessmentSheet) -> Slice:
    """Which matters the numbers lead to. A department looks at its own work by its post and asks for no place."""
    if sheet.division is not None:
        return Slice(sheet.year.period, sheet.division)
    asks = post.role == Role.COMMITTEE
    return Slice(sheet.year.period, sheet.year.place if asks else None, sheet.who if asks else "")


def _with_form(
    post: Post, sheet: AssessmentSheet, line: Line, bound: ScoreForm | None, in_time: bool
) -> Shown:
    kind = _form_for(post, sheet, line, in_time)
    if kind is None:
        return Shown(line, None)
    form = bound if bound is not None and bound.item.pk == line.item.pk else kind(item=line.item)
    what = {MarkForm: "mark", AppealForm: "appeal", DecisionForm: "decide"}[kind]
    return Shown(line, form, f"{sheet.get_absolute_url()}{what}/{line.item.pk}/")


def _form_for(post: Post, sheet: AssessmentSheet, line: Line, in_time: bool) -> type[ScoreForm] | None:
    """What a post may do about an item now; `assessments` decides again when it does."""
    year = sheet.year
    if assessments.is_committee(post, year):
        if year.state == YearState.OPEN and line.item.by_hand:
            return MarkForm
        waits = line.appeal is not None and line.appeal.state == AppealState.PENDING
        return DecisionForm if waits and assessments.may_decide(year, line, post) else None
    if year.state != YearState.PUBLISHED or not in_time or line.appeal is not None:
        return None
    return AppealForm if assessments.may_appeal(post, sheet) else None


def _item(sheet: AssessmentSheet, pk: int) -> AssessmentItem:
    item = sheet.year.items.filter(pk=pk, target=sheet.target).first()
    if item is None:
        raise NotFound(_("这张考核表没有这一项。"))
    return item


def _refused(form: ScoreForm, error: Incomplete) -> None:
    for name, reasons in error.errors.items():
        form.add_error(name if name in form.fields else None, list(reasons))


@require_POST
@for_cases
def mark(request: PostRequest, pk: int, item: int) -> HttpResponse:
    """A score by hand."""
    post = _reader(request)
    sheet = _sheet(post, pk)
    found = _item(sheet, item)
    form = MarkForm(request.POST, item=found)
    if form.is_valid():
        data = form.cleaned_data
        try:
            assessments.give(sheet, found, data["points"], data["reason"], by=post)
        except Incomplete as error:
            _refused(form, error)
        else:
            messages.success(request, _("“%(name)s”已给分。") % {"name": found.name})
            return redirect(f"{sheet.get_absolute_url()}#item{found.pk}")
    return _sheet_shown(request, post, sheet, form, 422)


@require_POST
@for_cases
def appeal(request: PostRequest, pk: int, item: int) -> HttpResponse:
    """An appeal of the office itself."""
    post = _reader(request)
    sheet = _sheet(post, pk)
    found = _item(sheet, item)
    form = AppealForm(request.POST, item=found)
    if form.is_valid():
        assessments.appeal(sheet, found, form.cleaned_data["reason"], by=post)
        messages.success(request, _("申诉已提出，政法委裁定后在这里看得到。"))
        return redirect(f"{sheet.get_absolute_url()}#item{found.pk}")
    return _sheet_shown(request, post, sheet, form, 422)


@require_POST
@for_cases
def decide(request: PostRequest, pk: int, item: int) -> HttpResponse:
    """The committee's answer to an appeal."""
    post = _reader(request)
    sheet = _sheet(post, pk)
    found = _item(sheet, item)
    made = AssessmentAppeal.objects.filter(sheet=sheet, item=found).select_related("sheet__year").first()
    if made is None:
        raise NotFound(_("这一项没有申诉。"))
    form = DecisionForm(request.POST, item=found)
    if form.is_valid():
        data = form.cleaned_data
        try:
            assessments.decide(made, points=data["points"], answer=data["answer"], by=post)
        except Incomplete as error:
            _refused(form, error)
        else:
            messages.success(request, _("申诉已裁定，申诉单位看得到。"))
            return redirect(f"{sheet.get_absolute_url()}#item{found.pk}")
    return _sheet_shown(request, post, sheet, form, 422)


# --- files


@require_GET
@for_cases
def year_excel(request: PostRequest, pk: int) -> HttpResponseBase:
    """The whole year as an Excel book, for the committee."""
    year = _own_year(_reader(request), pk)
    name = f"{assessment_files.title_of(year)}.xlsx"
    return FileResponse(assessment_files.year_book(year), as_attachment=True, filename=name)


def _on_paper(request: PostRequest, pk: int) -> tuple[Filled, str]:
    sheet = _sheet(_reader(request), pk)
    name = f"{assessment_files.title_of(sheet.year)}-{sheet.name}"
    return assessment_sheets.of_sheet(sheet), name


@require_GET
@for_cases
def sheet_excel(request: PostRequest, pk: int) -> HttpResponseBase:
    """A sheet as an Excel book."""
    filled, name = _on_paper(request, pk)
    return FileResponse(assessment_files.sheet_book(filled), as_attachment=True, filename=f"{name}.xlsx")


@require_GET
@for_cases
def sheet_pdf(request: PostRequest, pk: int) -> HttpResponse:
    """A sheet on paper."""
    filled, name = _on_paper(request, pk)
    answer = HttpResponse(assessment_files.pdf(filled), content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, f"{name}.pdf") or "inline"
    answer["Cache-Control"] = "private, no-store"
    return answer
