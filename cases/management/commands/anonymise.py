"""Erase what may name a person in closed cases whose term is over."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cases import anonymising
from cases.models import Case, EventText
from grids import clock


class Command(BaseCommand):
    """Without --do it only says, case by case, what it would do."""

    help = (
        "Anonymise closed cases past their term (GEZHI_RETENTION_DAYS, and that of their file where it is kept "
        "longer); a dry run unless --do is given."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--do", action="store_true", help="really erase; this cannot be undone")

    def handle(self, *args: Any, **options: Any) -> None:
        cases = list(anonymising.past_term(clock.now()).order_by("closed_at", "pk"))
        for case in cases:
            self.stdout.write(f"{case.number}  closed {case.closed_at:%Y-%m-%d}  {self._what(case)}")
            if options["do"]:
                anonymising.anonymise(case)
        done = "anonymised" if options["do"] else "to anonymise (dry run; give --do to erase)"
        self.stdout.write(f"{len(cases)} cases {done}")

    def _what(self, case: Case) -> str:
        values = case.personal_values.filter(erased_at__isnull=True).count()
        words = EventText.objects.filter(event__case=case, erased_at__isnull=True).count()
        return f"{values} values, {words} texts, {case.attachments.count()} files, title and description"
