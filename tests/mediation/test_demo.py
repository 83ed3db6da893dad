"""The disputes of the demo city: every tier, way and end is there, and all of it could have happened."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count

from accounts.models import Post, User
from cases import deadlines, events
from cases.models import Case, CaseEvent, CaseLink, Deadline
from grids import clock
from mediation import choices as c
from mediation import queues
from mediation.models import (
    Attempt,
    Committee,
    Confirmation,
    Docket,
    Expert,
    Mediation,
    Promise,
    RoutesNotice,
    Session,
    Subsidy,
)
from mediation.tables import expert_fields
from mediation.workflow import STATES, SUBSIDY_STATES, WITHOUT

DATA = Path(__file__).resolve().parents[2] / "data" / "demo" / "disputes.json"


@pytest.fixture
def city(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo city with few incidents and all disputes."""
    monkeypatch.setenv("GEZHI_DEMO_PASSWORD", "only-for-this-test-9")
    settings.VAR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    call_command("load_demo", incidents=120, days=20)


def check_ends() -> None:
    assert Mediation.objects.count() >= 200
    states = Counter(Case.objects.unscoped().filter(kind="mediation").values_list("state", flat=True))
    assert set(states) == set(STATES)
    assert states["closed"] >= 70 and sum(states[s] for s in STATES if s not in ("closed", *WITHOUT)) >= 50
    assert set(Mediation.objects.values_list("kind", flat=True)) == set(c.Kind.values)
    assert set(Mediation.objects.values_list("source", flat=True)) == set(c.Source.values)
    assert set(Docket.objects.values_list("tier", flat=True)) == set(c.Tier.values)
    assert set(Docket.objects.exclude(way="").values_list("way", flat=True)) == set(c.Way.values)
    assert {"performed", "breached"} <= set(Mediation.objects.values_list("ending", flat=True))
    assert {"applied", "confirmed", "rejected"} <= set(Confirmation.objects.values_list("state", flat=True))
    assert set(Subsidy.objects.values_list("state", flat=True)) == set(SUBSIDY_STATES)
    assert {"kept", "broken", "open"} <= set(Promise.objects.values_list("state", flat=True))
    assert len(set(Mediation.objects.values_list("colour", flat=True))) == 6


def check_law() -> None:
    """Never more than three attempts a tier; whatever ended has its notice or its agreement; no tier is left out unsaid."""
    tries = Attempt.objects.values("docket__case", "docket__tier").annotate(n=Count("pk"))
    assert max(row["n"] for row in tries) == 3
    for case in Case.objects.unscoped().filter(kind="mediation").exclude(closed_at=None):
        agreed = Attempt.objects.filter(docket__case=case, agreement__state="effective").exists()
        assert RoutesNotice.objects.filter(case=case).exists() == (case.state in WITHOUT) == (not agreed), (
            case
        )
    for docket in Docket.objects.filter(way="skipped"):
        reason = CaseEvent.objects.get(case=docket.case, verb="mediation.passed_up", data__way="skipped")
        assert reason.words.text
    for subsidy in Subsidy.objects.exclude(decided_by=None):
        assert subsidy.decided_by is not None
        assert subsidy.decided_by.user_id not in (subsidy.claimed_by.user_id, subsidy.payee.user_id)


def check_record() -> None:
    cases = list(Case.objects.unscoped().filter(kind="mediation"))
    assert not [broken for case in cases for broken in events.broken_entries(case)]
    assert deadlines.recompute_all() == []
    numbers: Any = Docket.objects.exclude(serial=None).values_list("committee", "year", "serial")
    for committee in Committee.objects.all():
        for year in {year for pk, year, _n in numbers if pk == committee.pk}:
            given = sorted(n for pk, y, n in numbers if pk == committee.pk and y == year)
            assert given == list(range(1, len(given) + 1)), committee
    assert Deadline.objects.filter(case__kind="mediation", missed_at__isnull=False).exists()


def check_today() -> None:
    """Whoever looks at it finds something to do, and meetings to come."""
    for name in ("mediator", "mediator7", "mediator15"):
        post = User.objects.get(username=name).posts.get()
        assert queues.items(post), name
    centre = User.objects.get(username="centre").posts.get()
    assert queues.items(centre)
    now = clock.now()
    assert (
        Session.objects.filter(state="planned", starts_at__range=(now, now + timedelta(days=10))).count() >= 3
    )
    assert Expert.objects.count() >= 10
    known = {field for row in Expert.objects.all() for field in row.fields}
    assert known == set(expert_fields())
    assert Post.objects.filter(role="mediator").count() >= 30


@pytest.mark.usefixtures("city")
def test_the_disputes_of_the_demo_are_whole() -> None:
    check_ends()
    check_law()
    check_record()
    check_today()
    links = CaseLink.objects.filter(kind="mediation").select_related("source", "target")
    assert links and {link.source.kind for link in links} == {"incident"}


def test_no_person_or_firm_is_named() -> None:
    texts = json.loads(DATA.read_text(encoding="utf-8"))
    named = re.compile(
        r"[0-9]{7,}|[赵钱孙李周吴郑王冯陈张刘黄徐胡](某|先生|女士|师傅|大爷|大妈)|有限公司|集团"
    )
    words = json.dumps({name: texts[name] for name in ("disputes", "common")}, ensure_ascii=False)
    assert not named.search(words)
    assert len({row["kind"] for row in texts["disputes"].values()}) == 15
