"""Every refusal, told to programs as a problem document and to people as a page with a way on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from cases.problems import by_field
from tests.cases.conftest import NewCase
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.cases.urls_of_refusals")]
EXPECTED = {
    "not_allowed": (403, "not_allowed"),
    "not_found": (404, "not_found"),
    "wrong_state": (409, "wrong_state"),
    "moved_on": (409, "moved_on"),
    "incomplete": (422, "incomplete"),
    "bad_file": (422, "bad_file"),
    "refused": (403, "not_allowed"),
    "invalid": (422, "incomplete"),
    "outside": (404, "outside_all_grids"),
    "place": (422, "invalid"),
    "http404": (404, "not_found"),
    "denied": (403, "not_allowed"),
    "too_big": (413, "too_large"),
}
API_ONLY = {
    "drf_nested": (422, "incomplete"),
    "drf_list": (422, "incomplete"),
    "drf_parse": (400, "parse_error"),
    "drf_media": (415, "unsupported_media_type"),
    "drf_throttled": (429, "throttled"),
    "drf_not_found": (404, "not_found"),
    "drf_denied": (403, "not_allowed"),
    "drf_unknown_post": (403, "unknown_post"),
}


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("name", EXPECTED | API_ONLY)
def test_the_api_answers_with_a_problem_document(visitor: Client, name: str) -> None:
    status, code = (EXPECTED | API_ONLY)[name]
    answer = visitor.get(f"/api/v1/raise/{name}/")
    assert answer["Content-Type"] == "application/problem+json"
    found = answer.json()
    assert (answer.status_code, found["status"], found["code"]) == (status, status, code)
    assert found["type"] == f"urn:gezhi:error:{code}"
    assert found["title"] and found["detail"]
    assert "secret" not in answer.content.decode()


def test_a_wrong_state_comes_with_the_present_one(visitor: Client) -> None:
    assert visitor.get("/api/v1/raise/wrong_state/").json()["state"] == "filed"
    assert "state" not in visitor.get("/api/v1/raise/not_allowed/").json()


def test_errors_name_their_field_and_nested_ones_their_way_there(visitor: Client) -> None:
    assert visitor.get("/api/v1/raise/incomplete/").json()["errors"] == {
        "reason": ["请写明理由。"],
        "": ["再看看"],
    }
    assert visitor.get("/api/v1/raise/invalid/").json()["errors"] == {"username": ["用户名已有人用。"]}
    assert visitor.get("/api/v1/raise/place/").json()["errors"] == {"lat": ["纬度不对。"]}
    assert visitor.get("/api/v1/raise/drf_nested/").json()["errors"] == {
        "title": ["必填"],
        "fields.depth": ["要数字"],
        "tasks.1.to": ["没有"],
        "": ["整体"],
    }


def test_messages_are_gathered_flat() -> None:
    assert by_field(["a", "b"]) == {"": ["a", "b"]}
    assert by_field({"x": [["a"], ["b"]]}) == {"x.0": ["a"], "x.1": ["b"]}


def test_a_fault_is_a_problem_document_that_gives_nothing_away(visitor: Client) -> None:
    answer = visitor.get("/api/v1/raise/fault/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json()["code"] == "internal_error"
    assert b"secret" not in answer.content


def test_an_api_address_that_leads_nowhere_is_a_problem_document(visitor: Client) -> None:
    answer = visitor.get("/api/v1/nowhere/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_who_is_not_signed_in_is_told_how(visitor: Client) -> None:
    answer = visitor.get("/api/v1/closed/")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == "Token"


def test_a_wrong_token_is_told_as_such(visitor: Client) -> None:
    answer = visitor.get("/api/v1/closed/", headers={"Authorization": "Token wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "authentication_failed")


def test_a_wrong_method_and_a_throttle_keep_their_headers(visitor: Client) -> None:
    answer = visitor.delete("/api/v1/raise/refused/")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert visitor.get("/api/v1/raise/drf_throttled/")["Retry-After"] == "13"


@pytest.mark.parametrize(
    ("accepted", "language", "title"),
    [
        ("", "zh-hans", "情况已经变了"),
        ("en", "en", "Things have moved on"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en", "Things have moved on"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-hans", "情况已经变了"),
        ("fr, en;q=0.2", "en", "Things have moved on"),
        ("en;q=junk", "en", "Things have moved on"),
        ("*", "zh-hans", "情况已经变了"),
    ],
)
def test_a_program_is_answered_in_its_language(
    visitor: Client, accepted: str, language: str, title: str
) -> None:
    answer = visitor.get("/api/v1/raise/wrong_state/", headers={"Accept-Language": accepted})
    assert (answer["Content-Language"], answer.json()["title"]) == (language, title)


def test_words_chosen_in_the_view_are_in_that_language_too(visitor: Client) -> None:
    answer = visitor.get("/api/v1/raise/not_allowed/", headers={"Accept-Language": "en"})
    assert answer.json()["detail"] == "Your present post may not do this."


def test_a_person_is_answered_in_the_language_chosen(cast: Cast, browser_of: Callable[..., Client]) -> None:
    cast.worker.user.language = "en"
    cast.worker.user.save(update_fields=["language"])
    answer = browser_of(cast.worker).get("/raise/denied/", headers={"Accept-Language": "zh-CN"})
    assert "Your present post may not do this." in answer.content.decode()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_page_says_what_is_wrong_with_its_status(
    cast: Cast, browser_of: Callable[..., Client], name: str
) -> None:
    answer = browser_of(cast.worker).get(f"/raise/{name}/")
    page = answer.content.decode()
    assert answer.status_code == EXPECTED[name][0]
    assert answer["Content-Type"].startswith("text/html")
    assert "data-error-message" in page
    assert "接下来可以" in page
    assert "secret" not in page


def test_a_page_shows_each_error_of_a_form(cast: Cast, browser_of: Callable[..., Client]) -> None:
    page = browser_of(cast.worker).get("/raise/incomplete/").content.decode()
    assert "请写明理由。" in page


def test_a_refusal_about_a_case_leads_back_to_it(
    cast: Cast, new_case: NewCase, browser_of: Callable[..., Client]
) -> None:
    case = new_case()
    address = f"/incidents/{case.number}/raise/wrong_state/"
    assert f'href="{case.get_absolute_url()}"' in browser_of(cast.worker).get(address).content.decode()
    # Who may not see it is not told that it exists.
    assert case.get_absolute_url() not in browser_of(cast.worker2).get(address).content.decode().replace(
        address, ""
    )


def test_htmx_gets_a_partial_and_a_boosted_link_a_page(cast: Cast, browser_of: Callable[..., Client]) -> None:
    client = browser_of(cast.worker)
    partial = client.get("/raise/wrong_state/", headers={"HX-Request": "true"})
    assert partial.status_code == 409
    assert "<html" not in partial.content.decode()
    assert "已经有人办了" in partial.content.decode()
    boosted = client.get("/raise/wrong_state/", headers={"HX-Request": "true", "HX-Boosted": "true"})
    assert "<html" in boosted.content.decode()


def test_a_visitor_is_led_to_the_sign_in_page(visitor: Client) -> None:
    answer = visitor.get("/nowhere/at/all/")
    assert answer.status_code == 404
    assert "/login/" in answer.content.decode()


def test_a_fault_on_a_page_needs_neither_database_nor_person(visitor: Client) -> None:
    answer = visitor.get("/raise/fault/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "系统出错了" in page
    assert "secret" not in page


def test_an_expired_page_is_told_as_such(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.worker.user)
    answer = client.post("/raise/denied/", {"a": "b"})
    assert answer.status_code == 403
    assert "打开太久" in answer.content.decode()


def test_a_body_that_is_too_large_is_413(visitor: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = visitor.post("/login/", {"username": "x" * 1000})
    assert answer.status_code == 413
