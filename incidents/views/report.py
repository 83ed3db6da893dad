"""上报 on a worker's phone; and what it shares with the counter's page: one form, one service, one way to refuse."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import Role
from cases import loaders, workflow
from cases.doors import acting, for_cases
from cases.errors import Incomplete
from cases.idempotency import new_key, page_once
from cases.models import Case, Deadline
from cases.widgets import PlaceChoice
from grids import pinyin
from grids.models import Division
from incidents.models import Category, Incident
from incidents.page_form import Files, PageForm
from incidents.report_form import check_role
from incidents.services import KIND, report, settle_on_spot

RECENT = 6
LOOKED_BACK = 60


def files_of(request: PostRequest) -> Files:
    """The files that were sent, by the name of their box."""
    found: dict[str, list[UploadedFile[Any]]] = {}
    for name in ("photos", "documents", "photos_after"):
        found[name] = request.FILES.getlist(name)
    return found


def own_places(request: PostRequest) -> list[PlaceChoice]:
    """The grids of the posts held now; a centre has none: a visitor may come from anywhere in its place."""
    held = [post.division_id for post in request.posts if post.role == Role.GRID_WORKER and post.division_id]
    found = Division.objects.filter(pk__in=held).with_path().order_by("code")
    return [PlaceChoice(place.code, place.name, place.path, place.initials) for place in found]


def catalogue() -> list[dict[str, str]]:
    """Small categories for the search box, which finds them by name in both languages, code and pinyin initials."""
    return [
        {
            "code": leaf.code,
            "name": str(leaf),
            "group": str(leaf.parent),
            "words": f"{leaf.name} {leaf.name_en}",
            "initials": pinyin.keys(leaf.name).initials,
        }
        for leaf in Category.objects.leaves().order_by("code")
    ]


def recent(by: Post) -> list[Category]:
    """The small categories this person reported last, each once."""
    mine = Incident.objects.filter(case__parts__kind="reporter", case__parts__post__user=by.user_id)
    codes = list(
        dict.fromkeys(mine.order_by("-case_id").values_list("category__code", flat=True)[:LOOKED_BACK])
    )
    found = {leaf.code: leaf for leaf in Category.objects.leaves().filter(code__in=codes[:RECENT])}
    return [found[code] for code in codes[:RECENT] if code in found]


def context_of(form: PageForm, by: Post) -> dict[str, object]:
    """What both pages show besides the form."""
    home = by.division
    if home is not None and home.level == "grid":
        home = home.parent
    return {
        "form": form,
        "extra": extra_of(form),
        "catalogue": catalogue(),
        "recent": recent(by),
        "key": new_key(),
        "post": by,
        "own": ",".join(place.code for place in form.own),
        "within": home.code if home else "",
    }


def extra_of(form: PageForm) -> list[Any]:
    """The boxes that the chosen category asks for besides."""
    return [form[name] for name in form.fields if name.startswith("field_")]


def send(request: PostRequest, form: PageForm, by: Post, *, page: str, then: str) -> HttpResponse:
    """What was sent becomes one incident, once however often it is pressed; or the page says what is wrong."""
    try:
        address = page_once(request, request.user, lambda: _report(request, form, by, then))
    except Incomplete as error:
        _show(form, error)
        return _refused(request, form, by, page)
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address, status=303)


def _report(request: PostRequest, form: PageForm, by: Post, then: str) -> tuple[str, Case]:
    facts = form.to_report()
    if form.settles:
        papers = {"photos_after": form.cleaned_data["photos_after"]}
        case = settle_on_spot(facts, by=by, result=form.cleaned_data["result"], files=papers)
    else:
        case = report(facts, by=by)
    return reverse(then, args=[case.number]), case


def _show(form: PageForm, error: Incomplete) -> None:
    """Errors from behind the form: a place without a centre, a key that was used with other words."""
    if not form.errors:
        for name, messages in error.errors.items():
            form.add_error(name if name in form.fields else None, messages)


def _refused(request: PostRequest, form: PageForm, by: Post, page: str) -> HttpResponse:
    """What is wrong: in place above the form, whose text and photos stay; or the whole page without scripts."""
    if request.headers.get("HX-Request") == "true":
        answer = render(request, "incidents/_report_errors.html", {"form": form}, status=422)
        answer["HX-Retarget"], answer["HX-Reswap"] = "#report-errors", "innerHTML"
        return answer
    return render(request, page, context_of(form, by), status=422)


@require_http_methods(["GET", "POST"])
@for_cases
def report_page(request: PostRequest) -> HttpResponse:
    """A worker's report; with 当场办结 also what was done about it."""
    by, own = check_role(acting(request)), own_places(request)
    if request.method == "POST":
        form = PageForm(request.POST, files_of(request), by=by, own=own)
        return send(request, form, by, page="incidents/report.html", then="incidents:sent")
    # Somebody with one grid is nearly always in it; the place stays in sight and can be changed.
    form = PageForm(by=by, own=own, initial={"place": own[0].code} if len(own) == 1 else {})
    return render(request, "incidents/report.html", context_of(form, by))


@require_GET
@for_cases
def extra_fields(request: PostRequest) -> HttpResponse:
    """The fields that the chosen category asks for besides."""
    chosen = {"category": request.GET.get("category", "")}
    form = PageForm(by=check_role(acting(request)), initial=chosen)
    return render(request, "incidents/_report_extra.html", {"extra": extra_of(form)})


@require_GET
@for_cases
def sent(request: PostRequest, number: str) -> HttpResponse:
    """After the report: its number, who has it now, and until when."""
    return render(request, "incidents/report_sent.html", told(request, number))


def told(request: PostRequest, number: str) -> dict[str, object]:
    """What somebody is told who has just reported or asked: the case, its next duty, the post acted under."""
    case = loaders.get_case(request.user, number, kind=KIND)
    waiting = Deadline.objects.filter(case=case, met_at=None, cancelled_at=None).exclude(duty="whole")
    return {
        "case": case,
        "incident": case.incident,
        "state": workflow.state_label(case),
        "deadline": waiting.order_by("due_at").first(),
        "post": acting(request),
    }
