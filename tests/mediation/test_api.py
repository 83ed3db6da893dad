"""Disputes over the API: entering one, the chain, who sees what, masking, actions on rows, figures."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Post
from cases.models import Case, CaseEvent, IdempotencyKey
from grids import clock
from mediation.api.fields import ACTION_KINDS
from mediation.fields import MAKERS
from tests.cast import Cast
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.test_pages import person_of

ApiOf = Callable[[Post], APIClient]
LIST = "/api/v1/mediations/"
SECRETS = ("欧阳", "司徒", moves.identity(1), moves.identity(2), "00013800001", "东路1号")


def url(case: Case, *more: object) -> str:
    return "/".join([f"{LIST}{case.number}", *map(str, more), ""])


def body(cast: Cast, **values: Any) -> dict[str, Any]:
    known = {
        "title": "两户院墙通道纠纷", "kind": "neighbour", "source": "walk_in", "initiative": "applied",
        "brief": "院墙占用通道", "place": cast.places.grid.code, "amount": "1200.50",
        "parties": [moves.person(1, "欧阳甲", 1), moves.person(2, "司徒乙", 2)],
    }  # fmt: skip
    return known | values


def test_every_field_of_the_forms_has_a_way_to_be_sent() -> None:
    assert set(ACTION_KINDS) == set(MAKERS)


def test_a_dispute_is_entered_and_taken_to_its_agreement(town: Town, cast: Cast, api_of: ApiOf) -> None:
    low = api_of(town.low)
    answer = low.post(LIST, body(cast), format="json")
    assert answer.status_code == 201, answer.content
    case = Case.objects.get(number=answer.json()["number"])
    today = str(clock.today())
    steps: list[tuple[str, dict[str, Any]]] = [
        ("accept", {"mediators": [town.low.pk]}),
        ("tell_rights", {"told_on": today, "manner": "written"}),
        ("propose_attempt", {}),
    ]
    for action, sent in steps:
        answer = low.post(url(case, action), sent, format="json")
        assert answer.status_code == 200, answer.content
    whole = low.get(url(case)).json()
    assert whole["file_number"] == "(2026)东路人调字第1号" and whole["tier"] == "village"
    attempt = whole["attempts"][0]
    assert attempt["state"] == "seeking" and "consent" in attempt["allowed_actions"]
    everybody = [party["id"] for party in whole["parties"]]
    sent = {"consenting": everybody, "manner": "in_person"}
    assert low.post(url(case, "attempt", attempt["id"], "consent"), sent, format="json").status_code == 200
    sent = {**moves.AGREED, "total": "1200.50"}
    assert low.post(url(case, "agree"), sent, format="json").status_code == 200
    sent = {"party": everybody[0], "what": "支付材料费", "due_on": today, "amount": "1200.50"}
    assert low.post(url(case, "add_promise"), sent, format="json").status_code == 200
    whole = low.get(url(case)).json()
    assert whole["attempts"][0]["state"] == "agreed" and whole["attempts"][0]["consents"] == everybody
    assert whole["agreement"]["amount"] == "1200.50" and whole["promises"][0]["party"] == everybody[0]
    sent = {"signed_on": today, "sealed_on": today, "documents": [moves.scan()]}
    assert low.post(url(case, "sign"), sent, format="multipart").status_code == 200
    assert low.get(url(case)).json()["state"] == "performing"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"title": "欧阳甲家的院墙"}, "title"),
        ({"kind": "war"}, "kind"),
        ({"place": "999"}, "place"),
        ({"amount": "-1"}, "amount"),
        ({"parties": []}, "parties"),
        ({"parties": [moves.person(1, "欧阳甲", 1)]}, "parties"),
        ({"parties": [moves.person(1, "甲某", 1), moves.person(2, "乙某", 2, id_number="1")]}, "parties[1].id_number"),
        ({"parties": [moves.person(1, "甲某", 1), moves.person(2, "", 2)]}, "parties[1].party_name"),
        ({"parties": [moves.person(1, "甲某", 1), moves.person(2, "乙某", 2, wish="x")]}, "parties[1].wish"),
        ({"parties": [moves.person(1, "甲某", 1)] * 40}, "parties"),
        ({"parties": "x"}, "parties"),
        ({"nothing": 1}, "nothing"),
        ({"tier": "county"}, "tier"),
    ],
)  # fmt: skip
def test_a_wrong_entry_is_refused_whole(
    changes: dict[str, Any], where: str, town: Town, cast: Cast, api_of: ApiOf
) -> None:
    answer = api_of(town.low).post(LIST, body(cast, **changes), format="json")
    assert answer.status_code == 422, answer.content
    assert where in answer.json()["errors"], answer.json()
    assert not Case.objects.filter(kind="mediation").exists()


def test_the_same_entry_twice_is_one_dispute_and_its_answer_names_nobody(
    town: Town, cast: Cast, api_of: ApiOf
) -> None:
    key = {"Idempotency-Key": str(uuid.uuid4())}
    first = api_of(town.low).post(LIST, body(cast), format="json", headers=key)
    again = api_of(town.low).post(LIST, body(cast), format="json", headers=key)
    assert (first.status_code, again.status_code) == (201, 201) and first.json() == again.json()
    assert Case.objects.filter(kind="mediation").count() == 1
    kept = json.dumps([str(row.__dict__) for row in IdempotencyKey.objects.all()], ensure_ascii=False)
    assert not any(secret in kept for secret in SECRETS)


@pytest.mark.parametrize("who", ["worker", "officer", "secretary", "committee"])
def test_who_enters_none(who: str, town: Town, cast: Cast, api_of: ApiOf) -> None:
    assert api_of(getattr(cast, who)).post(LIST, body(cast), format="json").status_code == 403


SEES = {"low": "inside", "low_b": "inside", "village": "watches", "township": "watches", "centre": "watches",
        "committee": "watches", "secretary": "watches", "mid": "", "other": "", "worker": "", "officer": "",
        "township2": ""}  # fmt: skip


@pytest.mark.parametrize(("who", "sight"), SEES.items())
def test_who_sees_what_of_a_dispute(who: str, sight: str, town: Town, cast: Cast, api_of: ApiOf) -> None:
    case = moves.agreed(town, cast)
    moves.promised(case, town.low)
    client = api_of(person_of(who, town, cast))
    addresses = [
        url(case),
        url(case, "events"),
        url(case, "deadlines"),
        url(case, "actions"),
        f"{LIST}?q=院墙",
    ]
    answers = [client.get(where) for where in addresses]
    assert [answer.status_code for answer in answers[:-1]] == [200 if sight else 404] * 4
    for answer in answers:
        text = answer.content.decode()
        assert not any(secret in text for secret in SECRETS), text
    listed = answers[-1].json()["results"]
    assert [row["number"] for row in listed] == ([case.number] if sight else [])
    assert "欧" not in answers[-1].content.decode()
    if sight:
        whole = answers[0].json()
        assert whole["parties"][0]["name"] == "欧**"
        inside = sight == "inside"
        assert (whole["brief"] is not None) == (whole["agreement"] is not None) == inside
        assert (whole["parties"][0]["id_number"] is not None) == inside
        assert bool(whole["promises"]) == inside and bool(whole["parties"][0]["allowed_actions"]) == inside
        assert ("拆除院墙" in json.dumps(whole, ensure_ascii=False)) == inside


def test_whole_names_are_given_for_a_reason_to_who_handles_it(town: Town, cast: Cast, api_of: ApiOf) -> None:
    case = moves.registered(town, cast)
    sent = {"reason": "制作协议书"}
    answer = api_of(town.low).post(url(case, "reveal"), sent, format="json")
    assert answer.status_code == 200 and "欧阳甲" in answer.json().values()
    assert CaseEvent.objects.filter(case=case, verb="personal.revealed").count() == 1
    assert api_of(town.low).post(url(case, "reveal"), {}, format="json").status_code == 422
    assert api_of(cast.centre).post(url(case, "reveal"), sent, format="json").status_code == 403
    assert api_of(town.other).post(url(case, "reveal"), sent, format="json").status_code == 404
    assert CaseEvent.objects.filter(case=case, verb="personal.revealed").count() == 1


def test_an_older_sight_is_refused(town: Town, cast: Cast, api_of: ApiOf) -> None:
    case = moves.registered(town, cast)
    client = api_of(town.low)
    seen = client.get(url(case)).json()["seen"]
    moves.do(case, "accept", town.low, mediators=[town.low.pk])
    sent = {"seen": seen, "told_on": str(clock.today()), "manner": "written"}
    assert client.post(url(case, "tell_rights"), sent, format="json").status_code == 409


@pytest.mark.parametrize(
    "query", ["party=欧阳甲", "name=x", "phone=1", "id_number=1", "digest=1", "order=name", "counted=people"]
)
def test_there_is_no_filter_by_person(query: str, town: Town, cast: Cast, api_of: ApiOf) -> None:
    moves.registered(town, cast)
    assert api_of(town.low).get(f"{LIST}?{query}").status_code == 422


def test_the_statistics_name_numerator_and_denominator(town: Town, cast: Cast, api_of: ApiOf) -> None:
    moves.closed(town, cast)
    client = api_of(cast.centre)
    *lines, total = client.get(f"{LIST}figures/").json()
    assert len(lines) == 15 and total["success"] == {"numerator": 1, "denominator": 1, "percent": "100.00"}
    assert client.get(f"{LIST}figures/?group=person").status_code == 422
    assert client.get(f"{LIST}figures/?since=x").status_code == 422
    assert client.get(f"{LIST}figures/?since=2020-01-01&until=2020-12-31").json()[-1]["received"] == 0


def test_without_signing_in_there_is_nothing(town: Town, cast: Cast) -> None:
    case = moves.registered(town, cast)
    for where in (LIST, url(case), f"{LIST}figures/"):
        assert APIClient().get(where).status_code == 401
