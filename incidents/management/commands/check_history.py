"""manage.py check_history: prove that every incident could have happened as its record says."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.history import checking
from incidents.history.checking import reading

EVERY = 5.0  # seconds between two lines of progress
SHOWN = 50


class Command(BaseCommand):
    help = (
        "用流程表、岗位和工作日历逐件核对事项的记录和时限，不可能发生的就报出来。"
        "/ Walk every incident through the table, the posts and the calendar; fails when one could not have happened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--sample", type=int, help="只看随机的若干件 / only so many, by chance")
        parser.add_argument("--seed", type=int, help="随机的种子 / the seed of that chance")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = reading.ids(options["sample"], options["seed"])
        began = said = time.monotonic()
        wrong = done = 0
        for done, found in checking.check(keys):
            for problem in found[: max(0, SHOWN - wrong)]:
                self.stdout.write(str(problem))
            wrong += len(found)
            if time.monotonic() - said >= EVERY:
                said = time.monotonic()
                self.stdout.write(f"  {done}/{len(keys)} · {100 * done // max(1, len(keys))} %")
        if wrong:
            raise CommandError(f"{wrong} 处不可能发生 / places that could not have happened")
        took = time.monotonic() - began
        self.stdout.write(
            self.style.SUCCESS(f"{done} 件都可能发生，用时 {took:.0f} 秒 / incidents, all possible, seconds")
        )
