"""Places, work calendar, catalogue and departments of the demo city."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from grids import workdays
from grids.division_import import import_divisions
from grids.drawing import draw_grids
from grids.models import Department, DepartmentKind, Division
from grids.services import create_department
from incidents.catalogue import read_catalogue
from incidents.catalogue_load import SHIPPED, load_catalogue

CITY = "360981000000"
GRIDS_PER_VILLAGE = 3
YEARS = (2024, 2025, 2026, 2027)
# Townships in which the history plays: two streets and four towns. The first two hold the two casts.
ACTIVE = ("360981002000", "360981119000", "360981101000", "360981104000", "360981007000", "360981110000")


def build_places() -> Division:
    """The divisions of 丰城, schematic grids in every village, the work calendar and the catalogue."""
    import_divisions([Path(settings.BASE_DIR) / "data" / "divisions" / "fengcheng.csv"])
    city = Division.objects.get(code=CITY)
    draw_grids(city=city, per_village=GRIDS_PER_VILLAGE)
    for year in YEARS:
        workdays.seed_year(year)
    load_catalogue()
    return city


def active_townships() -> list[Division]:
    """The townships of the history in the order of ACTIVE."""
    return sorted(Division.objects.filter(code__in=ACTIVE), key=lambda place: ACTIVE.index(place.code))


def build_departments(city: Division, townships: list[Division]) -> list[Department]:
    """The city's departments by kind, and the stations of every active township."""
    made: list[Department] = []
    kinds = {kind.code: kind for kind in DepartmentKind.objects.all()}
    for row in read_catalogue(SHIPPED).kinds:
        seats = [(city, row.office_city), *((place, row.office_township) for place in townships)]
        for place, office in seats:
            if office:
                telephone = f"000-{6400000 + len(made)}"  # a number that no exchange connects
                made.append(
                    create_department(
                        name=f"{place.name}{office}",
                        kind=kinds[row.code],
                        division=place,
                        telephone=telephone,
                    )
                )
    return made
