"""Makes the three administrators of an empty installation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.errors import Invalid
from accounts.services import first_administrators
from accounts.services.enrolment import FIRST_ADMINISTRATORS


class Command(BaseCommand):
    help = (
        "Makes the three administrators (system, security, audit) with one-time links, printed once. "
        "Refuses when any administrator exists."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--base-url", default="http://127.0.0.1:8000", help="address before the link's path"
        )
        for role, username in FIRST_ADMINISTRATORS.items():
            parser.add_argument(f"--{role.value.replace('_', '-')}", default=username, help="user name")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            links = first_administrators({role: options[role.value] for role in FIRST_ADMINISTRATORS})
        except Invalid as error:
            raise CommandError(
                " ".join(why for reasons in error.errors.values() for why in reasons)
            ) from error
        for username, secret in links.items():
            path = reverse("accounts:first_password", args=[secret])
            self.stdout.write(f"{username}\t{options['base_url'].rstrip('/')}{path}")
