"""Erase the personal values and words of closed cases whose term is over."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cases import personal
from cases.models import Case, EventText
from grids import clock


class Command(BaseCommand):
    """Without --do it only says, case by case, what it would do."""

    help = "Anonymise closed cases past their term (GEZHI_RETENTION_DAYS); a dry run unless --do is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--do", action="store_true", help="really erase; this cannot be undone")

    def handle(self, *args: Any, **options: Any) -> None:
        due = personal.past_term(clock.now()).order_by("closed_at", "pk")
        cases = total = 0
        for case in list(due):
            count = self._counts(case)
            what = f"{count[0]} values, {count[1]} texts"
            self.stdout.write(f"{case.number}  closed {case.closed_at:%Y-%m-%d}  {what}")
            if options["do"]:
                personal.anonymise(case)
            cases, total = cases + 1, total + sum(count)
        done = "erased" if options["do"] else "to erase (dry run; give --do to erase)"
        self.stdout.write(f"{cases} cases, {total} values and texts {done}")

    def _counts(self, case: Case) -> tuple[int, int]:
        values = case.personal_values.filter(erased_at__isnull=True).count()
        words = EventText.objects.filter(event__case=case, erased_at__isnull=True).count()
        return values, words
