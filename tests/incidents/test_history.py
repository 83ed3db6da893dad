"""A made history could have happened, and the checker finds what could not: from the engine's tables alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from accounts.models import Post, User
from cases import events
from cases.models import Case, CaseEvent, Deadline, DeadlineMark, EventText, Part
from cases.search import bigrams
from grids.models import DivisionLevel
from grids.services import new_division
from incidents.history import checking, making, permission
from incidents.history.checking import Problem
from incidents.models import Category, Incident
from tests.cases.conftest import NewCase, make_category
from tests.cast import Cast
from tests.conftest import Clock

COUNT = 600
WANTED = making.Wanted(incidents=COUNT, months=3, seed=7)


def found(keys: list[int] | None = None) -> list[Problem]:
    return [problem for _done, problems in checking.check(keys) for problem in problems]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def past_the_guards() -> Iterator[None]:
    """As somebody who may change the record in the database."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def chain_again(case: Case) -> None:
    """Forge a whole chain: numbers and hashes fit again, so that only what is said can be wrong."""
    previous, entries = "", list(case.events.order_by("seq"))
    for number, event in enumerate(entries, start=1):
        event.seq, event.prev_hash = number, previous
        event.hash = previous = events.entry_hash(event, case.number)
        event.save()
    case.last_seq, case.last_hash, case.updated_at = len(entries), previous, entries[-1].at
    case.save()


# --- damages: each forges one case and returns it; the words that must be said of it stand beside


def _case_with(*verbs: str, without: tuple[str, ...] = (), state: str = "archived") -> Case:
    cases = Case.objects.unscoped().filter(state=state)
    for verb in verbs:
        cases = cases.filter(events__verb=verb)
    case = cases.exclude(events__verb__in=without).order_by("pk").first()
    assert case is not None, verbs
    return case


def _entry(case: Case, verb: str) -> CaseEvent:
    return case.events.filter(verb=verb).order_by("seq")[0]


STRAIGHT = ("incident.accepted", "incident.fed_back")
SIDE_WAYS = ("incident.returned", "incident.reworked", "incident.reassigned", "incident.reopened",
             "incident.suspended", "incident.extension_granted", "incident.passed_up")  # fmt: skip


def state_skipped(cast: Cast) -> Case:
    case = _case_with(*STRAIGHT, without=SIDE_WAYS)
    event = _entry(case, "incident.accepted")
    EventText.objects.filter(event=event).delete()
    event.delete()
    chain_again(case)
    return case


def closer_handled(cast: Cast) -> Case:
    """The worker who settled it says that it is settled: right role, right place, but their own work."""
    case = _case_with("incident.settled", without=("incident.filed",))
    done, seen = _entry(case, "incident.settled"), _entry(case, "incident.verified")
    CaseEvent.objects.filter(pk=seen.pk).update(actor=done.actor_id, post=done.post_id)
    chain_again(case)
    return case


def office_handled(cast: Cast) -> Case:
    """A colleague from the centre that did the work itself closes it."""
    case = _case_with("incident.filed", "incident.settled", without=SIDE_WAYS)
    done, seen = _entry(case, "incident.settled"), _entry(case, "incident.archived")
    CaseEvent.objects.filter(pk=seen.pk).update(actor=done.actor_id, post=done.post_id)
    chain_again(case)
    return case


def _missed() -> Deadline:
    return Deadline.objects.filter(
        missed_at__isnull=False, met_at__isnull=False, extra=0, pauses=None
    ).earliest("pk")


def neither_met_nor_missed(cast: Cast) -> Case:
    row = _missed()
    for event in row.case.events.filter(verb="deadline.missed", data__duty=row.duty):
        event.delete()
    chain_again(row.case)
    Deadline.objects.filter(pk=row.pk).update(missed_at=None)
    return row.case


def missed_forgotten(cast: Cast) -> Case:
    """The record says that it was missed, the duty does not."""
    row = _missed()
    Deadline.objects.filter(pk=row.pk).update(missed_at=None)
    return row.case


def out_of_order(cast: Cast) -> Case:
    case = _case_with(*STRAIGHT)
    event = _entry(case, "incident.accepted")
    CaseEvent.objects.filter(pk=event.pk).update(at=case.opened_at - timedelta(minutes=1))
    chain_again(case)
    return case


def wrong_role(cast: Cast) -> Case:
    case = _case_with("incident.rejected", state="rejected")
    event = _entry(case, "incident.rejected")
    CaseEvent.objects.filter(pk=event.pk).update(actor=cast.officer.user, post=cast.officer)
    chain_again(case)
    return case


