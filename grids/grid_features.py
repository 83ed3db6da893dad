"""What can be said of one feature of a GeoJSON file of grids without looking at any other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import shapely
from django.utils.translation import gettext as _
from shapely.errors import GEOSException
from shapely.geometry import shape as from_geojson
from shapely.geometry.base import BaseGeometry

from grids.division_rows import NAME_LENGTH
from grids.errors import FileRefused
from grids.models import GridGeometry

WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
"""China in degrees; latitude and longitude the wrong way round lie outside."""
_VILLAGE: Final = re.compile(r"[0-9]{12}\Z", re.ASCII)
_GRID: Final = re.compile(r"[0-9]{15}\Z", re.ASCII)


@dataclass(frozen=True)
class Feature:
    """A grid that is sound in itself. `number` counts the features of the file from 1; `code` may be empty."""

    number: int
    code: str
    name: str
    village: str
    geometry: GridGeometry
    shape: BaseGeometry


@dataclass(frozen=True)
class BadFeature:
    """A feature that is not, and why."""

    number: int
    reason: str


def read_features(path: Path) -> Iterator[Feature | BadFeature]:
    """Every feature of a FeatureCollection. Raises FileRefused when the file is no such thing."""
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise FileRefused(_("%(file)s 读不出来：%(why)s") % {"file": path.name, "why": error}) from error
    entries = content.get("features") if isinstance(content, dict) else None
    if not isinstance(entries, list) or content.get("type") != "FeatureCollection":
        raise FileRefused(_("%(file)s 不是 GeoJSON 的 FeatureCollection。") % {"file": path.name})
    for number, entry in enumerate(entries, start=1):
        found = check_feature(number, entry)
        yield BadFeature(number, found) if isinstance(found, str) else found


def check_feature(number: int, entry: Any) -> Feature | str:
    """The feature ready to be stored, or what is wrong with it in words."""
    properties = entry.get("properties") if isinstance(entry, dict) else None
    if not isinstance(properties, dict) or not isinstance(entry.get("geometry"), dict):
        return _("不是带属性和图形的要素")
    values: dict[str, Any] = {name: properties.get(name) for name in ("name", "village")}
    values["code"] = properties.get("code") or ""
    values["geometry"] = properties.get("geometry", GridGeometry.SURVEYED.value)
    fault = _property_fault(values)
    if fault:
        return fault
    shape = _shape(entry["geometry"])
    if isinstance(shape, str):
        return shape
    name = values["name"].strip()
    return Feature(number, values["code"], name, values["village"], GridGeometry(values["geometry"]), shape)


def _property_fault(values: Mapping[str, Any]) -> str:
    for key, value in values.items():
        if not isinstance(value, str):
            return _("属性“%(key)s”缺失或不是文本") % {"key": key}
    if not _VILLAGE.match(values["village"]):
        return _("村社区代码“%(code)s”应为 12 位数字") % {"code": values["village"]}
    if values["code"] and not _GRID.match(values["code"]):
        return _("网格代码“%(code)s”应为 15 位数字") % {"code": values["code"]}
    if not values["name"].strip() or len(values["name"].strip()) > NAME_LENGTH:
        return _("名称为空或超过 %(length)d 个字") % {"length": NAME_LENGTH}
    if values["geometry"] not in GridGeometry.values:
        return _("geometry 只能是 surveyed 或 schematic")
    return ""


def _shape(geometry: dict[str, Any]) -> BaseGeometry | str:
    """The outline in the plane, or what is wrong with it."""
    if geometry.get("type") not in {"Polygon", "MultiPolygon"}:
        return _("图形应为 Polygon 或 MultiPolygon")
    try:
        shape: BaseGeometry = shapely.force_2d(from_geojson(geometry))
    except (GEOSException, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        return _("图形读不出来：%(why)s") % {"why": error}
    if shape.is_empty:
        return _("图形没有面积")
    west, south, east, north = shape.bounds
    if not (west >= WEST and east <= EAST and south >= SOUTH and north <= NORTH):
        return _("坐标不在中国范围内；应为 [经度, 纬度]，单位为度")
    if not shape.is_valid:
        return _("图形无效：%(why)s") % {"why": shapely.is_valid_reason(shape)}
    return shape if shape.area else _("图形没有面积")
