"""Every address of the API, walked from the resolver, by people who have no business with an incident.

A route that is added later is walked too; one whose address has a part that is not known here fails.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from accounts.models import Post, User
from accounts.roles import Role
from cases.models import Attachment, Case, CaseEvent, Notice
from tests.api.conftest import Call, Stage, problem
from tests.cases import samples
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")
OPEN = ("api/v1/auth/token/",)  # the one address without signing in
WORDS = "绝不外传的井盖"


@dataclass(frozen=True)
class Route:
    """One address with one method; `names` are the parts of the address that are filled in."""

    path: str
    method: str
    names: frozenset[str]


def patterns(found: Any, before: tuple[URLPattern | URLResolver, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for one in found:
        here = (*before, one)
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, here)
        else:
            yield here


def routes() -> list[Route]:
    """Every route below api/v1/ with every method that its view has."""
    made = []
    for chain in patterns(get_resolver().url_patterns):
        path = "".join(str(one.pattern) for one in chain)
        if not path.startswith("api/v1/") or path in OPEN:
            continue
        view = chain[-1].callback.cls
        names = frozenset(name for one in chain for name in one.pattern.regex.groupindex)
        made += [Route(path, method, names) for method in ("get", "post", "options") if hasattr(view, method)]
    return made


ROUTES = routes()


def addresses(route: Route, values: dict[str, list[str]]) -> Iterator[str]:
    """The address of a route with every value of every part."""
    found = [route.path]
    for name in route.names:
        found = [fill(path, name, value) for path in found for value in values[name]]
    for path in found:
        assert not set(path) & set("<>()[]^$?"), path
        yield f"/{path}"


def fill(path: str, name: str, value: str) -> str:
    """Put a value where a path or a regular expression names a part."""
    plain = re.sub(rf"\(\?P<{name}>[^)]*\)", value, path).replace("^", "").replace("$", "")
    return re.sub(rf"<(?:\w+:)?{name}>", value, plain)


@pytest.fixture
def secret(cast: Cast, call: Call, at: Stage) -> Case:
    """An incident in the first township's village, handled by its station, with a paper."""
    case = at("investigating", title=WORDS, description=WORDS, reporter_name=WORDS)
    papers = {"documents": [samples.upload(f"{WORDS}.pdf", samples.pdf())]}
    call(cast.station).post(f"{case.number}/attachments/", papers, files=True)
    case.refresh_from_db()
    return case


@pytest.fixture
def values(secret: Case, cast: Cast) -> dict[str, list[str]]:
    """What the parts of addresses are filled with."""
    return {
        "number": [secret.number],
        "action": ["file", "accept", "feed_back", "note", "resume_due", "nonsense"],
        "key": [str(Attachment.objects.get().key), str(uuid.uuid4())],
        "code": [cast.places.grid.code, cast.places.street.code],
        "pk": ["1", "999999"],  # rows of whistles: none is the incident's
    }


def state_of(case: Case) -> tuple[Any, ...]:
    now = Case.objects.get(pk=case.pk)
    counted = (
        CaseEvent.objects.count(),
        Attachment.objects.count(),
        Notice.objects.filter(read_at=None).count(),
    )
    return (now.state, now.last_seq, now.updated_at, Case.objects.count(), *counted)


def send(client: APIClient, route: Route, address: str, case: Case) -> Any:
    if route.method != "post":
        return getattr(client, route.method)(address)
    return client.post(address, {"number": case.number}, format="json")


OUTSIDERS = {
    "sibling township": "township2",
    "sibling village": "village_b",
    "sibling worker": "worker_b",
    "department without a part": "officer",
    "the other town's station": "station2",
    "secretary of the other town": "secretary2",
    "mediator": "mediator",
    "system administrator": "sysadmin",
    "security administrator": "secadmin",
    "audit administrator": "auditor",
}


