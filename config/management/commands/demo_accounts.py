"""manage.py demo_accounts: print the demo's accounts and their password again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config.demo import accounts


class Command(BaseCommand):
    help = "Prints the demo city's accounts and their password."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(accounts.table() or "没有演示数据 / no demo city here")
