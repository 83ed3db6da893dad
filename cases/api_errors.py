"""Errors of the API as problem documents (RFC 9457): a stable `code`, and words in the reader's language."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework.views import set_rollback

from cases.problems import Problem, problem_of

API_PATH: Final = "/api/"
CONTENT_TYPE: Final = "application/problem+json"


def document(problem: Problem) -> dict[str, Any]:
    """The members of the problem document; `errors`, `state` and further facts only where there are any."""
    found: dict[str, Any] = {
        **problem.extra,
        "type": f"urn:gezhi:error:{problem.code}",
        "title": str(problem.title),
        "status": problem.status,
        "detail": str(problem.detail),
        "code": problem.code,
    }
    if problem.errors:
        found["errors"] = {name: list(messages) for name, messages in problem.errors.items()}
    if problem.state:
        found["state"] = problem.state
    return found


def respond(problem: Problem) -> JsonResponse:
    """The answer. It is JSON whatever format was asked for: an error can always be read."""
    return JsonResponse(
        document(problem),
        status=problem.status,
        content_type=CONTENT_TYPE,
        headers={**problem.headers, "Content-Language": translation.get_language() or "zh-hans"},
        json_dumps_params={"ensure_ascii": False},
    )


def exception_handler(error: Exception, context: dict[str, Any]) -> JsonResponse | None:
    """For REST_FRAMEWORK["EXCEPTION_HANDLER"]. None for a fault of the program, which is answered as 500."""
    problem = problem_of(error)
    if problem is None:
        return None
    set_rollback()
    return respond(problem)


def fault() -> JsonResponse:
    """The answer to a fault of the program; what it was stands in the log, not here."""
    return respond(Problem(500, "internal_error", _("系统出错了，没有办理。已记入日志，请稍后再试。")))


def wanted_language(request: HttpRequest) -> str:
    """What the caller's Accept-Language prefers of our two languages; Chinese without any."""
    accepted = request.headers.get("Accept-Language", "")
    for part in sorted(accepted.split(","), key=_weight, reverse=True):
        name = part.partition(";")[0].strip().lower()
        if name.startswith("en"):
            return "en"
        if name.startswith("zh"):
            return "zh-hans"
    return "zh-hans"


def _weight(part: str) -> float:
    """The q value of one language range; 1 where there is none, 0 where it cannot be read."""
    try:
        return float(part.partition(";q=")[2] or 1)
    except ValueError:
        return 0.0
