"""The duty rosters (值班表) of all departments: two people by turns, each standing in for the other."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from accounts.models import Post
from accounts.services import add_duty
from cases.demo.people import City
from cases.demo.timing import Story, Teller
from grids import clock
from grids.clock import SHANGHAI, local_day
from grids.models import Department

HANDOVER = time(8, 30)
# How long a turn is: the city's departments change by four weeks, a township's stations by four months.
CITY_TURN, STATION_TURN = timedelta(days=28), timedelta(days=122)
AHEAD = timedelta(days=28)  # the roster is known so long before


def lay_out(city: City, departments: list[Department], teller: Teller) -> None:
    """Every department has somebody on duty from the first day of the history to some weeks after its end."""
    for department in departments:
        length = CITY_TURN if department.division_id == city.root.pk else STATION_TURN
        teller.add(teller.now, _turns(department, city.officers[department.pk], length, teller.end + AHEAD))


def _turns(department: Department, people: list[Post], length: timedelta, until: datetime) -> Story:
    """The head writes each turn down before it begins."""
    begins, number = _handover(clock.now()), 0
    while begins < until:
        person, deputy = people[number % 2], people[(number + 1) % 2]
        add_duty(
            department,
            person=person,
            deputy=deputy,
            telephone=person.user.phone,
            starts_at=begins,
            ends_at=begins + length,
            by=people[0].user,
        )
        begins, number = begins + length, number + 1
        yield max(clock.now(), begins - AHEAD)


def _handover(at: datetime) -> datetime:
    """The change of the day before, so that nobody is missing on the first day."""
    return datetime.combine(local_day(at) - timedelta(days=1), HANDOVER, SHANGHAI)
