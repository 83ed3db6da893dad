"""manage.py make_history: a large, believable set of incidents, for tests of speed and of boards."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.history.making import Incomplete, Wanted, make
from incidents.history.permission import refusal

EVERY = 5.0  # seconds between two lines of progress


class Command(BaseCommand):
    help = (
        "生成大量可信的模拟事项，供压力测试和看板试用；正式部署里拒绝执行。"
        "/ Make many believable incidents; refused in an installation for production."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--incidents", type=int, required=True, help="多少件 / so many incidents")
        parser.add_argument("--months", type=int, required=True, help="最近多少个月 / over the last months")
        parser.add_argument(
            "--grids", type=int, help="用多少个网格，不够就补 / so many grids, made where they lack"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="同样的种子生成同样的事项 / the same makes the same"
        )
        parser.add_argument("--processes", type=int, help="几个进程 / so many processes")
        parser.add_argument(
            "--really", action="store_true", help="库里有真实事项也执行 / also among cases of real people"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("incidents", "months", "grids", "processes"):
            if options[name] is not None and options[name] < 1:
                raise CommandError(f"--{name} 至少是 1 / must be 1 or more")
        if reason := refusal(really=options["really"]):
            raise CommandError(reason)
        began = time.monotonic()
        wanted = Wanted(options["incidents"], options["months"], options["grids"], options["seed"])
        try:
            made = make(wanted, say=self._said(), processes=options["processes"])
        except Incomplete as error:
            raise CommandError(str(error)) from error
        took = time.monotonic() - began
        self.stdout.write(
            self.style.SUCCESS(
                f"{made.last - made.first + 1} 件事项，{made.entries} 条记录，{made.grids} 个网格，用时 {took:.0f} 秒"
                " / incidents, entries, grids, seconds"
            )
        )

    def _said(self) -> Any:
        last = [-EVERY]

        def say(words: str) -> None:
            now = time.monotonic()
            if not words[:1].isdigit() or now - last[0] >= EVERY:
                self.stdout.write(f"  {words}")
                last[0] = now

        return say
