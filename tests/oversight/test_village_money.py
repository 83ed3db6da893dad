"""Project money of villages: every fen is given, nobody who did better gets less, and nothing changes once released."""

from __future__ import annotations

import io
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from pypdf import PdfReader

from cases.errors import Incomplete, NotAllowed
from cases.periods import Period
from grids.clock import SHANGHAI
from oversight import bulletin_files, bulletins, rankings
from oversight.indicators import BY_CODE
from oversight.models import Bulletin
from oversight.rankings import Target
from oversight.sharing import shared
from oversight.village_money import with_money, without_money
from tests.cast import Cast

LIST = "/oversight/bulletins/"
FUNDS = st.integers(1, 10**12).map(lambda fen: Decimal(fen).scaleb(-2))
SCORES = (
    st.lists(st.integers(0, 10**4), min_size=1, max_size=40)
    .filter(any)
    .map(lambda points: {str(n): Decimal(one).scaleb(-2) for n, one in enumerate(points)})
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FUNDS, SCORES, st.randoms(use_true_random=False))
def test_every_fen_is_given_by_score(fund: Decimal, scores: dict[str, Decimal], chance: Any) -> None:
    found = shared(fund, scores)
    assert sum(found.values()) == fund and found.keys() == scores.keys()
    assert all(money >= 0 and money == round(money, 2) for money in found.values())
    whole = sum(scores.values())
    for key, score in scores.items():
        assert abs(found[key] - fund * score / whole) < Decimal("0.01")
    in_order = sorted(scores, key=lambda key: (scores[key], found[key]))
    for low, high in pairwise(in_order):
        assert found[low] <= found[high]
    mixed = list(scores)
    chance.shuffle(mixed)
    assert shared(fund, {key: scores[key] for key in mixed}) == found


@pytest.mark.parametrize(
    ("fund", "scores"),
    [("0", ["1"]), ("-1", ["1"]), ("0.001", ["1"]), ("1", ["0", "0"]), ("1", []), ("1", ["2", "-1"])],
)
def test_what_cannot_be_shared_is_refused(fund: str, scores: list[str]) -> None:
    with pytest.raises(ValueError, match="cannot be shared"):
        shared(Decimal(fund), {str(n): Decimal(score) for n, score in enumerate(scores)})


def ranking(*ranked: tuple[str, int | None, str | None]) -> dict[str, Any]:
    rows = [
        {"label": name, "key": name, "rank": rank, "score": score, "cells": [{"text": str(rank)}, {"text": score}]}
        for name, rank, score in ranked
    ]  # fmt: skip
    return {"title": "t", "head": "h", "columns": ["名次", "得分"], "rows": rows, "target": "village"}


def money_of(table: dict[str, Any]) -> dict[str, str]:
    return {row["label"]: row["cells"][-1].get("money", "") for row in table["rows"]}


def test_who_shares_the_last_rank_takes_part_and_who_has_none_does_not() -> None:
    table = ranking(
        ("甲", 1, "90.00"), ("乙", 2, "60.00"), ("丙", 2, "60.00"), ("丁", 4, "50.00"), ("戊", None, "100")
    )
    two = with_money(table, Decimal("100.00"), 2)
    assert money_of(two) == {
        "甲": "42.86",
        "乙": "28.57",
        "丙": "28.57",
        "丁": "",
        "戊": "",
        "合计": "100.00",
    }
    assert "共 3 个" in two["note"] and "第 2 名有并列" in two["note"]
    assert "并列" not in with_money(table, Decimal(100), 3)["note"]
    assert money_of(with_money(table, Decimal(100), 1)) == {
        **dict.fromkeys("乙丙丁戊", ""),
        "甲": "100.00",
        "合计": "100.00",
    }
    # Money is written once, however often it is written, and taken away whole.
    assert with_money(two, Decimal("100.00"), 2) == two and without_money(two) == table
    with pytest.raises(Incomplete) as refused:
        with_money(ranking(("甲", 1, "0.00"), ("乙", None, None)), Decimal(100), 2)
    assert set(refused.value.errors) == {"fund"}  # fmt: skip


def test_villages_are_ranked_by_their_work_alone() -> None:
    weights = rankings.weights()[Target.VILLAGE]
    assert weights and sum(weights.values()) == 100
    assert not {"reopenings", "reports", "returns"} & weights.keys()
    assert {BY_CODE[code].subject for code in weights} == {"incident"}


# --- the bulletin

pages = pytest.mark.django_db


@pytest.fixture
def draft(lively: list[Period], clock: Any) -> Bulletin:
    clock.set(datetime(2027, 1, 1, 5, 0, tzinfo=SHANGHAI))
    return next(one for one in bulletins.make_due() if one.kind == "villages")


