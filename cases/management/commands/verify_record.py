"""Check the chains of hashes: of every case, and of the record of administration."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from accounts import record
from cases import attachments, events, personal
from cases.models import Case, PersonalValue

EVERY = 2.0  # seconds between two lines of progress


def _swapped_values(case: Case) -> Iterator[str]:
    """Personal values that are not those of their digest, or were erased without an entry that says so."""
    anonymised = set(case.events.filter(verb=events.ANONYMISED).values_list("at", flat=True))
    for value in case.personal_values.all():
        fits = _is_its_digests(value) if value.erased_at is None else value.erased_at in anonymised
        if not fits:
            yield f"{case.number} {value.field}"


def _is_its_digests(value: PersonalValue) -> bool:
    try:
        return events.salted_digest(value.salt, personal.clear_text(value)) == value.digest
    except InvalidToken:  # tampered with, or its key is not among GEZHI_FIELD_KEYS
        return False


class Command(BaseCommand):
    """Names every entry that does not fit; exit code 1 when there is one."""

    help = "Verify the records of all cases (or of those named) and the record of administration."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("numbers", nargs="*", help="only these cases")
        parser.add_argument("--files", action="store_true", help="read every photo and document too")

    def handle(self, *args: Any, **options: Any) -> None:
        broken = self._cases(options["numbers"], files=options["files"])
        if not options["numbers"]:
            broken += self._administration()
        if broken:
            raise CommandError(f"{broken} places do not fit", returncode=1)
        self.stdout.write("whole")

    def _cases(self, numbers: list[str], *, files: bool) -> int:
        cases = Case.objects.unscoped().order_by("pk")
        if numbers:
            cases = cases.filter(number__in=numbers)
            if unknown := set(numbers) - set(cases.values_list("number", flat=True)):
                raise CommandError(f"no case {', '.join(sorted(unknown))}", returncode=2)
        total, broken, checked, said = cases.count(), 0, 0, time.monotonic()
        for case in cases.iterator(chunk_size=500):
            papers = attachments.wrong_files(case) if files else ()
            for place in (*events.broken_entries(case), *_swapped_values(case), *papers):
                self.stdout.write(f"BROKEN {place}")
                broken += 1
            checked += 1
            if time.monotonic() - said >= EVERY:
                self.stdout.write(f"{checked} of {total} cases")
                said = time.monotonic()
        self.stdout.write(f"{checked} cases checked")
        return broken

    def _administration(self) -> int:
        result = record.check_chain()
        self.stdout.write(f"{result.entries} entries of administration checked")
        if result.broken_at is None:
            return 0
        self.stdout.write(f"BROKEN administration#{result.broken_at}")
        return 1
