"""The role of web and worker: all their work can be done as it, and none of it can touch what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from cases import deadlines, grants, idempotency, outbox, personal, workflow
from cases.events import broken_entries
from cases.idempotency import Done, once
from cases.models import Case
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.conftest import Clock

ROLE = "gezhi_app"


@pytest.fixture
def app_role(cast: Cast, workdays: None) -> Iterator[None]:
    """From here on as the role that web and worker connect as, with the rights that `apply_grants` gives."""
    grants.apply(ROLE)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.fixture
def case(clock: Clock, category: Any, app_role: None, new_case: NewCase) -> Case:
    return new_case(reporter_name="李四", reporter_phone="00012345678")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE cases_caseevent SET data = '{}'",
        "UPDATE cases_caseevent SET hash = ''",
        "DELETE FROM cases_caseevent",
        "TRUNCATE cases_caseevent CASCADE",
        "DELETE FROM cases_eventtext",
        "TRUNCATE cases_eventtext",
        "DELETE FROM cases_personalvalue",
        "TRUNCATE cases_personalvalue",
        "UPDATE accounts_adminevent SET data = '{}'",
        "DELETE FROM accounts_adminevent",
        "TRUNCATE accounts_adminevent CASCADE",
        "ALTER TABLE cases_caseevent DISABLE TRIGGER ALL",
        "DROP TRIGGER cases_event_append_only ON cases_caseevent",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (a int)",
        "DELETE FROM django_migrations",
    ],
)
def test_the_role_is_refused(case: Case, statement: str) -> None:
    refused = pytest.raises(DatabaseError, match=r"permission denied|must be owner")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(broken_entries(Case.objects.get(pk=case.pk))) == []


def test_the_role_passes_the_check_at_start_and_a_wider_one_does_not(case: Case) -> None:
    assert grants.problems() == []
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert grants.problems() == ["is a superuser"]


def test_a_right_given_too_many_is_seen_at_start(app_role: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"GRANT DELETE ON cases_caseevent TO {ROLE}")
        cursor.execute(f"SET ROLE {ROLE}")
    assert grants.problems() == ["may change or delete in cases_caseevent"]


def test_all_the_work_can_be_done_as_the_role(case: Case, cast: Cast, clock: Clock, settings: Any) -> None:
    settings.GEZHI_WEBHOOK_URL = ""
    User.objects.filter(pk=cast.officer.user_id).update(email="officer@example.org")
    workflow.advance(case, "file", by=cast.township, data={"note": "立案"})
    handler = f"department:{cast.departments.urban.pk}"
    answer = once(
        cast.township.user,
        "k",
        "POST",
        "/",
        "b",
        lambda: Done(200, {}, assigned(case, cast, handler)),
    )
    assert answer == (200, {})
    clock.forward(days=30)
    assert deadlines.ring_due() > 0
    assert outbox.send_waiting() > 0
    assert mail.outbox
    assert personal.reveal(case, by=cast.officer, reason="回访")["reporter_name"] == "李四"
    assert list(personal.rotate()) == [2]
    clock.forward(days=1)
    assert idempotency.sweep(clock.at) == 1
    Case.objects.filter(pk=case.pk).update(state="archived", closed_at=clock.at - timedelta(days=5000))
    call_command("anonymise", "--do")
    call_command("verify_record")
    assert personal.masked(case)["reporter_name"] == ""


def assigned(case: Case, cast: Cast, handler: str) -> Case:
    workflow.advance(case, "assign", by=cast.township, data={"handler": handler})
    return case
