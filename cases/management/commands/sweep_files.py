"""Remove files that no attachment speaks of, and idempotency keys past their 30 days."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cases import attachments, idempotency
from grids import clock


class Command(BaseCommand):
    """Files stay behind when a transaction fails after they were written; they are a day old at least."""

    help = "Remove orphaned attachment files older than a day, and expired idempotency keys."

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        files = sum(1 for _path in attachments.sweep(now))
        keys = idempotency.sweep(now)
        self.stdout.write(f"{files} files and {keys} keys removed")
