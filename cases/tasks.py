"""Celery only makes things ring: each task is one call, and the tables are the truth."""

from __future__ import annotations

from celery import shared_task

from cases import deadlines, outbox, ringing, sweeping


@shared_task(name="cases.ring_deadlines", ignore_result=True)
def ring_deadlines() -> int:
    return ringing.ring_all()


@shared_task(name="cases.send_deliveries", ignore_result=True)
def send_deliveries() -> int:
    return outbox.send_waiting()


@shared_task(name="cases.nightly", ignore_result=True)
def nightly() -> int:
    return len(deadlines.recompute_all())


@shared_task(name="cases.sweep", ignore_result=True)
def sweep() -> list[int]:
    return list(sweeping.sweep())
