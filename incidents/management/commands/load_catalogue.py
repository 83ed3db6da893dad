"""manage.py load_catalogue: the catalogue's files into the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from incidents.catalogue import CatalogueError
from incidents.catalogue_load import SHIPPED, load_catalogue


class Command(BaseCommand):
    help = "Loads kinds of departments and categories. A change to a category in force is only proposed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=SHIPPED)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = load_catalogue(options["folder"])
        except CatalogueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{result.kinds} kinds and {result.new} categories new, {result.proposed} changes proposed, "
            f"{result.same} as they were"
        )
