"""The whistles of the demo city: every state and outcome is there, and all of it could have happened."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import F

from accounts.models import DutyRosterEntry, Post, User
from accounts.roles import Role
from cases import deadlines, events, workflow
from cases.models import Attachment, Case, CaseEvent, CaseLink, Deadline, DeadlineMark
from grids import clock
from grids.models import Department
from incidents.catalogue import read_catalogue
from whistle.demo import plan
from whistle.models import Kind, Level, NegativeEntry, Outcome, Summons, Task, Whistle
from whistle.tables import subjects
from whistle.workflow import ENTRY_STATES

DATA = Path(__file__).resolve().parents[2] / "data"
RUNNING = ("sounded", "consulting", "working", "resolved")
TOPICS = {"illegal_building", "road_order", "resource_rights", "urban_construction", "collective_assets"}
BESIDES = {"draft", "submitted", "returned", "withdrawn", "stood_down"}


@pytest.fixture
def city(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo city with few incidents and all whistles."""
    monkeypatch.setenv("GEZHI_DEMO_PASSWORD", "only-for-this-test-9")
    settings.VAR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    call_command("load_demo", incidents=120, days=20, disputes=0)


def whistles(level: str = Level.TOWNSHIP) -> list[Whistle]:
    return list(Whistle.objects.filter(level=level).select_related("case__office"))


def of_history() -> list[Whistle]:
    """The twenty that ran or run."""
    return [row for row in whistles() if row.case.state not in BESIDES]


def check_states() -> None:
    states = Counter(row.case.state for row in whistles())
    assert states["closed"] == 12
    assert sum(states[state] for state in RUNNING) == 8
    assert all(states[state] for state in RUNNING)
    assert all(states[state] for state in BESIDES)
    assert not states["approved"] and not states["filed"]
    assert Counter(row.case.state for row in whistles(Level.VILLAGE)) == {"closed": 1, "working": 1}
    told = of_history()
    assert {row.subject for row in told} == TOPICS
    assert {row.kind for row in told} == set(Kind.values)
    assert len({row.case.office_id for row in told}) == 6
    opened = sorted(row.case.opened_at for row in told)
    assert opened[0] < clock.now() - timedelta(days=180)
    hours = {at.astimezone(clock.SHANGHAI).hour for at in opened}
    assert hours & {9, 10} and hours & {20, 21, 22, 23}
    assert len({row.matter for row in Whistle.objects.all()}) == Whistle.objects.count()


def check_departments() -> None:
    outcomes = Counter(Summons.objects.values_list("outcome", flat=True))
    assert outcomes[Outcome.LATE] >= 5 and outcomes[Outcome.ABSENT] >= 2
    assert outcomes[Outcome.ON_TIME] > outcomes[Outcome.LATE] + outcomes[Outcome.ABSENT]
    without_line = Summons.objects.exclude(pressed_at=None)
    assert without_line.filter(received_at__gte=F("due_at"), outcome=Outcome.ON_TIME).count() >= 2
    assert not without_line.filter(pressed_at__gte=F("due_at")).exists()
    verbs = set(CaseEvent.objects.filter(case__kind="whistle").values_list("verb", flat=True))
    assert verbs >= {
        "summons.called", "summons.unopened", "summons.disputed", "summons.arrival_accepted",
        "summons.arrival_rejected", "summons.released", "summons.rated", "task.redated", "task.progress",
        "whistle.sent_back", "whistle.returned", "whistle.instructed", "deadline.escalated", "negative.amended",
    }  # fmt: skip
    arrived = Summons.objects.exclude(received_at=None)
    photos = Attachment.objects.filter(event__verb="summons.reported").count()
    assert photos >= arrived.count() and all(row.distance is not None for row in arrived)
    assert not Summons.objects.filter(summoned_at__isnull=False, person=None).exists()
    overdue = Deadline.objects.filter(duty="task", case__kind="whistle", missed_at__isnull=False)
    assert overdue.filter(met_at=None).exists() and overdue.exclude(met_at=None).exists()
    assert set(Task.objects.values_list("state", flat=True)) == {"claimed", "done"}


def check_entries() -> None:
    entries = list(NegativeEntry.objects.select_related("confirmed_by", "summons__case"))
    assert {entry.state for entry in entries} == set(ENTRY_STATES)
    assert {entry.ground for entry in entries} == {"absent", "late", "no_effort"}
    lifted = next(entry for entry in entries if entry.state == "lifted")
    out = CaseEvent.objects.get(verb="negative.lifted")
    assert lifted.confirmed_at and out.at > lifted.confirmed_at + timedelta(days=180)
    for verb in ("negative.upheld", "negative.revoked"):
        decided = CaseEvent.objects.get(verb=verb)
        entry = next(e for e in entries if e.pk == decided.data["negative_entry"])
        assert entry.confirmed_by and decided.actor_id != entry.confirmed_by.user_id


def check_record() -> None:
    """Whole chains, moves of the tables alone, and every end that came is marked."""
    now = clock.now()
    cases = list(Case.objects.unscoped().filter(kind="whistle"))
    assert not [broken for case in cases for broken in events.broken_entries(case)]
    names = ("whistle", "summons", "task", "negative_entry")
    known = {row.verb for name in names for row in workflow.of(name).rows} | {
        "whistle.drafted",
        "summons.unopened",
        "negative.unappealed",
    }
    told = {event.verb for event in CaseEvent.objects.filter(case__kind="whistle")}
    assert {verb for verb in told if not verb.startswith("deadline.")} <= known
    waiting = Deadline.objects.filter(deadlines.OPEN, paused_at=None, case__kind="whistle")
    ends = waiting.filter(due_at__lte=now - timedelta(minutes=10)).exclude(duty="open")
    assert ends.exists() and not ends.filter(missed_at=None).exists()
    assert not DeadlineMark.objects.filter(at__lte=now - timedelta(minutes=10), taken_at=None).exists()
    assert deadlines.recompute_all() == []


