"""GET /categories/."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from incidents.models import Category
from tests.api.conftest import V1, Call, problem
from tests.api.reports import FIELDS
from tests.cases.conftest import TIMES, make_category
from tests.cast import Cast

CATEGORIES = f"{V1}categories/"


def test_without_signing_in_it_is_401(db: None) -> None:
    problem(APIClient().get(CATEGORIES), 401, "not_authenticated")


def test_the_catalogue_is_flat_and_tells_times_and_fields(cast: Cast, call: Call, category: Category) -> None:
    make_category("1103", fields=FIELDS, sensitive=True, visible_roles=["centre"])
    make_category("2101")
    out = Category.objects.create(
        code="2102", parent=Category.objects.get(code="21"), name="旧", name_en="Old", source="ours"
    )
    Category.objects.create(code="31", name="空", name_en="Empty", source="ours")
    found = {row["code"]: row for row in call(cast.worker).client.get(CATEGORIES).json()}
    assert list(found) == ["11", "1101", "1103", "21", "2101"] and out.code not in found
    times = {duty: {"amount": amount, "unit": unit} for duty, (amount, unit) in TIMES.items()}
    assert found["1101"] == {
        "code": "1101",
        "name": "暴露垃圾",
        "name_en": "Exposed rubbish",
        "parent": "11",
        "is_leaf": True,
        "times": {"normal": times, "urgent": times},
        "fields": [],
        "sensitive": False,
        "filing_level": "township",
    }
    assert found["11"] == {
        "code": "11",
        "name": "市容环境",
        "name_en": "City looks",
        "parent": None,
        "is_leaf": False,
        "times": None,
        "fields": [],
        "sensitive": False,
        "filing_level": None,
    }
    assert found["1103"]["fields"] == FIELDS and found["1103"]["sensitive"] is True


def test_queries_do_not_grow(
    cast: Cast, call: Call, category: Category, clock: Any, django_assert_num_queries: Any
) -> None:
    client = call(cast.worker).client
    for number in range(2, 12):
        make_category(f"11{number:02}")
    with django_assert_num_queries(3):
        client.get(CATEGORIES)
