"""The registers: who reads and who keeps committees and experts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Post
from accounts.roles import Role
from grids import clock
from mediation.models import Committee, Expert
from tests.cast import SINCE, Cast
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.test_pages import person_of
from tests.mediation.test_papers import upload

COMMITTEES, EXPERTS = "/mediations/committees/", "/mediations/experts/"


def expert(committee: Committee, name: str = "田工", fields: str = "building") -> Expert:
    return Expert.objects.create(committee=committee, name=name, organisation="建筑设计院", fields=[fields])


@pytest.mark.parametrize(
    ("who", "status"),
    [("low", 200), ("village", 200), ("township", 200), ("centre", 200), ("secretary", 200), ("committee", 200),
     ("worker", 403), ("officer", 403)],
)  # fmt: skip
def test_who_reads_the_registers(who: str, status: int, town: Town, cast: Cast, browser_of: Any) -> None:
    expert(town.city)
    client: Client = browser_of(person_of(who, town, cast))
    for url in (COMMITTEES, EXPERTS):
        assert client.get(url).status_code == status, url
    if status == 200:
        page = client.get(COMMITTEES).content.decode()
        assert "丰城市人民调解委员会" in page and "市调解员甲" in page
        assert "田工" in client.get(EXPERTS).content.decode()
        assert "田工" not in client.get(f"{EXPERTS}?field=law").content.decode()


def test_a_committee_elsewhere_is_not_shown(town: Town, browser_of: Any) -> None:
    page = browser_of(town.low).get(COMMITTEES).content.decode()
    assert "剑光街道人民调解委员会" in page and "小港镇人民调解委员会" not in page
    assert browser_of(town.low).get(f"{COMMITTEES}{town.elsewhere.pk}/").status_code == 404


def test_the_centre_enters_a_committee(town: Town, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.centre)
    new = {
        "name": "某村人民调解委员会",
        "letters": "某人调",
        "place": cast.places.village2.code,
        "telephone": "二楼",
    }
    wrong = client.post(f"{COMMITTEES}new/", new)
    assert wrong.status_code == 422 and "电话只用数字" in wrong.content.decode()
    assert client.post(f"{COMMITTEES}new/", new | {"telephone": "0795-6400000"}).status_code == 302
    assert Committee.objects.get(letters="某人调").division == cast.places.village2
    again = client.post(f"{COMMITTEES}new/", new | {"telephone": "", "letters": "另人调", "name": "另一个"})
    assert again.status_code == 422 and "已经设有" in again.content.decode()


def test_letters_that_were_used_stay(town: Town, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(cast.centre)
    data = {"name": town.village.name, "letters": "新人调", "window": "二楼", "telephone": ""}
    moves.accepted(town, cast)
    answer = client.post(f"{COMMITTEES}{town.village.pk}/", data)
    assert answer.status_code == 422 and "已经用“东路人调”编过号" in answer.content.decode()
    unused = data | {"name": town.city.name, "letters": "丰市人调"}
    assert client.post(f"{COMMITTEES}{town.city.pk}/", unused).status_code == 302


def test_a_committee_changes_its_own_window_alone(town: Town, browser_of: Any) -> None:
    client: Client = browser_of(town.low)
    data = {"window": "一楼 3 号窗口", "telephone": "0795-6400001", "name": "改名", "letters": "改"}
    assert client.post(f"{COMMITTEES}{town.village.pk}/", data).status_code == 302
    town.village.refresh_from_db()
    assert (town.village.window, town.village.letters) == ("一楼 3 号窗口", "东路人调")
    assert client.post(f"{COMMITTEES}{town.city.pk}/", data).status_code == 403
    assert client.post(f"{COMMITTEES}new/", data).status_code == 403


def test_each_committee_keeps_its_experts(town: Town, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(town.low)
    data = {
        "name": "田工",
        "organisation": "设计院",
        "committee": str(town.village.pk),
        "fields_known": ["building", "land"],
    }
    assert client.post(f"{EXPERTS}new/", data | {"fields_known": []}).status_code == 422
    assert client.post(f"{EXPERTS}new/", data | {"committee": str(town.city.pk)}).status_code == 422
    assert client.post(f"{EXPERTS}new/", data).status_code == 302
    kept = Expert.objects.get()
    assert kept.fields == ["building", "land"]
    assert client.post(f"{EXPERTS}new/", data).status_code == 422  # once is enough
    theirs = expert(town.city, "周律师", "law")
    assert client.get(f"{EXPERTS}{theirs.pk}/").status_code == 403
    assert browser_of(cast.centre).get(f"{EXPERTS}{kept.pk}/").status_code == 200
    assert client.post(f"{EXPERTS}{kept.pk}/", data | {"until": "2020-01-01"}).status_code == 302
    client.get(EXPERTS)  # says that it was saved, once
    assert "田工" not in client.get(EXPERTS).content.decode()


def test_the_centre_of_a_county_keeps_what_lies_in_it(town: Town, cast: Cast, browser_of: Any) -> None:
    """The city's committee, its experts and the templates of all are the city's."""
    county = Post.objects.create(
        user=cast.centre_b.user, role=Role.CENTRE, division=cast.places.street, starts_on=SINCE
    )
    Post.objects.filter(pk=cast.centre_b.pk).update(ends_on=clock.today() - timedelta(days=1))
    client: Client = browser_of(county)
    data = {"name": "改名", "letters": "改", "window": "", "telephone": ""}
    assert client.post(f"{COMMITTEES}{town.city.pk}/", data).status_code == 403
    data |= {"name": "东路调委会"}
    assert client.post(f"{COMMITTEES}{town.village.pk}/", data).status_code == 302
    assert "改了什么" not in client.get("/mediations/templates/rights/").content.decode()
    assert upload(client, "rights.txt", "# 书".encode()).status_code == 403
