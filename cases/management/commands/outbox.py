"""How the outbox stands, what was given up, and another try for it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from cases import outbox


class Command(BaseCommand):
    """What could not be delivered stays visible here until somebody has mended the cause and tries again."""

    help = "Show what waits and what was given up; --retry puts the latter back into the queue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retry", action="store_true", help="try everything given up again")

    def handle(self, *args: Any, **options: Any) -> None:
        state = outbox.overview()
        oldest = f", the oldest due since {state.oldest_due:%Y-%m-%d %H:%M:%S %Z}" if state.oldest_due else ""
        self.stdout.write(f"{state.waiting} waiting{oldest}; {state.given_up} given up")
        for row in outbox.given_up()[:100]:
            who = row.recipient.username if row.recipient else "-"
            entry = f"{row.event.case.number}#{row.event.seq}"
            self.stdout.write(f"{row.pk}  {entry}  {row.channel}  {who}  {row.error}")
        if options["retry"]:
            self.stdout.write(f"{outbox.retry_given_up()} put back into the queue")
