"""Keeping up beside people who write: nothing is lost, nothing waits for anybody, a kill or a bad row harms nothing."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from importlib import import_module
from threading import Event, Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from cases import events, grants
from cases.models import Case
from cases.periods import FOREVER, Period
from oversight import counting, figures, summaries
from oversight.models import Span, Stale, Tally, Total
from tests.cast import Cast
from tests.incidents import moves

ROLE = "gezhi_app"


def grow(case: Case, cast: Cast) -> None:
    """One more entry that counts."""
    with transaction.atomic():
        locked = Case.objects.unscoped().select_for_update().get(pk=case.pk)
        events.append(locked, "incident.reported", by=cast.worker, at=case.opened_at, cause=uuid.uuid4())


def reported() -> int:
    return Tally.objects.filter(who="", measure="reported").count()


def sums_agree() -> bool:
    kept = f"SELECT {summaries.SUMS}, number FROM oversight_total"
    return not list(summaries._compare(kept, summaries._sums("oversight_tally", "count(*)"), None))


@pytest.mark.django_db(transaction=True)
def test_counting_waits_for_no_writer_and_misses_nothing(new_case: Any, cast: Cast) -> None:
    cases = [new_case() for _n in range(3)]
    summaries.refresh_all()
    written, end = Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                fresh = Case.objects.unscoped().get(pk=cases[0].pk)
                moves.do(fresh, "file", cast.township)
                written.set()
                assert end.wait(60)
        finally:
            connection.close()

    writer = Thread(target=write)
    writer.start()
    try:
        assert written.wait(60)
        grow(cases[1], cast)
        assert summaries.refresh_all() == 1  # the other one is not there yet, and nobody waits for it
        assert list(summaries.differences()) == []
    finally:
        end.set()
        writer.join(60)
    assert Stale.objects.exists()
    assert summaries.refresh_all() == 1
    assert list(summaries.differences()) == [] and sums_agree()


@pytest.mark.django_db(transaction=True)
def test_what_is_written_during_a_rebuild_is_counted(
    new_case: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(summaries, "RANGE", 1)
    cases = [new_case() for _n in range(4)]
    for number, _step in enumerate(summaries.rebuild()):
        grow(cases[number % 4], cast)
        new_case()
    summaries.refresh_all()
    assert reported() == Case.objects.unscoped().count()
    assert list(summaries.differences()) == []


@pytest.mark.django_db
def test_a_rebuild_that_is_killed_leaves_sums_that_agree(
    new_case: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [moves.archived(new_case(), cast) for _n in range(2)]
    summaries.refresh_all()
    monkeypatch.setattr(summaries, "RANGE", 1)
    Tally.objects.filter(case=cases[0]).update(measure="nonsense")  # what an older rule had counted
    Total.objects.filter(measure="reported").update(measure="nonsense")
    list(summaries.rebuild())
    Tally.objects.filter(case=cases[1]).first().delete()  # type: ignore[union-attr]
    summaries._right_sums()
    steps = summaries.rebuild()
    while next(steps)[0] < cases[1].pk:
        pass
    del steps
    assert sums_agree()
    assert figures.counts(FOREVER)["reported"] == 2
    assert list(summaries.differences()) == []


@pytest.mark.django_db
def test_one_case_that_cannot_be_counted_holds_up_no_other(
    new_case: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cases = [new_case() for _n in range(5)]
    real, bad = counting.of_cases, cases[2].pk

    def of_cases(ids: Any) -> tuple[str, dict[str, Any]]:
        query, parameters = real(ids)
        return (query.replace("SELECT tallied.case_id", "SELECT 1/0", 1) if bad in ids else query), parameters

    monkeypatch.setattr(counting, "of_cases", of_cases)
    with caplog.at_level(logging.ERROR, logger="oversight.summaries"):
        assert summaries.refresh_all() == 4
    assert str(bad) in caplog.text
    assert set(Stale.objects.values_list("case", flat=True)) == {bad}
    assert summaries.backlog().since is not None and reported() == 4
    monkeypatch.undo()
    assert summaries.refresh_all() == 1
    assert reported() == 5 and summaries.backlog() == summaries.Backlog(0, None)


@pytest.mark.django_db
def test_what_is_noted_and_not_counted_yet_is_no_difference(
    new_case: Any, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = moves.archived(new_case(), cast)
    summaries.refresh_all()
    new_case()
    moves.do(case, "reopen", cast.worker, reason="第二天又堆满了垃圾")
    monkeypatch.setattr(summaries, "refresh_all", lambda: 0)  # somebody writes just after it
    assert Stale.objects.count() >= 2
    assert list(summaries.differences()) == []


@pytest.mark.django_db
def test_what_happens_now_goes_before_an_old_backlog(new_case: Any) -> None:
    cases = [new_case() for _n in range(3)]
    assert summaries._waiting((), 1) == [cases[2].pk]
    assert summaries._waiting([cases[2].pk], 1) == [cases[1].pk]


@pytest.fixture
def as_app(cast: Cast, workdays: None) -> Iterator[None]:
    """The rights that web and worker have."""
    grants.apply(ROLE)
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {ROLE}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


@pytest.mark.django_db
def test_the_worker_counts_with_its_own_rights(new_case: Any, cast: Cast, as_app: None) -> None:
    moves.archived(new_case(), cast)
    assert summaries.refresh_all() == 1
    assert list(summaries.rebuild())
    assert list(summaries.differences()) == []
    assert reported() == 1


@pytest.mark.django_db
def test_the_commands_prove_and_repair(new_case: Any, capsys: Any) -> None:
    new_case()
    call_command("verify_summaries")
    Total.objects.update(number=77)
    with pytest.raises(CommandError, match="rebuild_summaries"):
        call_command("verify_summaries")
    call_command("rebuild_summaries")
    call_command("verify_summaries")
    assert "100 %" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_migration_makes_the_months_of_what_is_counted(lively: list[Period]) -> None:
    summaries.refresh_all()
    Total.objects.filter(span=Span.MONTH).delete()
    assert not sums_agree()
    migration = import_module("oversight.migrations.0008_sums_of_months")
    with connection.cursor() as cursor:
        cursor.execute(migration.MONTHS)
    assert sums_agree()
