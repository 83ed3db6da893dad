"""Posts: listed for administrators; given, ended and handed over by the security administrator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts import lists, services
from accounts.forms import (
    ActingForm,
    EndPostForm,
    GivePostForm,
    HandOverForm,
    PostsFilter,
    attempt,
)
from accounts.guards import only
from accounts.http import PostRequest
from accounts.models import Post, User
from accounts.roles import Role
from accounts.views.people import PER_PAGE, people_only
from grids import clock

security_only = only(Role.SECURITY_ADMIN)
A_DAY = timedelta(days=1)


@people_only
def posts(request: PostRequest) -> HttpResponse:
    """Posts by role and place: who holds what, who acts for whom, what ends soon."""
    form = PostsFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    today = clock.today()
    found = lists.posts(chosen, today)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/posts.html", {"form": form, "page": page, "today": today})


@security_only
def give_post(request: PostRequest, pk: int) -> HttpResponse:
    """Gives somebody a post."""
    person = get_object_or_404(User, pk=pk)
    form = GivePostForm(request.POST or None)
    if attempt(form, lambda data: services.give_post(person, by=request.user, **given(data))):
        messages.success(request, _("岗位已任命。"))
        return redirect("accounts:person", pk=pk)
    return render(request, "accounts/post_give.html", {"form": form, "person": person})


def given(data: dict[str, Any]) -> dict[str, Any]:
    """What the service takes of the form: a place typed for a department officer is none."""
    return {**{key: value for key, value in data.items() if key != "place"}, "role": Role(data["role"])}


@security_only
def end_post(request: PostRequest, pk: int) -> HttpResponse:
    """Ends a post on a day."""
    post = get_object_or_404(Post.objects.with_places(), pk=pk)
    form = EndPostForm(request.POST or None, initial={"on": clock.today()})
    if attempt(form, lambda data: services.end_post(post, on=data["on"], by=request.user)):
        messages.success(request, _("岗位已终止。"))
        return redirect("accounts:person", pk=post.user_id)
    return render(request, "accounts/post_end.html", {"form": form, "post_": post})


@security_only
def hand_over_post(request: PostRequest, pk: int) -> HttpResponse:
    """Hands a post over to somebody else."""
    post = get_object_or_404(Post.objects.with_places(), pk=pk)
    form = HandOverForm(request.POST or None, initial={"on": clock.today() + A_DAY})
    if attempt(form, lambda data: services.hand_over_post(post, by=request.user, **data)):
        messages.success(request, _("岗位已移交。"))
        return redirect("accounts:person", pk=post.user_id)
    return render(request, "accounts/post_hand_over.html", {"form": form, "post_": post})


@security_only
def acting_post(request: PostRequest, pk: int) -> HttpResponse:
    """Lets somebody act in a post for a set time (代理)."""
    post = get_object_or_404(Post.objects.with_places(), pk=pk)
    form = ActingForm(request.POST or None, initial={"starts_on": clock.today()})
    if attempt(form, lambda data: services.give_acting_post(post, by=request.user, **data)):
        messages.success(request, _("代理岗位已任命。"))
        return redirect("accounts:person", pk=post.user_id)
    return render(request, "accounts/post_acting.html", {"form": form, "post_": post})
