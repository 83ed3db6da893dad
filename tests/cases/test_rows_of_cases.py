"""A row of a case moves on the same pages as a case: its form, once, refused with a reason, and who was quicker."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Post
from cases import verbs, workflow
from cases.models import Case
from tests.cases.conftest import NewCase
from tests.cases.rows import CALLS, TABLE, VERBS, Call, DrillFile
from tests.cases.samples import pdf, upload
from tests.cast import Cast

BrowserOf = Callable[[Post], Client]
HTMX = {"HX-Request": "true"}
pytestmark = pytest.mark.urls("tests.cases.rows")


@pytest.fixture(autouse=True)
def _calls(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their table, which goes with the test's transaction, and what the engine knows of them."""
    with connection.schema_editor() as editor:
        editor.create_model(Call)
    monkeypatch.setitem(workflow._WORKFLOWS, TABLE, CALLS)
    for verb in VERBS:
        monkeypatch.setitem(verbs._VERBS, verb.code, verb)


@pytest.fixture
def case(new_case: NewCase, cast: Cast) -> Case:
    return new_case(cast.worker)


@pytest.fixture
def call(case: Case, cast: Cast) -> Any:
    """The township's centre is called."""
    return Call._default_manager.create(case=case, post=cast.township)


def url(call: Any, action: str) -> str:
    return f"/drills/{call.case.number}/{TABLE}/{call.pk}/{action}/"


def received(call: Any, cast: Cast) -> Any:
    workflow.advance(call.case, "receive", by=cast.township, subject=call)
    return call


def hidden(text: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))


def test_a_press_has_a_page_with_nothing_but_its_button(call: Any, cast: Cast, browser_of: BrowserOf) -> None:
    client = browser_of(cast.township)
    whole = client.get(url(call, "receive")).content.decode()
    in_place = client.get(url(call, "receive"), headers=HTMX).content.decode()
    assert "<html" in whole and "<html" not in in_place
    for text in (whole, in_place):
        assert f'action="{url(call, "receive")}"' in text
        assert ">收到</button>" in text
        assert "form-control" not in text.partition("data-form")[2].partition("</form>")[0]
    assert hidden(in_place)["seen"] == f"{TABLE}:{call.pk}:waiting"


def test_pressing_moves_the_row_and_not_its_case_and_the_entry_names_it(
    call: Any, cast: Cast, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.township)
    sent = hidden(client.get(url(call, "receive")).content.decode())
    answer = client.post(url(call, "receive"), sent)
    assert (answer.status_code, answer["Location"]) == (303, call.case.get_absolute_url())
    call.refresh_from_db()
    call.case.refresh_from_db()
    assert (call.state, call.case.state) == ("received", "reported")
    entry = call.case.events.get(verb="call.received")
    assert entry.data == {"call": call.pk, "moved": ["waiting", "received"]}
    assert (entry.from_state, entry.to_state) == ("reported", "reported")
    assert "已办理：收到。现在是“收到了”。" in client.get(answer["Location"]).content.decode()


