"""Pages answer junk with a refusal, never with a fault; what a signed-in person saw is kept by no browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Post, User
from cases.models import Case
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.incidents.moves import assigned

BrowserOf = Callable[[Post | User], Client]
NUL, BIG = "a\0b", "9" * 30
NAMES = (
    "q", "state", "category", "place", "office", "department", "division", "opened_from", "supervision", "overdue",
    "order", "bucket", "after", "before", "show", "number", "action", "within", "level", "page", "words",
)  # fmt: skip
PAGES = (
    "incidents:list", "incidents:desk", "incidents:todo", "incidents:overdue", "incidents:points", "incidents:csv",
    "incidents:map", "incidents:bulk", "incidents:duplicates", "incidents:report_fields", "cases:notices",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("junk", [NUL, BIG, "٣"], ids=["nul", "big", "arabic"])
def test_no_address_of_junk_is_a_fault(
    page: str, junk: str, cast: Cast, category: Any, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.township)
    for name in NAMES:
        query = {"action": "assign"} | {name: junk} if page == "incidents:bulk" else {name: junk}
        answer: Any = client.get(reverse(page), query)
        assert answer.status_code < 500, name
        if answer.streaming:
            b"".join(answer.streaming_content)


@pytest.fixture
def case(cast: Cast, new_case: NewCase) -> Case:
    return assigned(new_case(cast.worker), cast)


@pytest.mark.parametrize("junk", [NUL, BIG], ids=["nul", "big"])
def test_no_form_of_junk_is_a_fault(junk: str, case: Case, cast: Cast, browser_of: BrowserOf) -> None:
    client = browser_of(cast.township)
    actions = {
        "merge": ("target", "note"), "link": ("target",), "reassign": ("handler", "co_handlers", "copies", "reason"),
        "copy": ("copies",), "suspend": ("until", "reason", "suspend_ground"), "urge": ("note",), "note": ("note",),
    }  # fmt: skip
    for action, names in actions.items():
        for name in (*names, "seen", "since", "idempotency_key"):
            answer = client.post(reverse("incidents:action", args=[case.number, action]), {name: junk})
            assert answer.status_code < 500, (action, name)
    forms: tuple[tuple[str, dict[str, str]], ...] = (
        (reverse("cases:read_notices"), {"id": junk}),
        (reverse("cases:keep_filter"), {"kind": "incident", "query": "urgent=on", "name": junk}),
        (reverse("cases:keep_filter"), {"kind": "incident", "query": f"q={junk}", "name": "一"}),
        (reverse("incidents:reveal", args=[case.number]), {"reason": junk}),
        (reverse("incidents:bulk"), {"action": "urge", "number": junk, "note": "请抓紧"}),
        (reverse("incidents:bulk"), {"action": "merge", "number": case.number, "target": junk}),
        (reverse("accounts:switch_post"), {"post": junk}),
        (reverse("accounts:language"), {"language": junk, "next": junk}),
    )
    for address, sent in forms:
        assert client.post(address, sent).status_code < 500, (address, sent)


def test_a_search_of_a_thousand_words_costs_no_more_than_one_of_a_few(
    cast: Cast, browser_of: BrowserOf
) -> None:
    client, began = browser_of(cast.township), time.monotonic()
    assert client.get("/places/search/", {"q": "a " * 1000}).status_code == 200
    assert time.monotonic() - began < 2


def test_what_a_signed_in_person_saw_is_kept_by_no_browser(
    case: Case, cast: Cast, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.township)
    pages = [
        reverse(page) for page in ("incidents:list", "incidents:desk", "cases:notices", "accounts:profile")
    ]
    for address in (*pages, case.get_absolute_url(), f"/api/v1/incidents/{case.number}/"):
        said = client.get(address)
        assert said.status_code == 200
        assert "no-store" in said.get("Cache-Control", ""), address