def press(client: Client, draft: Bulletin, do: str, **written: Any) -> Any:
    sent = {
        **draft.words,
        "fund": "",
        "villages": "100",
        **written,
        "seen": bulletins.seen_of(draft.pk),
        "do": do,
    }
    return client.post(draft.get_absolute_url(), sent)


@pages
def test_the_committee_writes_the_fund_and_releases_it(draft: Bulletin, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.committee)
    assert (draft.villages, draft.fund, draft.period) == (100, None, Period.of_year(2026))
    page = client.get(draft.get_absolute_url()).content.decode()
    assert "剑光街道东路社区居委会" in page and "项目资金（元）" not in page
    # Without a fund, or with one that is none, nothing is released and nothing that was typed is lost.
    for fund, villages in (
        ("", "100"),
        ("0", "100"),
        ("-5", "100"),
        ("1.005", "100"),
        ("x", "100"),
        ("5", "0"),
        ("5", "1001"),
        ("5", ""),
    ):
        refused = press(client, draft, "release", fund=fund, villages=villages, opening="写好的话")
        assert refused.status_code == 422 and "写好的话" in refused.content.decode(), (fund, villages)
    draft.refresh_from_db()
    assert draft.state == "draft" and draft.fund is None and draft.words["opening"] != "写好的话"
    with pytest.raises(Incomplete):
        bulletins.release(draft, by=cast.committee)
    with pytest.raises(NotAllowed):
        bulletins.fund(draft, Decimal(1), 100, by=cast.centre)
    with pytest.raises(IntegrityError), transaction.atomic():
        Bulletin.objects.filter(pk=draft.pk).update(
            state="released", released_at=draft.made_at, released_by=cast.committee
        )
    # Saved, counted again, changed: the figures always hold the shares of the fund that stands there.
    assert press(client, draft, "save", fund="10000000.01").status_code == 302
    assert kept(draft)["合计"] == "10000000.01"
    assert press(client, draft, "count", fund="500.10", villages="7").status_code == 302
    assert kept(draft)["合计"] == "500.10"
    assert press(client, draft, "save", fund="").status_code == 302
    assert "合计" not in kept(draft)
    assert press(client, draft, "release", fund="10000000.01", opening="公布如下。").status_code == 302
    assert [entry.what for entry in draft.entries.all()] == [
        "made", "funded", "funded", "counted", "funded", "reworded", "funded", "released",
    ]  # fmt: skip
    draft.refresh_from_db()
    assert draft.fund == Decimal("10000000.01") and draft.state == "released"
    money = {name: text for name, text in kept(draft).items() if text}
    assert set(money) == {"剑光街道东路社区居委会", "合计"} and set(money.values()) == {"10000000.01"}
    assert not any(
        isinstance(cell.get("money"), float)
        for row in draft.figures["tables"][0]["rows"]
        for cell in row["cells"]
    )


def kept(draft: Bulletin) -> dict[str, str]:
    """The money in the kept figures by village."""
    draft.refresh_from_db()
    (table,) = draft.figures["tables"]
    return money_of(table) if "fund" in table else {}


@pages
def test_everybody_reads_the_same_and_a_village_finds_itself(
    draft: Bulletin, cast: Cast, browser_of: Any
) -> None:
    bulletins.fund(draft, Decimal("88888.88"), 100, by=cast.committee)
    bulletins.release(draft, by=cast.committee)
    for name, own in (
        ("village", True),
        ("worker", True),
        ("village2", False),
        ("officer", False),
        ("township", False),
    ):
        page = browser_of(getattr(cast, name)).get(draft.get_absolute_url()).content.decode()
        assert page.count("88,888.88") == 3, name  # the sentence, the village, the sum
        marked = [part for part in page.split("<tr ")[1:] if "gz-own" in part.split(">")[0]]
        assert any("东路社区" in part for part in marked) == own, name
    client: Client = browser_of(cast.village)
    text = "".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(client.get(f"{draft.get_absolute_url()}file.pdf").content)).pages
    )
    for words in (
        bulletin_files.title_of(draft),
        "剑光街道东路社区居委会",
        "88,888.88",
        "合计",
        "精确到分",
        "权重 40",
    ):
        assert words in text.replace("\n", ""), words
    book = load_workbook(io.BytesIO(b"".join(client.get(f"{draft.get_absolute_url()}file.xlsx"))))
    sheet = [list(row) for row in book.worksheets[0].values]
    assert sheet[0][:3] == ["村（社区）", "名次", "得分"] and "项目资金（元）" in sheet[0]
    at = sheet[0].index("项目资金（元）")
    assert next(row[at] for row in sheet if row[0] == "合计") == 88888.88
    assert any(row and row[0] and "精确到分" in str(row[0]) for row in sheet)
