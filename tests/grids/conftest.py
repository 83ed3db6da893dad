"""The real tables of divisions, and small files written by the tests themselves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grids.division_import import import_divisions
from grids.models import Division

TABLES = Path(__file__).resolve().parents[2] / "data" / "divisions"
HEADER = "code,name,level,parent_code"
WriteFile = Callable[..., Path]


def division(code: str) -> Division:
    return Division.objects.get(code=code)


@pytest.fixture
def fengcheng(db: None) -> Division:
    """丰城, the root of this installation: 34 townships, 609 villages."""
    import_divisions([TABLES / "fengcheng.csv"])
    return division("360981000000")


@pytest.fixture
def jincheng(db: None, settings: Any) -> Division:
    """晋城 as the root: a city with counties."""
    settings.GEZHI_CITY_CODE = "140500000000"
    import_divisions([TABLES / "jincheng.csv"])
    return division("140500000000")


@pytest.fixture
def write(tmp_path: Path) -> WriteFile:
    """Writes lines to a file of a name; `header` stands above them."""

    def write_file(name: str, *lines: str, header: str = HEADER) -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write_file


def square(lng: float, lat: float, size: float = 0.01) -> dict[str, Any]:
    """A GeoJSON square with its south-west corner there."""
    east, north = round(lng + size, 6), round(lat + size, 6)
    return {
        "type": "Polygon",
        "coordinates": [[[lng, lat], [east, lat], [east, north], [lng, north], [lng, lat]]],
    }
