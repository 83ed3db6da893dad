"""The pages of whistles over HTTP: drafting, what waits, what is carried over, lists, files, who sees what."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from accounts.models import Post, User
from cases.models import Case, CaseLink, LinkKind
from grids.models import Division
from incidents.models import Category
from tests.cases.conftest import NewCase
from tests.cast import Cast
from tests.conftest import Clock
from tests.whistle import moves
from tests.whistle.moves import do, on, summons
from whistle.services import draft

PAGES = ("board", "todo", "mine", "ledger", "negative", "figures")
LISTS = (
    *(f"/whistles/{name}/" for name in PAGES),
    *(f"/api/v1/{name}/" for name in ("whistles", "negative-entries", "whistles/figures")),
)


def sheet(answer: Any) -> list[list[Any]]:
    assert answer.status_code == 200
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return [list(row) for row in book.active.iter_rows(values_only=True)]  # type: ignore[union-attr]


def test_a_township_drafts_a_whistle_on_its_page_once(cast: Cast, clock: Clock, browser_of: Any) -> None:
    client = browser_of(cast.township)
    page = client.get("/whistles/new/")
    assert page.status_code == 200
    key = page.context["key"]
    sent = moves.fields(cast) | {"idempotency_key": key, "linked": ""}
    first, again = client.post("/whistles/new/", sent), client.post("/whistles/new/", sent)
    case = Case.objects.get(kind="whistle")
    assert first.status_code == again.status_code == 302 and first["Location"] == case.get_absolute_url()
    assert case.number == "CS2026-0000001" or case.number.startswith("CS2026-")
    assert {s.department for s in case.summonses.all()} == {cast.departments.urban, cast.departments.police}


def test_what_is_missing_is_said_beside_its_field_and_nothing_is_written(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    answer = browser_of(cast.township).post("/whistles/new/", {"title": "只有标题"})
    assert answer.status_code == 422
    form = answer.context["form"]
    assert set(form.errors) == {"kind", "subject", "matter", "why_not", "address", "departments"}
    assert "只有标题" in answer.content.decode() and not Case.objects.exists()


def test_only_centres_of_townships_and_villages_whistle(cast: Cast, clock: Clock, browser_of: Any) -> None:
    for post in (cast.officer, cast.committee, cast.secretary, cast.centre, cast.worker, cast.mediator):
        assert browser_of(post).get("/whistles/new/").status_code == 403


def test_the_duty_catalogue_suggests_departments(cast: Cast, clock: Clock, browser_of: Any) -> None:
    client = browser_of(cast.township)
    found = client.get("/whistles/new/suggested/?subject=illegal_building").json()["departments"]
    assert [one["name"] for one in found] == ["丰城市城市管理局", "丰城市公安局"]
    assert client.get("/whistles/new/suggested/?subject=none").json() == {"departments": []}


def test_an_incident_becomes_a_whistle_with_its_facts_and_both_are_linked(
    cast: Cast, clock: Clock, new_case: NewCase, browser_of: Any
) -> None:
    incident = new_case(description="垃圾堵住河道，影响行洪", address="东路桥下")
    client = browser_of(cast.township)
    offer = f"/whistles/new/?from={incident.number}"
    assert offer in client.get(incident.get_absolute_url()).content.decode()
    form = client.get(offer).context["form"]
    assert (form["title"].value(), form["matter"].value(), form["address"].value()) == (
        incident.title, "垃圾堵住河道，影响行洪", "东路桥下",
    )  # fmt: skip
    client.post("/whistles/new/", moves.fields(cast) | {"came_from": incident.number})
    whistle = Case.objects.get(kind="whistle")
    link = CaseLink.objects.get(kind=LinkKind.WHISTLE)
    assert (link.source, link.target) == (incident, whistle)
    assert whistle.get_absolute_url() in client.get(incident.get_absolute_url()).content.decode()
    assert incident.get_absolute_url() in client.get(whistle.get_absolute_url()).content.decode()
    Case.objects.filter(pk=incident.pk).update(state="archived", closed_at=clock.at)
    assert offer not in client.get(incident.get_absolute_url()).content.decode()


def test_the_words_of_a_sensitive_matter_are_not_carried_over(
    cast: Cast, clock: Clock, new_case: NewCase, sensitive: Category, browser_of: Any
) -> None:
    secret = new_case(category=sensitive, title="某户的难处", description="不便公开的情况")
    client = browser_of(cast.township)
    page = client.get(f"/whistles/new/?from={secret.number}")
    form = page.context["form"]
    assert "敏感事项" in page.content.decode() and form["came_from"].value() == secret.number
    assert not any(form[name].value() for name in ("title", "matter", "address"))
    client.post("/whistles/new/", moves.fields(cast) | {"came_from": secret.number})
    whistle = Case.objects.get(kind="whistle")
    for step, by in (("submit", cast.township), ("approve", cast.secretary), ("file", cast.township)):
        moves.do(whistle, step, by)
    moves.do(whistle, "sound", cast.committee)
    # Linked for whoever may see both, and not named to the others.
    assert secret.number in client.get(whistle.get_absolute_url()).content.decode()
    for post in (cast.officer2, cast.committee):
        seen = browser_of(post).get(whistle.get_absolute_url()).content.decode()
        assert secret.number not in seen and "某户的难处" not in seen


def test_a_case_outside_ones_scope_is_neither_carried_over_nor_linked(
    cast: Cast, clock: Clock, new_case: NewCase, browser_of: Any
) -> None:
    other = new_case(cast.worker2, title="别处的事")
    client = browser_of(cast.township)
    assert "别处的事" not in client.get(f"/whistles/new/?from={other.number}").content.decode()
    answer = client.post("/whistles/new/", moves.fields(cast) | {"linked": other.number})
    assert answer.status_code == 422 and "linked" in answer.context["form"].errors


def test_the_secretary_approves_from_what_waits_with_two_presses(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = do(moves.drafted(cast), "submit", cast.township)
    client = browser_of(cast.secretary)
    home = client.get("/", follow=True)
    assert home.request["PATH_INFO"] == "/whistles/todo/"
    assert case.get_absolute_url() in home.content.decode()
    assert f"{case.get_absolute_url()}approve/" in client.get(case.get_absolute_url()).content.decode()
    form = client.get(f"{case.get_absolute_url()}approve/", HTTP_HX_REQUEST="true").content.decode()
    assert 'name="note"' in form and "required" not in form
    client.post(f"{case.get_absolute_url()}approve/", {})
    case.refresh_from_db()
    assert case.state == "approved"


def waits(client: Any) -> list[str]:
    return [str(one.item.what) for one in client.get("/whistles/todo/").context["waiting"]]


def test_what_waits_is_said_to_whom_it_waits_for_and_to_nobody_else(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.drafted(cast)
    assert waits(browser_of(cast.township)) == ["提交草稿"]
    do(case, "submit", cast.township)
    assert waits(browser_of(cast.secretary)) == ["审批"] and waits(browser_of(cast.secretary2)) == []
    do(case, "approve", cast.secretary)
    draft(
        moves.facts(cast, departments=[cast.departments.station.pk]), by=cast.village
    )  # not the township's to submit
    assert waits(browser_of(cast.village)) == ["提交草稿"]
    assert waits(browser_of(cast.township)) == ["向政法委报备"]
    do(case, "file", cast.township)
    assert waits(browser_of(cast.committee)) == ["启动吹哨"] and waits(browser_of(cast.centre)) == []
    do(case, "sound", cast.committee)
    assert waits(browser_of(cast.officer)) == ["到场报到"] == waits(browser_of(cast.officer2))
    moves.arrived(case, cast.departments.urban, cast.officer)
    assert waits(browser_of(cast.township)) == ["确认到场"] and waits(browser_of(cast.officer)) == []
    on(summons(case, cast.departments.urban), "dispute", cast.township, reason="没有看到人")
    assert waits(browser_of(cast.committee)) == ["裁定到场"]
    clock.forward(hours=2)
    moves.ring()
    assert sorted(waits(browser_of(cast.committee))) == sorted(["裁定到场", "认定负面清单"])


def test_a_committee_further_up_sees_all_and_is_not_asked_to_act(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    upper = Division.objects.create(code="360900000000", name="宜春市", level="city", prefix="3609")
    Division.objects.filter(pk=cast.places.city.pk).update(level="county", parent=upper)
    person = User.objects.create(
        username="upper", name="上级政法委", must_change_password=False, created_at=clock.at
    )
    post = Post.objects.create(user=person, role="committee", division=upper, starts_on=date(2026, 1, 1))
    cast.places.city.refresh_from_db()
    case = moves.sounded(cast)
    moves.arrived(case, cast.departments.urban, cast.officer)
    on(summons(case, cast.departments.urban), "dispute", cast.township, reason="没有看到人")
    clock.forward(hours=2)
    moves.ring()
    moves.filed(cast)
    assert sorted(waits(browser_of(cast.committee))) == sorted(["启动吹哨", "裁定到场", "认定负面清单"])
    seen = browser_of(post)
    assert case.number in seen.get("/whistles/ledger/").content.decode() and waits(seen) == []


def test_a_longer_list_asks_the_database_no_more_often(cast: Cast, clock: Clock, browser_of: Any) -> None:
    def asked() -> dict[str, int]:
        found = {}
        for post in (cast.committee, cast.township, cast.officer):
            client = browser_of(post)
            for page in LISTS:
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(page).status_code == 200
                found[f"{post.role} {page}"] = len(queries)
        return found

    def whistle(count: int) -> None:
        for _number in range(count):
            moves.arrived(moves.sounded(cast), cast.departments.urban, cast.officer)
        clock.forward(hours=2)
        moves.ring()  # the others are absent, and proposed for the list

    whistle(2)
    before = asked()
    whistle(4)
    assert asked() == before


def test_a_desk_of_incidents_says_that_a_whistle_waits(cast: Cast, clock: Clock, browser_of: Any) -> None:
    seen = browser_of(cast.officer)
    desk = "/incidents/desk/"
    assert "项等您办理" not in seen.get(desk).content.decode()
    moves.sounded(cast)
    assert "吹哨报到：1 项等您办理" in seen.get(desk).content.decode()


def test_looking_at_the_whistle_meets_the_ten_minutes_for_the_department_only(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.sounded(cast)
    for post in (cast.township, cast.committee, cast.officer2):
        browser_of(post).get(case.get_absolute_url())
    assert summons(case, cast.departments.urban).opened_at is None
    clock.forward(minutes=3)
    browser_of(cast.officer).get(case.get_absolute_url())
    browser_of(cast.officer_head).get(case.get_absolute_url())
    row = summons(case, cast.departments.urban)
    assert (row.opened_at, row.opened_by) == (clock.at, cast.officer)


def test_the_board_has_who_did_not_look_on_top_with_the_telephone(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.sounded(cast)
    clock.forward(minutes=10)
    moves.ring()
    page = browser_of(cast.committee).get("/whistles/board/")
    assert [call.summons.department for _row, call in page.context["unopened"]] == [
        cast.departments.urban, cast.departments.police,
    ]  # fmt: skip
    words = page.content.decode()
    assert "没有人及时查看" in words and summons(case, cast.departments.urban).telephone in words
    on(summons(case, cast.departments.urban), "open", cast.officer)
    page = browser_of(cast.committee).get("/whistles/board/", HTTP_HX_REQUEST="true")
    assert len(page.context["unopened"]) == 1 and "<html" not in page.content.decode()


def test_the_ledger_s_files_hold_exactly_the_filtered_rows_a_line_for_each_department(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.sounded(cast, title="=1+1 沿河违建")
    moves.drafted(cast, title="另一件")
    client = browser_of(cast.committee)
    rows = sheet(client.get("/whistles/ledger/export.xlsx?state=sounded"))
    assert [row[0] for row in rows[1:]] == [case.number] * 2
    assert rows[1][1] == "'=1+1 沿河违建"  # no formula
    text = b"".join(client.get("/whistles/ledger/export.csv?state=sounded").streaming_content).decode(
        "utf-8-sig"
    )
    assert text.count(case.number) == 2 and "另一件" not in text


def test_township_and_committee_read_the_same_rows(cast: Cast, clock: Clock, browser_of: Any) -> None:
    case = moves.sounded(cast)
    seen = [
        browser_of(post).get("/whistles/ledger/").context["list"].rows
        for post in (cast.township, cast.committee)
    ]
    assert seen[0] == seen[1] and seen[0][0].number == case.number


@pytest.mark.parametrize("name", PAGES)
def test_the_lists_show_nothing_of_another_township_s_whistle(
    name: str, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.sounded(cast)
    clock.forward(hours=2)
    moves.ring()
    for post in (
        cast.township2,
        cast.worker,
        cast.village,
        cast.station,
        cast.station2,
        cast.mediator,
        cast.secretary2,
    ):
        words = browser_of(post).get(f"/whistles/{name}/").content.decode()
        assert case.number not in words and case.title not in words, (name, post)
        assert "丰城市城市管理局" not in words, (name, post)


def test_departments_see_a_whistle_only_from_its_sounding_on(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.filed(cast)
    assert browser_of(cast.officer).get(case.get_absolute_url()).status_code == 404
    do(case, "sound", cast.committee)
    assert browser_of(cast.officer).get(case.get_absolute_url()).status_code == 200
    assert browser_of(cast.station).get(case.get_absolute_url()).status_code == 404


def sees(post: Post, case: Case) -> bool:
    return Case.objects.visible_to(post.user).filter(pk=case.pk).exists()


def test_a_village_s_whistle_is_seen_above_and_by_the_stations_called(cast: Cast, clock: Clock) -> None:
    case = draft(moves.facts(cast, departments=[cast.departments.station.pk]), by=cast.village)
    do(case, "submit_up", cast.village)
    do(case, "sound", cast.township)
    assert all(
        sees(post, case) for post in (cast.village, cast.township, cast.centre, cast.committee, cast.station)
    )
    assert not any(
        sees(post, case)
        for post in (cast.village_b, cast.worker, cast.township2, cast.officer, cast.mediator)
    )


def test_the_figures_lead_to_the_whistles_behind_them(cast: Cast, clock: Clock, browser_of: Any) -> None:
    """Every number of the table is a link, and behind it are as many whistles (or entries) as it says."""
    urban, police = cast.departments.urban, cast.departments.police
    moves.working(cast, clock.at.date().isoformat())  # both in time, with a task each
    mixed = moves.sounded(cast)  # one in time, one late
    moves.arrived(mixed, urban, cast.officer)
    clock.forward(hours=2)
    moves.ring()
    moves.arrived(mixed, police, cast.officer2)
    moves.do(moves.sounded(cast), "stand_down", cast.committee, reason="双方已经和解")
    missed = moves.sounded(cast)  # both absent, one entered into the list
    clock.forward(hours=2)
    moves.ring()
    entry = missed.summonses.get(department=urban).negative_entries.get()
    on(entry, "confirm", cast.committee, reason="没有到场")
    moves.sounded(cast)  # on the way
    client = browser_of(cast.committee)
    answer = client.get("/whistles/figures/")
    numbers = {row.department: row for row in answer.context["rows"]}
    figures = (
        "named",
        "on_time",
        "late",
        "absent",
        "pending",
        "cancelled",
        "tasks_on_time",
        "tasks",
        "confirmed",
    )
    assert [getattr(numbers[urban], name) for name in figures] == [5, 2, 0, 1, 1, 1, 0, 1, 1]
    assert [getattr(numbers[police], name) for name in figures] == [5, 1, 1, 1, 1, 1, 0, 1, 0]
    assert followed(client, answer) == sum(
        bool(getattr(row, name)) for row in numbers.values() for name in figures
    )
    rows = sheet(client.get("/whistles/figures/export.xlsx?year=2026"))
    assert [row[:3] for row in rows[1:]] == [["丰城市公安局", 5, 1], ["丰城市城市管理局", 5, 2]]


def followed(client: Any, answer: Any) -> int:
    """Opens each number's link and counts what stands there; how many links there were."""
    links = re.findall(r'<a href="(/whistles/[^"]*department=[^"]*)">([0-9]+)</a>', answer.content.decode())
    for link, number in links:
        found = client.get(link.replace("&amp;", "&")).context["list"].rows
        assert len(found) == int(number), link
    return len(links)


def test_what_is_missed_stands_on_the_overdue_list_of_all_matters_at_once(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.sounded(cast)
    clock.forward(hours=1)
    assert case.number not in browser_of(cast.committee).get("/incidents/overdue/").content.decode()
    clock.forward(hours=1)
    moves.ring()
    page = browser_of(cast.committee).get("/incidents/overdue/")
    found = [(row.number, str(row.duty), row.holder) for row in page.context["owed"]]
    assert sorted(found) == [
        (case.number, "到场报到", "丰城市公安局"),
        (case.number, "到场报到", "丰城市城市管理局"),
    ]
    assert case.number not in browser_of(cast.township2).get("/incidents/overdue/").content.decode()


def test_the_search_of_every_page_finds_a_whistle_by_its_number(
    cast: Cast, clock: Clock, browser_of: Any
) -> None:
    case = moves.sounded(cast)
    answer = browser_of(cast.committee).get(f"/incidents/?q={case.number.lower()}")
    assert (answer.status_code, answer["Location"]) == (302, case.get_absolute_url())
    assert browser_of(cast.township2).get(f"/incidents/?q={case.number}").status_code == 200
