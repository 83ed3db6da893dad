"""The words of the demo fit the catalogue, and hold nobody's name or number."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from incidents.catalogue import Catalogue, read_catalogue

DATA = Path(__file__).resolve().parents[2] / "data"
GROUNDS = {"not_duty", "not_place", "facts", "condition"}
SUSPENSIONS = {"weather", "procedure", "force_majeure", "budget", "party"}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(DATA / "catalogue")


@pytest.fixture(scope="module")
def texts() -> dict[str, Any]:
    return dict(json.loads((DATA / "demo" / "texts.json").read_text(encoding="utf-8")))


def all_words(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [word for part in parts for word in all_words(part)]


def test_every_small_and_large_category_has_its_words(catalogue: Catalogue, texts: dict[str, Any]) -> None:
    assert set(texts["categories"]) == {row.code for row in catalogue.leaves}
    assert set(texts["groups"]) == {group.code for group in catalogue.groups}
    for words in texts["categories"].values():
        assert 4 <= len(words["reports"]) <= 6
        assert 3 <= len(words["results"]) <= 4
        assert len(words["returns"]) >= 2
    for words in texts["groups"].values():
        assert len(words["reworks"]) >= 2
        assert len(words["rejects"]) >= 2


def test_every_report_names_its_place_and_says_where_it_fits(texts: dict[str, Any]) -> None:
    for code, words in texts["categories"].items():
        for report in words["reports"]:
            assert report["where"] in ("any", "urban", "rural")
            assert report["title"].count("{place}") == 1, code
            assert "{place}" in report["description"], code
            assert report["title"] != report["description"], code


def test_every_report_names_results_that_answer_it(texts: dict[str, Any]) -> None:
    for code, words in texts["categories"].items():
        used = {position for report in words["reports"] for position in report["results"]}
        assert all(report["results"] for report in words["reports"]), code
        assert used <= set(range(len(words["results"]))), code


def test_no_two_reports_are_worded_alike(texts: dict[str, Any]) -> None:
    titles = [report["title"] for words in texts["categories"].values() for report in words["reports"]]
    assert sorted(title for title in set(titles) if titles.count(title) > 1) == []


def test_a_return_names_another_department_or_another_ground(
    catalogue: Catalogue, texts: dict[str, Any]
) -> None:
    kinds = {kind.code for kind in catalogue.kinds}
    default = {row.code: row.department_kind for row in catalogue.leaves}
    for code, words in texts["categories"].items():
        for refusal in words["returns"]:
            assert refusal["ground"] in GROUNDS
            if refusal["ground"] == "not_duty":
                assert refusal["to"] in kinds - {default[code]}, (code, refusal)
            assert len(refusal["text"]) >= 10


def test_suspensions_are_worded_for_every_lawful_ground(texts: dict[str, Any]) -> None:
    assert set(texts["common"]["suspensions"]) == SUSPENSIONS
    assert set(texts["common"]["supervisions"]) == {"ordinary", "yellow", "red"}


def test_every_extra_field_of_text_number_and_date_has_a_sample(
    catalogue: Catalogue, texts: dict[str, Any]
) -> None:
    wanted: dict[str, set[str]] = {"text": set(), "number": set(), "date": set()}
    for row in catalogue.leaves:
        for spec in row.fields:
            if spec.type in wanted:
                wanted[spec.type].add(spec.name)
    samples = texts["samples"]
    assert wanted["text"] == set(samples["text"])
    assert wanted["number"] == set(samples["number"])
    assert wanted["date"] == set(samples["date_days_ahead"])
    assert all(low < high for low, high in samples["number"].values())


def test_no_telephone_number_person_or_firm_is_named(texts: dict[str, Any]) -> None:
    words = all_words(texts)
    assert len(words) > 1500
    long_numbers = re.compile(r"[0-9]{7,}")
    # A surname followed by a usual form of address, and the legal form of a firm.
    named = re.compile(
        r"[赵钱孙李周吴郑王冯陈张刘黄徐胡](某|先生|女士|师傅|大爷|大妈|主任|书记|经理)|有限公司|集团"
    )
    assert [word for word in words if long_numbers.search(word) or named.search(word)] == []
    watched = ("重点人员", "走访登记", "人口", "特殊人群", "身份证", "人脸", "车牌", "轨迹", "流浪乞讨")
    assert [word for word in words if any(term in word for term in watched)] == []
