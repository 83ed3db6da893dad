"""The map over HTTP: its numbers are those of the figures, nobody sees what is not theirs, and nothing is told of homes."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from cases.periods import Period
from incidents.models import Category, CategoryVersion
from oversight import mapping, summaries
from oversight.indicators import ALL, Subject
from oversight.shading import Band, Method, bands
from tests.cast import Cast
from tests.incidents import moves
from tests.oversight.following import follow, numbers

MAP, DATA, POINTS, FIGURES = (
    "/oversight/map/", "/oversight/map/data/", "/oversight/map/points.geojson", "/oversight/figures/",
)  # fmt: skip
EVERYBODY = (
    "worker", "village", "township", "secretary", "centre", "committee", "officer", "mediator", "sysadmin",
    "secadmin", "auditor", "stranger",
)  # fmt: skip
MAY = {"village", "township", "secretary", "centre", "committee"}
ROW = re.compile(
    r'<tr role="row" data-area="(\d+)" data-shade="(\w+)" data-name="([^"]+)" data-said="([^"]+)">'
)
LEGEND = re.compile(r'<li><span class="gz-swatch" data-shade="(\w+)"[^>]*></span><span>([^<]+)</span>')


def rows(page: str) -> dict[str, tuple[str, str, str]]:
    """The areas of a map by code: shade, name, what is said of them."""
    return {code: (shade, unescape(name), said) for code, shade, name, said in ROW.findall(page)}


def told(client: Client, **asked: Any) -> dict[str, tuple[str, str, str]]:
    answer = client.get(MAP, asked)
    assert answer.status_code == 200, answer.content.decode()
    return rows(answer.content.decode())


# --- classes

COUNTS = st.lists(st.integers(0, 10_000), max_size=60)


@given(COUNTS, st.sampled_from(Method), st.integers(1, 6))
def test_every_number_has_one_class_and_classes_go_upwards(
    counts: list[int], method: Method, most: int
) -> None:
    found = bands(counts, method, most)
    assert all(sum(band.has(number) for band in found) == 1 for number in counts)
    ends = [end for band in found for end in (band.low, band.high)]
    assert ends == sorted(ends) and len(found) <= most
    assert all(one.high < other.low for one, other in pairwise(found))
    if counts:
        assert (found[0].low, found[-1].high) == (min(counts), max(counts))


@given(COUNTS, st.integers(1, 6))
def test_classes_by_areas_are_as_many_as_there_can_be_and_told_by_numbers_that_occur(
    counts: list[int], most: int
) -> None:
    found = bands(counts, Method.QUANTILES, most)
    assert len(found) == min(most, len(set(counts)))
    assert {end for band in found for end in (band.low, band.high)} <= set(counts)


@given(st.lists(st.integers(0, 10_000), min_size=1), st.integers(1, 6))
def test_classes_by_steps_are_of_one_width_without_gaps(counts: list[int], most: int) -> None:
    found = bands(counts, Method.STEPS, most)
    assert all(one.high + 1 == other.low for one, other in pairwise(found))
    widths = [band.high - band.low + 1 for band in found]
    assert max(widths) - min(widths) <= 2
    assert len(found) == min(most, max(counts) - min(counts) + 1)


def test_different_numbers_are_shared_out_evenly() -> None:
    sizes = [band.high - band.low + 1 for band in bands(range(100), Method.QUANTILES, 5)]
    assert sizes == [20] * 5
    crowded = bands([1] * 50 + [2, 3, 4, 5, 6, 7, 8], Method.QUANTILES, 4)
    assert crowded[0] == Band(1, 1) and len(crowded) == 4


# --- who sees what


@pytest.mark.django_db
@pytest.mark.parametrize("name", EVERYBODY)
def test_who_gets_in(name: str, cast: Cast, browser_of: Any, workdays: None) -> None:
    client: Client = browser_of(getattr(cast, name))
    for url in (MAP, DATA, POINTS):
        status = client.get(url).status_code
        assert status in (200, 403, 404) and (status == 200) == (name in MAY), (url, status)
    page = client.get("/oversight/figures/").content.decode()
    assert (f'href="{MAP}"' in page) == (name in MAY)


@pytest.mark.django_db
def test_a_post_sees_its_own_place_and_below(cast: Cast, browser_of: Any, workdays: None) -> None:
    places = cast.places
    all_of = {"township": {places.street, places.town2}, "village": {places.village, places.village_b}}
    city, town, village = (browser_of(getattr(cast, who)) for who in ("committee", "township", "village"))
    assert set(told(city)) == {one.code for one in all_of["township"]}
    assert set(told(city, level="village")) == {one.code for one in (*all_of["village"], places.village2)}
    assert set(told(town)) == {one.code for one in all_of["village"]}
    grids = told(town, level="grid")
    assert set(grids) == {places.grid.code, places.grid_b.code, places.grid_c.code}
    assert grids[places.grid.code][1] == "东路社区居委会 › 01网格"  # which of the two 01
    assert told(village)[places.grid.code][1] == "01网格"
    assert set(told(city, place=places.village.code)) == {places.grid.code, places.grid_b.code}
    for client, others in (
        (town, (places.city, places.town2, places.village2, places.grid2)),
        (village, (places.street, places.village_b, places.grid_c)),
    ):
        for place in others:
            for url in (MAP, DATA, POINTS):
                assert client.get(url, {"place": place.code}).status_code == 404
    assert "小港镇" not in town.get(MAP).content.decode()


@pytest.mark.django_db
def test_what_is_not_mapped_is_refused_in_words(cast: Cast, browser_of: Any, workdays: None) -> None:
    places = cast.places
    city, town = browser_of(cast.committee), browser_of(cast.township)
    week = mapping.weeks()[-1].number
    refused: list[tuple[Client, dict[str, Any], str]] = [
        (city, {"level": "grid"}, "请先选一个乡镇"),
        (town, {"level": "township"}, "只能按比本级小的层级看"),
        (town, {"level": "city"}, "只能按比本级小的层级看"),
        (city, {"place": places.grid.code}, "网格下面没有更小的地方"),
        (city, {"level": "street"}, ""),
        (city, {"indicator": "x"}, ""),
        (city, {"method": "x"}, ""),
        (city, {"week": "x"}, ""),
        (city, {"week": str(week + 1)}, "最近 26 周"),
        (city, {"week": str(week - 26)}, "最近 26 周"),
        (city, {"week": "9" * 40}, "最近 26 周"),
    ]
    for one in ALL:
        if one.subject != Subject.INCIDENT:  # disputes, and the grave matters that whistles are for
            refused.append((town, {"level": "grid", "indicator": one.code}, "不按网格画"))
            refused.append((city, {"place": places.village.code, "indicator": one.code}, "不按网格画"))
    for client, asked, words in refused:
        answer = client.get(DATA, asked)
        assert answer.status_code == 422 and words in answer.content.decode(), asked
    for url in (MAP, DATA):
        assert town.get(url, {"level": "grid", "indicator": "disputes"}).status_code == 422
    for place in ("\0", "9" * 15, "x"):
        assert city.get(MAP, {"place": place}).status_code in (400, 404, 422)
    assert told(city, week=week - 25)
    page = town.get(MAP, {"level": "grid"}).content.decode()
    assert "受理纠纷数" not in page and "吹哨数" not in page and "上报数" in page
    page = town.get(MAP, {"level": "village", "indicator": "disputes"}).content.decode()
    assert "只画到村" in page and "level=grid" not in page
    assert f"place={places.village.code}" not in page  # deeper than the village there is nothing to tell


@pytest.mark.django_db
def test_disputes_by_village_are_for_whoever_sees_disputes(
    cast: Cast, browser_of: Any, workdays: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_of(cast.committee)
    asked = {"level": "village", "indicator": "disputes"}
    assert client.get(MAP, asked).status_code == 200
    monkeypatch.setattr(mapping, "WATCHERS", frozenset({cast.township.role}))
    assert client.get(MAP, asked).status_code == 422
    assert client.get(MAP, {"level": "township", "indicator": "disputes"}).status_code == 200


# --- numbers


@pytest.mark.django_db
def test_numbers_are_those_of_the_figures_and_lead_to_their_cases(
    lively: list[Period], cast: Cast, browser_of: Any
) -> None:
    summaries.refresh_all()
    weeks = [mapping.weeks()[-4], mapping.weeks()[-1]]
    cell = re.compile(r'<th role="rowheader" scope="row">(.*?)</th>(.*?)</tr>', re.DOTALL)
    followed = 0
    for name, place in (
        ("committee", cast.places.city), ("township", cast.places.street), ("village", cast.places.village),
    ):  # fmt: skip
        client: Client = browser_of(getattr(cast, name))
        for subject in Subject:
            for week in weeks:
                span = {"since": week.period.first.isoformat(), "until": week.period.last.isoformat()}
                table = client.get(FIGURES, {**span, "subject": subject, "by": "place", "place": place.code})
                body = table.content.decode().split('id="rows"')[1]
                for one in ALL:
                    if one.subject != subject or one.code not in {
                        "reports", "on_time_archive_rate", "late_handlings", "whistles", "disputes", "success_rate",
                    }:  # fmt: skip
                        continue
                    asked: dict[str, Any] = {"week": week.number, "indicator": one.code}
                    answer = client.get(DATA, asked)
                    if name == "village" and subject != Subject.INCIDENT:
                        assert answer.status_code == 422
                        continue
                    page = answer.content.decode()
                    want = {
                        re.sub("<.*?>", "", head): numbers(
                            part.split(f'data-label="{one.name}">')[1].split("</td>")[0]
                        )
                        for head, part in cell.findall(body)
                        if "合计" not in head
                    }
                    # Numbers of grids are those that everybody may be told, and say so to their list.
                    page = page.replace("&amp;public=true", "") if name == "village" else page
                    have = {re.sub("<.*?>", "", head): numbers(part) for head, part in cell.findall(page)}
                    assert have == want, (name, one.code, week)
                    if name == "township":
                        followed += follow(client, page)
    assert followed > 8


@pytest.mark.django_db
def test_zero_and_no_data_look_different_and_the_legend_says_the_numbers(
    cast: Cast, browser_of: Any, new_case: Any, clock: Any
) -> None:
    for worker, how_many in ((cast.worker, 3), (cast.worker_b, 1)):
        for _n in range(how_many):
            new_case(worker)
    moves.archived(new_case(cast.worker), cast)
    summaries.refresh_all()
    client: Client = browser_of(cast.committee)
    street = cast.places.street.code
    grids = told(client, place=street, level="grid")
    assert {code: (shade, said) for code, (shade, _name, said) in grids.items()} == {
        cast.places.grid.code: ("2", "4 件"), cast.places.grid_b.code: ("1", "1 件"),
        cast.places.grid_c.code: ("0", "0 件"),
    }  # fmt: skip
    page = client.get(MAP, {"place": street, "level": "grid"}).content.decode()
    assert LEGEND.findall(page) == [("0", "0 件"), ("1", "1 件"), ("2", "4 件")]
    rates = client.get(MAP, {"place": street, "level": "grid", "indicator": "on_time_archive_rate"})
    shades = {code: (shade, said) for code, (shade, _n, said) in rows(rates.content.decode()).items()}
    assert shades[cast.places.grid.code] == ("1", "100.00 % (1/1)")
    assert shades[cast.places.grid_c.code] == ("none", "没有数据")
    assert LEGEND.findall(rates.content.decode()) == [("1", "100.00 %"), ("none", "没有数据（分母是 0）")]
    before = told(client, place=street, level="grid", week=mapping.weeks()[-2].number)
    assert {shade for shade, _name, _said in before.values()} == {"0"}


@pytest.mark.django_db
def test_weeks_end_with_this_one_and_another_week_has_its_own_numbers(
    cast: Cast, browser_of: Any, new_case: Any, clock: Any
) -> None:
    new_case(cast.worker)
    at = clock.at
    clock.set(at - timedelta(days=7 * 25))
    new_case(cast.worker)
    new_case(cast.worker)
    clock.set(at)
    summaries.refresh_all()
    client: Client = browser_of(cast.township)
    found = mapping.weeks()
    assert len(found) == 26 and str(found[-1]) == "2026-11-16 – 2026-11-22"
    assert str(found[0]) == "2026-05-25 – 2026-05-31"
    code = cast.places.village.code
    assert told(client)[code][2] == "1 件" and told(client, week=found[0].number)[code][2] == "2 件"
    assert told(client, week=found[1].number)[code][2] == "0 件"
    asked: dict[str, Any] = {"week": found[0].number, "level": "village"}
    answer = client.get(DATA, asked)
    assert answer["HX-Replace-Url"] == f"{MAP}?week={found[0].number}&level=village"
    assert 'id="map-levels"' in answer.content.decode() and "<html" not in answer.content.decode()


@pytest.mark.django_db
def test_sensitive_matters_are_in_no_grid_of_anybodys(
    cast: Cast, browser_of: Any, new_case: Any, sensitive: Any
) -> None:
    new_case(cast.worker)
    hidden = new_case(cast.worker, category=sensitive)
    summaries.refresh_all()
    for who in (cast.township, cast.village):
        assert told(browser_of(who), level="grid")[cast.places.grid.code][2] == "1 件"
    assert cast.township.role in hidden.visible_roles


# --- open incidents


def turned(category: Category, **values: Any) -> None:
    """The category has another version from now on."""
    version = CategoryVersion.objects.get(category=category)
    values |= {"pk": None, "number": 2, "state": "past"}
    for name, value in values.items():
        setattr(version, name, value)
    version.save(force_insert=True)
    Category.objects.filter(pk=category.pk).update(current=version)


@pytest.mark.django_db
def test_marks_are_open_visible_and_never_sensitive(
    cast: Cast, browser_of: Any, new_case: Any, category: Any, sensitive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = [new_case(cast.worker), new_case(cast.worker_c)]
    moves.archived(new_case(cast.worker), cast)
    moves.do(new_case(cast.worker), "reject", cast.township, reason="不属实，现场没有发现")
    other = new_case(cast.worker2)
    hidden = new_case(cast.worker, category=sensitive)
    assert cast.township.role in hidden.visible_roles  # its role sees it, and still it is not drawn
    nowhere = new_case(cast.township, place=cast.places.street)

    def drawn(who: Any, **asked: str) -> tuple[set[str], int]:
        answer = browser_of(who).get(POINTS, asked)
        found = answer.json()
        return {one["properties"]["number"] for one in found["features"]}, found["left"]

    assert drawn(cast.township) == ({case.number for case in seen}, 1)
    assert drawn(cast.committee) == ({case.number for case in (*seen, other)}, 1)
    assert drawn(cast.township, place=cast.places.village_b.code) == ({seen[1].number}, 0)
    assert drawn(cast.village) == ({seen[0].number}, 0)
    monkeypatch.setattr(mapping, "MOST_CASES", 2)
    assert drawn(cast.committee) == ({other.number}, 3)  # the newest two, of which one has no place on a map
    assert nowhere.number not in drawn(cast.committee)[0]
    turned(sensitive, sensitive=False, visible_roles=[])
    assert drawn(cast.township, place=cast.places.village.code) == ({seen[0].number}, 0)  # as it was reported
    turned(category, sensitive=True, visible_roles=["township_centre"])
    assert drawn(cast.committee) == (set(), 0)  # as its category is now
