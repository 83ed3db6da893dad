"""Encrypt every personal value again with the newest key."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from cases import personal
from cases.models import PersonalValue


class Command(BaseCommand):
    """Put the new key first in GEZHI_FIELD_KEYS, restart, run this, then take the old key out."""

    help = "Encrypt all personal values with the first key of GEZHI_FIELD_KEYS. May be repeated."

    def handle(self, *args: Any, **options: Any) -> None:
        total = PersonalValue.objects.filter(erased_at__isnull=True).count()
        done = 0
        for done in personal.rotate():
            self.stdout.write(f"{done} of {total}")
        self.stdout.write(
            f"{done} values are encrypted and {personal.rotate_others()} digests made with the newest key; "
            "the older keys may be taken out"
        )
