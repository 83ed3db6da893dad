"""The Celery app and the one table of what runs when. Tasks only call functions; the tables are the truth."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured
from kombu import Exchange, Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("gezhi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["cases", "oversight"])

# What must come in time has a worker of its own: a mail server that does not answer holds up no deadline, nor do the
# sums of the boards, which have one too: they are shown within ten seconds whatever else goes on. Messages go
# to their queue without an exchange: nothing in the broker's memory is needed to find it, so a flushed broker forgets
# messages and nothing else.
DIRECT = Exchange("")
app.conf.update(
    task_queues=[Queue(name, DIRECT, routing_key=name) for name in ("ring", "count", "slow")],
    task_default_queue="slow",
    task_default_exchange="",
    task_default_routing_key="slow",
    task_routes={"cases.ring_deadlines": {"queue": "ring"}, "oversight.refresh": {"queue": "count"}},
)

# A beat that finds its broker away must not pile up: what was not taken in time is dropped, the next one does it.
# Nor one whose workers are busy: a worker that rings goes on by itself until nothing is due.
app.conf.beat_schedule = {
    "ring deadlines": {"task": "cases.ring_deadlines", "schedule": 1.0, "options": {"expires": 2.0}},
    "send deliveries": {"task": "cases.send_deliveries", "schedule": 2.0, "options": {"expires": 4.0}},
    "refresh summaries": {"task": "oversight.refresh", "schedule": 3.0, "options": {"expires": 6.0}},
    # Daily: the first of a month may find the program down.
    "make bulletins": {"task": "oversight.make_bulletins", "schedule": crontab(hour="5", minute="0")},
    "sweep nightly": {"task": "cases.sweep", "schedule": crontab(hour="3", minute="30")},
    "compare deadlines nightly": {"task": "cases.nightly", "schedule": crontab(hour="2", minute="30")},
}


@worker_init.connect
def _refuse_wide_role(**_kwargs: Any) -> None:
    from cases.grants import refuse_wide_role  # the apps are loaded only now

    try:
        refuse_wide_role()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error  # Celery logs any other error of a signal and goes on
