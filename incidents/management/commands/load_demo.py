"""manage.py load_demo: the demo city with 90 days of history, made by the real services."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from cases.models import Notice
from grids import clock
from incidents.demo import accounts, pictures, places
from incidents.demo.people import City, build_people
from incidents.demo.plan import lay_out
from incidents.demo.remembering import reference_data
from incidents.demo.timing import Teller
from incidents.demo.world import World
from incidents.models import Incident

SEED = 20261122
DAYS = 90
INCIDENTS = 1530
READ_AFTER = timedelta(days=7)


class Command(BaseCommand):
    help = "Loads the demo city into an empty database; does nothing when there is anything in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--incidents", type=int, default=INCIDENTS, help="about so many matters in the history"
        )
        parser.add_argument("--days", type=int, default=DAYS, help="so many days of history")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists() or Incident.objects.exists():
            self.stdout.write(
                "库里已有数据，不再装入演示城市 / there are data already; the demo is not loaded"
            )
            return
        password, began = accounts.made_up(), time.monotonic()
        # All or nothing: what is interrupted is loaded anew.
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
            city = self._city(password, clock.today() - timedelta(days=options["days"] + 30))
            self._history(city, **{name: options[name] for name in ("incidents", "days")})
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # the first pages are asked for before the database looks by itself
            accounts.keep(password)  # before the end of the transaction: nobody shall be left without it
        self._say(f"演示城市已装好，用时 {time.monotonic() - began:.0f} 秒 / the demo city is there")
        self.stdout.write(accounts.table())

    def _city(self, password: str, since: Any) -> City:
        with self._step("区划、网格、工作日历和目录 / places, grids, work calendar, catalogue"):
            root, townships = places.build_places(), places.active_townships()
        with self._step("部门和人员 / departments and people"):
            departments = places.build_departments(root, townships)
            posts = build_people(root, townships, departments, password, since)
        return City.of(root, townships, posts)

    def _history(self, city: City, *, incidents: int, days: int) -> None:
        end = clock.now()
        teller = Teller(end - timedelta(days=days), end)
        words = f"{days} 天的办理记录 / {days} days of history"
        with self._step(words), reference_data() as kept, teller.steering():
            teller.next_bell = kept.next_bell
            world = World(city, SEED, pictures.drawn())
            lay_out(world, teller, count=incidents)
            teller.tell()
        _read_old_notices(end)
        self._say(f"{Incident.objects.count()} 件事项 / incidents")

    @contextmanager
    def _step(self, words: str) -> Iterator[None]:
        self.stdout.write(f"  {words} …", ending="")
        self.stdout.flush()
        began = time.monotonic()
        yield
        self.stdout.write(f" {time.monotonic() - began:.1f} s")

    def _say(self, words: str) -> None:
        self.stdout.write(f"  {words}")


def _read_old_notices(end: datetime) -> None:
    """What is older than a week was read, a few hours after it came."""
    old = Notice.objects.filter(created_at__lt=end - READ_AFTER)
    old.update(read_at=F("created_at") + timedelta(hours=3))
