"""Bulletins and rankings: made once and in time, reviewed by the committee alone, frozen when released."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from openpyxl import load_workbook
from pypdf import PdfReader

from cases.errors import NotAllowed, WrongState
from cases.periods import Period
from grids.clock import SHANGHAI
from oversight import bulletin_files, bulletins, summaries
from oversight.indicators import ALL, Subject
from oversight.models import Bulletin, BulletinEntry, BulletinKind, Tally
from tests.cast import Cast

pytestmark = pytest.mark.django_db
LIST = "/oversight/bulletins/"
EVERYBODY = (
    "worker",
    "village",
    "township",
    "secretary",
    "centre",
    "officer",
    "station",
    "mediator",
    "committee",
)


@pytest.fixture
def drafts(lively: list[Period], clock: Any) -> dict[str, Bulletin]:
    """The monthly and the quarterly one of what has just ended."""
    clock.set(datetime(2027, 1, 1, 5, 0, tzinfo=SHANGHAI))
    made = bulletins.make_due()
    return {one.kind: one for one in made}


@pytest.fixture
def released(drafts: dict[str, Bulletin], cast: Cast) -> dict[str, Bulletin]:
    return {kind: bulletins.release(one, by=cast.committee) for kind, one in drafts.items()}


def test_what_is_due_is_made_once(drafts: dict[str, Bulletin]) -> None:
    assert set(drafts) == {"monthly", "quarterly"}
    assert drafts["monthly"].period == Period.of_month(2026, 12)
    assert drafts["quarterly"].period == Period.of_quarter(2026, 4)
    assert bulletins.make_due() == []
    assert Bulletin.objects.count() == 2
    assert [entry.what for entry in BulletinEntry.objects.order_by("bulletin", "pk")] == ["made", "made"]


def test_nothing_is_made_of_a_time_before_anything_was_counted(lively: list[Period], clock: Any) -> None:
    assert bulletins.due_periods(date(2026, 11, 1)) == []
    summaries.refresh_all()
    clock.set(datetime(2020, 1, 1, 5, 0, tzinfo=SHANGHAI))
    assert bulletins.make_due() == []


def test_a_start_in_the_middle_of_a_month_makes_up_for_the_first(lively: list[Period], clock: Any) -> None:
    clock.set(datetime(2027, 1, 19, 5, 0, tzinfo=SHANGHAI))
    assert {one.kind for one in bulletins.make_due()} == {"monthly", "quarterly"}


def test_a_draft_may_be_counted_again_and_reworded_by_its_committee_alone(
    drafts: dict[str, Bulletin], cast: Cast
) -> None:
    draft = drafts["quarterly"]
    before = draft.figures
    again = bulletins.count_again(draft, by=cast.committee)
    assert again.figured_at >= draft.figured_at
    reworded = bulletins.reword(
        draft, {"opening": "本季总体平稳。", "remarks": "", "demands": "x"}, by=cast.committee
    )
    assert reworded.words["opening"] == "本季总体平稳。"
    for post in (cast.centre, cast.township, cast.secretary, cast.officer):
        for do in (bulletins.count_again, bulletins.release):
            with pytest.raises(NotAllowed):
                do(draft, by=post)
        with pytest.raises(NotAllowed):
            bulletins.reword(draft, {}, by=post)
    assert [entry.what for entry in draft.entries.all()] == ["made", "counted", "reworded"]
    assert before["tables"]


def test_a_released_one_never_changes(released: dict[str, Bulletin], cast: Cast) -> None:
    one = released["monthly"]
    kept = Bulletin.objects.get(pk=one.pk).figures
    with pytest.raises(WrongState):
        bulletins.count_again(one, by=cast.committee)
    with pytest.raises(WrongState):
        bulletins.reword(one, {"opening": "x"}, by=cast.committee)
    with pytest.raises(WrongState):
        bulletins.release(one, by=cast.committee)
    entries = BulletinEntry.objects.filter(bulletin=one)
    with pytest.raises(DatabaseError), transaction.atomic():
        Bulletin.objects.filter(pk=one.pk).update(words={})
    with pytest.raises(DatabaseError), transaction.atomic():
        entries.update(what="made")
    with pytest.raises(DatabaseError), transaction.atomic():
        entries._raw_delete(entries.db)
    # The record goes on, names change, rules change: what was released says what it said.
    cast.places.street.name = "另一个名字"
    cast.places.street.save(update_fields=["name"])
    Tally.objects.all().delete()
    list(summaries.rebuild())
    assert Bulletin.objects.get(pk=one.pk).figures == kept
    assert "剑光街道" in str(kept)


@pytest.mark.parametrize("name", EVERYBODY)
def test_drafts_are_the_committees_and_released_ones_everybodys(
    name: str, drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(getattr(cast, name))
    draft = drafts["monthly"]
    urls = [f"{LIST}{draft.pk}/", f"{LIST}{draft.pk}/file.pdf", f"{LIST}{draft.pk}/file.xlsx"]
    expected = 200 if name == "committee" else 404
    assert [client.get(url).status_code for url in urls] == [expected] * 3
    for what in ("words", "figures", "release"):
        if name != "committee":
            assert client.post(f"{LIST}{draft.pk}/{what}/").status_code == 404
    title = bulletin_files.title_of(draft)
    assert (title in client.get(LIST).content.decode()) == (name == "committee")
    bulletins.release(draft, by=cast.committee)
    assert [client.get(url).status_code for url in urls] == [200] * 3
    assert title in client.get(LIST).content.decode()
    for what in ("words", "figures", "release"):
        assert client.post(f"{LIST}{draft.pk}/{what}/").status_code in (403, 409)


@pytest.mark.parametrize("name", ["sysadmin", "secadmin", "auditor", "stranger"])
def test_administrators_and_strangers_have_none(
    name: str, released: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(getattr(cast, name))
    assert client.get(LIST).status_code in (403, 404)
    assert client.get(f"{LIST}{released['monthly'].pk}/").status_code in (403, 404)


def test_the_committee_reviews_and_releases_on_the_page(
    drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(cast.committee)
    url = f"{LIST}{drafts['monthly'].pk}/"
    page = client.get(url).content.decode()
    assert "审定" in page and "总体指标" in page and "按期结案率" in page
    assert client.post(f"{url}words/", {"opening": "甲" * 4001}).status_code == 422
    client.post(f"{url}words/", {"opening": "全市平稳。", "remarks": "<b>超期</b>", "demands": ""})
    page = client.get(url).content.decode()
    assert "全市平稳。" in page and "&lt;b&gt;超期" in page
    client.post(f"{url}figures/")
    client.post(f"{url}release/")
    page = client.get(url).content.decode()
    assert "政法委甲 审定发布" in page and "保存文字" not in page


def test_everybody_finds_the_own_line(released: dict[str, Bulletin], cast: Cast, browser_of: Any) -> None:
    url = f"{LIST}{released['quarterly'].pk}/"
    own = {"township": "剑光街道", "station": "剑光街道城管站", "worker": "网格员甲"}
    for name, label in own.items():
        page = browser_of(getattr(cast, name)).get(url).content.decode()
        mine = [part for part in page.split("<tr ")[1:] if "gz-own" in part]
        assert any(label in part for part in mine), name


def test_of_workers_the_first_twenty_and_oneself(
    drafts: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    draft = drafts["quarterly"]
    table = next(one for one in draft.figures["tables"] if one.get("target") == "worker")
    table["rows"] = [
        {"label": f"网格员{n}号", "key": f"p{100000 + n}", "rank": n, "cells": table["rows"][0]["cells"]}
        for n in range(1, 31)
    ]
    table["rows"][-1]["key"] = f"p{cast.worker.pk}"
    draft.save(update_fields=["figures"])
    bulletins.release(draft, by=cast.committee)
    url = f"{LIST}{draft.pk}/"
    page = browser_of(cast.worker).get(url).content.decode()
    assert "网格员20号" in page and "网格员21号" not in page and "网格员30号" in page
    assert "网格员30号" not in browser_of(cast.worker2).get(url).content.decode()
    assert "网格员21号" in browser_of(cast.centre).get(url).content.decode()
    book = load_workbook(io.BytesIO(b"".join(browser_of(cast.worker2).get(f"{url}file.xlsx"))))
    assert not any("网格员21号" in str(row) for sheet in book for row in sheet.values)


def test_the_paper_and_the_book_say_the_same(
    released: dict[str, Bulletin], cast: Cast, browser_of: Any
) -> None:
    client: Client = browser_of(cast.township)
    for kind, words in (("monthly", "总体指标"), ("quarterly", "乡镇（街道）排名")):
        url = f"{LIST}{released[kind].pk}/"
        text = "".join(
            page.extract_text() for page in PdfReader(io.BytesIO(client.get(f"{url}file.pdf").content)).pages
        )
        assert bulletin_files.title_of(released[kind]) in text.replace("\n", "")
        assert words in text and "待审定" not in text
        book = load_workbook(io.BytesIO(b"".join(client.get(f"{url}file.xlsx"))))
        assert book.sheetnames[-1] == "指标说明"
        assert len(book.sheetnames) == len(released[kind].figures["tables"]) + 1


def test_a_draft_on_paper_says_that_it_is_one(drafts: dict[str, Bulletin]) -> None:
    text = PdfReader(io.BytesIO(bulletin_files.pdf(drafts["monthly"]))).pages[0].extract_text()
    assert "待审定" in text


def test_bulletins_hold_no_sensitive_incident_and_no_small_number_of_disputes(
    sensitive: Any, new_case: Any, lively: list[Period], cast: Cast, clock: Any
) -> None:
    summaries.refresh_all()
    months = [Period.month_of(date(2026, month, 15)) for month in (11, 12)]
    before = [bulletins._figures(BulletinKind.MONTHLY, cast.places.city, one)["tables"] for one in months]
    new_case(category=sensitive)
    summaries.refresh_all()
    after = [bulletins._figures(BulletinKind.MONTHLY, cast.places.city, one)["tables"] for one in months]
    assert after == before
    said = 0
    for tables in after:
        for table in tables:
            for row in table["rows"]:
                for name, cell in zip(table["columns"], row["cells"], strict=True):
                    if name in DISPUTES or row["label"] in DISPUTES:
                        said += 1
                        assert cell["text"] in ("不公布", "0", "—"), (table["title"], row["label"], name)
    assert said > 10


DISPUTES = {str(one.name) for one in ALL if one.subject == Subject.MEDIATION}
