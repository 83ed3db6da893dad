"""POST /incidents/: who may, and everything that is refused."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Post
from accounts.roles import Role
from cases.models import CaseEvent, IdempotencyKey
from tests.api.conftest import INCIDENTS, Call, problem, send_raw
from tests.api.reports import body, nothing_kept
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")
# --- who


def test_without_signing_in_it_is_401(cast: Cast) -> None:
    problem(APIClient().post(INCIDENTS, body(cast), format="json"), 401, "not_authenticated")


@pytest.mark.parametrize(
    "who", ["officer", "secretary", "committee", "mediator", "sysadmin", "secadmin", "auditor"]
)
def test_who_does_not_report_is_told_who_does(who: str, cast: Cast, call: Call) -> None:
    answer = problem(call(getattr(cast, who)).post("", body(cast)), 403, "not_allowed")
    assert "网格员" in answer["detail"]
    assert nothing_kept()


def test_an_ended_post_and_no_post_report_nothing(cast: Cast, call: Call) -> None:
    problem(call(cast.stranger.user).post("", body(cast)), 403, "not_allowed")
    problem(call(cast.nobody).post("", body(cast)), 403, "not_allowed")
    problem(call(cast.stranger).post("", body(cast)), 403, "unknown_post")


def test_of_several_posts_the_one_that_may_reports(cast: Cast, call: Call) -> None:
    Post.objects.filter(pk=cast.worker.pk).update(starts_on=date(2021, 1, 1))
    other = Post.objects.create(
        user=cast.worker.user, role=Role.MEDIATOR, division=cast.places.street, starts_on=date(2020, 1, 1)
    )
    assert call(cast.worker.user).post("", body(cast)).status_code == 201
    assert CaseEvent.objects.get(seq=1).post_id == cast.worker.pk
    problem(call(other).post("", body(cast)), 403, "not_allowed")


# --- what is refused


BAD: list[tuple[dict[str, Any], str]] = [
    ({"category": None}, "category"),
    ({"category": "9999"}, "category"),
    ({"category": "11"}, "category"),
    ({"category": 1101}, "category"),
    ({"category": ["1101"]}, "category"),
    ({"title": None}, "title"),
    ({"title": ""}, "title"),
    ({"title": "堆"}, "title"),
    ({"title": "堆" * 61}, "title"),
    ({"title": 5}, "title"),
    ({"title": {"zh": "垃圾"}}, "title"),
    ({"title": ["垃圾"]}, "title"),
    ({"title": True}, "title"),
    ({"title": "垃\u0000圾"}, "title"),
    ({"description": "长" * 4001}, "description"),
    ({"description": {"a": [1, {"b": None}]}}, "description"),
    ({"grid": None}, "grid"),
    ({"grid": "360981002002"}, "grid"),
    ({"grid": "360981002002999"}, "grid"),
    ({"grid": 360981002002001}, "grid"),
    ({"grid": "9" * 40}, "grid"),
    ({"place": "110101000000", "grid": None}, "place"),
    ({"grid": None, "lat": 28.185}, "lng"),
    ({"grid": None, "lng": 115.785}, "lat"),
    ({"grid": None, "lat": 91, "lng": 115.785}, "lat"),
    ({"grid": None, "lat": 28.185, "lng": 181.5}, "lng"),
    ({"grid": None, "lat": "28.185", "lng": 115.785}, "lat"),
    ({"grid": None, "lat": [28.185], "lng": 115.785}, "lat"),
    ({"grid": None, "lat": True, "lng": 115.785}, "lat"),
    ({"grid": None, "lat": 10**400, "lng": 115.785}, "lat"),
    ({"grid": None, "lat": 39.9, "lng": 116.4}, "lat"),
    ({"lat": 28.185, "lng": 115.785, "accuracy": -1}, "accuracy"),
    ({"confirmed": "yes"}, "confirmed"),
    ({"confirmed": 1}, "confirmed"),
    ({"urgency": "very"}, "urgency"),
    ({"urgency": 1}, "urgency"),
    ({"urgency": ["urgent"]}, "urgency"),
    ({"occurred_at": "yesterday"}, "occurred_at"),
    ({"occurred_at": "2099-01-01T00:00:00+08:00"}, "occurred_at"),
    ({"occurred_at": "2024-01-01T00:00:00+08:00"}, "occurred_at"),
    ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "occurred_at"),
    ({"occurred_at": "9999-12-31T23:59:59-14:00"}, "occurred_at"),
    ({"occurred_at": 1700000000}, "occurred_at"),
    ({"address": "路" * 201}, "address"),
    ({"reporter_phone": "call me"}, "reporter_phone"),
    ({"reporter_phone": 13800000000}, "reporter_phone"),
    ({"reporter_name": "名" * 41}, "reporter_name"),
    ({"source": "rumour"}, "source"),
    ({"fields": []}, "fields"),
    ({"fields": "depth=3"}, "fields"),
    ({"fields": {"depth": 3}}, "fields.depth"),
    ({"fields": {"depth": {"a": 1}}}, "fields"),
    ({"photos": []}, "photos"),
    ({"photos": "aGVsbG8="}, "photos"),
    ({"settled": "true", "result": "好"}, "settled"),
    ({"settled": True}, "result"),
    ({"result": "已清理"}, "result"),
    ({"titel": "垃圾"}, "titel"),
    ({"state": "archived"}, "state"),
    ({"number": "SJ2026-0000001"}, "number"),
]


@pytest.mark.parametrize(("wrong", "name"), BAD, ids=[json.dumps(wrong)[:50] for wrong, _name in BAD])
def test_what_is_wrong_is_named_and_nothing_is_kept(
    wrong: dict[str, Any], name: str, cast: Cast, call: Call
) -> None:
    answer = problem(call(cast.worker).post("", body(cast, **wrong)), 422, "incomplete")
    assert list(answer["errors"]) == [name]
    assert all(isinstance(message, str) and message for message in answer["errors"][name])
    assert nothing_kept()


def test_every_error_is_told_at_once(cast: Cast, call: Call) -> None:
    answer = problem(call(cast.worker).post("", {"description": "x"}), 422, "incomplete")
    assert set(answer["errors"]) == {"category", "title", "grid"}


RAW: list[tuple[bytes, str, int, str]] = [
    (b"{", "application/json", 400, "parse_error"),
    (b'{"title": NaN}', "application/json", 400, "parse_error"),
    (b'{"lat": -Infinity}', "application/json", 400, "parse_error"),
    (b'{"title": "\\ud800"}', "application/json", 400, "parse_error"),
    (b'{"title": "\xff\xfe"}', "application/json", 400, "parse_error"),
    (b"[" * 100_000, "application/json", 400, "parse_error"),
    (b'{"lat": ' + b"9" * 5000 + b"}", "application/json", 400, "parse_error"),
    (b"[]", "application/json", 422, "incomplete"),
    (b'"title"', "application/json", 422, "incomplete"),
    (b"null", "application/json", 422, "incomplete"),
    (b"", "application/json", 422, "incomplete"),
    (b"title=a", "text/plain", 415, "unsupported_media_type"),
    (b"<a/>", "application/xml", 415, "unsupported_media_type"),
    (b"--x--", "multipart/form-data; boundary=x", 422, "incomplete"),
    (b"rubbish", "multipart/form-data", 400, "parse_error"),
    (b'{"title": "' + b"a" * 10_000_000 + b'"}', "application/json", 413, "too_large"),
]


@pytest.mark.parametrize("key", [None, "k1"], ids=["without a key", "with a key"])
@pytest.mark.parametrize(
    ("raw", "kind", "status", "code"), RAW, ids=[f"{r[0][:18]!r} {r[1][:20]}" for r in RAW]
)
def test_a_body_that_is_none_is_refused(
    raw: bytes, kind: str, status: int, code: str, key: str | None, cast: Cast, call: Call
) -> None:
    headers = {"idempotency-key": key} if key else {}
    client = call(cast.worker).client
    problem(send_raw(client, INCIDENTS, raw, kind, headers), status, code)
    assert nothing_kept() and not IdempotencyKey.objects.exists()


def test_a_repeated_name_in_json_counts_once(cast: Cast, call: Call) -> None:
    raw = json.dumps(body(cast)).replace("{", '{"title": "第一个", ', 1)
    answer = send_raw(call(cast.worker).client, INCIDENTS, raw.encode())
    assert (answer.status_code, answer.json()["title"]) == (201, "东路口垃圾成堆")
