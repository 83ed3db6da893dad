"""manage.py draw_grids: schematic grids for a city without surveyed ones."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from grids.drawing import draw_grids
from grids.errors import PlaceError
from grids.geo import read_position
from grids.models import Division


class Command(BaseCommand):
    help = "Draws schematic grids that tile a plain shape. Drawn again, grids keep their codes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--city", default=settings.GEZHI_CITY_CODE, metavar="CODE")
        parser.add_argument("--per-village", type=int, required=True, metavar="N")
        parser.add_argument("--centre", type=_centre, metavar="LAT,LNG", help="the middle, in degrees WGS-84")

    def handle(self, *args: Any, **options: Any) -> None:
        city = Division.objects.filter(code=options["city"]).first()
        if city is None:
            raise CommandError(_("库里没有代码为 %(code)s 的区划。") % {"code": options["city"]})
        try:
            drawing = draw_grids(city=city, per_village=options["per_village"], centre=options["centre"])
        except PlaceError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            _("%(villages)d 个村社区，%(grids)d 个示意网格，其中新增 %(created)d。")
            % {"villages": drawing.villages, "grids": drawing.grids, "created": drawing.created}
        )


def _centre(text: str) -> tuple[float, float]:
    lat, _comma, lng = text.partition(",")
    try:
        return read_position(lat, lng)
    except PlaceError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
