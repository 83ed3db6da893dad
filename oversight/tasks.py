"""Celery only calls; the tables say what is to be done."""

from __future__ import annotations

from typing import Final

from celery import shared_task

from oversight import bulletins, summaries

LONGEST: Final = 20.0  # seconds; the next call goes on


@shared_task(name="oversight.refresh", ignore_result=True)
def refresh() -> int:
    return summaries.refresh_all(LONGEST)


@shared_task(name="oversight.make_bulletins", ignore_result=True)
def make_bulletins() -> int:
    return len(bulletins.make_due())
