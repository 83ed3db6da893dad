"""manage.py load_demo: the demo city with 90 days of history, made by the real services."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection, transaction

from accounts.models import User
from cases.models import Notice
from grids import clock
from incidents.demo import accounts, pictures
from incidents.demo.city import build
from incidents.demo.history import World, begin
from incidents.demo.timing import Teller
from incidents.models import Incident

SEED = 20261122


class Command(BaseCommand):
    help = "Loads the demo city into an empty database; does nothing when there is anything in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--incidents", type=int, default=500)
        parser.add_argument("--days", type=int, default=90)

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists() or Incident.objects.exists():
            self.stdout.write(
                "库里已有数据，不再装入演示城市 / there are data already; the demo is not loaded"
            )
            return
        began = time.monotonic()
        password = accounts.new_password()
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")  # a demo half loaded by a power cut is loaded anew
        with transaction.atomic():
            city = build(password, days=options["days"], say=self._say)
            self._say(f"{options['days']} 天的办理记录 / history")
            self._tell(city, options)
        self._say(f"演示城市已装好，用时 {time.monotonic() - began:.0f} 秒 / the demo city is there")

    def _say(self, words: str) -> None:
        self.stdout.write(f"  {words}")
        self.stdout.flush()

    def _tell(self, city: Any, options: dict[str, Any]) -> None:
        end = clock.now()
        teller = Teller(end - timedelta(days=options["days"]), end)
        with teller.steering():
            world = World(city, SEED, pictures.drawn())
            begin(world, teller, count=options["incidents"])
            teller.tell(lambda: None)
        Notice.objects.filter(created_at__lt=end - timedelta(days=7)).update(read_at=end)
        self._say(f"{Incident.objects.count()} 件 / incidents")
        if teller.ended_early:
            self._say(
                f"{len(teller.ended_early)} 个故事提前结束 / stories ended early: {teller.ended_early[0]}"
            )