def wrong_place(cast: Cast) -> Case:
    """The right role, but of the other township."""
    case = Case.objects.unscoped().filter(office=cast.places.street, events__verb="incident.rejected")[0]
    event = _entry(case, "incident.rejected")
    CaseEvent.objects.filter(pk=event.pk).update(actor=cast.township2.user, post=cast.township2)
    chain_again(case)
    return case


def wrong_end(cast: Cast) -> Case:
    row = Deadline.objects.filter(duty="handle", missed_at=None, met_at__isnull=False).earliest("pk")
    Deadline.objects.filter(pk=row.pk).update(due_at=F("due_at") + timedelta(minutes=1))
    return row.case


def other_time(cast: Cast) -> Case:
    """The end fits the amount, but the amount is not the category's."""
    row = Deadline.objects.filter(duty="file", unit="clock_minutes", missed_at=None).earliest("pk")
    Deadline.objects.filter(pk=row.pk).update(
        amount=F("amount") + 60, due_at=F("due_at") + timedelta(minutes=60)
    )
    return row.case


def met_at_another_time(cast: Cast) -> Case:
    row = Deadline.objects.filter(duty="assign", met_at__isnull=False, missed_at=None).earliest("pk")
    Deadline.objects.filter(pk=row.pk).update(met_at=F("met_at") - timedelta(seconds=1))
    return row.case


def duty_lost(cast: Cast) -> Case:
    row = Deadline.objects.filter(duty="whole").earliest("pk")
    DeadlineMark.objects.filter(deadline=row).delete()
    row.delete()
    return row.case


def reminder_moved(cast: Cast) -> Case:
    mark = DeadlineMark.objects.filter(kind="remind", outcome="done").earliest("pk")
    DeadlineMark.objects.filter(pk=mark.pk).update(at=mark.at - timedelta(minutes=5) if mark.at else None)
    return mark.deadline.case


def another_state(cast: Cast) -> Case:
    case = _case_with(*STRAIGHT)
    Case.objects.unscoped().filter(pk=case.pk).update(state="verified", closed_at=None)
    return case


def another_handler(cast: Cast) -> Case:
    case = _case_with(*STRAIGHT, without=SIDE_WAYS)
    Part.objects.filter(case=case, kind="handler").update(department=None, division=cast.places.city)
    return case


def part_without_end(cast: Cast) -> Case:
    case = _case_with("incident.returned")
    Part.objects.filter(case=case, kind="handler", ended_at__isnull=False).update(ended_at=case.updated_at)
    return case


def post_not_held(cast: Cast) -> Case:
    case = _case_with(*STRAIGHT)
    by = _entry(case, "incident.filed").post
    Post.objects.filter(user=by.user if by else None).update(ends_on="2020-12-31")
    return case


def entry_changed(cast: Cast) -> Case:
    case = _case_with(*STRAIGHT)
    CaseEvent.objects.filter(pk=_entry(case, "incident.assigned").pk).update(data={"handler": "别处"})
    return case


def words_changed(cast: Cast) -> Case:
    words = EventText.objects.select_related("event__case").earliest("pk")
    EventText.objects.filter(pk=words.pk).update(text="改过的话")
    return words.event.case


def wrong_number(cast: Cast) -> Case:
    case = _case_with(*STRAIGHT)
    Case.objects.unscoped().filter(pk=case.pk).update(number="SJ2019-0000001")
    return case


Damage = Callable[[Cast], Case]
DAMAGES: dict[Damage, str] = {
    state_skipped: "should begin in that state",
    closer_handled: "guard not_handled",
    office_handled: "guard not_handled",
    neither_met_nor_missed: "over without being missed",
    missed_forgotten: "missed_at",
    out_of_order: "before the entry before",
    wrong_role: "role department_officer",
    wrong_place: "not an office or person concerned",
    wrong_end: "due_at",
    other_time: "amount",
    met_at_another_time: "met_at",
    duty_lost: "rows of a duty",
    reminder_moved: "instant of the reminder",
    another_state: "state",
    another_handler: "handler",
    part_without_end: "end",
    post_not_held: "post not held",
    entry_changed: "hash",
    words_changed: "words",
    wrong_number: "number",
}


@pytest.fixture
def made(cast: Cast, workdays: None, clock: Clock) -> making.Made:
    """A few hundred incidents of two categories, one filed by villages."""
    make_category()
    make_category("1102", filing_level="village", department_level="township")
    return making.make(WANTED)


