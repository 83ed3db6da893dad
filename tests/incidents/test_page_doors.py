"""No page shows a case to somebody outside its scope: every address is walked, new ones included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Post, User
from cases import workflow
from cases.models import Attachment, Case, SavedFilter
from cases.workflow import advance
from tests.cases.conftest import NewCase
from tests.cases.samples import jpeg, upload
from tests.cast import Cast
from tests.incidents.moves import filed

BrowserOf = Callable[[Post | User], Client]
PAGES = ("incidents", "cases")
# Parts of an address that name something which every post may read.
OF_THE_CATALOGUE = {"code", "version"}
CATALOGUE = {"incidents:categories", "incidents:category", "incidents:category_version"}
CATALOGUE_ADMIN = {
    "incidents:category_new", "incidents:category_edit", "incidents:category_use", "incidents:category_field_row",
}  # fmt: skip


def patterns(resolver: URLResolver, namespaces: tuple[str, ...] = ()) -> Iterator[tuple[str, URLPattern]]:
    """Every page of our namespaces, with its name; the API has a walk of its own."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            if "api" not in str(entry.pattern):
                yield from patterns(entry, inner)
        elif namespaces and namespaces[0] in PAGES and entry.name:
            yield ":".join((*namespaces, entry.name)), entry


@pytest.fixture
def secret(cast: Cast, new_case: NewCase) -> Case:
    """A case of the first township with a title that no page of a stranger may hold, a photo and a kept filter."""
    case = filed(new_case(cast.worker, title="绝密井盖", reporter_phone="000-13812345678"), cast)
    files: Any = {"photos_before": [upload("a.jpg", jpeg())]}
    advance(case, "supplement", by=cast.worker, data={"note": "绝密补充"}, files=files)
    SavedFilter.objects.create(
        user=cast.township.user, kind="incident", name="绝密筛选", query="q=1", created_at=case.opened_at
    )
    return case


def addresses(case: Case) -> dict[str, tuple[str, bool]]:
    """Address of every page to whether it names something of this case; every action has its own."""
    known = {
        "number": [case.number],
        "key": [str(Attachment.objects.get(case=case).key)],
        "pk": [str(SavedFilter.objects.get().pk)],
        "action": sorted({row.action for row in workflow.of("incident").rows}),
        "code": [case.incident.category.code],
        "version": [str(case.incident.version.number)],
    }
    found = {}
    for name, pattern in patterns(get_resolver()):
        keys = list(pattern.pattern.converters)
        variants: list[dict[str, str]] = [{}]
        for key in keys:
            assert key in known, f"{name}: say in this test what <{key}> may be"
            variants = [{**one, key: value} for one in variants for value in known[key]]
        for kwargs in variants:
            found[reverse(name, kwargs=kwargs)] = (name, bool(set(keys) - OF_THE_CATALOGUE))
    return found


def body(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return bytes(content).decode(errors="replace")


def leaks(text: str, case: Case) -> bool:
    words = (case.title, "绝密", "12345678")
    return any(word in text or word.encode("unicode_escape").decode() in text for word in words)


@pytest.mark.parametrize("who", ["township2", "worker_c", "station2", "mediator"])
def test_a_stranger_gets_404_at_every_address_of_a_case_and_sees_it_nowhere(
    cast: Cast, secret: Case, browser_of: BrowserOf, who: str
) -> None:
    client = browser_of(getattr(cast, who))
    walked = 0
    for url, (name, of_case) in addresses(secret).items():
        for method in (client.get, client.post):
            answer = method(url)
            allowed = {404, 405} if of_case else {200, 204, 302, 303, 400, 403, 404, 405, 409, 422}
            assert answer.status_code in allowed, (method, url, name)
            assert not leaks(body(answer), secret), url
            walked += 1
    assert walked > 80


def test_the_walk_finds_the_case_with_eyes_that_may_see_it(
    cast: Cast, secret: Case, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.township)
    shown = {
        name for url, (name, _of_case) in addresses(secret).items() if leaks(body(client.get(url)), secret)
    }
    assert {
        "incidents:case",
        "incidents:list",
        "incidents:todo",
        "incidents:live",
        "incidents:print",
    } <= shown
    assert {"incidents:csv", "incidents:points", "incidents:action"} <= shown


def test_without_signing_in_every_page_leads_to_the_sign_in(secret: Case, client: Client) -> None:
    for url in addresses(secret):
        answer = client.get(url)
        assert answer.status_code in (302, 405), url
        assert answer.status_code == 405 or answer["Location"].startswith("/login/"), url


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_without_a_post_today_every_page_says_so_and_shows_nothing(
    cast: Cast, secret: Case, browser_of: BrowserOf, who: str
) -> None:
    client = browser_of(getattr(cast, who))
    for url in addresses(secret):
        for method in (client.get, client.post):
            answer = method(url)
            assert answer.status_code == 403, url
            assert not leaks(body(answer), secret)


@pytest.mark.parametrize("who", ["sysadmin", "secadmin", "auditor"])
def test_administrators_see_no_case_anywhere(
    cast: Cast, secret: Case, browser_of: BrowserOf, who: str
) -> None:
    client = browser_of(getattr(cast, who))
    for url, (name, _of_case) in addresses(secret).items():
        answer = client.get(url)
        open_to = CATALOGUE | CATALOGUE_ADMIN if who == "sysadmin" else CATALOGUE
        assert answer.status_code in (302, 403, 404, 405) or name in open_to, url
        assert not leaks(body(answer), secret), url


def test_the_first_page_is_that_of_the_role(cast: Cast, browser_of: BrowserOf) -> None:
    expected = {
        "worker": "/incidents/desk/",
        "village": "/incidents/desk/",
        "township": "/incidents/desk/",
        "centre": "/incidents/desk/",
        "officer": "/incidents/desk/",
        "secretary": "/whistles/",
        "committee": "/incidents/overdue/",
        "mediator": "/mediations/",
        "sysadmin": "/people/",
        "secadmin": "/posts/",
        "auditor": "/audit/",
    }
    for who, url in expected.items():
        client = browser_of(getattr(cast, who))
        answer = client.get("/")
        assert (answer.status_code, answer["Location"]) == (302, url), who
        assert client.get(url, follow=True).status_code == 200, who


def test_an_unknown_number_and_a_foreign_one_are_answered_alike(
    cast: Cast, secret: Case, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.township2)
    foreign = client.get(f"/incidents/{secret.number}/").content.decode()
    unknown = client.get("/incidents/SJ2026-9999999/").content.decode()
    said = [text.split("<main")[1].split("</main>")[0] for text in (foreign, unknown)]
    assert said[0].replace(secret.number, "SJ2026-9999999") == said[1]
    assert "没有找到" in foreign


def test_a_photo_is_shown_to_those_who_see_its_case(cast: Cast, secret: Case, browser_of: BrowserOf) -> None:
    key = Attachment.objects.get(case=secret).key
    client = browser_of(cast.township)
    whole, small = client.get(f"/attachments/{key}/"), client.get(f"/attachments/{key}/thumb/")
    assert (whole["Content-Type"], small["Content-Type"]) == ("image/jpeg", "image/jpeg")
    assert len(body(whole)) > len(body(small)) > 0
    assert whole["Cache-Control"] == "private, no-cache"
    again = client.get(f"/attachments/{key}/", headers={"If-None-Match": whole["ETag"]})
    assert again.status_code == 304
