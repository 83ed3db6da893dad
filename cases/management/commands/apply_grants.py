"""manage.py apply_grants: give the role of web and worker its rights, and no more; after every migrate."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from cases import grants


class Command(BaseCommand):
    help = "Give the database role of web and worker its rights (run as the owner, after migrate)."

    def handle(self, *args: Any, **options: Any) -> None:
        grants.apply(settings.GEZHI_APP_ROLE)
        self.stdout.write(f"rights of {settings.GEZHI_APP_ROLE} are set")
