"""manage.py rebuild_summaries: count everything again from the record."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from oversight import summaries


class Command(BaseCommand):
    help = (
        "从案件记录重新计算看板的全部汇总，可以随时重复。/ Count all that boards show again from the record."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for step, steps in summaries.rebuild():
            self.stdout.write(f"{step}/{steps} · {100 * step // steps} %")
        self.stdout.write(self.style.SUCCESS("汇总已重新算好 / done"))
