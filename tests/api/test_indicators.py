"""Indicators: equal to the pages, as many cases behind a number as it says, and nothing of what one may not open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Post
from accounts.querysets import posts_of
from accounts.roles import Role
from cases.models import Case
from grids.clock import today
from oversight import summaries, tables
from oversight.indicators import ALL, BY_CODE, RULES_VERSION, Subject
from oversight.models import Tally
from oversight.tables import Grouping
from tests.api.conftest import V1, problem
from tests.cast import SINCE, Cast

pytestmark = pytest.mark.django_db
MEANINGS, TABLE, BEHIND = f"{V1}indicators/", f"{V1}indicators/table/", f"{V1}indicators/behind/"
PAGE = "/oversight/figures/"
YEAR = {"since": "2026-01-01", "until": "2026-12-31"}
READERS = ("committee", "centre", "secretary", "township", "village", "officer", "station", "worker")


@pytest.fixture(autouse=True)
def _counted(lively: Any) -> None:
    summaries.refresh_all()


# --- the tables


def cells(page: str) -> list[list[str]]:
    """The table of the page 指标, row by row, each cell as it is read."""
    _before, _tbody, body = page.split('id="rows"')[1].partition("<tbody")
    rows = re.findall(r'<tr role="row".*?</tr>', body.split("</tbody>")[0], re.S)
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)).replace("\xa0", " ").strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.S)]
        for row in rows
    ]  # fmt: skip


def read(row: dict[str, Any]) -> list[str]:
    """A row of the API as the page writes it."""
    found = [row["label"]]
    for code, one in row["figures"].items():
        if one["numerator"] is None:
            found.append("不公布")
        elif BY_CODE[code].denominator is None:
            found.append(f"{one['numerator']:,}")
        elif one["percent"] is None:
            found.append("—")
        else:
            found.append(f"{one['percent']} % {one['numerator']:,}/{one['denominator']:,}")
    return found


def asked(page: str, name: str) -> str:
    (found,) = re.findall(rf'<input type="hidden" name="{name}" value="(\w+)"', page)
    return str(found)


def test_the_tables_are_those_of_the_pages(
    sensitive: Any, new_case: Any, cast: Cast, browser_of: Any, api_of: Any
) -> None:
    new_case(category=sensitive)
    summaries.refresh_all()
    for name in READERS:
        post = getattr(cast, name)
        compare(browser_of(post), api_of(post), name)


def compare(client: Client, api: APIClient, name: str) -> None:
    """Every table of a post, on the page and here."""
    told = 0
    for subject in Subject.values:
        for by in Grouping.values:
            query = {**YEAR, "subject": subject, "by": by}
            page = client.get(PAGE, query).content.decode()
            answer = api.get(TABLE, query)
            if (asked(page, "subject"), asked(page, "by")) != (subject, by):
                wrong = set(problem(answer, 422, "incomplete")["errors"])
                assert wrong and wrong <= {"subject", "by"}
                continue
            table = answer.json()
            rows = [*table["rows"], *([table["total"]] if table["total"] else [])]
            if not table["rows"]:
                assert not any(one["numerator"] for row in rows for one in row["figures"].values())
                rows = []  # the page says so in words
            assert [read(row) for row in rows] == cells(page), (name, query)
            assert (table["subject"], table["by"], table["since"]) == (subject, by, YEAR["since"])
            told += len(rows)
    assert told > (2 if name in READERS[:5] else 0), name
    assert table_of(api)["rules_version"] == RULES_VERSION


def table_of(api: APIClient, **query: str) -> dict[str, Any]:
    answer = api.get(TABLE, {**YEAR, **query})
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


# --- the cases behind a number


def pages(api: APIClient, **query: str) -> Iterator[dict[str, Any]]:
    """Every page of what stands behind a number."""
    answer = api.get(BEHIND, {**YEAR, **query})
    assert answer.status_code == 200, answer.json()
    while True:
        page: dict[str, Any] = answer.json()
        yield page
        if page["next"] is None:
            return
        answer = api.get(page["next"])


def test_as_many_stand_behind_a_number_as_it_says(cast: Cast, api_of: Any) -> None:
    for name, least in {"committee": 20, "village": 20, "officer": 2, "worker": 2}.items():
        post: Post = getattr(cast, name)
        assert follow(api_of(post), post) >= least, name


def follow(api: APIClient, post: Post) -> int:
    """Go after every number of some tables; returns how many there were."""
    followed = 0
    for subject, by in (
        ("incident", "place"),
        ("incident", "worker"),
        ("whistle", "office"),
        ("mediation", "category"),
    ):
        answer = api.get(TABLE, {**YEAR, "subject": subject, "by": by})
        for row in answer.json().get("rows", []):
            where = {key: row[key] for key in ("place", "who", "category") if row[key]}
            for code, one in row["figures"].items():
                for side in ("numerator", "denominator"):
                    if one[side]:
                        check_behind(api, post, one[side], {**where, "indicator": code, "side": side})
                        followed += 1
    return followed


def check_behind(api: APIClient, post: Post, number: int, query: dict[str, str]) -> None:
    """As many lines as the number says, in pages, each of a case that the post may open."""
    found = list(pages(api, page_size="2", **query))
    lines = [line for page in found for line in page["results"]]
    assert found[0]["count"] == number == found[0]["closed"] + len(lines), query
    assert all(page["count"] is None and page["closed"] is None for page in found[1:])
    seen = set(Case.objects.visible_to(post.user).values_list("number", flat=True))
    assert {line["number"] for line in lines} <= seen
    assert [line["day"] for line in lines] == sorted((line["day"] for line in lines), reverse=True)


def test_sensitive_matters_are_in_the_numbers_of_their_roles_alone(
    sensitive: Any, new_case: Any, cast: Cast, api_of: Any
) -> None:
    query = {"indicator": "reports", "side": "numerator"}
    api = api_of(cast.village)
    (before,) = pages(api, **query)
    tables_before = table_of(api, subject="incident", by="category")
    hidden = [new_case(category=sensitive, title="绝不外传") for _n in range(4)]
    summaries.refresh_all()
    assert list(pages(api, **query)) == [before]
    assert table_of(api, subject="incident", by="category") == tables_before
    # Whom the category names is told all of them.
    named = next(post for post in (cast.township, cast.centre) if Role(post.role) in hidden[0].visible_roles)
    (whole,) = pages(api_of(named), **query, category=f"incident:{sensitive.code}")
    assert (whole["count"], whole["closed"]) == (4, 0)
    assert {line["number"] for line in whole["results"]} == {case.number for case in hidden}
    # What everybody may be told has a list of its own, whoever reads it.
    (public,) = pages(api_of(named), **query, category=f"incident:{sensitive.code}", public="true")
    assert public["count"] == 0


def test_a_case_counted_again_in_between_is_neither_missed_nor_told_twice(cast: Cast, api_of: Any) -> None:
    api = api_of(cast.committee)
    query = {"indicator": "reports", "side": "numerator", "page_size": "1"}
    (whole,) = pages(api, **{**query, "page_size": "200"})
    found = []
    for page in pages(api, **query):
        found += [line["number"] for line in page["results"]]
        keys = set(Tally.objects.values_list("pk", flat=True))
        summaries.refresh(sorted(set(Tally.objects.values_list("case_id", flat=True))))
        assert keys.isdisjoint(Tally.objects.values_list("pk", flat=True))
    assert found == [line["number"] for line in whole["results"]] and len(found) > 3


# --- what they mean, and who may ask


def test_the_definitions_are_those_by_which_everything_is_counted(cast: Cast, api_of: Any) -> None:
    found = api_of(cast.mediator).get(MEANINGS).json()
    assert found["rules_version"] == RULES_VERSION
    assert [(one["code"], one["name"]) for one in found["indicators"]] == [
        (one.code, str(one.name)) for one in ALL
    ]
    on_time = next(one for one in found["indicators"] if one["code"] == "on_time_archive_rate")
    assert on_time["formula"] == "按期结案数 ÷ 应结案数" and on_time["better"] == "more"
    for one in found["indicators"]:
        assert (one["denominator"] is None) == (BY_CODE[one["code"]].denominator is None)  # fmt: skip


NUMBER = {"indicator": "reports", "side": "numerator"}
WRONG: list[tuple[str, dict[str, str], str]] = [
    (TABLE, {"since": "2026-02-30"}, "since"),
    (TABLE, {"since": "1900-01-01"}, "since"),
    (TABLE, {"since": "2026-03-01", "until": "2026-02-01"}, "until"),
    (TABLE, {"subject": "x"}, "subject"),
    (TABLE, {"by": "x"}, "by"),
    (TABLE, {"palce": "360981002000"}, "palce"),
    (TABLE, {"place": "\0"}, "place"),
    (BEHIND, {}, "indicator"),
    (BEHIND, {"indicator": "x", "side": "numerator"}, "indicator"),
    (BEHIND, {"indicator": "reports", "side": "denominator"}, "side"),
    (BEHIND, {"indicator": "reports"}, "side"),
    (BEHIND, {**NUMBER, "who": "x"}, "who"),
    (BEHIND, {**NUMBER, "categroy": "x"}, "categroy"),
    (BEHIND, {**NUMBER, "after": "x"}, "after"),
    (BEHIND, {**NUMBER, "page_size": "201"}, "page_size"),
    (BEHIND, {**NUMBER, "page_size": "0"}, "page_size"),
]


def test_who_may_not_ask_and_what_may_not_be_asked(cast: Cast, api_of: Any, browser_of: Any) -> None:
    addresses: list[tuple[str, dict[str, str]]] = [(MEANINGS, {}), (TABLE, {}), (BEHIND, NUMBER)]
    for url, query in addresses:
        problem(APIClient().get(url, query), 401, "not_authenticated")
        for nobody in (cast.nobody, cast.stranger.user, cast.sysadmin, cast.secadmin, cast.auditor):
            problem(api_of(nobody).get(url, query), 403, "not_allowed")
        problem(api_of(cast.centre).post(url, query, format="json"), 405, "method_not_allowed")
    for url, query in addresses[1:]:
        problem(api_of(cast.mediator).get(url, query), 403, "not_allowed")
        outside = (cast.places.street, cast.places.city, cast.places.village, cast.places.grid)
        for place in outside:
            problem(api_of(cast.township2).get(url, {**query, "place": place.code}), 404, "not_found")
        for place in (cast.places.town2, cast.places.village2, cast.places.grid2):
            inside = api_of(cast.township2).get(url, {**query, "place": place.code})
            assert inside.status_code == 200 or "by" in inside.json()["errors"], place
        for own in (cast.officer, cast.worker):
            problem(api_of(own).get(url, {**query, "place": cast.places.city.code}), 404, "not_found")
    api = api_of(cast.committee)
    for url, query, field in WRONG:
        assert set(problem(api.get(url, query), 422, "incomplete")["errors"]) >= {field}, query


def test_without_a_post_named_the_first_that_has_figures_is_meant(cast: Cast, api_of: Any) -> None:
    Post.objects.create(
        user=cast.mediator.user, role=Role.TOWNSHIP_CENTRE, division=cast.places.street, starts_on=SINCE
    )
    first, second = posts_of(cast.mediator.user, today())
    assert (first.pk, second.role) == (cast.mediator.pk, Role.TOWNSHIP_CENTRE)
    api = api_of(cast.mediator.user)
    assert table_of(api)["place"] == cast.places.street.code
    named: Client = api_of(cast.mediator)
    problem(named.get(TABLE), 403, "not_allowed")


def test_one_office_or_worker_is_not_another(cast: Cast, api_of: Any) -> None:
    """Whatever `who` is asked for, one's own work is told."""
    query = {"indicator": "on_time_handling_rate", "side": "denominator"}
    (mine,) = pages(api_of(cast.station), **query)
    (theirs,) = pages(api_of(cast.station), **query, who=f"d{cast.departments.police.pk}")
    assert mine == theirs and mine["count"] > 0
    assert tables.columns_of(Subject.INCIDENT, Grouping.OFFICE)
