"""Project money of villages (村积分换项目资金): a fund is shared among the first of the villages' ranking by their scores.

Source: docs/domain.md, section 9 (洞口: ten million yuan a year for the first hundred villages). Money is written into the
kept figures as text, in yuan with two digits after the point.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.errors import Incomplete
from oversight.sharing import shared

Table = dict[str, Any]
FIRST: Final = 100  # among how many of the first ranked a fund is shared, unless the committee says otherwise


def with_money(table: Table, fund: Decimal, first: int) -> Table:
    """A ranking of villages as a bulletin keeps it, with what each gets of the fund, their sum, and how it was shared.

    Whoever has a rank up to `first` takes part, so those who share the last of these ranks all do. What the table said
    of money before is replaced. Raises Incomplete where nobody has a score above 0.
    """
    bare = without_money(table)
    taking = [row for row in bare["rows"] if row["rank"] and row["rank"] <= first]
    try:
        money = shared(fund, {row["key"]: Decimal(row["score"]) for row in taking})
    except ValueError:
        message = _("没有得分高于 0 的村（社区），这笔资金没有对象可分。")
        raise Incomplete(message, errors={"fund": [message]}) from None
    rows = [row | {"cells": [*row["cells"], _cell(money.get(row["key"]))]} for row in bare["rows"]]
    blank = [{"text": ""} for _name in bare["columns"]]
    rows.append(
        {"label": _("合计"), "cells": [*blank, _cell(sum(money.values(), Decimal(0)))], "total": True}
    )
    columns = [*bare["columns"], _("项目资金（元）")]
    return bare | {
        "columns": columns,
        "rows": rows,
        "fund": f"{fund:.2f}",
        "note": _note(fund, first, len(taking)),
    }


def without_money(table: Table) -> Table:
    """The ranking alone."""
    if "fund" not in table:
        return table
    rows = [row | {"cells": row["cells"][:-1]} for row in table["rows"] if not row.get("total")]
    kept = {name: value for name, value in table.items() if name not in ("fund", "note")}
    return kept | {"columns": table["columns"][:-1], "rows": rows}


def _cell(money: Decimal | None) -> dict[str, Any]:
    if money is None:
        return {"text": "—"}
    return {"text": f"{money:,.2f}", "money": f"{money:.2f}"}


def _note(fund: Decimal, first: int, count: int) -> str:
    said = _(
        "资金 %(fund)s 元，由前 %(first)s 名共 %(count)s 个村（社区）按得分的比例分配，精确到分；"
        "除不尽的分按余数从大到小补足，合计与资金相等。"
    ) % {"fund": f"{fund:,.2f}", "first": first, "count": count}
    if count > first:
        said += _("第 %(first)s 名有并列，名次相同的都参加。") % {"first": first}
    return said
