"""The work calendar: where its days come from, and what a notice changes."""

from __future__ import annotations

from datetime import date, datetime, time
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import Warning, run_checks
from django.core.management import CommandError, call_command

from grids import workcalendar
from grids.calendars import Allowance, Hours, Unit, YearNotCovered, due
from grids.clock import SHANGHAI
from grids.errors import BadRows, ChangeRefused, FileRefused
from grids.models import WorkDay, WorkHours
from grids.workdays import import_notice, seed_year, set_day, set_hours, uncovered
from grids.yeardays import Day, read_notice, statutory_holidays
from tests.conftest import Clock
from tests.grids.conftest import WriteFile

pytestmark = pytest.mark.django_db
NOTICE = "date,kind,name"


def working(*day: int) -> bool:
    return WorkDay.objects.get(date=date(*day)).working


def test_a_year_is_filled_by_its_official_arrangement() -> None:
    assert seed_year(2026) == [2026]
    assert WorkDay.objects.count() == 365
    assert not WorkDay.objects.filter(provisional=True).exists()
    assert [working(2026, 2, day) for day in (14, 15, 23, 24, 28)] == [True, False, False, True, True]
    assert WorkDay.objects.get(date=date(2026, 2, 14)).name == "春节调休上班"
    assert "国务院" in WorkDay.objects.get(date=date(2026, 2, 17)).source
    assert seed_year(2026) == []


def test_a_year_not_announced_has_the_13_statutory_days_and_no_make_up_day() -> None:
    assert seed_year(2027) == [2027]
    days = WorkDay.objects.all()
    assert days.filter(provisional=True).count() == 365
    weekend_work = [day.date for day in days if day.working and day.date.weekday() >= 5]
    weekdays_off = {day.date: day.name for day in days if not day.working and day.date.weekday() < 5}
    assert weekend_work == []
    assert weekdays_off == {
        date(2027, 1, 1): "元旦",
        date(2027, 2, 5): "除夕",
        date(2027, 2, 8): "春节",
        date(2027, 4, 5): "清明节",
        date(2027, 6, 9): "端午节",
        date(2027, 9, 15): "中秋节",
        date(2027, 10, 1): "国庆节",
    }
    assert len(statutory_holidays(2027)) == 13


def test_the_statutory_days_agree_with_every_official_arrangement_known() -> None:
    """The rule of 2024 held for 2025 and 2026: every statutory day was off in the official arrangement."""
    for year, moving in ((2025, (4, 4, 1, 29, 5, 31, 10, 6)), (2026, (4, 5, 2, 17, 6, 19, 9, 25))):
        seed_year(year)
        for month, day in zip(moving[::2], moving[1::2], strict=True):
            assert not working(year, month, day)
        for month, day in ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)):
            assert not working(year, month, day)


def test_a_year_of_which_nothing_is_known_is_refused() -> None:
    with pytest.raises(YearNotCovered, match="2060"):
        seed_year(2060)
    with pytest.raises(CommandError, match="2060"):
        call_command("import_workdays", "2026", "2060", stdout=StringIO())


def test_a_notice_replaces_provisional_days_and_names_the_years_that_changed() -> None:
    seed_year(2026)
    seed_year(2027)
    notice = [
        Day(date(2027, 2, 20), True, "春节调休上班"),
        Day(date(2027, 2, 9), False, "春节"),
        Day(date(2026, 12, 31), False, "元旦"),
    ]
    assert import_notice(year=2027, days=notice, source="通知") == [2026, 2027]
    assert (working(2027, 2, 20), working(2027, 2, 9), working(2026, 12, 31)) == (True, False, False)
    assert not working(2027, 2, 28), "a Sunday that the notice does not name is off"
    assert working(2027, 2, 8), "a day that the notice does not name goes by the weekday"
    assert not WorkDay.objects.filter(provisional=True).exists()
    assert import_notice(year=2027, days=notice, source="通知") == []


def test_a_notice_for_a_year_beside_that_is_not_covered_is_refused() -> None:
    seed_year(2027)
    with pytest.raises(ChangeRefused, match="2026"):
        import_notice(year=2027, days=[Day(date(2026, 12, 31), False)], source="通知")
    assert WorkDay.objects.filter(provisional=True).count() == 365


def test_seeding_again_keeps_what_a_notice_or_a_person_has_set() -> None:
    seed_year(2026)
    assert set_day(day=date(2026, 11, 18), working=False, name="停电", source="手工") == [2026]
    assert seed_year(2026) == []
    assert not working(2026, 11, 18)
    with pytest.raises(ChangeRefused):
        set_day(day=date(2040, 1, 1), working=False, name="", source="手工")


def test_a_provisional_year_becomes_official_when_its_arrangement_is_known() -> None:
    seed_year(2026)
    WorkDay.objects.update(provisional=True, working=True, source="旧")
    assert seed_year(2026) == [2026]
    assert not WorkDay.objects.filter(provisional=True).exists()
    assert not working(2026, 2, 15)


# --- the file of a notice


