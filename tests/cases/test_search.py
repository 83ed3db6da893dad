"""Search by number, and by any two characters of the words, several words too."""

from __future__ import annotations

import pytest

from cases.models import Case
from cases.search import bigrams, terms
from tests.cases.conftest import NewCase
from tests.cast import Cast


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("垃圾", ["垃圾"]),
        ("路口垃圾", ["口垃", "垃圾", "路口"]),
        ("路口 垃圾", ["垃圾", "路口"]),
        ("路", ["路"]),
        ("LED路灯", ["ed", "d路", "le", "路灯"]),
        ("ＬＥＤ", ["ed", "le"]),
        ("垃圾，路口！", ["垃圾", "路口"]),
        ("  ", []),
        ("！？", []),
        ("🚧", []),
    ],
)
def test_a_query_becomes_its_pairs(query: str, wanted: list[str]) -> None:
    assert terms(query) == sorted(wanted)


def test_every_term_of_a_part_of_a_text_is_among_the_texts_pairs() -> None:
    text = "剑光街道东路口2号井盖 LED 路灯不亮"
    kept = set(bigrams(text))
    plain = "".join(text.split())
    checked = 0
    for word in text.split():
        for start in range(len(word)):
            for end in range(start + 1, len(word) + 1):
                assert set(terms(word[start:end])) <= kept
                checked += 1
    assert checked > 50
    assert not set(terms(plain[::-1])) <= kept


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("垃圾", {"rubbish"}),
        ("圾成", {"rubbish"}),
        ("路口", {"rubbish", "lamp"}),
        ("路口 垃圾", {"rubbish"}),
        ("垃圾 路灯", set()),
        ("led", {"lamp"}),
        ("不亮", {"lamp"}),
        ("十字街", {"lamp"}),
        ("井", set()),
        ("灯", {"lamp"}),
        ("100%", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_cases_are_found_by_title_description_and_address(
    new_case: NewCase, query: str, found: set[str]
) -> None:
    cases = {
        "rubbish": new_case(title="东路口垃圾成堆"),
        "lamp": new_case(title="路口ＬＥＤ路灯", description="晚上不亮", address="十字街1号"),
    }
    hits = set(Case.objects.matching(query).values_list("number", flat=True))
    assert hits == {cases[name].number for name in found}


def test_a_case_is_found_by_its_number_however_it_is_typed(new_case: NewCase) -> None:
    case, _other = new_case(), new_case()
    for query in (case.number, case.number.lower(), f"  {case.number} "):
        assert [row.number for row in Case.objects.matching(query)] == [case.number]


def test_search_stays_within_the_scope(new_case: NewCase, cast: Cast) -> None:
    new_case()
    assert Case.objects.visible_to(cast.township.user).matching("垃圾").count() == 1
    assert Case.objects.visible_to(cast.township2.user).matching("垃圾").count() == 0
