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


def start_process(code: str, *, heard: bool = False, **environment: str) -> subprocess.Popen[bytes]:
    """Run Python code in a process of its own; whoever starts it ends it. `heard`: what it says can be read."""
    text = START.format(database=connection.settings_dict["NAME"], code=code)
    env = os.environ | {"PYTHONUNBUFFERED": "1"} | environment
    out = subprocess.PIPE if heard else None
    return subprocess.Popen([sys.executable, "-c", text], env=env, cwd=settings.BASE_DIR, stdout=out)
