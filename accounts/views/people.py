"""Accounts, as administrators see and handle them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import lists, services
from accounts.errors import Invalid
from accounts.forms import NewUserForm, PeopleFilter, attempt
from accounts.guards import only
from accounts.http import PostRequest
from accounts.models import User
from accounts.roles import Role
from grids import clock

T = TypeVar("T")

PER_PAGE = 50
people_only = only(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN)
system_only = only(Role.SYSTEM_ADMIN)


def told(request: HttpRequest, change: Callable[[], T]) -> T | None:
    """The outcome of a press without a form; None when a rule refused it, which is then said on the next page."""
    try:
        return change()
    except Invalid as error:
        for reason in (reason for reasons in error.errors.values() for reason in reasons):
            messages.error(request, reason)
        return None


@people_only
def people(request: PostRequest) -> HttpResponse:
    """Everybody with an account, by user name, with the posts held today."""
    form = PeopleFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    today = clock.today()
    found = lists.people(chosen, today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/people.html", {"form": form, "page": page})


@people_only
def person(request: PostRequest, pk: int) -> HttpResponse:
    """One account with all its posts, past and to come, and what may be done."""
    found = get_object_or_404(User, pk=pk)
    posts = found.posts.with_places().order_by("-starts_on", "-pk")
    context = {"person": found, "held": posts, "today": clock.today(), "oneself": found == request.user}
    return render(request, "accounts/person.html", context)


@never_cache
@system_only
def new_person(request: PostRequest) -> HttpResponse:
    """Makes an account and shows its one-time link, once."""
    form = NewUserForm(request.POST or None)
    made: list[tuple[User, str]] = []
    if attempt(form, lambda data: made.append(services.create_user(**data, by=request.user))):
        return show_link(request, *made[0])
    return render(request, "accounts/person_new.html", {"form": form})


@never_cache
@require_POST
@system_only
def new_link(request: PostRequest, pk: int) -> HttpResponse:
    """A new one-time link for somebody who has forgotten the password."""
    found = get_object_or_404(User, pk=pk)
    secret = told(request, lambda: services.issue_one_time_link(found, by=request.user))
    return show_link(request, found, secret) if secret else redirect("accounts:person", pk=pk)


def show_link(request: HttpRequest, person: User, secret: str) -> HttpResponse:
    hours = settings.ONE_TIME_LINK_HOURS
    link = request.build_absolute_uri(reverse("accounts:first_password", args=[secret]))
    return render(request, "accounts/link_shown.html", {"person": person, "link": link, "hours": hours})


@require_POST
@system_only
def stop_person(request: PostRequest, pk: int) -> HttpResponse:
    """Deactivates an account."""
    found = get_object_or_404(User, pk=pk)
    if told(request, lambda: services.deactivate_user(found, by=request.user)):
        messages.success(request, _("账号已停用，其登录、接口令牌和一次性链接立即失效。"))
    return redirect("accounts:person", pk=pk)


@require_POST
@system_only
def restart_person(request: PostRequest, pk: int) -> HttpResponse:
    """Opens a deactivated account again."""
    found = get_object_or_404(User, pk=pk)
    if told(request, lambda: services.reactivate_user(found, by=request.user)):
        messages.success(request, _("账号已恢复。"))
    return redirect("accounts:person", pk=pk)