@pytest.mark.django_db
def test_all_could_have_happened_and_every_damage_is_found(
    made: making.Made, cast: Cast, browser_of: Any, settings: Any
) -> None:
    assert (made.last - made.first + 1, made.grids) == (COUNT, 4)
    assert found() == []
    # Varied: ended and open at many steps, on time and late, every side way.
    states = set(Case.objects.unscoped().values_list("state", flat=True))
    assert states >= {"archived", "rejected", "fed_back", "investigating"} and len(states) >= 5
    verbs = set(CaseEvent.objects.values_list("verb", flat=True))
    assert verbs >= {*SIDE_WAYS, "deadline.missed", "deadline.reminded", "incident.resumed", "incident.urged"}
    assert Deadline.objects.filter(missed_at__isnull=False, met_at__isnull=False).exists()
    assert (
        CaseEvent.objects.count()
        == made.entries
        == sum(Case.objects.unscoped().values_list("last_seq", flat=True))
    )
    assert Incident.objects.values("case__place").distinct().count() == 4
    for incident in Incident.objects.select_related("case"):
        assert incident.case.search == bigrams(incident.case.title, incident.description)
    # The guards of the tables stand again.
    with pytest.raises(Exception, match="does not continue"), transaction.atomic():
        CaseEvent.objects.create(
            case_id=made.first,
            seq=99,
            at="2026-11-01T00:00Z",
            verb="incident.noted",
            cause="0" * 32,
            hash="x",
        )
    # Its pages open, for those who work with it.
    for verb in ("incident.archived", "incident.returned", "incident.suspended"):
        case = Case.objects.unscoped().filter(events__verb=verb)[0]
        page = browser_of(cast.centre).get(case.get_absolute_url())
        assert page.status_code == 200 and case.title in page.content.decode()
    newest = Case.objects.unscoped().latest("opened_at", "pk")
    for query in ("", f"?q={newest.number}"):
        listed = browser_of(cast.centre).get(f"/incidents/{query}")
        assert listed.status_code == 200 and newest.number in listed.content.decode()
    for damage, words in DAMAGES.items():
        with undone(), past_the_guards():
            case = damage(cast)
            said = found([case.pk])
            assert any(words in problem.words for problem in said), (damage.__name__, said)
    with undone(), past_the_guards():
        wrong_end(cast)
        with pytest.raises(CommandError, match="1 处"):
            call_command("check_history")
    assert found() == []


def told() -> list[Any]:
    """What a history says, without keys and numbers."""
    entries = CaseEvent.objects.order_by("at", "case__title", "seq")
    return list(entries.values_list("case__title", "at", "verb", "post", "data", "text_digest"))


@pytest.mark.django_db
def test_the_same_seed_makes_the_same_and_another_seed_does_not(
    cast: Cast, workdays: None, clock: Clock
) -> None:
    make_category()
    histories = []
    for seed in (1, 1, 2):
        with undone():
            making.make(making.Wanted(incidents=40, months=2, seed=seed))
            histories.append(told())
    assert histories[0] == histories[1] != histories[2]


@pytest.mark.django_db
def test_a_real_database_refuses(new_case: NewCase, cast: Cast, settings: Any, workdays: None) -> None:
    new_case()
    assert permission.refusal(really=False) is None  # of made-up people
    User.objects.filter(pk=cast.worker.user_id).update(phone="0795-6400000")
    assert permission.refusal(really=True) is None
    with pytest.raises(CommandError, match="--really"):
        call_command("make_history", incidents=5, months=1)
    settings.GEZHI_PRODUCTION = True
    with pytest.raises(CommandError, match="正式部署"):
        call_command("make_history", incidents=5, months=1, really=True)
    assert Case.objects.unscoped().count() == 1


@pytest.mark.django_db
def test_an_empty_database_is_furnished(capsys: pytest.CaptureFixture[str]) -> None:
    """One command makes grids, calendar, catalogue, departments and people, who say that they are made."""
    city = new_division(code="360981000000", name="丰城市", level=DivisionLevel.CITY, parent=None)
    city.save()
    town = new_division(code="360981119000", name="小港镇", level=DivisionLevel.TOWNSHIP, parent=city)
    town.save()
    for number in (201, 202):
        new_division(
            code=f"360981119{number}", name=f"第{number}村委会", level=DivisionLevel.VILLAGE, parent=town
        ).save()
    call_command("make_history", incidents=60, months=2, grids=5, processes=1)
    assert "60 件事项" in capsys.readouterr().out
    assert found() == []
    assert Post.objects.filter(role="grid_worker").count() == 5
    assert Category.objects.filter(incidents__isnull=False).distinct().count() > 20
    users = list(User.objects.all())
    assert users and all(u.name.startswith("模拟") and not u.has_usable_password() for u in users)
    assert Case.objects.unscoped().values("place").distinct().count() == 5
    # Made up, all of it: another history may follow.
    call_command("make_history", incidents=10, months=1, grids=5, seed=2, processes=2)
    assert Case.objects.unscoped().count() == 70 and User.objects.count() == len(users)
    call_command("check_history", sample=30)
