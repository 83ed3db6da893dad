"""Places over the API and for pages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from grids import revisions
from grids.models import Division
from grids.services import merge_divisions, rename_division
from tests.cast import Cast
from tests.conftest import Clock

ApiOf = Callable[..., APIClient]
DIVISIONS, LOCATE = "/api/v1/divisions/", "/api/v1/grids/locate/"
SEARCH, SHAPES = "/places/search/", "/places/shapes/"


@pytest.fixture
def api(cast: Cast, api_of: ApiOf) -> APIClient:
    return api_of(cast.worker)


@pytest.fixture
def browser(cast: Cast, browser_of: Callable[..., Client]) -> Client:
    return browser_of(cast.worker)


def codes(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["code"] for row in answer.json()["results"]]


def test_divisions_are_listed_by_code_in_pages(api: APIClient) -> None:
    answer = api.get(DIVISIONS, {"page_size": 4})
    first = codes(answer)
    rest = codes(api.get(answer.json()["next"]))
    everything = list(Division.objects.order_by("code").values_list("code", flat=True))
    assert first + rest == everything[:8]
    assert answer.json()["results"][1] == {
        "code": "360981002000",
        "name": "剑光街道",
        "level": "township",
        "parent": "360981000000",
        "path": "剑光街道",
        "valid_from": None,
        "valid_to": None,
    }


def test_divisions_are_filtered_by_parent_level_and_words(api: APIClient, cast: Cast) -> None:
    assert codes(api.get(DIVISIONS, {"level": "township"})) == ["360981002000", "360981119000"]
    assert codes(api.get(DIVISIONS, {"parent": "360981002000"})) == ["360981002002", "360981002003"]
    assert codes(api.get(DIVISIONS, {"level": ["township", "city"], "q": "fcs"})) == ["360981000000"]
    assert codes(api.get(DIVISIONS, {"q": "jgjd"})) == ["360981002000"]
    assert codes(api.get(DIVISIONS, {"q": "jianguang"})) == ["360981002000"]
    assert codes(api.get(DIVISIONS, {"q": "西路"})) == ["360981002003"]
    assert codes(api.get(DIVISIONS, {"q": "西路 01"})) == ["360981002003001"]
    assert codes(api.get(DIVISIONS, {"q": "360981119201"})) == ["360981119201", "360981119201001"]
    assert codes(api.get(DIVISIONS, {"q": "没有"})) == []


@pytest.mark.parametrize("words", ["\x00", "%", "_", "\\", ".*", "(", "'", "😀", "\u202e", " ", "a" * 50_000])
def test_any_words_may_be_searched_for(api: APIClient, browser: Client, words: str) -> None:
    found = codes(api.get(DIVISIONS, {"q": words}))
    assert words in {"\x00", " "} or found == []
    # No page takes what no database can hold; nobody types it.
    assert browser.get(SEARCH, {"q": words}).status_code == (400 if words == "\x00" else 200)


def test_queries_do_not_grow_with_the_rows(api: APIClient, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8) as few:
        api.get(DIVISIONS, {"page_size": 2})
    with django_assert_max_num_queries(len(few)):
        assert len(codes(api.get(DIVISIONS, {"page_size": 9}))) == 9


@pytest.mark.parametrize(
    ("given", "field"),
    [({"level": "hamlet"}, "level"), ({"parent": "1"}, "parent"), ({"parent": "\x00"}, "parent")],
)
def test_a_wrong_filter_is_named(api: APIClient, given: dict[str, str], field: str) -> None:
    answer = api.get(DIVISIONS, given)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, {field})
    assert answer["Content-Type"] == "application/problem+json"


def test_places_of_another_city_are_not_told(api: APIClient, cast: Cast) -> None:
    other = Division.objects.create(
        code="140500000000", prefix="1405", name="晋城市", level="city", pinyin="jin", initials="jcs"
    )
    assert other.code not in codes(api.get(DIVISIONS))
    assert api.get(f"{DIVISIONS}{other.code}/").status_code == 404
    assert api.get(DIVISIONS, {"parent": other.code}).status_code == 422


def test_a_division_tells_its_history(api: APIClient, cast: Cast, clock: Clock) -> None:
    rename_division(division=cast.places.village_b, name="新路社区", on=date(2026, 1, 1), reason="批复")
    merge_divisions(
        division=cast.places.village_b, into=cast.places.village, on=date(2026, 11, 1), reason="撤并"
    )
    answer = api.get(f"{DIVISIONS}360981002003/").json()
    assert (answer["name"], answer["valid_to"], answer["successor"]) == (
        "新路社区",
        "2026-10-31",
        "360981002002",
    )
    assert answer["former_names"] == [{"name": "西路社区居委会", "used_to": "2025-12-31"}]
    assert "360981002003" not in codes(api.get(DIVISIONS))
    assert codes(api.get(DIVISIONS, {"parent": "360981002002"})) == [
        "360981002002001",
        "360981002002002",
        "360981002003001",
    ]


def test_a_grid_tells_how_its_outline_came_to_be(api: APIClient) -> None:
    assert api.get(f"{DIVISIONS}360981002002001/").json()["geometry"] == "surveyed"
    assert api.get(f"{DIVISIONS}360981119201001/").json()["geometry"] == "schematic"
    assert api.get(f"{DIVISIONS}360981002000/").json()["geometry"] is None


def test_a_position_is_answered_with_its_grid(api: APIClient) -> None:
    assert api.get(LOCATE, {"lat": "28.185", "lng": "115.785"}).json() == {
        "grid": {
            "code": "360981002002001",
            "name": "01网格",
            "path": "剑光街道 › 东路社区居委会 › 01网格",
        },
        "geometry": "surveyed",
        "confirm": False,
    }
    schematic = api.get(LOCATE, {"lat": "28.305", "lng": "115.905"}).json()
    assert (schematic["geometry"], schematic["confirm"]) == ("schematic", True)


def test_a_position_outside_all_grids_is_told_so(api: APIClient) -> None:
    answer = api.get(LOCATE, {"lat": "20", "lng": "115.785"})
    assert (answer.status_code, answer.json()["code"]) == (404, "outside_all_grids")
    assert "不在任何网格内" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({}, {"lat", "lng"}),
        ({"lat": "28.1"}, {"lng"}),
        ({"lat": "115.785", "lng": "28.185"}, {"lat"}),
        ({"lat": "nan", "lng": "１e9"}, {"lat", "lng"}),
    ],
)
def test_a_wrong_position_names_the_field(api: APIClient, given: dict[str, str], fields: set[str]) -> None:
    answer = api.get(LOCATE, given)
    assert (answer.status_code, set(answer.json()["errors"])) == (422, fields)


@pytest.mark.parametrize("path", [DIVISIONS, f"{DIVISIONS}360981002000/", LOCATE])
def test_the_api_wants_to_know_who_asks(cast: Cast, path: str) -> None:
    assert APIClient().get(path).status_code == 401


@pytest.mark.parametrize("path", [SEARCH, SHAPES])
def test_pages_want_to_know_who_asks(cast: Cast, path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


def test_the_place_picker_finds_places_the_higher_first(browser: Client) -> None:
    answer = browser.get(SEARCH, {"q": "路"}).json()
    assert answer["results"] == [
        {
            "code": "360981002002",
            "name": "东路社区居委会",
            "path": "剑光街道 › 东路社区居委会",
            "level": "village",
        },
        {
            "code": "360981002003",
            "name": "西路社区居委会",
            "path": "剑光街道 › 西路社区居委会",
            "level": "village",
        },
    ]
    assert answer["more"] is False


def test_the_place_picker_is_narrowed_by_level_and_place(browser: Client) -> None:
    def found(**given: Any) -> list[str]:
        return codes(browser.get(SEARCH, given))

    assert found(q="01", level="grid", within="360981119000") == ["360981119201001"]
    assert found(q="jgjd 02") == ["360981002002002"]
    assert found(q="01", level="hamlet") == []
    assert found(q="") == []
    assert browser.get(SEARCH, {"q": "01", "within": "999"}).status_code == 404


def test_the_place_picker_stops_at_twenty(browser: Client, cast: Cast) -> None:
    Division.objects.bulk_create(
        Division(
            code=f"3609811192010{number:02}",
            prefix=f"3609811192010{number:02}",
            name=f"第{number}格",
            level="grid",
            parent=cast.places.village2,
            pinyin="di",
            initials="dg",
        )
        for number in range(10, 40)
    )
    answer = browser.get(SEARCH, {"q": "第"}).json()
    assert (len(answer["results"]), answer["more"]) == (20, True)


def features(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200
    content = json.loads(answer.content)
    assert content["type"] == "FeatureCollection"
    return {row["id"]: row for row in content["features"]}


def test_shapes_of_grids_villages_and_townships(browser: Client) -> None:
    grids = features(browser.get(SHAPES))
    assert set(grids) == {"360981002002001", "360981002002002", "360981002003001", "360981119201001"}
    assert grids["360981119201001"]["properties"] == {
        "code": "360981119201001",
        "name": "01网格",
        "path": "小港镇 › 万沙村委会 › 01网格",
        "level": "grid",
        "parent": "360981119201",
        "geometry": "schematic",
    }
    villages = features(browser.get(SHAPES, {"level": "village", "within": "360981002000"}))
    assert set(villages) == {"360981002002", "360981002003"}
    ring = villages["360981002002"]["geometry"]["coordinates"][0]
    assert {tuple(point) for point in ring} >= {
        (115.78, 28.18),
        (115.8, 28.18),
        (115.8, 28.19),
        (115.78, 28.19),
    }
    towns = features(browser.get(SHAPES, {"level": "township"}))
    assert {code: row["properties"]["geometry"] for code, row in towns.items()} == {
        "360981002000": "surveyed",
        "360981119000": "schematic",
    }


def test_shapes_are_sent_again_only_when_they_changed(browser: Client, cast: Cast) -> None:
    first = browser.get(SHAPES)
    again = browser.get(SHAPES, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = browser.get(SHAPES, {"level": "village"}, headers={"If-None-Match": first["ETag"]})
    assert other.status_code == 200
    revisions.bump(revisions.GRIDS)
    assert browser.get(SHAPES, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_shapes_are_squeezed_for_whoever_can_read_it(browser: Client) -> None:
    answer = browser.get(SHAPES, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.content)) == json.loads(browser.get(SHAPES).content)
    again = browser.get(SHAPES, headers={"Accept-Encoding": "gzip", "If-None-Match": answer["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(("given", "status"), [({"level": "city"}, 422), ({"within": "140500000000"}, 404)])
def test_shapes_that_there_are_not(browser: Client, given: dict[str, str], status: int) -> None:
    assert browser.get(SHAPES, given).status_code == status


def test_shapes_cost_the_same_however_many(
    browser: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(12) as few:
        browser.get(SHAPES, {"within": cast.places.grid2.code})
    with django_assert_max_num_queries(len(few)):
        assert len(features(browser.get(SHAPES))) == 4
