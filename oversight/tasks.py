"""Celery only calls; the tables say what is to be done."""

from __future__ import annotations

from celery import shared_task

from oversight import summaries


@shared_task(name="oversight.refresh", ignore_result=True)
def refresh() -> int:
    return summaries.refresh_all()
