"""What can be said of one row of a division table without looking at any other."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from grids.codes import CODE_DIGITS, pad
from grids.division_files import RawDivision, Shape
from grids.models import Division, DivisionLevel
from grids.pinyin import keys

NAME_LENGTH: Final = Division._meta.get_field("name").max_length or 0
LEVELS: Final = [level for level in DivisionLevel if level != DivisionLevel.GRID]
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_DIGITS: Final = re.compile(r"[0-9]+\Z", re.ASCII)


class Row(NamedTuple):
    """A row that is sound in itself, with codes filled up to 12 digits and the keys of its name."""

    line: int
    code: str
    name: str
    level: str
    prefix: str
    parent: str
    pinyin: str
    initials: str


class StandIn(NamedTuple):
    """A row of a national file that only repeats the division above it, where that level does not exist.

    东莞市 has no counties: the file lists a county 441900 for the city 4419, and both are 441900000000.
    """

    line: int
    code: str


def check_row(raw: RawDivision, shape: Shape) -> Row | StandIn | str:
    """The row ready to be stored, or what is wrong with it in words."""
    fault = raw.fault or _level_fault(raw.level) or _code_fault(raw, shape) or _name_fault(raw.name)
    if fault:
        return fault
    code, parent = pad(raw.code), pad(raw.parent) if raw.parent else ""
    if code == parent:
        return StandIn(raw.line, code) if shape.national else _("上级就是自己")
    level = DivisionLevel(raw.level)
    if not fits_level(code, level):
        return _("代码 %(code)s 不是“%(level)s”一级的代码") % {"code": code, "level": level.label}
    return Row(raw.line, code, raw.name, raw.level, code[: level.digits(code)], parent, *keys(raw.name))


def fits_level(code: str, level: DivisionLevel) -> bool:
    """Whether the segments of a 12-digit code are filled just as far as the level says."""
    segments = [code[0:2], code[2:4], code[4:6], code[6:9], code[9:12]]
    filled = [segment.strip("0") != "" for segment in segments]
    match level:
        case DivisionLevel.PROVINCE:
            return filled[0] and not any(filled[1:])
        case DivisionLevel.CITY:
            return filled[1] and not any(filled[3:])
        case DivisionLevel.COUNTY:
            return filled[2] and not any(filled[3:])
        case DivisionLevel.TOWNSHIP:
            return filled[3] and not filled[4]
        case DivisionLevel.VILLAGE:
            return filled[4]
        case _:
            return False


def _level_fault(level: str) -> str:
    if level == DivisionLevel.GRID:
        return _("网格用 import_grids 导入")
    return "" if level in LEVELS else _("层级“%(level)s”不认识") % {"level": level}


def _code_fault(raw: RawDivision, shape: Shape) -> str:
    for value, length in ((raw.code, shape.digits), (raw.parent, None)):
        if value and not _DIGITS.match(value):
            return _("代码“%(code)s”不是数字") % {"code": value}
        if len(value) > CODE_DIGITS or (length and len(value) != length):
            return _code_length(value, length or CODE_DIGITS)
    if not shape.national and len(raw.code) != CODE_DIGITS:
        return _code_length(raw.code, CODE_DIGITS)
    if not shape.national and raw.parent and len(raw.parent) != CODE_DIGITS:
        return _code_length(raw.parent, CODE_DIGITS)
    return ""


def _code_length(code: str, digits: int) -> str:
    return _("代码“%(code)s”应为 %(digits)d 位") % {"code": code, "digits": digits}


def _name_fault(name: str) -> str:
    if not name:
        return _("名称为空")
    if len(name) > NAME_LENGTH:
        return _("名称超过 %(length)d 个字") % {"length": NAME_LENGTH}
    return _("名称含有控制字符") if _CONTROL.search(name) else ""
