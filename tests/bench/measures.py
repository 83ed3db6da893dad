"""What is measured. Each figure stands beside a bare one taken in the same run, so that machines can be compared."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.middleware import SESSION_KEY
from accounts.models import Post
from accounts.services import issue_api_token
from cases import deadlines
from cases.models import Case, DeadlineMark
from grids import clock
from incidents.models import Category, Incident
from incidents.services import Report, report

TURNS = 15
MOST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the result."""

    what: str
    ours: str
    bare: str
    ratio: float
    note: str = ""


def times(do: Callable[[], object], turns: int = TURNS) -> float:
    """The median of some turns, in milliseconds; the first, which warms up, is not counted."""
    do()
    found = []
    for _turn in range(turns):
        began = perf_counter()
        do()
        found.append((perf_counter() - began) * 1000)
    return median(found)


def report_of(number: int) -> Report:
    worker = Post.objects.get(user__username="worker")
    assert worker.division is not None
    return Report(
        category=Category.objects.get(code="1101"),
        title=f"路口积水第{number}处",
        place=worker.division,
        description="雨后积水，行人绕行",
    )


def holder(username: str) -> Post:
    return Post.objects.select_related("user").get(user__username=username)


def browser(post: Post) -> Client:
    """Signed in, acting under a post."""
    client = Client()
    client.force_login(post.user)
    session = client.session
    session[SESSION_KEY] = post.pk
    session.save()
    return client


def locating() -> Figure:
    """A position's grid among 10,000, against the bare search tree."""
    out = io.StringIO()
    call_command("bench_locate", stdout=out)
    found = json.loads(out.getvalue())
    ours, bare = found["median_us"], found["bare_strtree_median_us"]
    return Figure("point to grid, 10,000 grids", f"{ours} µs", f"{bare} µs", found["ratio"])


def page(what: str, address: str, bare: Callable[[], object]) -> Figure:
    """A page, against the one query that brings what it is about; the note parts database from the rest."""
    client = browser(holder("township"))

    def get() -> None:
        assert client.get(address).status_code == 200

    ours, plain = times(get), times(bare)
    with CaptureQueriesContext(connection) as queries:
        get()
    asked = sum(float(query["time"]) for query in queries.captured_queries) * 1000
    note = f"{len(queries)} queries {asked:.0f} ms, template and the rest {max(0.0, ours - asked):.0f} ms"
    return Figure(what, f"{ours:.1f} ms", f"{plain:.1f} ms", round(ours / plain, 1), note)


def list_page() -> Figure:
    user = holder("township").user
    found = Incident.objects.visible_to(user).select_related("case", "category").order_by("-case__opened_at")
    return page("list page, 50 rows", "/incidents/", lambda: list(found.all()[:50]))


def case_page() -> Figure:
    case = Case.objects.unscoped().order_by("pk").first()
    assert case is not None
    bare = Case.objects.unscoped().filter(pk=case.pk).select_related("incident", "place", "office")
    return page("case page", case.get_absolute_url(), lambda: bare.all().get())


def ringing(marks: list[int]) -> Figure:
    """A backlog of ends, against one bare UPDATE each, both with a transaction for each."""
    began, rung = perf_counter(), 0
    while rung < len(marks) and perf_counter() - began < MOST_SECONDS:
        rung += deadlines.ring_due(limit=250)
    ours = rung / (perf_counter() - began)
    now, some = clock.now(), marks[:1000]
    began = perf_counter()
    for pk in some:
        DeadlineMark.objects.filter(pk=pk).update(hold_until=now)
    bare = len(some) / (perf_counter() - began)
    note = f"{rung} of {len(marks)} rung"
    return Figure(
        f"backlog of {len(marks):,} ends", f"{ours:.0f}/s", f"{bare:.0f}/s", round(bare / ours, 1), note
    )


def reporting(count: int = 60) -> Figure:
    """Reports over the API, against the service alone."""
    worker = holder("worker")
    client = APIClient()
    client.credentials(
        HTTP_AUTHORIZATION=f"Token {issue_api_token(worker.user)}", HTTP_X_GEZHI_POST=str(worker.pk)
    )
    assert worker.division is not None
    body: dict[str, Any] = {"category": "1101", "title": "井盖松动", "grid": worker.division.code}

    def post() -> None:
        answer = client.post("/api/v1/incidents/", body, format="json")
        assert answer.status_code == 201, answer.content

    ours = times(post, count)
    bare = times(lambda: report(report_of(0), by=worker), count)
    rate = 1000 / ours
    return Figure(
        "report by the API", f"{ours:.1f} ms", f"{bare:.1f} ms", round(ours / bare, 1), f"{rate:.0f}/s in one thread"
    )  # fmt: skip
