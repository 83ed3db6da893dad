"""Remove files that no attachment speaks of, and idempotency keys past their 30 days."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cases import sweeping


class Command(BaseCommand):
    """Beat does the same every night. Files stay behind when a transaction fails after they were written."""

    help = "Remove orphaned attachment files older than a day, and expired idempotency keys."

    def handle(self, *args: Any, **options: Any) -> None:
        swept = sweeping.sweep()
        self.stdout.write(f"{swept.files} files and {swept.keys} keys removed")
