"""The printed file of one whistle: every step, person, time, photo and task in it, whatever anybody typed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader
from pypdf.generic import StreamObject

from cases import checks, typesetting
from cases.models import Case
from tests.cast import Cast
from tests.conftest import Clock
from tests.whistle import moves
from tests.whistle.moves import do, on, summons

TITLE = '沿河 #[x] $a$ *b* _c_ \\ @d <e> "f" 违建占道'


def pages(data: bytes) -> list[str]:
    return [page.extract_text().replace("\n", " ") for page in PdfReader(io.BytesIO(data)).pages]


def pictures(data: bytes) -> int:
    """How many different pictures a PDF carries."""
    reader = PdfReader(io.BytesIO(data))
    objects = [
        reader.get_object(number) for number in range(1, len(reader.xref_objStm) + len(reader.xref[0]))
    ]
    return sum(isinstance(one, StreamObject) and one.get("/Subtype") == "/Image" for one in objects)


def squeezed(text: str) -> str:
    """Without the blanks and line ends that a page adds."""
    return "".join(text.split())


@pytest.fixture
def whole(cast: Cast, clock: Clock) -> Case:
    """A whistle with an arrival in time, one late, a call, a consultation, tasks, a rating and an entry."""
    case = moves.sounded(cast, title=TITLE)
    clock.forward(minutes=30)
    moves.confirmed(case, cast, cast.departments.urban, cast.officer)
    clock.forward(hours=2)
    moves.ring()
    police = summons(case, cast.departments.police)
    on(police, "record_call", cast.committee, callee="office", answered="yes", note="值班员答应转告")
    moves.arrived(
        case,
        cast.departments.police,
        cast.officer2,
        lat=28.186,
        lng=115.785,
        accuracy=12,
        note="路上堵车",
        photos=[moves.photo(300)],
    )
    on(summons(case, cast.departments.police), "confirm", cast.township)
    case.refresh_from_db()
    do(
        case,
        "consult",
        cast.township,
        result="由城管局牵头拆除",
        lead=summons(case, cast.departments.urban).pk,
    )
    task = moves.claimed(case, cast.departments.urban, cast.officer, "拆除违建120平方米", "2026-11-20")
    moves.claimed(case, cast.departments.police, cast.officer2, "维护现场秩序", "2026-11-19")
    case.refresh_from_db()
    do(case, "start_work", cast.township)
    on(task, "progress", cast.officer, note="已拆一半")
    on(
        summons(case, cast.departments.police),
        "rate",
        cast.township,
        response=3,
        solution=4,
        satisfaction=5,
        note="到场较晚",
    )
    return case


def fetch(client: Client, case: Case) -> bytes:
    answer: Any = client.get(f"{case.get_absolute_url()}file.pdf")
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
    return bytes(answer.content)


def test_everything_of_a_whistle_stands_in_its_file(whole: Case, cast: Cast, browser_of: Any) -> None:
    data = fetch(browser_of(cast.committee), whole)
    found = pages(data)
    text = squeezed("".join(found))
    for words in (
        TITLE, whole.number, "一事一哨一档", "目录", "一、基本情况", "九、办理全过程", "沿河搭建", "街道没有执法权",
        "东路12号门前", "街道书记甲", "政法委甲", "城管局经办甲", "公安局经办乙", "2026-11-1810:30:00", "2026-11-1812:30:00",
        "按时到场", "迟到", "111米±12", "值班员答应转告", "由城管局牵头拆除", "拆除违建120平方米", "2026-11-20",
        "维护现场秩序", "已拆一半", "到场较晚", "不及时到场", "路上堵车", "归档单位",
    ):  # fmt: skip
        assert squeezed(words) in text, words
    assert "今天" not in text  # a filed paper has no today
    assert whole.number in found[2] and "第 3 页" in found[2]  # head and foot from the second page on
    assert pictures(data) == 2
    assert whole.events.filter(verb="case.printed").count() == 1


def test_every_entry_of_the_record_is_printed_over_as_many_pages_as_it_takes(
    whole: Case, cast: Cast, browser_of: Any
) -> None:
    for number in range(120):
        do(whole, "urge", cast.township, note=f"第{number}次催办")
    found = pages(fetch(browser_of(cast.township), whole))
    text = squeezed("".join(found))
    assert len(found) > 8
    assert all(f"第{number}次催办" in text for number in range(120))


def test_the_same_instant_gives_the_same_bytes(whole: Case, cast: Cast, browser_of: Any) -> None:
    client = browser_of(cast.committee)
    fetch(client, whole)  # the first look writes an entry; from then on nothing changes
    assert fetch(client, whole) == fetch(client, whole)


def test_an_english_reader_gets_english_labels(whole: Case, cast: Cast, browser_of: Any) -> None:
    cast.committee.user.language = "en"
    cast.committee.user.save(update_fields=["language"])
    text = squeezed("".join(pages(fetch(browser_of(cast.committee), whole))))
    assert squeezed("Contents") in text and "目录" not in text


def test_who_may_not_see_the_whistle_gets_no_file(whole: Case, cast: Cast, browser_of: Any) -> None:
    for post in (cast.township2, cast.worker, cast.village, cast.station, cast.mediator):
        answer = browser_of(post).get(f"{whole.get_absolute_url()}file.pdf")
        assert answer.status_code == 404, post


def test_missing_fonts_are_said_at_the_start(settings: Any, tmp_path: Path) -> None:
    assert checks.check_fonts() == []
    settings.GEZHI_NODE_MODULES = tmp_path
    (problem,) = checks.check_fonts()
    assert problem.id == "gezhi.E008" and "noto-serif-sc" in problem.msg
    with pytest.raises(typesetting.TypesettingFailed):
        typesetting.font_folders()