def check_rosters() -> None:
    """Somebody is on duty in every department, from the first whistle on and for the next weeks."""
    departments = Department.objects.count()
    now = clock.now()
    for at in (now - timedelta(days=plan.DAYS), now - timedelta(days=100), now, now + timedelta(days=21)):
        assert DutyRosterEntry.objects.at(at).values("department").distinct().count() == departments, at
    officers = Post.objects.filter(role=Role.DEPARTMENT_OFFICER)
    for mark in ("is_head", "is_leader_on_duty"):
        assert officers.filter(**{mark: True}).values("department").distinct().count() == departments


def check_last() -> Case:
    """One whistle's two hours run while one looks at it; the people of the demo's list can answer it."""
    now = clock.now()
    last: Case = Case.objects.unscoped().filter(kind="whistle", state="sounded").latest("whistle__sounded_at")
    assert last.whistle.sounded_at and last.whistle.sounded_at > now - timedelta(minutes=5)
    running = list(Summons.objects.filter(case=last))
    assert all(row.state == "summoned" and row.due_at and row.due_at > now for row in running)
    seats = {
        name: User.objects.get(username=name).posts.get() for name in ("township", "secretary", "bureau")
    }
    assert last.office_id == seats["township"].division_id == seats["secretary"].division_id
    assert seats["bureau"].department_id in {row.department_id for row in running}
    assert (
        Post.objects.filter(role=Role.COMMITTEE, user__username__in=["committee", "committee2"]).count() == 2
    )
    return last


@pytest.mark.usefixtures("city")
def test_the_whistles_of_the_demo_are_whole_and_are_sounded_once() -> None:
    check_states()
    check_departments()
    check_entries()
    check_record()
    check_rosters()
    last = check_last()
    links = CaseLink.objects.filter(kind="whistle").select_related("source", "target")
    assert links and all(link.source.kind == "incident" for link in links)
    assert all(link.source.place_prefix.startswith(link.target.place_prefix) for link in links)
    before = CaseEvent.objects.count(), Case.objects.unscoped().count()
    call_command("load_demo")
    assert (CaseEvent.objects.count(), Case.objects.unscoped().count()) == before
    assert Case.objects.unscoped().filter(kind="whistle", state="sounded").count() == 2
    last.refresh_from_db()
    assert last.state == "sounded"


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("now", ["2026-02-20T03:10", "2026-07-05T23:50", "2026-10-08T09:05"])
def test_the_plan_can_be_told_on_any_day_and_at_any_hour(
    now: str, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.VAR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    end = datetime.fromisoformat(now).replace(tzinfo=clock.SHANGHAI)
    monkeypatch.setattr(clock, "_database_time", lambda: end)
    call_command("load_demo", incidents=0, days=20, disputes=0)
    check_states()
    check_departments()
    check_entries()
    check_record()
    check_rosters()
    check_last()


# --- the words


@pytest.fixture(scope="module")
def texts() -> dict[str, Any]:
    return dict(json.loads((DATA / "demo" / "whistles.json").read_text(encoding="utf-8")))


def all_words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [word for part in parts for word in all_words(part)]


def test_every_planned_whistle_has_words_and_an_answer_of_each_department(texts: dict[str, Any]) -> None:
    plans = [row for *_when, row in plan.ROWS] + [row for _when, row in plan.TODAY] + [plan.NOW]
    assert {row.text for row in plans} == set(texts["whistles"]) and len(plans) == len(texts["whistles"])
    for row in plans:
        words = texts["whistles"][row.text]
        if row.answers:
            assert len(row.answers) == len(words["departments"]), row.text
        if row.until in ("closed", "resolved", "working", "consulting"):
            assert words["consulted"] and words["resolved"], row.text
            assert all(one["task"] and one["result"] for one in words["departments"]), row.text


def test_whistles_are_for_subjects_of_the_catalogue_and_departments_that_there_are(
    texts: dict[str, Any],
) -> None:
    kinds = {row.code for row in read_catalogue(DATA / "catalogue").kinds}
    for key, words in texts["whistles"].items():
        assert words["subject"] in subjects() and words["kind"] in Kind.values, key
        named = [one["kind"] for one in words["departments"]]
        assert len(set(named)) == len(named) and set(named) <= kinds, key
        assert words["where"] in ("any", "urban", "rural")
        assert all("{place}" in words[name] for name in ("title", "matter", "address")), key


def test_no_number_person_or_firm_is_named(texts: dict[str, Any]) -> None:
    named = re.compile(
        r"[0-9]{7,}|[赵钱孙李周吴郑王冯陈张刘黄徐胡](某|先生|女士|师傅|大爷|大妈|主任|书记|经理)|有限公司|集团"
    )
    watched = ("重点人员", "走访登记", "人口", "特殊人群", "身份证", "人脸", "车牌", "轨迹", "流浪乞讨")
    words = all_words(texts)
    assert len(words) > 300
    assert [word for word in words if named.search(word) or any(term in word for term in watched)] == []
