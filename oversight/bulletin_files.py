"""A bulletin as a PDF and as an Excel book: what stands in it, nothing computed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Final

from django.utils import translation
from django.utils.translation import gettext as _

from cases import exports
from cases.exports import Columns, Sheet, Value
from cases.typesetting import typeset
from grids.clock import SHANGHAI
from oversight.bulletins import PARTS
from oversight.models import Bulletin, BulletinKind, BulletinState
from oversight.tables import DEFINITIONS

TEMPLATE: Final = Path(__file__).parent / "typst" / "bulletin.typ"
LONGEST_NAME: Final = 31  # of a sheet, as Excel has it
FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\：", " "))


def title_of(bulletin: Bulletin) -> str:
    """ "丰城市 2026 年 10 月…通报", "丰城市 2026 年第 3 季度…排名", "丰城市 2026 年村（社区）项目资金分配"."""
    with translation.override("zh-hans"):
        values = {
            "place": bulletin.place.name, "year": bulletin.first.year, "month": bulletin.first.month,
            "quarter": (bulletin.first.month + 2) // 3,
        }  # fmt: skip
        if bulletin.kind == BulletinKind.VILLAGES:
            return _("%(place)s %(year)s 年村（社区）项目资金分配") % values
        if bulletin.kind == BulletinKind.MONTHLY:
            return _("%(place)s %(year)s 年 %(month)s 月网格治理工作通报") % values
        return _("%(place)s %(year)s 年第 %(quarter)s 季度网格治理工作排名") % values


def pdf(bulletin: Bulletin) -> bytes:
    """The paper, in Chinese. Raises TypesettingFailed."""
    with translation.override("zh-hans"):
        return typeset(TEMPLATE, _data(bulletin), at=bulletin.released_at or bulletin.figured_at)


def _data(bulletin: Bulletin) -> dict[str, Any]:
    parts = [{"title": str(label), "text": bulletin.words.get(name, "")} for name, label in PARTS.items()]
    tables = [
        {
            "title": table["title"],
            "note": table.get("note", ""),
            "head": [table["head"], *table["columns"]],
            "rows": [[row["label"], *(cell["text"] for cell in row["cells"])] for row in table["rows"]],
        }
        for table in bulletin.figures["tables"]
    ]
    made = (bulletin.released_at or bulletin.figured_at).astimezone(SHANGHAI)
    draft = bulletin.state == BulletinState.DRAFT
    return {
        "title": title_of(bulletin),
        "issuer": _("%(place)s委政法委") % {"place": bulletin.place.name},
        "date": f"{made:%Y-%m-%d}",
        "draft": _("待审定，不对外") if draft else "",
        "parts": [part for part in parts if part["text"]],
        "tables": tables,
        "definitions_title": _("指标怎么算"),
        "definitions_head": [str(label) for label, _width in DEFINITIONS[:5]],
        "definitions": [row[:5] for row in bulletin.figures["definitions"]],
        "foot": _("数字截至 %(at)s，指标规则版本 %(version)s。信访、投诉和来电的多少不计入评价。")
        % {
            "at": f"{bulletin.figured_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            "version": bulletin.rules_version,
        },
        "none": _("无"),
        "page": _("第 {page} 页，共 {pages} 页"),
    }


def book(bulletin: Bulletin) -> IO[bytes]:
    """The tables as sheets, the definitions as the last one."""
    with translation.override("zh-hans"):
        sheets = [
            Sheet(_sheet_name(table["title"], number), _columns(table), [*_rows(table), *_note(table)])
            for number, table in enumerate(bulletin.figures["tables"], start=1)
        ]
        sheets.append(Sheet(_("指标说明"), DEFINITIONS, bulletin.figures["definitions"]))
        return exports.book(sheets)


def _sheet_name(title: str, number: int) -> str:
    return f"{number} {title.translate(FORBIDDEN)}"[:LONGEST_NAME]


def _shares(table: dict[str, Any]) -> list[bool]:
    """Which columns hold shares: these have a numerator and a denominator beside them."""
    return [
        any(row["cells"][at].get("denominator") is not None for row in table["rows"])
        for at in range(len(table["columns"]))
    ]


def _columns(table: dict[str, Any]) -> Columns:
    found: list[tuple[str, int]] = [(table["head"], 30)]
    for name, share in zip(table["columns"], _shares(table), strict=True):
        found.append((name, 24))
        if share:
            found += [(_("%(name)s 分子") % {"name": name}, 12), (_("%(name)s 分母") % {"name": name}, 12)]
    return found


def _rows(table: dict[str, Any]) -> list[list[Value]]:
    shares = _shares(table)
    found = []
    for row in table["rows"]:
        line: list[Value] = [row["label"]]
        for cell, share in zip(row["cells"], shares, strict=True):
            line.append(_value(cell, share))
            if share:
                line += [cell.get("numerator"), cell.get("denominator")]
        found.append(line)
    return found


def _value(cell: dict[str, Any], share: bool) -> Value:
    """What is shown; money and plain numbers as numbers, to be added up."""
    if "money" in cell:
        return Decimal(cell["money"])
    if not share and cell.get("numerator") is not None:
        return int(cell["numerator"])
    return str(cell["text"])


def _note(table: dict[str, Any]) -> list[list[Value]]:
    """What is said below a table, after an empty row."""
    return [[], [table["note"]]] if table.get("note") else []
