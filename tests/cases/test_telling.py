"""Who finds an entry in the inbox, and what goes outside for it."""

from __future__ import annotations

import uuid

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts.models import User
from cases import events, notices
from cases.models import Case, CaseEvent, Delivery, Notice
from tests.cast import Cast
from tests.conftest import Clock


@pytest.fixture
def entries(idle: Case, clock: Clock, cast: Cast) -> list[CaseEvent]:
    """Two entries of a person's."""
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=idle.pk)
        return [
            events.append(case, "attachment.added", by=cast.township, at=clock.at, cause=uuid.uuid4())
            for _ in range(2)
        ]


def test_who_wrote_an_entry_is_not_told_of_it_and_all_others_once(
    entries: list[CaseEvent], cast: Cast, clock: Clock
) -> None:
    people = {cast.township.user, cast.worker.user, cast.officer.user}
    notices.tell_all([(entries[0], people), (entries[1], [cast.worker.user])])
    notices.tell(entries[0], people)
    found = Notice.objects.filter(event__in=entries).order_by("event__seq", "recipient")
    assert list(found.values_list("event", "recipient", "case", "created_at", "read_at")) == [
        (entries[0].pk, pk, entries[0].case_id, clock.at, None)
        for pk in sorted([cast.worker.user_id, cast.officer.user_id])
    ] + [(entries[1].pk, cast.worker.user_id, entries[1].case_id, clock.at, None)]


def test_mail_goes_to_those_with_an_address_and_the_webhook_hears_once_of_each_entry(
    entries: list[CaseEvent], cast: Cast, clock: Clock, settings: Settings
) -> None:
    settings.GEZHI_WEBHOOK_URL = "https://example.org/hook"
    User.objects.filter(pk=cast.worker.user_id).update(email="worker@example.org")
    people = list(User.objects.filter(pk__in=[cast.worker.user_id, cast.officer.user_id]))
    for _again in range(2):
        notices.tell_all((entry, people) for entry in entries)
    found = Delivery.objects.filter(event__in=entries).order_by("event__seq", "channel")
    assert list(found.values_list("event", "recipient", "channel", "next_at", "attempts", "error")) == [
        row
        for entry in entries
        for row in (
            (entry.pk, cast.worker.user_id, "email", clock.at, 0, ""),
            (entry.pk, None, "webhook", clock.at, 0, ""),
        )
    ]


def test_an_entry_that_nobody_is_told_of_goes_nowhere(
    entries: list[CaseEvent], cast: Cast, settings: Settings
) -> None:
    settings.GEZHI_WEBHOOK_URL = "https://example.org/hook"
    notices.tell(entries[0], [cast.township.user])
    assert not Notice.objects.filter(event=entries[0]).exists()
    assert not Delivery.objects.filter(event=entries[0]).exists()
