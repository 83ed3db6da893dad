"""The demo city: real services made it, so that everything in it could have happened."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from accounts.models import AdminEvent, User
from cases import deadlines, events, workflow
from cases.models import Case, CaseEvent, Deadline, DeadlineMark, Delivery, EventText, Notice
from grids import clock
from grids.models import Division, Grid
from incidents.demo import steps
from incidents.models import Incident
from incidents.workflow import DUTIES, STATES

PASSWORD = "only-for-this-test-9"
PEOPLE = ("worker", "village", "township", "secretary", "centre", "centre2", "officer", "committee", "mediator",
          "sysadmin", "secadmin", "auditor", "worker2", "village2", "township2", "officer2")  # fmt: skip


@pytest.fixture
def place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty GEZHI_VAR, and a password that is known beforehand."""
    monkeypatch.setenv("GEZHI_DEMO_PASSWORD", PASSWORD)
    settings.VAR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    return tmp_path


def sound() -> None:
    """The record holds nothing but moves of the table, in order, and no kept row was lost on its way."""
    now = clock.now()
    assert not CaseEvent.objects.filter(at__gt=now).exists()
    table = workflow.of("incident")
    rows = {(row.verb, state) for row in table.rows for state in row.sources}
    moves = CaseEvent.objects.filter(case__kind="incident").exclude(from_state="")
    for event in moves.exclude(verb__startswith="deadline."):
        assert (event.verb, event.from_state) in rows, event
    cases = list(Case.objects.unscoped())
    assert not [broken for case in cases for broken in events.broken_entries(case)]
    last = {event.case_id: event for event in CaseEvent.objects.exclude(to_state="").order_by("seq")}
    assert {case.pk: case.state for case in cases} == {pk: event.to_state for pk, event in last.items()}
    assert Incident.objects.count() == len([case for case in cases if case.kind == "incident"])
    assert EventText.objects.count() == CaseEvent.objects.exclude(text_digest="").count()
    assert not DeadlineMark.objects.filter(at__lte=now - timedelta(minutes=10), taken_at=None).exists()
    assert not Delivery.objects.exists()
    assert Notice.objects.exists() and not Notice.objects.filter(created_at__gt=now).exists()
    assert deadlines.recompute_all() == []


@pytest.mark.django_db
def test_a_short_history_is_sound_and_is_loaded_once(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo", incidents=25, days=12, disputes=0)
    sound()
    assert set(Case.objects.unscoped().values_list("state", flat=True)) >= {
        "reported",
        "archived",
        "fed_back",
    }
    kept = place / "demo-accounts.txt"
    assert kept.stat().st_mode & 0o777 == 0o600
    capsys.readouterr()
    call_command("demo_accounts")
    printed = capsys.readouterr().out
    assert PASSWORD in printed and "worker2" in printed
    before = User.objects.count(), CaseEvent.objects.count()
    call_command("load_demo")
    assert (User.objects.count(), CaseEvent.objects.count()) == before


@pytest.mark.django_db
def test_an_interrupted_load_leaves_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: Any, **more: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(steps, "settle_on_spot", interrupted)
    with pytest.raises(KeyboardInterrupt):
        call_command("load_demo", incidents=25, days=12, disputes=0)
    assert not any(model.objects.exists() for model in (User, Division, AdminEvent, Incident, CaseEvent))
    assert not (place / "demo-accounts.txt").exists()


def told() -> list[tuple[Any, ...]]:
    """The history without what is random by design: salts, hashes and numbers."""
    found = CaseEvent.objects.order_by("pk").values_list(
        "at", "verb", "case__title", "actor__username", "to_state", "words__text"
    )
    return list(found)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_same_seed_and_the_same_end_tell_the_same_history(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end, histories = clock.now(), []
    monkeypatch.setattr(clock, "_database_time", lambda: end)
    for _turn in range(2):
        with transaction.atomic():
            call_command("load_demo", incidents=150, days=40, disputes=0)
            histories.append(told())
            transaction.set_rollback(True)
    assert histories[0] == histories[1] and len(histories[0]) > 500


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_city_is_whole_and_its_people_can_sign_in(place: Path) -> None:
    call_command("load_demo")
    sound()
    assert Division.objects.filter(level="township").count() == 34
    assert Division.objects.filter(level="village").count() == 609
    assert Grid.objects.count() >= 1800
    assert Incident.objects.count() >= 1500
    incidents = Case.objects.unscoped().filter(kind="incident")
    states = Counter(incidents.values_list("state", flat=True))
    assert set(states) == set(STATES) and states["archived"] > 1000
    owed = Deadline.objects.filter(deadlines.OPEN, paused_at=None, case__kind="incident")
    missed = set(owed.filter(missed_at__isnull=False).values_list("duty", flat=True))
    assert missed == set(DUTIES) - {"suspension"}
    soon = owed.filter(missed_at=None, due_at__lt=clock.now() + timedelta(hours=2))
    assert set(soon.values_list("duty", flat=True)) >= {"handle", "verify"}
    station = User.objects.get(username="officer").posts.get().department
    assert set(owed.filter(holder_department=station).values_list("duty", flat=True)) >= {"accept", "handle"}
    seen = {name: _signed_in(name) for name in PEOPLE}
    for name in ("worker", "village", "township", "officer", "secretary"):
        assert seen[name], name
        assert not seen[name] & seen.get(f"{name}2", set()), name


def _signed_in(name: str) -> set[str]:
    """The numbers of the matters that a demo person sees after signing in."""
    client = Client()
    answer = client.post("/login/", {"username": name, "password": PASSWORD}, follow=True)
    assert answer.status_code == 200 and answer.context["user"].username == name, name
    assert client.get("/", follow=True).status_code == 200
    return set(Case.objects.visible_to(answer.context["user"]).values_list("number", flat=True))
