"""Catalogue and departments of the demo city."""

from __future__ import annotations

from grids.models import Department, DepartmentKind, Division
from grids.services import create_department
from incidents.catalogue import read_catalogue
from incidents.catalogue_load import SHIPPED


def build_departments(city: Division | None, townships: list[Division]) -> list[Department]:
    """The city's departments by kind (None: it has them), and the stations of every township given."""
    made: list[Department] = []
    kinds = {kind.code: kind for kind in DepartmentKind.objects.all()}
    for row in read_catalogue(SHIPPED).kinds:
        seats = [(place, row.office_township) for place in townships]
        if city is not None:
            seats.insert(0, (city, row.office_city))
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