def outsiders(cast: Cast) -> dict[str, Post | User]:
    found: dict[str, Post | User] = {who: getattr(cast, name) for who, name in OUTSIDERS.items()}
    return found | {"ended post": cast.stranger.user, "no post": cast.nobody}


def walk(client: APIClient, case: Case, values: dict[str, list[str]]) -> int:
    """Every route with this client: 404 where the incident is named, and not a word of it elsewhere."""
    tried = 0
    for route in ROUTES:
        for address in addresses(route, values):
            answer = send(client, route, address, case)
            said = answer.content.decode()
            if "number" in route.names and route.method != "options":
                problem(answer, 404, "not_found")
            assert answer.status_code < 500, address
            assert WORDS not in said and case.last_hash not in said, address
            if "number" not in address:
                assert case.number not in said or answer.status_code == 404, address
            tried += 1
    return tried


@pytest.mark.parametrize("who", [*OUTSIDERS, "ended post", "no post"])
def test_no_address_tells_an_outsider_of_the_incident(
    who: str, cast: Cast, call: Call, secret: Case, values: dict[str, list[str]]
) -> None:
    before = state_of(secret)
    assert walk(call(outsiders(cast)[who]).client, secret, values) > 40
    assert state_of(secret) == before


def test_an_insider_would_have_been_told(
    cast: Cast, call: Call, secret: Case, values: dict[str, list[str]]
) -> None:
    """The same walk must fail for somebody who may see it, or it proves nothing."""
    with pytest.raises(AssertionError):
        walk(call(cast.township).client, secret, values)
    found = 0
    for route in ROUTES:
        if route.method == "get":
            for address in addresses(route, values):
                answer = call(cast.township).client.get(address)
                found += answer.status_code == 200
    assert found > 12


def test_every_address_asks_for_signing_in(cast: Cast, secret: Case, values: dict[str, list[str]]) -> None:
    before = state_of(secret)
    for route in ROUTES:
        for address in addresses(route, values):
            problem(send(APIClient(), route, address, secret), 401, "not_authenticated")
    assert state_of(secret) == before


@pytest.mark.parametrize("wrong", ["stranger", "township", "station"])
def test_no_address_takes_a_post_that_is_not_held_today(
    wrong: str, cast: Cast, api_of: Any, secret: Case, values: dict[str, list[str]]
) -> None:
    """The stranger's ended post, and posts of other people."""
    person = cast.stranger.user if wrong == "stranger" else cast.worker_b.user
    client, before = api_of(person), state_of(secret)
    client.credentials(**client._credentials, HTTP_X_GEZHI_POST=str(getattr(cast, wrong).pk))
    for route in ROUTES:
        for address in addresses(route, values):
            problem(send(client, route, address, secret), 403, "unknown_post")
    assert state_of(secret) == before


def test_a_sensitive_incident_is_not_for_unnamed_roles(
    cast: Cast, call: Call, at: Stage, sensitive: Any, values: dict[str, list[str]]
) -> None:
    case = at("reported", by=cast.village, place=cast.places.grid, category=sensitive, title=WORDS)
    here = {**values, "number": [case.number]}
    for post in (cast.worker, cast.secretary, cast.committee):
        assert Role(post.role) not in case.visible_roles
        for route in ROUTES:
            if "number" in route.names and route.method != "options":
                for address in addresses(route, here):
                    problem(send(call(post).client, route, address, case), 404, "not_found")
        assert case.number not in call(post).get().content.decode()


def test_an_ended_part_ends_the_view(
    cast: Cast, call: Call, secret: Case, values: dict[str, list[str]]
) -> None:
    station = call(cast.station)
    assert station.get(f"{secret.number}/").status_code == 200
    handler = f"department:{cast.departments.urban.pk}"
    call(cast.township).must(secret, "reassign", handler=handler, reason="市级处理")
    secret.refresh_from_db()
    assert walk(station.client, secret, values) > 40
