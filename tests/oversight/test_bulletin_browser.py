"""A draft on a phone: one form, asked before what cannot be undone, rankings that can be read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from oversight.models import Bulletin, BulletinEntry
from tests.browser import PHONE, serious_violations, sideways
from tests.cast import Cast, build_cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime(2027, 1, 1, 5, tzinfo=UTC)
SHARES = ["按期结案率（权重 40）", "按期处置率（权重 30）", "结案率（权重 20）", "返工率（权重 10）"]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return build_cast()


@pytest.fixture
def draft(cast: Cast) -> Bulletin:
    """The project money of a year in which forty villages are ranked."""
    rows = [
        {
            "label": f"孙渡街道第{n}社区居委会",
            "key": f"36098100{n:04}",
            "rank": n,
            "score": f"{100 - n}.50",
            "cells": [{"text": str(n)}, {"text": f"{100 - n}.50"}, *[{"text": "93.72 % (911/972)"}] * 4],
        }
        for n in range(1, 41)
    ]
    table = {
        "title": "村（社区）排名", "head": "村（社区）", "columns": ["名次", "得分", *SHARES], "rows": rows,
        "target": "village",
    }  # fmt: skip
    made = Bulletin.objects.create(
        kind="villages", place=cast.places.city, first=date(2026, 1, 1), last=date(2026, 12, 31), villages=100,
        figures={"tables": [table], "definitions": []}, rules_version="1", made_at=NOW, figured_at=NOW,
    )  # fmt: skip
    BulletinEntry.objects.create(bulletin=made, what="made", at=NOW)
    return made


def test_releasing_asks_first_and_saving_does_not(
    draft: Bulletin, live_server: Any, open_page: Any, cast: Cast, browser_of: Any
) -> None:
    page = open_page(PHONE)
    cookie = browser_of(cast.committee).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    page.goto(f"{live_server.url}{draft.get_absolute_url()}")
    page.get_by_label("总体情况").fill("一个字也不丢")
    page.get_by_label("资金总额").fill("100")
    page.get_by_role("button", name="保存并发布").click()
    page.get_by_role("button", name="先不").click()
    draft.refresh_from_db()
    assert draft.state == "draft" and draft.words == {}
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_text("已保存。").wait_for()
    draft.refresh_from_db()
    assert draft.state == "draft" and draft.words["opening"] == "一个字也不丢"
    assert sideways(page) == 0 and serious_violations(page) == []
    # Rank, name and score in one line; the other thirty rows when they are asked for.
    row = page.locator("table.gz-ranking tbody tr").first
    boxes = [row.locator(part).bounding_box() for part in ("th", "td >> nth=0", "td >> nth=1")]
    assert max(box["y"] for box in boxes) - min(box["y"] for box in boxes) < 4
    assert row.bounding_box()["height"] < 200
    assert not page.get_by_text("第11社区").is_visible()
    page.get_by_text("其余 30 行").click()
    assert page.get_by_text("第11社区").is_visible()
    page.get_by_role("button", name="保存并发布").click()
    page.locator("#confirm").get_by_role("button", name="发布").click()
    page.get_by_text("已发布。").wait_for()
    draft.refresh_from_db()
    assert draft.state == "released" and draft.fund == 100 and draft.words["opening"] == "一个字也不丢"
