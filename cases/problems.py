"""One reading of every refusal: which status, which stable code, which words. Pages and API both use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import Http404, UnreadablePostError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as drf

from accounts import errors as accounts
from cases.errors import CaseError, Incomplete, WrongState
from grids import errors as grids

TITLES: Final = {
    400: _("请求有误"),
    401: _("需要登录"),
    403: _("您的岗位不能这样办理"),
    404: _("没有找到"),
    405: _("这个地址不支持这种请求"),
    406: _("不提供这种格式"),
    409: _("情况已经变了"),
    413: _("内容太大"),
    415: _("不接受这种格式"),
    422: _("有内容需要补充或改正"),
    429: _("请求太频繁"),
    500: _("系统出错了"),
}
_INCOMPLETE: Final = _("有内容需要补充或改正。")
_TOO_LARGE: Final = _("提交的内容太大。请减少文字，或者把文件分几次上传。")
_NOT_FOUND: Final = _("没有找到这个页面或事项，或者它不在您的岗位范围内。")
_NOT_ALLOWED: Final = _("您现在的岗位不能这样办理。")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: `detail` and `errors` by field for people, `status`, `code`, `state`, `extra` for programs."""

    status: int
    code: str
    detail: str | Promise
    errors: Mapping[str, list[str]] = field(default_factory=dict)
    state: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str | Promise:
        return TITLES.get(self.status, TITLES[400])


def problem_of(error: BaseException) -> Problem | None:
    """The problem that an exception stands for; None for one that is a fault of the program."""
    if isinstance(error, CaseError):
        return _of_case(error)
    if isinstance(error, accounts.DomainError):
        return _of_account(error)
    if isinstance(error, grids.PlaceError):
        errors = getattr(error, "errors", {})
        return Problem(error.status, error.code, _INCOMPLETE if errors else str(error), errors)
    if isinstance(error, drf.APIException):
        return _of_rest(error)
    return _of_django(error)


def _of_case(error: CaseError) -> Problem:
    return Problem(
        error.status,
        error.code,
        error.message,
        _named(error.errors) if isinstance(error, Incomplete) else {},
        error.state if isinstance(error, WrongState) else "",
        extra=error.extra if isinstance(error, Incomplete) else {},
    )


def _named(errors: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """A form calls what concerns the whole of it `__all__`; everybody else leaves the name empty."""
    return {"" if name == "__all__" else name: messages for name, messages in errors.items()}


def _of_account(error: accounts.DomainError) -> Problem:
    if isinstance(error, accounts.Invalid):
        whole = "".join(error.errors.get("", []))
        return Problem(422, "incomplete", whole or _INCOMPLETE, error.errors)
    return Problem(403, "not_allowed", str(error) or _NOT_ALLOWED)


def _of_django(error: BaseException) -> Problem | None:
    if isinstance(error, Http404):
        return Problem(404, "not_found", _NOT_FOUND)
    if isinstance(error, PermissionDenied):
        return Problem(403, "not_allowed", str(error) or _NOT_ALLOWED)
    if isinstance(error, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return Problem(413, "too_large", _TOO_LARGE)
    if isinstance(error, (SuspiciousOperation, UnreadablePostError)):
        return Problem(400, "bad_request", _("请求不完整或者不对，没有办理。请重新提交。"))
    return None


def _of_rest(error: drf.APIException) -> Problem:
    """What the REST framework itself raises; its validation errors are 422 here, like those of forms."""
    if isinstance(error, drf.ValidationError):
        return Problem(422, "incomplete", _INCOMPLETE, by_field(error.detail))
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "bad_request"
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(error.auth_header)  # type: ignore[attr-defined]
    wait: float | None = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(int(wait))
    if code == drf.PermissionDenied.default_code:
        code = "not_allowed"
    return Problem(error.status_code, code, str(error.detail), headers=headers)


def by_field(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """A nested structure of messages as one level: "fields.depth" to its messages; "" is the whole."""
    if isinstance(detail, Mapping):
        found: dict[str, list[str]] = {}
        for name, inner in detail.items():
            part = "" if name == "non_field_errors" else str(name)
            found |= by_field(inner, ".".join(filter(None, (prefix, part))))
        return found
    if isinstance(detail, list) and any(isinstance(item, (Mapping, list)) for item in detail):
        rows = [by_field(item, f"{prefix}.{number}".strip(".")) for number, item in enumerate(detail) if item]
        return {name: messages for row in rows for name, messages in row.items()}
    messages = detail if isinstance(detail, list) else [detail]
    return {prefix: [str(message) for message in messages]}