def test_a_notice_is_read_from_a_file(write: WriteFile) -> None:
    path = write("n.csv", "2027-02-05,休,除夕", "2027-02-20,work,", "2026-12-31,OFF,元旦", header=NOTICE)
    assert read_notice(path, 2027) == [
        Day(date(2027, 2, 5), False, "除夕"),
        Day(date(2027, 2, 20), True, ""),
        Day(date(2026, 12, 31), False, "元旦"),
    ]


def test_bad_lines_of_a_notice_are_reported_and_nothing_changes(write: WriteFile) -> None:
    seed_year(2027)
    path = write(
        "n.csv",
        "2027-02-30,休,x",
        "2027-02-20,maybe,x",
        "2029-02-20,班,x",
        "2027-02-21,班,x",
        "2027-02-21,休,x",
        ",,",
        header=NOTICE,
    )
    with pytest.raises(BadRows) as caught:
        read_notice(path, 2027)
    assert [row.line for row in caught.value.rows] == [2, 3, 4, 6, 7]
    complaints = StringIO()
    with pytest.raises(CommandError, match="什么都没有改"):
        call_command("import_workdays", "2027", file=path, stdout=StringIO(), stderr=complaints)
    assert complaints.getvalue().count("n.csv:") == 5
    assert WorkDay.objects.filter(provisional=True).count() == 365


def test_a_file_that_is_no_notice_is_refused(write: WriteFile, tmp_path: Path) -> None:
    for path in (
        write("a.csv", "1,2", header="x,y"),
        write("b.csv", "2026-01-01,休,", header=NOTICE),
        tmp_path / "c.csv",
    ):
        with pytest.raises(FileRefused, match=path.name):
            read_notice(path, 2027)


def test_the_command_tells_what_it_did(write: WriteFile) -> None:
    told = StringIO()
    call_command("import_workdays", "2026", "2027", stdout=told)
    assert "2026 年：工作日 248 天，休息日 117 天。 有变动的年份：2026。" in told.getvalue()
    assert "调休未公布" in told.getvalue().splitlines()[1]
    path = write("n.csv", "2027-02-05,休,除夕", header=NOTICE)
    call_command("import_workdays", "2027", file=path, stdout=told)
    assert "调休未公布" not in told.getvalue().splitlines()[2]


# --- in memory


def test_the_calendar_in_memory_follows_the_tables() -> None:
    seed_year(2026)
    start = datetime(2026, 11, 18, 9, tzinfo=SHANGHAI)
    allowance = Allowance(1, Unit.WORKING_DAYS)
    assert due(start, allowance, [], workcalendar.load()).at == datetime(2026, 11, 19, 18, tzinfo=SHANGHAI)
    set_day(day=date(2026, 11, 19), working=False, name="停电", source="手工")
    assert due(start, allowance, [], workcalendar.load()).at == datetime(2026, 11, 20, 18, tzinfo=SHANGHAI)
    set_hours(valid_from=date(2026, 11, 20), hours=Hours((time(8), time(12)), (time(14), time(17))))
    assert due(start, allowance, [], workcalendar.load()).at == datetime(2026, 11, 20, 17, tzinfo=SHANGHAI)


def test_provisional_years_are_marked_in_memory() -> None:
    seed_year(2026)
    seed_year(2027)
    assert workcalendar.load().provisional_years == {2027}


def test_the_usual_hours_are_set_once() -> None:
    seed_year(2026)
    row = WorkHours.objects.get()
    assert (row.morning_start, row.morning_end) == (time(8, 30), time(12))
    assert (row.afternoon_start, row.afternoon_end) == (time(14, 30), time(18))
    with pytest.raises(ChangeRefused):
        set_hours(valid_from=date(2026, 1, 1), hours=Hours((time(9), time(9)), (time(14), time(18))))
    with pytest.raises(ChangeRefused):
        set_hours(valid_from=date(2026, 1, 1), hours=Hours((time(9), time(15)), (time(14), time(18))))


# --- the check


def ids() -> list[str | None]:
    return [found.id for found in run_checks(tags=["database"], databases=["default"]) if found.id]


def test_the_check_wants_this_year_and_the_next(clock: Clock) -> None:
    found = [c for c in run_checks(tags=["database"], databases=["default"]) if isinstance(c, Warning)]
    assert [(c.id, c.hint) for c in found] == [
        ("grids.W001", "manage.py import_workdays 2026"),
        ("grids.W001", "manage.py import_workdays 2027"),
    ]
    seed_year(2026)
    seed_year(2027)
    assert ids() == []
    WorkDay.objects.filter(date=date(2027, 6, 1)).delete()
    assert ids() == ["grids.W001"]
    assert uncovered([2026, 2027, 2028]) == [2027, 2028]


def test_the_check_wants_the_year_that_has_begun_to_be_settled(clock: Clock) -> None:
    seed_year(2027)
    seed_year(2028)
    clock.set(datetime(2027, 1, 1, 8, tzinfo=SHANGHAI))
    assert ids() == ["grids.W002"]


def test_without_a_database_the_check_is_silent() -> None:
    assert [c.id for c in run_checks() if str(c.id).startswith("grids.")] == []
