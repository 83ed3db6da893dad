"""Refusals on pages: what is wrong, why, and a useful way on. One place for every page and every status."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from cases import api_errors
from cases.api_errors import API_PATH
from cases.models import Case
from cases.problems import Problem, problem_of

# Statuses with a template of their own; any other is shown by errors/problem.html.
OWN_TEMPLATE: Final = frozenset({403, 404, 409, 422})


class DomainErrorMiddleware:
    """Stands after PostMiddleware. Turns what a view refuses into a page, a partial or a problem document."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """A program that has not signed in is answered in the language it asks for; others in their own.

        What no database can hold (NUL) is refused here for all pages: no person types it. The API names the field.
        """
        if request.path.startswith(API_PATH):
            if not request.user.is_authenticated:
                translation.activate(api_errors.wanted_language(request))
        elif _holds_nul(request.GET) or _holds_nul(request.POST):
            return answer(request, Problem(400, "bad_request", _("请求里含有不能保存的字符，没有办理。")))
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """The answer to a refusal; None for a fault of the program, which Django logs and answers as 500."""
        problem = problem_of(error)
        return None if problem is None else answer(request, problem)


def _holds_nul(sent: QueryDict) -> bool:
    return any("\0" in name or any("\0" in value for value in values) for name, values in sent.lists())


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem document for the API, a partial for htmx, a page for everybody else."""
    if request.path.startswith(API_PATH):
        return api_errors.respond(problem)
    if _swaps(request):
        name = "errors/_problem.html"
    else:
        name = f"errors/{problem.status}.html" if problem.status in OWN_TEMPLATE else "errors/problem.html"
    return render(request, name, {"problem": problem, "case": case_of(request)}, status=problem.status)


def _swaps(request: HttpRequest) -> bool:
    """Whether htmx wants a part of a page. A boosted link or a step back in history wants a whole one."""
    headers = request.headers
    whole = headers.get("HX-Boosted") == "true" or headers.get("HX-History-Restore-Request") == "true"
    return headers.get("HX-Request") == "true" and not whole


def case_of(request: HttpRequest) -> Case | None:
    """The case that the address names, if the person may see it: the way back after a refusal."""
    match = request.resolver_match
    number = match.kwargs.get("number") if match else None
    user = getattr(request, "user", None)
    if not number or not isinstance(user, User):
        return None
    return Case.objects.visible_to(user).filter(number=number).first()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: what Django itself finds wrong before a view runs (413 when it is only too large)."""
    return answer(request, problem_of(exception) or Problem(400, "bad_request", _("请求有误，没有办理。")))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler403."""
    words = _("您现在的岗位不能这样办理。")
    return answer(request, problem_of(exception) or Problem(403, "not_allowed", words))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404: an address that leads nowhere is told like a case outside one's scope."""
    return answer(request, problem_of(exception) or Problem(404, "not_found", _("没有找到这个页面。")))


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: asks nothing of the database nor of the request, since either may be what failed."""
    if request.path.startswith(API_PATH):
        return api_errors.fault()
    return HttpResponse(render_to_string("errors/500.html"), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: nearly always a page that stood open for days, or blocked cookies."""
    problem = Problem(403, "page_expired", _("这个页面打开太久了，没有办理。请返回刷新页面，再提交一次。"))
    return answer(request, problem)
