"""Whatever is sent, the API answers below 500, with a problem document where it refuses."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case, CaseEvent
from incidents.api.fields import ACTION_KINDS, REPORT_KINDS
from incidents.registration import WORKFLOW
from tests.api.conftest import INCIDENTS, V1, Call, Stage, send_raw, station
from tests.cases.conftest import make_category
from tests.cast import Cast

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("category", "clock")]
often = settings(
    max_examples=250,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)

# Halves of characters, controls and signs that turn the direction included.
TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
NEAR = st.sampled_from(
    [
        "", " ", "\0", "1101", "9999", "360981002002001", "360981002000", "urgent", "normal", "true", "on",
        "2026-11-18T10:00:00+08:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30",
        "department:1", "department:", "division:360981002000", "division:\0", "post:99999999999999999999",
        "post:x", "SJ2026-0000001", "weather", "not_duty", "yellow", "NaN", "1e999", "-0", "①", "垃圾" * 3000,
    ]
)  # fmt: skip
NUMBER = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([10**300, -(10**4000), 2**63]),
)
PLAIN = st.one_of(st.none(), st.booleans(), NUMBER, TEXT, NEAR)
VALUE = st.recursive(
    PLAIN,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(TEXT, NEAR), inner, max_size=4)
    ),
    max_leaves=8,
)


def body_of(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.one_of(st.sampled_from(names), TEXT), VALUE, max_size=5)


REPORT_NAMES, ACTION_NAMES = sorted(REPORT_KINDS), sorted({*ACTION_KINDS, "seen"})


def sound(answer: Any) -> None:
    """Below 500, and a problem document where it is a refusal."""
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
        found = answer.json()
        assert found["status"] == answer.status_code and found["code"] and found["detail"]


def undone(press: Callable[[], Any]) -> Any:
    """Press, look, and take it back, so that each try begins alike."""
    with transaction.atomic():
        answer = press()
        sound(answer)
        transaction.set_rollback(True)
    return answer


@often
@given(body=body_of(REPORT_NAMES), right=st.booleans(), key=st.one_of(st.none(), st.just("k")))
def test_a_report_of_junk(body: dict[str, Any], right: bool, key: str | None, cast: Cast, call: Call) -> None:
    base = {"category": "1101", "title": "东路口垃圾成堆", "grid": cast.places.grid.code} if right else {}
    raw = json.dumps({**base, **body}).encode()
    headers = {"idempotency-key": key} if key else {}
    undone(lambda: send_raw(call(cast.worker).client, INCIDENTS, raw, headers=headers))


@often
@given(fields=body_of(["depth", "pumped", "seen_on", "road", "note"]))
def test_own_fields_of_junk(fields: dict[str, Any], cast: Cast, call: Call) -> None:
    from incidents.models import Category
    from tests.api.reports import FIELDS

    if not Category.objects.filter(code="1103").exists():
        make_category("1103", fields=FIELDS)
    sent = {"category": "1103", "title": "积水", "grid": cast.places.grid.code, "fields": fields}
    undone(lambda: send_raw(call(cast.worker).client, INCIDENTS, json.dumps(sent).encode()))


@often
@given(raw=st.one_of(st.binary(max_size=60), TEXT.map(lambda text: text.encode("utf-8", "surrogatepass"))))
@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x", "application/json; charset=x"]
)
def test_bytes_that_are_no_body(raw: bytes, kind: str, cast: Cast, call: Call) -> None:
    undone(lambda: send_raw(call(cast.worker).client, INCIDENTS, raw, kind))


@pytest.fixture
def stages(at: Stage) -> dict[str, Case]:
    """One incident in each of several states."""
    return {
        state: at(state)
        for state in ("reported", "filed", "assigned", "investigating", "fed_back", "archived")
    }


@often
@given(
    action=st.sampled_from(WORKFLOW.actions),
    state=st.sampled_from(["reported", "filed", "assigned", "investigating", "fed_back", "archived"]),
    who=st.sampled_from(["township", "station", "worker", "centre"]),
    body=body_of(ACTION_NAMES),
)
def test_actions_with_junk(
    action: str, state: str, who: str, body: dict[str, Any], cast: Cast, call: Call, stages: dict[str, Case]
) -> None:
    address = f"{INCIDENTS}{stages[state].number}/{action}/"
    undone(lambda: send_raw(call(getattr(cast, who)).client, address, json.dumps(body).encode()))


@often
@given(data=st.data())
def test_every_field_of_an_open_action_with_junk(
    data: st.DataObject, cast: Cast, call: Call, stages: dict[str, Case], clock: Any
) -> None:
    """Right in all fields but one: what is checked after the types is reached too."""
    right: dict[str, dict[str, Any]] = {
        "assign": {"handler": station(cast), "co_handlers": [], "copies": [], "note": "x"},
        "suspend": {"suspend_ground": "weather", "until": "2026-11-20T10:00:00+08:00", "reason": "x"},
        "split": {"tasks": [{"department": cast.departments.station.pk, "task": "x"}] * 2},
        "merge": {"target": stages["reported"].number},
        "link": {"target": stages["reported"].number},
        "pass_down": {"division": cast.places.village.code},
        "settle": {"result": "x"},
        "correct_category": {"category": "1101"},
    }
    action = data.draw(st.sampled_from(sorted(right)))
    name = data.draw(st.sampled_from(sorted(right[action])))
    value = data.draw(VALUE)
    if action == "split" and data.draw(st.booleans()):
        row = {"department": data.draw(PLAIN), "task": data.draw(PLAIN)}
        value = [row, {"department": cast.departments.station.pk, "task": "x"}]
    raw = json.dumps({**right[action], name: value}).encode()
    address = f"{INCIDENTS}{stages['filed'].number}/{action}/"
    undone(lambda: send_raw(call(cast.township).client, address, raw))


class Sent(io.BytesIO):
    """A file of any name at all, as a client may send it: Django's own files refuse names such as ".." or "/"."""

    def __init__(self, name: str, data: bytes) -> None:
        super().__init__(data)
        self.name = name or "a.jpg"


