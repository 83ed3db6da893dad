"""The same small catalogue and cases as the spine's tests, and a caller that speaks JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Post, User
from cases import workflow
from cases.models import Case
from tests.cases.conftest import NewCase, _media, category, new_case, sensitive, workdays
from tests.cast import Cast
from tests.oversight.conftest import lively, town

__all__ = ["_media", "category", "lively", "new_case", "sensitive", "town", "workdays"]

V1 = "/api/v1/"
INCIDENTS = f"{V1}incidents/"


@dataclass
class Caller:
    """Somebody's program: `get`, `post`, and `do` for an action on an incident."""

    client: APIClient

    def get(self, path: str = "", **query: Any) -> Any:
        return self.client.get(f"{INCIDENTS}{path}", query)

    def post(self, path: str = "", body: Any = None, *, key: str | None = None, files: bool = False) -> Any:
        headers = {} if key is None else {"idempotency-key": key}
        form = "multipart" if files else "json"
        return self.client.post(
            f"{INCIDENTS}{path}", {} if body is None else body, format=form, headers=headers
        )

    def do(self, case: Case | str, action: str, *, key: str | None = None, **body: Any) -> Any:
        return self.post(f"{number(case)}/{action}/", body, key=key)

    def must(self, case: Case | str, action: str, **body: Any) -> dict[str, Any]:
        """Do it, and it works."""
        answer = self.do(case, action, **body)
        assert answer.status_code == 200, answer.json()
        found: dict[str, Any] = answer.json()
        return found


def number(case: Case | str) -> str:
    return case if isinstance(case, str) else case.number


Call = Callable[[Post | User], Caller]


@pytest.fixture
def call(api_of: Callable[[Post | User], APIClient], cast: Cast) -> Call:
    """`call(cast.worker)` acts under that post; a User under any post that they hold."""
    made: dict[Any, Caller] = {}

    def sign_in(person: Post | User) -> Caller:
        key = (type(person), person.pk)
        if key not in made:
            made[key] = Caller(api_of(person))
        return made[key]

    return sign_in


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem document of a refusal, whose status and code are these."""
    found: dict[str, Any] = answer.json()
    assert (answer.status_code, found["code"]) == (status, code), found
    assert answer["Content-Type"] == "application/problem+json"
    assert found["status"] == status and found["detail"] and found["title"]
    assert found["type"] == f"urn:gezhi:error:{code}"
    return found


def send_raw(
    client: APIClient, address: str, raw: bytes, kind: str = "application/json", headers: Any = None
) -> Any:
    """A POST of these very bytes."""
    body: Any = raw  # the stubs want text
    return client.generic("POST", address, body, content_type=kind, headers=headers or {})


def station(cast: Cast, name: str = "station") -> str:
    return f"department:{getattr(cast.departments, name).pk}"


STRAIGHT = ("filed", "assigned", "investigating", "fed_back", "verified", "archived")


def bring(case: Case, until: str, cast: Cast) -> Case:
    """A reported case brought to a later state of the straight way by the engine itself."""
    steps: list[tuple[str, Post, dict[str, Any]]] = [
        ("file", cast.township, {}),
        ("assign", cast.township, {"handler": station(cast)}),
        ("accept", cast.station, {}),
        ("feed_back", cast.station, {"result": "已清理完毕"}),
        ("verify", cast.worker, {}),
        ("archive", cast.township, {}),
    ]
    for action, by, data in steps[: STRAIGHT.index(until) + 1]:
        workflow.advance(case, action, by=by, data=data)
    assert case.state == until
    return case


Stage = Callable[..., Case]


@pytest.fixture
def at(new_case: NewCase, cast: Cast, clock: Any) -> Stage:
    """`at("investigating")`: an incident of the worker's, brought there."""

    def make(state: str = "reported", **values: Any) -> Case:
        case = new_case(**values)
        return case if state == "reported" else bring(case, state, cast)

    return make
