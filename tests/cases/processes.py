"""Real processes of the program, on the database of the running test."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings
from django.db import connection

START = """
from django.conf import settings
settings.DATABASES["default"]["NAME"] = {database!r}
import django
django.setup()
{code}
"""


def start_process(code: str, **environment: str) -> subprocess.Popen[bytes]:
    """Run Python code in a process of its own; whoever starts it ends it."""
    text = START.format(database=connection.settings_dict["NAME"], code=code)
    env = os.environ | {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]} | environment
    return subprocess.Popen([sys.executable, "-c", text], env=env, cwd=settings.BASE_DIR)
