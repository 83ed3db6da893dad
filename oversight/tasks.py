"""Celery only calls; the tables say what is to be done."""

from __future__ import annotations

from typing import Final

from celery import shared_task

from oversight import summaries

LONGEST: Final = 20.0  # seconds; the next call goes on


@shared_task(name="oversight.refresh", ignore_result=True)
def refresh() -> int:
    return summaries.refresh_all(LONGEST)
