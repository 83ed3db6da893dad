"""The catalogue of matters: read by everybody, changed by a system administrator, agreed to by the city's centre."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.guards import only, signed_in
from accounts.http import PostRequest
from accounts.models import Post
from accounts.roles import Role
from cases.errors import Incomplete, WrongState
from incidents import category_services as services
from incidents.category_editor import Editor
from incidents.category_forms import MOST_ROWS, ReasonForm, RefusalForm, empty_row
from incidents.category_lists import Catalogue, CategoryPage, VersionPage
from incidents.models import Category, CategoryVersion, VersionState

system_only = only(Role.SYSTEM_ADMIN)
centre_only = only(Role.CENTRE)
get_or_post = require_http_methods(["GET", "POST"])


def _category(code: str) -> Category:
    return get_object_or_404(Category.objects.select_related("parent"), code=code, parent__isnull=False)


def _version(code: str, version: int) -> CategoryVersion:
    found = CategoryVersion.objects.told().select_related("category__parent")
    return get_object_or_404(found, category__code=code, number=version)


def _acting(request: PostRequest) -> Post:
    """The post acted under; the guards have seen that there is one."""
    if request.post is None:
        raise Http404
    return request.post


@require_GET
@signed_in
def categories(request: PostRequest) -> HttpResponse:
    """All small categories by large one, with what waits for agreement on top."""
    return render(request, "incidents/categories.html", {"catalogue": Catalogue(request.GET, request.post)})


@require_GET
@signed_in
def category(request: PostRequest, code: str) -> HttpResponse:
    """One small category: what it says now, and every version of it."""
    page = CategoryPage(_category(code), request.post)
    return render(request, "incidents/category.html", {"page": page, "category": page.category})


@require_GET
@signed_in
def version(request: PostRequest, code: str, version: int) -> HttpResponse:
    """One version: what it changes, and what may be done about it while it waits."""
    return _show_version(request, _version(code, version), RefusalForm())


def _show_version(
    request: PostRequest, found: CategoryVersion, form: RefusalForm, status: int = 200
) -> HttpResponse:
    page = VersionPage(found, request.post)
    context = {"page": page, "version": found, "category": found.category, "form": form}
    return render(request, "incidents/category_version.html", context, status=status)


@get_or_post
@system_only
def edit(request: PostRequest, code: str) -> HttpResponse:
    """The form of a changed version; while one waits, its page instead."""
    found = _category(code)
    waiting = found.versions.filter(state=VersionState.PROPOSED).first()
    if waiting and request.method == "GET":
        messages.info(request, _("这个类别已有一项待同意的改动，有了结果才能再改。"))
        return redirect("incidents:category_version", code=code, version=waiting.number)
    return _edit(request, found)


@get_or_post
@system_only
def new(request: PostRequest) -> HttpResponse:
    """The form of a new small category."""
    return _edit(request, None)


def _edit(request: PostRequest, category: Category | None) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    editor = Editor(sent, category, parent=request.GET.get("group", ""))
    if sent is None or "add_row" in sent:
        if sent is not None:
            editor.with_another_row()
        return _show_editor(request, editor)
    made = editor.propose(_acting(request))
    if made is None:
        return _show_editor(request, editor, status=409 if editor.stale else 422)
    messages.success(request, _("改动已提出，等综治中心的另一个人同意后执行。"))
    return redirect("incidents:category_version", code=made.category.code, version=made.number)


def _show_editor(request: PostRequest, editor: Editor, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"editor": editor, "form": editor.form, "category": editor.category}
    return render(request, "incidents/category_edit.html", context, status=status)


@require_GET
@system_only
def field_row(request: PostRequest) -> HttpResponse:
    """One more row for extra fields, brought in place; with the count of rows that the form sends."""
    given = request.GET.get("field-TOTAL_FORMS", "0")
    index = int(given) if given.isdecimal() and len(given) < 4 else 0
    if index >= MOST_ROWS:
        return HttpResponse(status=204)
    context = {"row": empty_row(index), "total": index + 1, "added": True}
    return render(request, "incidents/_category_field.html", context)


@get_or_post
@system_only
def use(request: PostRequest, code: str) -> HttpResponse:
    """To stop a category, or to take it up again: a reason, then a second person's agreement."""
    found = _category(code)
    current = services.in_force(found)
    if current is None:
        raise WrongState(_("这个类别还没有执行过，不能停用。"), state="")
    sent = request.POST if request.method == "POST" else None
    form = ReasonForm(sent, initial={"base": current.number})
    if sent is None or not form.is_valid():
        return _show_use(request, found, current, form)
    data, by = form.cleaned_data, _acting(request)
    wanted = "stop" not in sent
    made = services.propose_use(found, in_use=wanted, reason=data["reason"], base=data["base"], by=by)
    messages.success(request, _("改动已提出，等综治中心的另一个人同意后执行。"))
    return redirect("incidents:category_version", code=code, version=made.number)


def _show_use(
    request: PostRequest, found: Category, current: CategoryVersion, form: ReasonForm
) -> HttpResponse:
    context = {"category": found, "version": current, "form": form}
    return render(request, "incidents/category_use.html", context, status=422 if form.is_bound else 200)


@require_POST
@centre_only
def agree(request: PostRequest, code: str, version: int) -> HttpResponse:
    """A second person's agreement: in force from now."""
    services.agree(_version(code, version), by=_acting(request))
    messages.success(request, _("已同意，新版本从现在起执行。正在办理的事项不受影响。"))
    return redirect("incidents:category", code=code)


@require_POST
@centre_only
def refuse(request: PostRequest, code: str, version: int) -> HttpResponse:
    """A second person's refusal, for a reason."""
    found, form = _version(code, version), RefusalForm(request.POST)
    if not form.is_valid():
        return _show_version(request, found, form, status=422)
    try:
        services.refuse(found, reason=form.cleaned_data["reason"], by=_acting(request))
    except Incomplete as error:
        form.add_error("reason", error.errors["reason"])
        return _show_version(request, found, form, status=422)
    messages.success(request, _("已记下不同意和理由，目录没有变。"))
    return HttpResponseRedirect(request.path.removesuffix("refuse/"))


@require_POST
@system_only
def withdraw(request: PostRequest, code: str, version: int) -> HttpResponse:
    """The proposer takes a proposal back."""
    services.withdraw(_version(code, version), by=_acting(request))
    messages.success(request, _("改动已撤回，目录没有变。"))
    return redirect("incidents:category", code=code)