def test_a_second_press_of_one_page_does_nothing(call: Any, cast: Cast, browser_of: BrowserOf) -> None:
    client = browser_of(cast.township)
    sent = hidden(client.get(url(call, "receive")).content.decode())
    first, second = client.post(url(call, "receive"), sent), client.post(url(call, "receive"), sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert call.case.events.filter(verb="call.received").count() == 1


def test_what_is_missing_is_said_beside_the_field(call: Any, cast: Cast, browser_of: BrowserOf) -> None:
    received(call, cast)
    answer = browser_of(cast.township).post(url(call, "answer"), {"reason": ""})
    assert answer.status_code == 422
    assert "is-wrong" in answer.content.decode()
    assert not call.case.events.filter(verb="call.answered").exists()


def test_files_come_with_the_form_of_a_row_that_knows_them(
    call: Any, cast: Cast, browser_of: BrowserOf
) -> None:
    text = browser_of(cast.township).get(url(received(call, cast), "answer")).content.decode()
    assert 'type="file"' in text
    sent = {"reason": "马上到", "documents": upload("a.pdf", pdf())}
    assert browser_of(cast.township).post(url(call, "answer"), sent).status_code == 303
    assert call.case.events.get(verb="call.answered").words.text == "马上到"


def test_who_was_slower_is_told_what_happened_and_may_go_on_or_keeps_the_words(
    call: Any, cast: Cast, browser_of: BrowserOf
) -> None:
    client = browser_of(cast.township)
    sent = hidden(client.get(url(call, "receive")).content.decode())
    received(call, cast)
    over = client.post(url(call, "receive"), {**sent, "idempotency_key": ""})
    assert over.status_code == 409
    assert "收到了" in over.content.decode() and "这期间的办理" in over.content.decode()
    old = {"seen": f"{TABLE}:{call.pk}:waiting", "since": sent["since"], "reason": "马上到"}
    again = client.post(url(call, "answer"), old)
    assert again.status_code == 409
    assert "马上到" in again.content.decode() and f'action="{url(call, "answer")}"' in again.content.decode()
    Call._default_manager.filter(pk=call.pk).update(state="waiting")
    lost = client.post(url(call, "answer"), {**old, "reason": "我的话"})
    assert lost.status_code == 409
    assert "您刚才写的（理由）" in lost.content.decode() and "我的话" in lost.content.decode()


def test_only_who_is_called_may_answer(call: Any, cast: Cast, browser_of: BrowserOf) -> None:
    for ask in ("get", "post"):
        answer = getattr(browser_of(cast.worker), ask)(url(call, "receive"))
        assert answer.status_code == 403
        assert "这个操作由被叫到的岗位办理" in answer.content.decode()
    call.refresh_from_db()
    assert call.state == "waiting"


def test_a_row_that_is_not_there_or_another_cases_is_not_found(
    call: Any, cast: Cast, new_case: NewCase, browser_of: BrowserOf
) -> None:
    other, client = new_case(cast.worker, title="南门路灯不亮"), browser_of(cast.township)
    for address in (
        f"/drills/{call.case.number}/{TABLE}/{call.pk + 1}/receive/",
        f"/drills/{other.number}/{TABLE}/{call.pk}/receive/",
        f"/drills/{call.case.number}/tasks/{call.pk}/receive/",
        f"/drills/{call.case.number}/{TABLE}/{10**30}/receive/",
        f"/drills/{call.case.number}/{TABLE}/{call.pk}/fly/",
        f"/drills/{call.case.number}/receive/",
    ):
        assert client.get(address).status_code == 404, address
        assert client.post(address).status_code == 404, address
    call.refresh_from_db()
    assert call.state == "waiting"


def test_the_file_of_a_case_offers_the_presses_of_its_rows_to_who_may(
    call: Any, case: Case, cast: Cast
) -> None:
    mine = DrillFile(cast.township.user, cast.township, case.number)
    assert [button.url for button in mine.buttons(call)] == [url(call, "receive")]
    theirs = DrillFile(cast.worker.user, cast.worker, case.number)
    assert theirs.buttons(call) == []
    assert {button.url for button in mine.actions} >= {f"/drills/{case.number}/file/"}


# --- by programs

ApiOf = Callable[[Post], APIClient]


def test_a_program_asks_what_may_be_done_with_a_row_and_does_it(call: Any, cast: Cast, api_of: ApiOf) -> None:
    client, at = api_of(cast.township), f"/api/v1{url(call, 'actions')}"
    offered = client.get(at).json()
    assert [(one["action"], one["needs"], one["takes"]) for one in offered] == [("receive", [], [])]
    done = client.post(
        f"/api/v1{url(call, 'receive')}", {"seen": f"{TABLE}:{call.pk}:waiting"}, format="json"
    )
    assert (done.status_code, done.json()["event"]["verb"]) == (200, "call.received")
    assert done.json()["number"] == call.case.number
    (answer,) = client.get(at).json()
    assert [field["name"] for field in answer["needs"]] == ["reason"]
    call.refresh_from_db()
    assert call.state == "received"


def test_a_program_is_refused_as_a_person_is(call: Any, cast: Cast, new_case: NewCase, api_of: ApiOf) -> None:
    mine, theirs = api_of(cast.township), api_of(cast.worker)
    address, other = f"/api/v1{url(call, 'receive')}", new_case(cast.worker, title="南门路灯不亮")
    assert theirs.post(address, {}, format="json").status_code == 403
    assert theirs.get(f"/api/v1{url(call, 'actions')}").json() == []
    assert mine.post(address, {"reason": "x"}, format="json").json()["errors"] == {"reason": ["没有这一项。"]}
    for wrong in (
        address.replace(call.case.number, other.number),
        address.replace(f"/{call.pk}/", f"/{call.pk + 1}/"),
        address.replace(f"/{call.pk}/", f"/{10**30}/"),
    ):
        assert mine.post(wrong, {}, format="json").status_code == 404, wrong
    call.refresh_from_db()
    assert call.state == "waiting"
    assert mine.post(address, {}, format="json").status_code == 200
    late = mine.post(address, {}, format="json")
    assert (late.status_code, late.json()["code"], late.json()["state"]) == (409, "wrong_state", "received")
    old = {"seen": f"{TABLE}:{call.pk}:waiting", "reason": "马上到"}
    assert mine.post(f"/api/v1{url(call, 'answer')}", old, format="json").json()["code"] == "moved_on"
