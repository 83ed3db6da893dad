#!/usr/bin/env python
"""Finds or starts the private servers of GEZHI_VAR, then runs a command; those that own tables as the owner."""

from __future__ import annotations

import os
import sys

from config import servers

# Commands that change tables or rights; all others run as the role of web and worker.
# load_demo and make_history end with an ANALYZE, which only the owner of the tables may do.
OWNER_COMMANDS = {"migrate", "apply_grants", "load_demo", "make_history", "sqlflush", "createcachetable"}


def main(arguments: list[str]) -> None:
    """Run one management command."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    servers.ensure()
    if arguments[1:2] and arguments[1] in OWNER_COMMANDS and "GEZHI_OWNER_DATABASE_URL" in os.environ:
        os.environ["DATABASE_URL"] = os.environ["GEZHI_OWNER_DATABASE_URL"]
    execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
