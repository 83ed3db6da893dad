"""The answer to somebody whose account is locked after too many wrong passwords."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.forms import SignInForm, lock_minutes
from accounts.middleware import API_PATH


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """429 with the time to wait: the sign-in page, or a problem document (RFC 9457) for the API."""
    minutes = lock_minutes()
    reason = _("连续多次密码不正确，账号已锁定。请%(minutes)s分钟后再试，或请系统管理员签发一次性链接。") % {
        "minutes": minutes
    }
    if request.path.startswith(API_PATH):
        body = {
            "type": "urn:gezhi:error:locked",
            "title": _("账号已锁定"),
            "status": 429,
            "code": "locked",
            "detail": reason,
        }
        response: HttpResponse = JsonResponse(body, status=429, content_type="application/problem+json")
    else:
        form = SignInForm(request, initial={"username": (credentials or {}).get("username", "")})
        context = {"form": form, "locked": reason, "next": request.POST.get("next", "")}
        response = render(request, "accounts/login.html", context, status=429)
    response["Retry-After"] = str(minutes * 60)
    return response
