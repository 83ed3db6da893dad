"""The web process's entry. It does not start with a database role that could change the record."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.urls import resolve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
application = get_wsgi_application()

from cases.grants import refuse_wide_role  # noqa: E402 - needs the apps

refuse_wide_role()
resolve("/healthz")  # reads all addresses and views now, once, and not in every process at its first request
# The servers' processes are forked from this one: each opens its own connection.
connections.close_all()
