"""Places and work calendar of the demo city."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from grids import workdays
from grids.division_import import import_divisions
from grids.drawing import draw_grids
from grids.models import Division

CITY = "360981000000"
GRIDS_PER_VILLAGE = 3
YEARS = (2024, 2025, 2026, 2027)
# Townships in which the history plays: two streets and four towns. The first two hold the two casts.
ACTIVE = ("360981002000", "360981119000", "360981101000", "360981104000", "360981007000", "360981110000")


def build_places() -> Division:
    """The divisions of 丰城, schematic grids in every village and the work calendar."""
    import_divisions([Path(settings.BASE_DIR) / "data" / "divisions" / "fengcheng.csv"])
    city = Division.objects.get(code=CITY)
    draw_grids(city=city, per_village=GRIDS_PER_VILLAGE)
    for year in YEARS:
        workdays.seed_year(year)
    return city


def active_townships() -> list[Division]:
    """The townships of the history in the order of ACTIVE."""
    return sorted(Division.objects.filter(code__in=ACTIVE), key=lambda place: ACTIVE.index(place.code))
