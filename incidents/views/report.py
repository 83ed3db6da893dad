"""上报 on a worker's phone and 登记 at a centre's counter: one form, one service, two layouts; and the slip."""

from __future__ import annotations

import uuid
from typing import Any, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import CENTRE_ROLES, Role
from cases import events, loaders
from cases.doors import acting, for_cases
from cases.errors import Incomplete
from cases.idempotency import new_key, page_once
from cases.models import Case, Deadline
from cases.widgets import PhotosInput, PlaceChoice, PlaceInput
from grids import clock
from grids.models import Division
from incidents import duplicates
from incidents.models import Category, Incident, Source
from incidents.report_form import FOR_OTHERS, ReportForm, check_role
from incidents.services import KIND, report, settle_on_spot

RECENT = 6


def _files(request: PostRequest) -> dict[str, list[UploadedFile[Any]]]:
    names = ("photos", "documents", "photos_after")
    return {name: request.FILES.getlist(name) for name in names}


def _form(request: PostRequest, by: Post, *, levels: str) -> ReportForm:
    """The page's form, bound when something was sent, with the person's own places first."""
    sent, own = request.method == "POST", _own_places(request)
    # Somebody with one grid is nearly always in it; the place stays in sight and can be changed.
    initial = {"place": own[0].code} if len(own) == 1 else {}
    form = ReportForm(
        request.POST if sent else None, _files(request) if sent else None, by=by, initial=initial
    )
    form.fields["place"].required = not sent  # shown as needed; what was sent may name a position instead
    form.fields["occurred_at"].widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
    picker = PlaceInput(levels=levels, own=own, path_of=_path_of)
    form.fields["place"].widget = picker
    form.fields["photos"].widget = PhotosInput()
    form.fields["description"].widget.attrs["rows"] = 3
    return form


def _own_places(request: PostRequest) -> list[PlaceChoice]:
    """The grids of the posts held now; for a centre, none: a visitor may come from anywhere in its place."""
    held = [post.division_id for post in request.posts if post.role == Role.GRID_WORKER and post.division_id]
    found = Division.objects.filter(pk__in=held).with_path().order_by("code")
    return [PlaceChoice(place.code, place.name, place.path, place.initials) for place in found]


def _path_of(code: str) -> str:
    place = Division.objects.with_path().filter(code=code).first()
    return place.path if place else ""


def _catalogue() -> list[dict[str, str]]:
    """Small categories for the search box: code, name, large category, pinyin initials are found by the browser."""
    leaves = Category.objects.leaves().order_by("code")
    return [{"code": c.code, "name": str(c), "group": str(c.parent or "")} for c in leaves]


def _recent(by: Post) -> list[Category]:
    """The small categories this person reported last, each once."""
    mine = Incident.objects.filter(case__parts__kind="reporter", case__parts__post__user=by.user_id)
    codes: list[str] = []
    for code in mine.order_by("-case_id").values_list("category__code", flat=True)[:60]:
        if code not in codes:
            codes.append(code)
    found = {c.code: c for c in Category.objects.leaves().filter(code__in=codes[:RECENT])}
    return [found[code] for code in codes[:RECENT] if code in found]


def _context(form: ReportForm, by: Post) -> dict[str, object]:
    names = [name for name in form.fields if name.startswith("field_")]
    return {
        "form": form,
        "extra": [form[name] for name in names],
        "catalogue": _catalogue(),
        "recent": _recent(by),
        "key": new_key(),
        "post": by,
        "own": ",".join(str(place.code) for place in form.fields["place"].widget.own),
        "within": by.division.parent.code if by.division and by.division.parent else "",
    }


def _refused(request: PostRequest, form: ReportForm, by: Post, page: str) -> HttpResponse:
    """What is wrong: in place above the form, whose text and photos stay; or the whole page without scripts."""
    if request.headers.get("HX-Request") == "true":
        answer = render(request, "incidents/_report_errors.html", {"form": form}, status=422)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#report-errors", "innerHTML"
        return answer
    return render(request, page, _context(form, by), status=422)


def _go(request: PostRequest, address: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address, status=303)


