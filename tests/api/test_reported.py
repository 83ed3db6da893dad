"""POST /incidents/ with a right body: what comes back, what it leaves behind, files, and presses that come twice."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Post, User
from cases.models import Attachment, Case, CaseEvent, Deadline, Notice
from grids.clock import SHANGHAI
from incidents.models import Incident
from tests.api.conftest import Call, problem
from tests.api.reports import FIELDS, body, nothing_kept
from tests.cases import samples
from tests.cases.conftest import make_category
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")


def test_a_report_gives_the_whole_incident_back(cast: Cast, call: Call, clock: Any) -> None:
    sent = body(
        cast,
        description="两车左右",
        urgency="urgent",
        occurred_at="2026-11-18T09:30:00+08:00",
        address="东路与南路交叉口",
        lat=28.185,
        lng=115.785,
        accuracy=12.5,
    )
    answer = call(cast.worker).post("", sent)
    assert answer.status_code == 201
    found = answer.json()
    number = found["number"]
    assert found == {
        "number": number,
        "title": "东路口垃圾成堆",
        "state": "reported",
        "state_label": "已上报",
        "category": {
            "code": "1101",
            "name": "暴露垃圾",
            "name_en": "Exposed rubbish",
            "parent": {"code": "11", "name": "市容环境"},
        },
        "urgency": "urgent",
        "supervision": "",
        "sensitive": False,
        "grid": {
            "code": "360981002002001",
            "name": "01网格",
            "path": "剑光街道 › 东路社区居委会 › 01网格",
        },
        "place": {
            "code": "360981002002001",
            "name": "01网格",
            "path": "剑光街道 › 东路社区居委会 › 01网格",
            "level": "grid",
        },
        "geometry": "surveyed",
        "office": {"id": "division:360981002000", "name": "剑光街道综治中心", "person": None},
        "handler": None,
        "deadlines": [
            {
                "duty": "file",
                "label": "立案",
                "due_at": "2026-11-18T11:00:00+08:00",
                "overdue": False,
                "paused": False,
                "provisional": False,
            }
        ],
        "overdue": False,
        "occurred_at": "2026-11-18T09:30:00+08:00",
        "opened_at": "2026-11-18T10:00:00+08:00",
        "updated_at": "2026-11-18T10:00:00+08:00",
        "closed_at": None,
        "url": f"http://testserver/api/v1/incidents/{number}/",
        "description": "两车左右",
        "address": "东路与南路交叉口",
        "position": {"lat": 28.185, "lng": 115.785, "accuracy": 12.5, "source": "given"},
        "fields": {},
        "source": "worker",
        "co_handlers": [],
        "copied": [],
        "reporters": [
            {"id": f"post:{cast.worker.pk}", "name": "东路社区居委会01网格网格员", "person": "网格员甲"}
        ],
        "first_receiver": None,
        "personal": {},
        "return_count": 0,
        "reopen_count": 0,
        "split_task": "",
        "links": [],
        "attachments": [],
        "allowed_actions": ["settle", "supplement", "note"],
        "last_event": 1,
        "seen": f"reported:{cast.places.street.pk}",
    }
    assert call(cast.worker).get(f"{number}/").json() == found


def test_a_report_leaves_an_entry_a_duty_and_a_notice(cast: Cast, call: Call) -> None:
    number = call(cast.worker).post("", body(cast)).json()["number"]
    case = Case.objects.get(number=number)
    entry = CaseEvent.objects.get(case=case)
    assert (entry.verb, entry.actor, entry.post) == ("incident.reported", cast.worker.user, cast.worker)
    assert Deadline.objects.get(case=case).duty == "file"
    told = set(Notice.objects.filter(case=case).values_list("recipient", flat=True))
    assert told == {cast.township.user_id, cast.township_b.user_id}


def test_emoji_and_right_to_left_text_are_kept_and_unseen_signs_are_not(cast: Cast, call: Call) -> None:
    title = "垃圾🚮 \u202eشارع"
    found = call(cast.worker).post("", body(cast, title=title, description="一行\n二行\u0007"))
    assert (found.json()["title"], found.json()["description"]) == ("垃圾🚮 شارع", "一行\n二行")


def test_null_is_the_same_as_left_out(cast: Cast, call: Call) -> None:
    sent = body(
        cast, description=None, lat=None, lng=None, fields=None, urgency=None, settled=None, photos=None
    )
    assert call(cast.worker).post("", sent).json()["urgency"] == "normal"


def test_a_position_in_a_surveyed_grid_decides(cast: Cast, call: Call) -> None:
    found = call(cast.worker).post("", body(cast, grid=None, lat=28.185, lng=115.795)).json()
    assert (found["grid"]["code"], found["geometry"]) == (cast.places.grid_b.code, "surveyed")


def test_a_schematic_cell_is_only_offered(cast: Cast, call: Call) -> None:
    sent = body(cast, grid=None, lat=28.305, lng=115.905)
    answer = problem(call(cast.worker2).post("", sent), 422, "confirm_grid")
    grid = cast.places.grid2
    assert answer["offered"] == {"code": grid.code, "name": "01网格", "path": "小港镇 › 万沙村委会 › 01网格"}
    assert list(answer["errors"]) == ["confirmed"]
    problem(call(cast.worker2).post("", {**sent, "confirmed": False}), 422, "confirm_grid")
    assert nothing_kept()
    found = call(cast.worker2).post("", {**sent, "confirmed": True}).json()
    assert (found["grid"]["code"], found["geometry"]) == (grid.code, "schematic")
    # Naming the grid is a confirmation too.
    assert call(cast.worker2).post("", {**sent, "grid": grid.code}).status_code == 201


def test_other_faults_come_with_the_offer(cast: Cast, call: Call) -> None:
    sent = body(cast, grid=None, lat=28.305, lng=115.905, title="")
    answer = problem(call(cast.worker2).post("", sent), 422, "incomplete")
    assert (
        set(answer["errors"]) == {"title", "confirmed"}
        and answer["offered"]["code"] == cast.places.grid2.code
    )


def test_a_place_without_a_known_grid(cast: Cast, call: Call) -> None:
    found = call(cast.township).post("", body(cast, grid=None, place=cast.places.village.code)).json()
    assert found["grid"] is None and found["geometry"] is None
    assert (found["place"]["code"], found["place"]["level"]) == (cast.places.village.code, "village")


def test_the_categorys_own_fields_are_checked_and_kept(cast: Cast, call: Call) -> None:
    make_category("1103", fields=FIELDS)
    sent = body(cast, category="1103")
    for given, name in (
        ({}, "fields.depth"),
        ({"depth": "30"}, "fields.depth"),
        ({"depth": -1}, "fields.depth"),
        ({"depth": True}, "fields.depth"),
        ({"depth": 10**400}, "fields.depth"),
        ({"depth": 1, "pumped": "no"}, "fields.pumped"),
        ({"depth": 1, "seen_on": "soon"}, "fields.seen_on"),
        ({"depth": 1, "seen_on": 20261118}, "fields.seen_on"),
        ({"depth": 1, "road": "river"}, "fields.road"),
        ({"depth": 1, "road": 1}, "fields.road"),
        ({"depth": 1, "note": "长" * 201}, "fields.note"),
        ({"depth": 1, "width": 3}, "fields.width"),
    ):
        answer = problem(call(cast.worker).post("", {**sent, "fields": given}), 422, "incomplete")
        assert list(answer["errors"]) == [name], given
    given = {"depth": 30.5, "pumped": True, "seen_on": "2026-11-17", "road": "lane", "note": "靠近学校"}
    assert call(cast.worker).post("", {**sent, "fields": given}).json()["fields"] == given


def test_a_centre_records_a_callers_name_masked_and_answers_for_it(cast: Cast, call: Call) -> None:
    sent = body(cast, source="caller", reporter_name="张大山", reporter_phone="000-13801234")
    found = call(cast.township).post("", sent).json()
    assert found["personal"] == {"reporter_name": "张**", "reporter_phone": "000****1234"}
    assert found["source"] == "caller"
    assert found["first_receiver"] == {
        "id": f"post:{cast.township.pk}",
        "name": "剑光街道综治中心",
        "person": "街道中心甲",
    }
    assert "张大山" not in json.dumps(
        list(CaseEvent.objects.values_list("data", flat=True)), ensure_ascii=False
    )


# --- with files


def test_photos_and_fields_come_as_a_form(cast: Cast, call: Call) -> None:
    make_category("1103", fields=FIELDS)
    sent = {
        **body(cast, category="1103", lat="28.185", lng="115.785", confirmed="true"),
        "fields": json.dumps({"depth": 3}),
        "photos": [samples.upload("a.jpg", samples.jpeg()), samples.upload("b.png", samples.png())],
        "documents": [samples.upload("letter.pdf", samples.pdf())],
    }
    answer = call(cast.worker).post("", sent, files=True)
    assert answer.status_code == 201, answer.json()
    found = answer.json()
    assert found["fields"] == {"depth": 3}
    kinds = [(one["stage"], one["content_type"]) for one in found["attachments"]]
    assert kinds == [("before", "image/jpeg"), ("before", "image/jpeg"), ("other", "application/pdf")]
    assert found["attachments"][2]["thumbnail"] is None
    assert call(cast.worker).client.get(found["attachments"][0]["thumbnail"]).status_code == 200


FORMS: list[tuple[dict[str, Any], str]] = [
    ({"photos": "not a file"}, "photos"),
    ({"confirmed": "maybe"}, "confirmed"),
    ({"fields": "{"}, "fields"),
    ({"fields": "[1]"}, "fields"),
    ({"fields": '{"a": NaN}'}, "fields"),
    ({"fields": "[" * 100_000}, "fields"),
    ({"lat": "abc", "lng": "115.785"}, "lat"),
    ({"lat": "nan", "lng": "115.785"}, "lat"),
    ({"titel": "x"}, "titel"),
    ({"title": "\0\0\0"}, "title"),
]


@pytest.mark.parametrize(("wrong", "name"), FORMS, ids=[str(wrong)[:40] for wrong, _name in FORMS])
def test_a_wrong_form_is_refused_by_its_field(
    wrong: dict[str, Any], name: str, cast: Cast, call: Call
) -> None:
    answer = problem(call(cast.worker).post("", body(cast, **wrong), files=True), 422, "incomplete")
    assert list(answer["errors"]) == [name]


def test_files_of_a_wrong_kind_number_or_place_are_refused(cast: Cast, call: Call) -> None:
    pdf, photo = samples.pdf(), samples.jpeg(40, 20)
    for wrong, name in (
        ({"photos": [samples.upload("a.jpg", pdf)]}, "photos"),
        ({"photos": [samples.upload("a.pdf", pdf)]}, "photos"),
        ({"photos": [samples.upload(f"{n}.jpg", photo) for n in range(10)]}, "photos"),
        ({"title": samples.upload("a.jpg", photo)}, "title"),
        ({"extra": samples.upload("a.jpg", photo)}, "extra"),
        ({"photos_after": [samples.upload("a.jpg", photo)]}, "photos_after"),
    ):
        answer = problem(call(cast.worker).post("", {**body(cast), **wrong}, files=True), 422, "incomplete")
        assert list(answer["errors"]) == [name]
    assert nothing_kept()


def test_a_matter_settled_on_the_spot_has_photos_of_both(cast: Cast, call: Call) -> None:
    sent = {
        **body(cast, settled="true", result="已清理"),
        "photos": [samples.upload("a.jpg", samples.jpeg())],
        "photos_after": [samples.upload("b.jpg", samples.jpeg(200, 100))],
    }
    found = call(cast.worker).post("", sent, files=True).json()
    assert [one["stage"] for one in found["attachments"]] == ["before", "after"]
    assert found["state"] == "fed_back"


# --- pressed twice


def test_the_same_key_reports_once(cast: Cast, call: Call) -> None:
    first = call(cast.worker).post("", body(cast), key="k1")
    again = call(cast.worker).post("", body(cast), key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Incident.objects.count() == 1
    problem(call(cast.worker).post("", body(cast, title="另一件事"), key="k1"), 422, "idempotency_key_reused")
    assert call(cast.worker_b).post("", body(cast), key="k1").status_code == 201
    assert Incident.objects.count() == 2
    problem(call(cast.worker).post("", body(cast), key="a b"), 422, "idempotency_key_invalid")


def test_the_same_form_with_the_same_photo_reports_once(cast: Cast, call: Call) -> None:
    def sent(data: bytes) -> dict[str, Any]:
        return {**body(cast), "photos": [samples.upload("a.jpg", data)]}

    photo = samples.jpeg()
    numbers = {
        call(cast.worker).post("", sent(photo), key="k", files=True).json()["number"] for _ in range(2)
    }
    assert len(numbers) == 1 and Attachment.objects.count() == 1
    other = call(cast.worker).post("", sent(samples.jpeg(100, 50)), key="k", files=True)
    problem(other, 422, "idempotency_key_reused")


def test_a_refused_report_leaves_its_key_free(cast: Cast, call: Call) -> None:
    problem(call(cast.worker).post("", body(cast, title=""), key="k"), 422, "incomplete")
    assert call(cast.worker).post("", body(cast), key="k").status_code == 201


def test_an_ended_post_gets_no_repeat(cast: Cast, call: Call, clock: Any) -> None:
    assert call(cast.worker.user).post("", body(cast), key="k").status_code == 201
    Post.objects.filter(pk=cast.worker.pk).update(ends_on=date(2026, 11, 17))
    problem(call(cast.worker.user).post("", body(cast), key="k"), 404, "not_found")


def test_a_caller_reads_the_refusal_in_their_language(cast: Cast, call: Call) -> None:
    User.objects.filter(pk=cast.worker.user_id).update(language="en")
    answer = problem(call(cast.worker).post("", body(cast, titel="x")), 422, "incomplete")
    assert answer["errors"]["titel"] == ["There is no such field."]


def test_times_without_a_zone_are_chinas(cast: Cast, call: Call, clock: Any) -> None:
    clock.set(datetime(2026, 11, 18, 10, tzinfo=SHANGHAI) + timedelta(minutes=1))
    found = call(cast.worker).post("", body(cast, occurred_at="2026-11-18T09:00")).json()
    assert found["occurred_at"] == "2026-11-18T09:00:00+08:00"
