"""One action on many rows: each for itself, all results told, a second sending without effect."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client

from accounts.models import Post
from cases.models import Case
from grids.models import DepartmentKind
from tests.cases.conftest import NewCase, make_category
from tests.cast import Cast
from tests.incidents.moves import assigned, do, filed, station

BrowserOf = Callable[[Post], Client]


def form_of(client: Client, action: str, cases: Sequence[Case]) -> dict[str, Any]:
    """What the page asks with: the hidden fields of its form."""
    answer = client.get("/incidents/bulk/", {"action": action, "number": [case.number for case in cases]})
    assert answer.status_code == 200
    main = answer.content.decode().split("<main")[1].split("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', main)
    fields: dict[str, Any] = {name: value for name, value in found if name != "csrfmiddlewaretoken"}
    return fields | {"number": [value for name, value in found if name == "number"]}


def results(answer: Any) -> dict[str, tuple[bool, str]]:
    assert answer.status_code == 200
    return {one.number: (one.done, one.words) for one in answer.context["results"]}


def test_those_that_can_be_assigned_are_and_the_others_say_why_not(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    ready = [filed(new_case(cast.worker), cast) for _turn in range(2)]
    early, gone = new_case(cast.worker), assigned(new_case(cast.worker), cast)
    client = browser_of(cast.township)
    page = client.get("/incidents/bulk/", {"action": "assign", "number": [c.number for c in (*ready, early)]})
    assert "这一步在“已立案”时办理，现在是“已上报”。" in page.content.decode()
    sent = {**form_of(client, "assign", [*ready, early, gone]), "handler": station(cast), "note": "一起清"}
    answer = client.post("/incidents/bulk/", sent)
    told = results(answer)
    assert {number: done for number, (done, _words) in told.items()} == {
        ready[0].number: True, ready[1].number: True, early.number: False, gone.number: False,
    }  # fmt: skip
    assert "现在是“已上报”" in told[early.number][1] and "现在是“已指派”" in told[gone.number][1]
    assert "4 件中办成 2 件" in answer.content.decode()
    for case in ready:
        case.refresh_from_db()
        assert (
            case.state == "assigned" and case.parts.get(kind="handler").department == cast.departments.station
        )
    early.refresh_from_db()
    assert early.state == "reported"


def test_a_second_sending_tells_the_same_and_does_nothing_anew(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    cases = [new_case(cast.worker) for _turn in range(3)]
    client = browser_of(cast.township)
    sent = {**form_of(client, "urge", cases), "note": "请抓紧"}
    first, second = (results(client.post("/incidents/bulk/", sent)) for _turn in range(2))
    assert first == second and all(done for done, _words in first.values())
    for case in cases:
        assert case.events.filter(verb="incident.urged").count() == 1


def test_each_can_go_to_the_department_its_category_names(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    kind = DepartmentKind.objects.get(code="urban_management")
    named = make_category("1103", department_kind=kind, department_level="township")
    case = filed(new_case(cast.worker, category=named), cast)
    lost = filed(new_case(cast.worker_b), cast)
    client = browser_of(cast.township)
    sent = {**form_of(client, "assign", [case]), "handler": "default"}
    assert results(client.post("/incidents/bulk/", sent))[case.number][0]
    assert case.parts.get(kind="handler").department == cast.departments.station
    sent = {**form_of(client, "assign", [lost]), "handler": "default"}
    assert results(client.post("/incidents/bulk/", sent))[lost.number] == (
        False,
        "这个类别在当地没有默认部门，请单独指派。",
    )


def test_only_offices_that_can_handle_all_of_them_are_offered(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    here = do(filed(new_case(cast.worker), cast), "pass_up", cast.township, reason="跨区")
    there = do(new_case(cast.worker2), "file", cast.township2)
    do(there, "pass_up", cast.township2, reason="跨区")
    page = browser_of(cast.centre).get(
        "/incidents/bulk/", {"action": "assign", "number": [here.number, there.number]}
    )
    offered = page.content.decode()
    assert "丰城市城市管理局" in offered
    assert "剑光街道城管站" not in offered and "小港镇城管站" not in offered


def test_duplicates_are_merged_into_the_one_chosen_and_their_reporters_go_along(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    kept, double = new_case(cast.worker), new_case(cast.worker_b, place=cast.places.grid)
    client = browser_of(cast.township)
    sent = {**form_of(client, "merge", [kept, double]), "target": kept.number}
    told = results(client.post("/incidents/bulk/", sent))
    assert set(told) == {double.number} and told[double.number][0]
    double.refresh_from_db()
    assert double.state == "merged" and double.links_out.get().target == kept
    assert browser_of(cast.worker_b).get(kept.get_absolute_url()).status_code == 200


def test_a_case_that_moved_on_since_the_page_was_opened_is_left_alone(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, calm = new_case(cast.worker), new_case(cast.worker)
    client = browser_of(cast.township)
    sent = {**form_of(client, "urge", [case, calm]), "note": "请抓紧"}
    filed(case, cast)
    told = results(client.post("/incidents/bulk/", sent))
    assert told[calm.number][0]
    assert not told[case.number][0] and "刚才有人先办理了" in told[case.number][1]


def test_a_case_outside_ones_scope_is_neither_shown_nor_touched(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    own, foreign = new_case(cast.worker), new_case(cast.worker2, title="绝密")
    client = browser_of(cast.township)
    numbers = [own.number, foreign.number]
    answer = client.get("/incidents/bulk/", {"action": "urge", "number": numbers})
    page = answer.content.decode().split("<main")[1].split("</main>")[0]
    assert own.number in page and foreign.number not in page and "绝密" not in page
    told = results(client.post("/incidents/bulk/", {"action": "urge", "number": numbers, "note": "快"}))
    assert set(told) == {own.number}
    assert not foreign.events.filter(verb="incident.urged").exists()


@pytest.mark.parametrize("action", ["assign", "merge"])
def test_who_may_not_do_it_is_refused_for_each(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf, action: str
) -> None:
    case = filed(new_case(cast.worker), cast)
    other = filed(new_case(cast.worker), cast)
    values = {"assign": {"handler": station(cast)}, "merge": {"target": other.number}}[action]
    answer = browser_of(cast.secretary).post(
        "/incidents/bulk/", {"action": action, "number": [case.number, other.number], **values}
    )
    assert not any(done for done, _words in results(answer).values())
    case.refresh_from_db()
    assert case.state == "filed"


def test_without_words_rows_or_a_known_action_nothing_is_done(
    cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    case, client = new_case(cast.worker), browser_of(cast.township)
    answer = client.post("/incidents/bulk/", {"action": "urge", "number": case.number, "note": " "})
    assert answer.status_code == 422 and not case.events.filter(verb="incident.urged").exists()
    assert "没有选中事项" in client.get("/incidents/bulk/?action=urge").content.decode()
    assert client.get("/incidents/bulk/?action=archive").status_code == 404
    assert client.post("/incidents/bulk/", {"action": "archive", "number": case.number}).status_code == 404
