"""Let due deadlines take effect, without any broker: for an outage, for tests, for a host without Celery."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connection

from cases import ringing

EVERY = 1.0  # seconds between two rounds


class Command(BaseCommand):
    """Safe beside running workers: every mark takes effect once, whoever rings it."""

    help = "Ring every deadline mark that is due; with --loop go on until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on, a round every second")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["loop"]:
            self.stdout.write(f"{ringing.ring_all()} marks took effect")
            return
        stopped = threading.Event()

        def stop(number: int, frame: FrameType | None) -> None:
            stopped.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        self.stdout.write("ringing every second; Ctrl-C ends it")
        while not stopped.is_set():
            self._round()
            stopped.wait(EVERY)

    def _round(self) -> None:
        """One round; a database that is away is waited for, since its deadlines ring when it is back."""
        try:
            rung = ringing.ring_all()
        except (OperationalError, InterfaceError) as error:
            self.stderr.write(f"the database does not answer: {error}")
            connection.close()
            return
        if rung:
            self.stdout.write(f"{rung} marks took effect")
