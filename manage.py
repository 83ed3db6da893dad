#!/usr/bin/env python
"""Finds or starts the private servers of GEZHI_VAR, then runs a command."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from config import servers

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    servers.ensure()
    execute_from_command_line(sys.argv)