@require_http_methods(["GET", "POST"])
@for_cases
def report_page(request: PostRequest) -> HttpResponse:
    """A worker's report; with 当场办结 also what was done about it."""
    by = check_role(acting(request))
    form = _form(request, by, levels="grid,village")
    if request.method == "GET":
        return render(request, "incidents/report.html", _context(form, by))
    try:
        address = page_once(request, request.user, lambda: _report(request, form, by, "incidents:sent"))
    except Incomplete as error:
        _show(form, error)
        return _refused(request, form, by, "incidents/report.html")
    return _go(request, address)


def _report(request: PostRequest, form: ReportForm, by: Post, then: str) -> tuple[str, Case]:
    facts = form.to_report()
    if request.POST.get("settled") and by.role == Role.GRID_WORKER:
        files = {"photos_after": _files(request)["photos_after"]}
        case = settle_on_spot(facts, by=by, result=request.POST.get("result", ""), files=files)
    else:
        case = report(facts, by=by)
    return reverse(then, args=[case.number]), case


def _show(form: ReportForm, error: Incomplete) -> None:
    """Errors that came from behind the form (the result of a matter settled at once, a place without a centre)."""
    if not form.errors:
        for name, messages in error.errors.items():
            form.add_error(name if name in form.fields else None, messages)


@require_GET
@for_cases
def extra_fields(request: PostRequest) -> HttpResponse:
    """The fields that the chosen category asks for besides."""
    form = ReportForm(initial={"category": request.GET.get("category", "")}, by=check_role(acting(request)))
    names = [name for name in form.fields if name.startswith("field_")]
    return render(request, "incidents/_report_extra.html", {"extra": [form[name] for name in names]})


@require_GET
@for_cases
def sent(request: PostRequest, number: str) -> HttpResponse:
    """After the report: its number, who has it now, and until when."""
    return render(request, "incidents/report_sent.html", _told(request, number))


def _told(request: PostRequest, number: str) -> dict[str, object]:
    case = loaders.get_case(request.user, number, kind=KIND)
    waiting = Deadline.objects.filter(case=case, met_at=None, cancelled_at=None).exclude(duty="whole")
    return {
        "case": case,
        "incident": case.incident,
        "deadline": waiting.order_by("due_at").first(),
        "centre": Post.objects.held_on(clock.today())
        .filter(division=case.office, role__in=CENTRE_ROLES)
        .first(),
        "post": acting(request),
    }


@require_http_methods(["GET", "POST"])
@for_cases
def intake(request: PostRequest) -> HttpResponse:
    """A visitor, a caller or the hotline, written down by a centre for a citizen."""
    by = check_role(acting(request))
    form = _form(request, by, levels="grid,village,township")
    form.fields["source"].choices = [(s.value, s.label) for s in [*FOR_OTHERS, Source.CENTRE]]  # type: ignore[attr-defined]
    if request.method == "GET":
        return render(request, "incidents/intake.html", _context(form, by))
    try:
        address = page_once(request, request.user, lambda: _report(request, form, by, "incidents:slip"))
    except Incomplete as error:
        _show(form, error)
        return _refused(request, form, by, "incidents/intake.html")
    return _go(request, address)


@require_GET
@for_cases
def likely_duplicates(request: PostRequest) -> HttpResponse:
    """What may be the same matter, while it is being written down."""
    place = Division.objects.filter(code=request.GET.get("place", "")).select_related("parent").first()
    words = f"{request.GET.get('title', '')} {request.GET.get('description', '')}"[:400]
    found = duplicates.likely(
        request.user, place=place, category=request.GET.get("category", ""), words=words
    )
    return render(request, "incidents/_duplicates.html", {"cases": found, "asked": place is not None})


@require_http_methods(["GET", "POST"])
@for_cases
def slip(request: PostRequest, number: str) -> HttpResponse:
    """The acceptance slip (受理告知书); POST records that it was printed."""
    told = _told(request, number)
    if request.method == "POST":
        _printed(cast(Case, told["case"]), acting(request))
        return HttpResponse(status=204)
    return render(request, "incidents/slip.html", told)


def _printed(case: Case, by: Post) -> None:
    with transaction.atomic():
        locked = loaders.lock_cases([case.pk])[case.pk]
        data = {"what": "slip"}
        events.append(locked, "case.printed", by=by, at=clock.now(), cause=uuid.uuid4(), data=data)
