"""manage.py verify_summaries: prove that what boards show is what the record says."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from oversight import summaries

SHOWN = 20


class Command(BaseCommand):
    help = (
        "把汇总和案件记录逐条核对，不一致就报错。/ Compare the sums with the record; fails when they differ."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(islice(summaries.differences(), SHOWN + 1))
        for difference in found[:SHOWN]:
            self.stdout.write(f"{difference.what}: {difference.row}")
        if found:
            more = " …" if len(found) > SHOWN else ""
            raise CommandError(
                f"汇总与记录不一致{more}。请运行 manage.py rebuild_summaries。/ The sums differ from the record."
            )
        self.stdout.write(self.style.SUCCESS("汇总与记录一致 / the sums are those of the record"))
