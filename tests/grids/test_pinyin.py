"""Keys of names."""

from __future__ import annotations

import csv

import pytest
from pypinyin import lazy_pinyin

from grids.models import Division
from grids.pinyin import keys
from tests.grids.conftest import TABLES


@pytest.mark.parametrize(
    ("name", "pinyin", "initials"),
    [
        ("剑光街道", "jian guang jie dao", "jgjd"),
        ("重庆路社区居委会", "chong qing lu she qu ju wei hui", "cqlsqjwh"),
        ("长安村", "chang an cun", "cac"),
        ("绿城社区", "lv cheng she qu", "lcsq"),
        ("03网格", "0 3 wang ge", "03wg"),
        ("A1 区（东）", "a 1 qu （ dong ）", "a1q（d）"),
        ("村", "cun", "c"),
        ("", "", ""),
    ],
)
def test_names_are_spelled_without_tones(name: str, pinyin: str, initials: str) -> None:
    assert keys(name) == (pinyin, initials)


@pytest.mark.parametrize("table", ["fengcheng.csv", "jincheng.csv", "dalad.csv"])
def test_the_fast_way_spells_every_real_name_as_the_package_does(table: str) -> None:
    with (TABLES / table).open(encoding="utf-8", newline="") as file:
        names = {row["name"] for row in csv.DictReader(file)}
    differing = {name for name in names if keys(name).pinyin.split() != lazy_pinyin(name)}
    # Only where a phrase would reach across the name proper and its ending.
    assert len(differing) <= len(names) // 200, differing


def test_keys_fit_their_columns() -> None:
    found = keys("壮" * 80)
    assert len(found.pinyin) <= (Division._meta.get_field("pinyin").max_length or 0)
    assert len(found.initials) <= (Division._meta.get_field("initials").max_length or 0)
