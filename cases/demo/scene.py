"""Who is there and how long things take: what the makers of every kind of history have in common."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from cases.attachments import Prepared
from cases.demo.people import City
from grids import calendars, clock, workcalendar
from grids.calendars import Allowance, Unit
from grids.models import Department


class Scene:
    """The city, its people, a source of chance of its own, and a few pictures."""

    def __init__(self, city: City, seed: int, photos: list[Prepared]) -> None:
        self.city, self.photos = city, photos
        self.chance = random.Random(seed)
        self.calendar = workcalendar.load()
        self.departments = list(Department.objects.select_related("division", "kind").order_by("pk"))

    def after(self, low: float, high: float) -> datetime:
        """So many working minutes on."""
        minutes = Allowance(max(1, round(self.chance.uniform(low, high))), Unit.WORKING_MINUTES)
        return self.second(calendars.due(clock.now(), minutes, [], self.calendar).at)

    def minutes(self, low: float, high: float) -> datetime:
        """So many minutes on, day and night."""
        return clock.now() + timedelta(minutes=self.chance.uniform(low, high))

    def second(self, at: datetime) -> datetime:
        """Nobody does anything on the full minute."""
        return at + timedelta(seconds=self.chance.uniform(0, 50))
