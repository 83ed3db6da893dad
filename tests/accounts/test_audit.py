"""The record of administration and of sign-ins, as the auditor sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from accounts import services
from accounts.models import Post, User
from tests.accounts.test_sign_in import sign_in
from tests.cast import PASSWORD, Cast

pytestmark = pytest.mark.usefixtures("clock")
Browser = Callable[[Post | User], Client]
TODAY = date(2026, 11, 18)
GOOD = "Xingan-2026-Qingshan"


def test_the_record_is_shown_filtered_and_checked(cast: Cast, browser_of: Browser) -> None:
    services.create_user(username="wangxin", name="新人甲", by=cast.sysadmin.user)
    services.end_post(cast.mediator, on=TODAY, by=cast.secadmin.user)
    client = browser_of(cast.auditor)

    def found(**query: str) -> list[str]:
        return [row["event"].action for row in client.get("/audit/", query).context["rows"]]

    assert found() == ["post.ended", "user.created"]
    assert found(action="user.created") == ["user.created"] == found(q="新人")
    assert found(q="secadmin") == ["post.ended"]
    assert found(since="2026-11-18", until="2026-11-18") == found()
    assert found(until="2026-11-17") == []
    page = client.get("/audit/", {"check": "all"}).content.decode()
    assert "全部 2 条记录首尾相连，没有改动。" in page


def test_the_auditor_sees_who_signed_in_and_who_failed(cast: Cast, browser_of: Browser) -> None:
    sign_in(Client(), "worker", PASSWORD)
    for _ in range(5):
        sign_in(Client(), "village", "wrong")
    client = browser_of(cast.auditor)
    rows = client.get("/audit/sign-ins/", {"q": "worker"}).context["page"]
    assert [row.username for row in rows] == ["worker"]
    failed = client.get("/audit/sign-ins/", {"show": "failed"}).context["page"]
    assert [(row.username, row.locked_out) for row in failed] == [("village", n == 0) for n in range(5)]


def test_a_broken_record_is_said_loudly(cast: Cast, browser_of: Browser) -> None:
    services.end_post(cast.mediator, on=TODAY, by=cast.secadmin.user)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE accounts_adminevent SET actor_id = %s", [cast.worker.user.pk])
        cursor.execute("SET session_replication_role = origin")
    page = browser_of(cast.auditor).get("/audit/").content.decode()
    assert "第 1 条与前后不能衔接" in page
