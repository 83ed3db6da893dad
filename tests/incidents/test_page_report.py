"""Reporting and intake over HTTP: what is sent becomes one incident, and what is wrong is said by its field."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.models import Case, IdempotencyKey
from incidents.models import Incident
from tests.cast import Cast
from tests.incidents.moves import do, filed

REPORT, INTAKE = "/incidents/report/", "/incidents/intake/"


def picture(name: str = "a.jpg", size: tuple[int, int] = (600, 400)) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", size, (90, 120, 90)).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def facts(cast: Cast, **values: Any) -> dict[str, Any]:
    return {
        "category": "1101",
        "title": "路口垃圾成堆",
        "place": cast.places.grid.code,
        "description": "有异味",
    } | values


def test_a_worker_s_report_becomes_one_incident_with_its_photo(
    cast: Cast, category: Any, clock: Any, browser_of: Any
) -> None:
    client = browser_of(cast.worker)
    assert client.get(REPORT).status_code == 200
    answer = client.post(REPORT, facts(cast, photos=[picture()], idempotency_key="one-press-of-mine"))
    case = Case.objects.get()
    assert answer.status_code == 303 and answer["Location"] == f"/incidents/{case.number}/sent/"
    assert case.attachments.get().stage == "before"
    sent = client.get(answer["Location"]).content.decode()
    assert case.number in sent and "剑光街道" in sent


def test_a_second_press_makes_no_second_incident(
    cast: Cast, category: Any, clock: Any, browser_of: Any
) -> None:
    client = browser_of(cast.worker)
    sent = facts(cast, idempotency_key="the-same-press-twice")
    first, second = client.post(REPORT, sent), client.post(REPORT, sent)
    assert first["Location"] == second["Location"]
    assert Incident.objects.count() == 1 and IdempotencyKey.objects.count() == 1


def test_settled_on_the_spot_is_fed_back_in_the_same_press(
    cast: Cast, category: Any, clock: Any, browser_of: Any
) -> None:
    client = browser_of(cast.worker)
    client.post(REPORT, facts(cast, settled="on", result="已清扫", photos_after=[picture("after.jpg")]))
    case = Case.objects.get()
    assert case.state == "fed_back"
    assert case.attachments.get(stage="after")


def test_settled_without_a_result_saves_nothing(
    cast: Cast, category: Any, clock: Any, browser_of: Any
) -> None:
    answer = browser_of(cast.worker).post(REPORT, facts(cast, settled="on", result=""))
    assert answer.status_code == 422
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"category": "9999"}, "类别"),
        ({"place": "360981002002999"}, "地点"),
        ({"place": "", "lat": "95", "lng": "115"}, "纬度"),
        ({"place": "", "lat": "10.0", "lng": "100.0"}, "不在任何网格"),
        ({"place": "", "lat": "nan", "lng": "115"}, "数字"),
        ({"title": ""}, "标题"),
        ({"title": "长" * 61}, "标题"),
        ({"description": "长" * 5000}, "情况说明"),
        ({"occurred_at": "2031-01-01T10:00"}, "发生时间"),
        ({"urgency": "panic"}, "紧急程度"),
    ],
)
def test_what_is_wrong_is_said_by_its_field_and_nothing_is_saved(
    wrong: dict[str, str], said: str, cast: Cast, category: Any, clock: Any, browser_of: Any
) -> None:
    answer = browser_of(cast.worker).post(REPORT, facts(cast, **wrong))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Case.objects.count() == 0


def test_a_pdf_named_jpg_is_refused_in_words(cast: Cast, category: Any, clock: Any, browser_of: Any) -> None:
    false = SimpleUploadedFile(
        "photo.jpg", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF", "image/jpeg"
    )
    answer = browser_of(cast.worker).post(REPORT, facts(cast, photos=[false]))
    assert answer.status_code == 422 and "照片" in answer.content.decode()
    assert Case.objects.count() == 0


def test_emoji_and_right_to_left_text_are_kept_without_hidden_signs(
    cast: Cast, category: Any, clock: Any, browser_of: Any
) -> None:
    title = "路灯坏了😀 שלום\u202egpj.exe"
    browser_of(cast.worker).post(REPORT, facts(cast, title=title))
    assert Case.objects.get().title == "路灯坏了😀 שלוםgpj.exe"


def test_a_schematic_cell_must_be_confirmed(cast: Cast, category: Any, clock: Any, browser_of: Any) -> None:
    client = browser_of(cast.worker2)
    at = {"place": "", "lat": "28.305", "lng": "115.905"}
    answer = client.post(REPORT, facts(cast, **at))
    assert answer.status_code == 422 and "示意图" in answer.content.decode()
    assert client.post(REPORT, facts(cast, **at, confirmed="on")).status_code == 303
    assert Case.objects.get().place == cast.places.grid2


def test_with_htmx_only_the_errors_are_swapped_so_that_photos_stay(
    cast: Cast, category: Any, clock: Any, browser_of: Any
) -> None:
    answer = browser_of(cast.worker).post(REPORT, facts(cast, title=""), headers={"HX-Request": "true"})
    assert answer.status_code == 422 and answer["HX-Retarget"] == "#report-errors"
    assert "<form" not in answer.content.decode()


@pytest.mark.parametrize("who", ["officer", "committee", "secretary", "mediator", "sysadmin"])
@pytest.mark.parametrize("page", [REPORT, INTAKE])
def test_who_may_not_report_is_told_so(
    who: str, page: str, cast: Cast, category: Any, browser_of: Any
) -> None:
    answer = browser_of(getattr(cast, who)).get(page)
    assert answer.status_code == 403


def test_intake_keeps_the_caller_masked_and_answers_with_a_slip(
    cast: Cast, category: Any, clock: Any, browser_of: Any
) -> None:
    client = browser_of(cast.township)
    assert client.get(INTAKE).status_code == 200
    sent = facts(cast, source="caller", reporter_name="张三丰", reporter_phone="00013800000")
    answer = client.post(INTAKE, sent)
    case = Case.objects.get()
    assert answer["Location"] == f"/incidents/{case.number}/slip/"
    assert case.incident.source == "caller" and case.first_receiver == cast.township
    slip = client.get(answer["Location"]).content.decode()
    assert case.number in slip and "首问责任人" in slip and cast.township.user.name in slip
    page = client.get(case.get_absolute_url()).content.decode()
    assert "00013800000" not in page and "张三丰" not in page
    assert client.post(answer["Location"]).status_code == 204
    assert case.events.filter(verb="case.printed").exists()


def test_a_slip_can_be_printed_again_however_far_the_matter_went(
    cast: Cast, new_case: Any, clock: Any, browser_of: Any
) -> None:
    case, other = filed(new_case(cast.township), cast), new_case(cast.worker)
    client = browser_of(cast.township)
    slip = f"{case.get_absolute_url()}slip/"
    assert "现在是“已立案”" in client.get(slip).content.decode()
    offices = cast.departments.station, cast.departments.police
    do(case, "split", cast.township, tasks=[{"department": office.pk, "task": "清运"} for office in offices])
    assert case.first_receiver is None and slip in client.get(case.get_absolute_url()).content.decode()
    assert cast.township.user.name in client.get(slip).content.decode()
    assert slip not in browser_of(cast.committee).get(case.get_absolute_url()).content.decode()
    task = Case.objects.exclude(pk__in=[case.pk, other.pk]).order_by("pk")[0]
    for none in (task, other):
        assert client.get(f"{none.get_absolute_url()}slip/").status_code == 404
        assert "/slip/" not in client.get(none.get_absolute_url()).content.decode()


def test_likely_duplicates_are_shown_from_the_same_village_and_only_visible_ones(
    cast: Cast, category: Any, clock: Any, browser_of: Any, new_case: Any
) -> None:
    near, far = new_case(cast.worker), new_case(cast.worker2)
    asked = {"place": cast.places.grid_b.code, "category": "1101", "title": "东路口垃圾", "description": ""}
    found = browser_of(cast.township).get("/incidents/duplicates/", asked).content.decode()
    assert near.number in found and far.number not in found
    hidden = browser_of(cast.township2).get("/incidents/duplicates/", asked).content.decode()
    assert near.number not in hidden
