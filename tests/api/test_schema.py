"""The schema and its page: valid, complete, true to what is answered, and free of anything from outside."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.drainage import GENERATOR_STATS, reset_generator_stats
from jsonschema import Draft4Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate

from cases.api_schema import Generator
from incidents.registration import WORKFLOW
from tests.api.conftest import Call, Caller, Stage, station
from tests.cast import Cast

SCHEMA, DOCS = "/api/schema/", "/api/docs/"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """What /api/schema/ says; generating it must not complain of anything."""
    reset_generator_stats()
    said = io.StringIO()
    with redirect_stderr(said):
        found: dict[str, Any] = Generator().get_schema(public=True)  # type: ignore[no-untyped-call]
    assert not GENERATOR_STATS, said.getvalue()
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def test_the_schema_is_valid(schema: dict[str, Any]) -> None:
    validate(schema)


def routes() -> list[str]:
    """Every address of version 1, as the schema writes them."""

    def walk(patterns: Any, before: str) -> list[str]:
        found = []
        for one in patterns:
            if isinstance(one, URLResolver):
                found += walk(one.url_patterns, before + str(one.pattern))
            elif isinstance(one, URLPattern):
                found.append(before + str(one.pattern))
        return found

    return [path for path in walk(get_resolver().url_patterns, "") if path.startswith("api/v1/")]


def test_every_address_is_in_the_schema(schema: dict[str, Any]) -> None:
    assert len(routes()) == len(schema["paths"]) > 15


def test_every_action_of_the_table_is_documented_with_its_body(schema: dict[str, Any]) -> None:
    act = schema["paths"]["/api/v1/incidents/{number}/{action}/"]["post"]
    (action,) = (one for one in act["parameters"] if one["name"] == "action")
    assert sorted(action["schema"]["enum"]) == sorted(WORKFLOW.actions)
    assert all(f"| `{name}` |" in act["description"] for name in WORKFLOW.actions)
    bodies = schema["components"]["schemas"]["AnyAction"]["oneOf"]
    assert len(bodies) == len(WORKFLOW.actions)
    assign = schema["components"]["schemas"]["AssignAction"]
    assert assign["required"] == ["handler"]
    assert set(assign["properties"]) == {"seen", "handler", "co_handlers", "copies", "note"}
    assert "photos_after" in schema["components"]["schemas"]["FeedBackActionForm"]["properties"]
    assert "photos_after" not in schema["components"]["schemas"]["FeedBackAction"]["properties"]


def test_every_operation_tells_its_problems_and_headers(schema: dict[str, Any]) -> None:
    checked = 0
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            answers = operation["responses"]
            refusals = {status for status in answers if status[0] == "4"}
            assert {"401", "422"} <= refusals, path
            for status in refusals:
                assert "application/problem+json" in answers[status]["content"]
            headers = {one["name"] for one in operation.get("parameters", []) if one["in"] == "header"}
            if path.endswith("/token/"):
                assert not headers
            else:
                assert headers == {"X-Gezhi-Post"} | ({"Idempotency-Key"} if method == "post" else set())
            checked += 1
    assert checked > 18


def resolved(schema: dict[str, Any], part: Any) -> Any:
    """A part of the schema as JSON Schema: nullable spelled out, nothing unknown allowed."""
    if isinstance(part, list):
        return [resolved(schema, one) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return resolved(schema, schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]])
    found = {
        name: resolved(schema, value) for name, value in part.items() if name not in ("readOnly", "format")
    }
    if found.get("type") == "object" and "properties" in found:
        found.setdefault("additionalProperties", False)
    return {"anyOf": [found, {"type": "null"}]} if found.pop("nullable", False) else found


@pytest.fixture
def true_to(schema: dict[str, Any]) -> Callable[[Any, str, str], None]:
    """Fails unless an answer is what the schema promises."""

    def check(answer: Any, path: str, method: str = "get") -> None:
        promised = schema["paths"][f"/api/v1/{path}"][method]["responses"][str(answer.status_code)]["content"]
        (body,) = promised.values()
        Draft4Validator(resolved(schema, body["schema"])).validate(answer.json())

    return check


def test_what_is_answered_is_what_is_promised(
    cast: Cast, call: Call, at: Stage, true_to: Any, category: Any, clock: Any
) -> None:
    case = at("investigating")
    township: Caller = call(cast.township)
    call(cast.station).must(case, "ask_extension", amount=2, reason="等材料")
    one = "incidents/{number}/"
    number = case.number
    true_to(township.get(), "incidents/")
    true_to(township.get(f"{number}/"), one)
    true_to(township.get(f"{number}/events/"), f"{one}events/")
    true_to(township.get(f"{number}/deadlines/"), f"{one}deadlines/")
    true_to(township.get(f"{number}/actions/"), f"{one}actions/")
    true_to(township.do(case, "grant_extension"), f"{one}{{action}}/", "post")
    true_to(township.do(case, "file"), f"{one}{{action}}/", "post")
    true_to(township.do(case, "reassign"), f"{one}{{action}}/", "post")
    sent: dict[str, Any] = {"ground": "not_place", "reason": "不在本站辖区内"}
    true_to(call(cast.station).do(case, "return", **sent), f"{one}{{action}}/", "post")
    true_to(call(cast.station).get(f"{number}/"), one)
    made = township.post("", {"category": "1101", "title": "垃圾", "grid": cast.places.grid.code})
    true_to(made, "incidents/", "post")
    true_to(township.post("", {"title": 5}), "incidents/", "post")
    for path in ("categories/", "divisions/", "me/", "notices/"):
        true_to(township.client.get(f"/api/v1/{path}"), path)
    for path, asked in (
        ("indicators/", {}),
        ("indicators/table/", {"by": "category"}),
        ("indicators/behind/", {"indicator": "reports", "side": "numerator"}),
    ):
        true_to(township.client.get(f"/api/v1/{path}", asked), path)
    located = township.client.get("/api/v1/grids/locate/", {"lat": 28.185, "lng": 115.785})
    true_to(located, "grids/locate/")
    offered: dict[str, Any] = {"category": "1101", "title": "垃圾", "lat": 28.305, "lng": 115.905}
    true_to(call(cast.worker2).post("", offered), "incidents/", "post")


def test_a_right_body_by_the_schema_is_taken(
    schema: dict[str, Any], cast: Cast, call: Call, at: Stage
) -> None:
    body = resolved(schema, schema["components"]["schemas"]["AssignAction"])
    sent: dict[str, Any] = {
        "handler": station(cast),
        "co_handlers": [cast.departments.police.pk],
        "note": "请尽快",
    }
    Draft4Validator(body).validate(sent)
    assert call(cast.township).do(at("filed"), "assign", **sent).status_code == 200


# --- the pages


def test_the_schema_is_served_as_yaml_and_json(db: None) -> None:
    answer = Client().get(SCHEMA)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("application/vnd.oai.openapi")
    answer = Client().get(SCHEMA, {"format": "json"})
    assert answer.json()["info"]["title"] == "格治 Gezhi"


def test_the_page_has_no_script_or_style_inside_and_nothing_from_outside(db: None) -> None:
    answer = Client().get(DOCS)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<style" not in page and "style=" not in page and "http" not in page.replace("http-equiv", "")
    assert page.count("<script src=") == page.count("<script") == 3
    script = Client().get(DOCS, {"script": ""})
    assert script.status_code == 200 and script["Content-Type"] == "application/javascript"
    assert SCHEMA in script.content.decode() and "https://" not in script.content.decode()
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "swagger-ui-standalone-preset.js"):
        assert finders.find(f"drf_spectacular_sidecar/swagger-ui-dist/{name}")
    assert finders.find("css/api_docs.css")
    assert "unsafe" not in answer["Content-Security-Policy"] and "'self'" in answer["Content-Security-Policy"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_works_under_the_content_security_policy(live_server: Any, open_page: Any) -> None:
    page = open_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}{DOCS}")
    page.get_by_text("/api/v1/incidents/{number}/{action}/").first.wait_for()
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)
