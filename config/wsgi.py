"""The web process's entry. It does not start with a database role that could change the record."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
application = get_wsgi_application()

from cases.grants import refuse_wide_role  # noqa: E402 - needs the apps

refuse_wide_role()