FILE_NAME = st.one_of(st.text(max_size=12), st.sampled_from([".", "..", "/", "a/..", "\0", "..\\", '"; x="']))
FORM_TEXT = st.one_of(st.text(max_size=20), NEAR, VALUE.map(json.dumps))


@often
@given(
    fields=st.dictionaries(st.sampled_from(REPORT_NAMES), FORM_TEXT, max_size=5),
    files=st.dictionaries(
        st.sampled_from(REPORT_NAMES), st.tuples(FILE_NAME, st.binary(max_size=200)), max_size=2
    ),
)
def test_forms_of_junk(
    fields: dict[str, str], files: dict[str, tuple[str, bytes]], cast: Cast, call: Call
) -> None:
    base = {"category": "1101", "title": "东路口垃圾成堆", "grid": cast.places.grid.code}
    uploads = {name: Sent(title, data) for name, (title, data) in files.items()}
    undone(lambda: call(cast.worker).post("", {**base, **fields, **uploads}, files=True))


LISTED = ["state", "category", "place", "office", "department", "opened_from", "opened_to", "supervision", "overdue",
          "urgent", "mine", "q", "search", "order", "after", "before", "page_size", "format"]  # fmt: skip


@often
@given(query=st.dictionaries(st.one_of(st.sampled_from(LISTED), st.text(max_size=8)), FORM_TEXT, max_size=4))
def test_lists_with_junk(query: dict[str, str], cast: Cast, call: Call, stages: dict[str, Case]) -> None:
    sound(call(cast.township).client.get(INCIDENTS, query))
    sound(call(cast.township).client.get(f"{V1}notices/", query))
    sound(call(cast.township).client.get(f"{V1}divisions/", query))
    sound(call(cast.township).client.get(f"{V1}grids/locate/", query))


COUNTED = [
    "since",
    "until",
    "place",
    "subject",
    "by",
    "indicator",
    "side",
    "who",
    "category",
    "after",
    "page_size",
]
RIGHT = {"indicator": "reports", "side": "numerator"}


@often
@given(
    query=st.dictionaries(st.one_of(st.sampled_from(COUNTED), st.text(max_size=8)), FORM_TEXT, max_size=4),
    right=st.booleans(),
)
def test_figures_with_junk(query: dict[str, str], right: bool, cast: Cast, call: Call) -> None:
    client = call(cast.township).client
    sound(client.get(f"{V1}indicators/table/", query))
    sound(client.get(f"{V1}indicators/behind/", {**query, **RIGHT} if right else query))


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)


@often
@given(key=HEADER, post=HEADER)
def test_headers_of_junk(key: str, post: str, cast: Cast, call: Call, stages: dict[str, Case]) -> None:
    address = f"{INCIDENTS}{stages['filed'].number}/urge/"
    client = call(cast.township.user).client
    headers = {"idempotency-key": key, "x-gezhi-post": post}
    undone(lambda: client.post(address, {"note": "请抓紧"}, format="json", headers=headers))


@pytest.mark.parametrize("cursor", [b"p=%00", b"p=x", b"o=5&p=%F0%9F%9A%AE", b"o=999999999999", b"\xff"])
def test_a_cursor_that_was_not_given_by_us(cursor: bytes, cast: Cast, call: Call) -> None:
    sound(call(cast.township).client.get(f"{V1}divisions/", {"cursor": base64.b64encode(cursor).decode()}))


@often
@given(tail=st.text(max_size=30))
def test_addresses_of_junk(tail: str, cast: Cast, call: Call, stages: dict[str, Case]) -> None:
    client = call(cast.township).client
    for before in (INCIDENTS, f"{INCIDENTS}{stages['filed'].number}/", f"{V1}divisions/"):
        answer = client.get(f"{before}{quote(tail, errors='ignore')}")
        assert answer.status_code < 500
    assert CaseEvent.objects.count() == sum(case.last_seq for case in stages.values())
