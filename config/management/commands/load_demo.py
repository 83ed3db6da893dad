"""manage.py load_demo: the demo city with its history, made by the real services."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction
from django.db.models import F

import incidents.demo.plan
import incidents.demo.remembering
import incidents.demo.world
import mediation.demo.plan
import mediation.demo.remembering
import mediation.demo.words
import mediation.demo.world
import whistle.demo.plan
import whistle.demo.remembering
import whistle.demo.world
from accounts.models import User
from cases.demo import pictures, places, rosters
from cases.demo.people import City, build_people
from cases.demo.remembering import reference_data
from cases.demo.timing import Teller
from cases.models import Case, Notice
from config.demo import accounts
from grids import clock
from incidents.catalogue_load import load_catalogue
from incidents.demo.places import build_departments

SEED = 20261122
DAYS = 90
INCIDENTS = 1530
DISPUTES = 1000
READ_AFTER = timedelta(days=7)


class Command(BaseCommand):
    help = "Loads the demo city into an empty database; does nothing when there is anything in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--incidents", type=int, default=INCIDENTS, help="about so many matters in the history"
        )
        parser.add_argument("--disputes", type=int, default=DISPUTES, help="at most so many disputes")
        parser.add_argument("--days", type=int, default=DAYS, help="so many days of incidents")

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists() or Case.objects.unscoped().exists():
            self.stdout.write(
                "库里已有数据，不再装入演示城市 / there are data already; the demo is not loaded"
            )
            return
        password, began = accounts.made_up(), time.monotonic()
        # All or nothing: what is interrupted is loaded anew.
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
            first = max(options["days"], whistle.demo.plan.DAYS)
            city = self._city(password, clock.today() - timedelta(days=first + 30))
            self._history(city, first, **{name: options[name] for name in ("incidents", "days", "disputes")})
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # the first pages are asked for before the database looks by itself
            accounts.keep(password)  # before the end of the transaction: nobody shall be left without it
        self._say(f"演示城市已装好，用时 {time.monotonic() - began:.0f} 秒 / the demo city is there")
        self.stdout.write(accounts.table())

    def _city(self, password: str, since: Any) -> City:
        with self._step("区划、网格、工作日历和目录 / places, grids, work calendar, catalogue"):
            root, townships = places.build_places(), places.active_townships()
            load_catalogue()
        with self._step("部门和人员 / departments and people"):
            departments = build_departments(root, townships)
            posts = build_people(root, townships, departments, password, since)
        city = City.of(root, townships, posts)
        mediation.demo.world.lay_committees(city, mediation.demo.words.Words(random.Random(SEED)))
        return city

    def _history(self, city: City, first: int, *, incidents: int, days: int, disputes: int) -> None:
        end = clock.now()
        teller = Teller(end - timedelta(days=first), end)
        words = f"{days} 天的事项、半年的吹哨和调解 / {days} days of incidents, half a year of whistles and disputes"
        with self._step(words), _in_memory() as kept, teller.steering():
            teller.next_bell = kept.next_bell
            whistles = _lay_out(city, teller, incidents=incidents, days=days, disputes=disputes)
            teller.tell()
        _read_old_notices(end)
        # After the history, by the true clock: its two hours run from now on.
        sounded = whistle.demo.plan.sound_the_last(whistles)
        for kind in ("incident", "whistle", "mediation"):
            self._say(f"{Case.objects.unscoped().filter(kind=kind).count()} {kind}s")
        self._say(f"刚刚启动吹哨 / just sounded: {sounded.number}")

    @contextmanager
    def _step(self, words: str) -> Iterator[None]:
        self.stdout.write(f"  {words} …", ending="")
        self.stdout.flush()
        began = time.monotonic()
        yield
        self.stdout.write(f" {time.monotonic() - began:.1f} s")

    def _say(self, words: str) -> None:
        self.stdout.write(f"  {words}")


def _in_memory() -> Any:
    return reference_data(
        incidents.demo.remembering.in_memory,
        whistle.demo.remembering.in_memory,
        mediation.demo.remembering.in_memory,
        facts=incidents.demo.remembering.FACTS,
        reference=incidents.demo.remembering.REFERENCE,
    )


def _lay_out(
    city: City, teller: Teller, *, incidents: int, days: int, disputes: int
) -> whistle.demo.world.World:
    """Rosters, incidents, whistles and disputes side by side, each with a chance of its own; returns the whistles' world."""
    photos = pictures.drawn()
    matters = _incidents(city, teller, photos, incidents, days)
    rosters.lay_out(city, matters.departments, teller)
    whistles = whistle.demo.world.World(city, SEED, photos, teller)
    whistle.demo.plan.lay_out(whistles, teller)
    mediation.demo.plan.lay_out(mediation.demo.world.World(city, SEED, photos), teller, most=disputes)
    return whistles


def _incidents(
    city: City, teller: Teller, photos: list[Any], count: int, days: int
) -> incidents.demo.world.World:
    world = incidents.demo.world.World(city, SEED, photos)
    incidents.demo.plan.lay_out(world, teller, count=count, days=days)
    return world


def _read_old_notices(end: datetime) -> None:
    """What is older than a week was read, a few hours after it came."""
    old = Notice.objects.filter(created_at__lt=end - READ_AFTER)
    old.update(read_at=F("created_at") + timedelta(hours=3))
