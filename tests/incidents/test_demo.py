"""The demo city: real services made it, so that everything in it could have happened."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import User
from cases import deadlines, events, workflow
from cases.models import Case, CaseEvent, DeadlineMark
from grids import clock
from grids.models import Division, Grid

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def demo(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEZHI_DEMO_PASSWORD", "only-for-this-test-9")
    settings.VAR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    call_command("load_demo", incidents=140)


def test_the_demo_city_is_whole_and_its_people_can_sign_in(demo: None) -> None:
    assert Division.objects.filter(level="township").count() == 34
    assert Division.objects.filter(level="village").count() == 609
    assert Grid.objects.count() >= 1800
    assert Case.objects.unscoped().count() >= 140
    now = clock.now()
    assert not CaseEvent.objects.filter(at__gt=now).exists()
    table = workflow.of("incident")
    rows = {(row.verb, state) for row in table.rows for state in row.sources}
    for event in CaseEvent.objects.exclude(from_state="").exclude(verb__startswith="deadline."):
        assert (event.verb, event.from_state) in rows, event
    assert not [broken for case in Case.objects.unscoped() for broken in events.broken_entries(case)]
    assert len(set(Case.objects.unscoped().values_list("state", flat=True))) >= 7
    assert deadlines.ring_due() <= DeadlineMark.objects.filter(taken_at__gte=now).count()
    for name in ("worker", "village", "township", "secretary", "centre", "officer", "committee", "mediator",
                 "sysadmin", "secadmin", "auditor", "worker2", "township2", "officer2"):  # fmt: skip
        client = Client()
        answer = client.post("/login/", {"username": name, "password": "only-for-this-test-9"}, follow=True)
        assert answer.status_code == 200 and answer.context["user"].username == name, name
    before = User.objects.count()
    call_command("load_demo")
    assert User.objects.count() == before
