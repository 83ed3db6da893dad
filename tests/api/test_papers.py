"""Attachments: adding papers to an open incident, and getting them."""

from __future__ import annotations

import io
import uuid
from datetime import date
from typing import Any

import pytest
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import Post
from cases import events
from cases.models import Attachment, Case, CaseEvent, Notice
from tests.api.conftest import INCIDENTS, Call, Stage, problem, station
from tests.cases import samples
from tests.cases.conftest import NewCase
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("category", "clock")


def papers(**more: Any) -> dict[str, Any]:
    return {"documents": [samples.upload("回函.pdf", samples.pdf())], **more}


def add(caller: Any, case: Case, sent: dict[str, Any], **options: Any) -> Any:
    return caller.post(f"{case.number}/attachments/", sent, files=True, **options)


def nothing_added() -> bool:
    return not Attachment.objects.exists() and not CaseEvent.objects.filter(verb="attachment.added").exists()


# --- adding


def test_without_signing_in_it_is_401(at: Stage) -> None:
    problem(APIClient().post(f"{INCIDENTS}{at().number}/attachments/", papers()), 401, "not_authenticated")


def test_only_those_who_work_on_it_or_reported_it_add_papers(cast: Cast, call: Call, at: Stage) -> None:
    case = at("filed")
    call(cast.township).must(case, "copy", copies=[cast.departments.urban.pk])
    for post in (cast.officer, cast.centre, cast.village):
        answer = problem(add(call(post), case, papers()), 403, "not_allowed")
        assert "上报人" in answer["detail"]
    assert nothing_added()
    call(cast.township).must(case, "assign", handler=station(cast), co_handlers=[cast.departments.police.pk])
    for post in (cast.worker, cast.township, cast.station, cast.officer2):
        assert add(call(post), case, papers()).status_code == 201


def test_outside_ones_posts_it_is_404(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    for person in (cast.township2, cast.worker_b, cast.officer, cast.auditor, cast.stranger.user):
        problem(add(call(person), case, papers()), 404, "not_found")
    assert nothing_added()


def test_a_closed_incident_takes_no_papers(cast: Cast, call: Call, at: Stage) -> None:
    case = at("archived")
    assert problem(add(call(cast.worker), case, papers()), 409, "closed")["state"] == "archived"
    assert nothing_added()


def test_what_is_no_paper_is_refused_by_its_field(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    photo = samples.jpeg(40, 20)
    for wrong, name in (
        ({}, ""),
        ({"note": "见附件"}, ""),
        (papers(note="长" * 1001), "note"),
        (papers(files="x"), "files"),
        (papers(other=samples.upload("a.jpg", photo)), "other"),
        ({"documents": "letter"}, "documents"),
        ({"documents": [samples.upload("a.jpg", samples.pdf())]}, "documents"),
        ({"documents": [samples.upload("a.exe", b"MZ" + b"\0" * 100)]}, "documents"),
        ({"documents": [samples.upload("a.pdf", b"")]}, "documents"),
        ({"photos_after": [samples.upload("a.png", samples.huge_png())]}, "photos_after"),
        ({"photos_after": [samples.upload("a.pdf", samples.pdf())]}, "photos_after"),
        ({"photos_before": [samples.upload(f"{n}.jpg", photo) for n in range(10)]}, "photos_before"),
    ):
        answer = problem(add(call(cast.worker), case, wrong), 422, "incomplete")
        assert list(answer["errors"]) == [name], wrong
    answer = problem(
        call(cast.worker).post(f"{case.number}/attachments/", {"documents": ["x"]}), 422, "incomplete"
    )
    assert "multipart" in answer["errors"]["documents"][0]
    assert nothing_added()


def test_too_large_a_file_is_refused(cast: Cast, call: Call, at: Stage, settings: Any) -> None:
    settings.GEZHI_MAX_UPLOAD_BYTES = 1024 * 1024
    big = samples.pdf(body=b"0" * (1024 * 1024))
    answer = problem(
        add(call(cast.worker), at(), {"documents": [samples.upload("a.pdf", big)]}), 422, "incomplete"
    )
    assert list(answer["errors"]) == ["documents"]


def test_papers_come_back_whole_with_an_entry_of_their_own(cast: Cast, call: Call, at: Stage) -> None:
    case = at("investigating")
    sent = papers(photos_after=[samples.upload("现场.jpg", samples.jpeg())], note="补充回函")
    answer = add(call(cast.station), case, sent)
    assert answer.status_code == 201
    photo, letter = answer.json()
    assert photo == {
        "key": photo["key"],
        "name": "现场.jpg",
        "content_type": "image/jpeg",
        "size": Attachment.objects.get(key=photo["key"]).size,
        "sha256": Attachment.objects.get(key=photo["key"]).sha256,
        "stage": "after",
        "inner": False,
        "width": 400,
        "height": 200,
        "created_at": "2026-11-18T10:00:00+08:00",
        "url": f"http://testserver{INCIDENTS}{case.number}/attachments/{photo['key']}/",
        "thumbnail": f"http://testserver{INCIDENTS}{case.number}/attachments/{photo['key']}/thumb/",
    }
    assert (letter["stage"], letter["thumbnail"], letter["width"]) == ("other", None, None)
    entry = call(cast.worker).get(f"{case.number}/events/").json()[-1]
    assert (entry["verb"], entry["text"], entry["from"], entry["to"]) == (
        "attachment.added",
        "补充回函",
        "",
        "",
    )
    assert entry["attachments"] == [photo, letter]
    assert sorted(entry["data"]["sha256"]) == sorted([photo["sha256"], letter["sha256"]])
    assert not list(events.broken_entries(Case.objects.get(pk=case.pk)))
    told = set(Notice.objects.filter(event__verb="attachment.added").values_list("recipient", flat=True))
    assert told == {cast.township.user_id, cast.township_b.user_id}


def test_a_repeat_adds_nothing(cast: Cast, call: Call, at: Stage) -> None:
    case = at()
    first, again = (add(call(cast.worker), case, papers(), key="k") for _turn in range(2))
    assert first.json() == again.json() and again.status_code == 201
    assert Attachment.objects.count() == 1


# --- getting


@pytest.fixture
def with_papers(cast: Cast, call: Call, at: Stage) -> tuple[Case, dict[str, Any], dict[str, Any]]:
    """An incident being handled, a photo and a letter of it."""
    case = at("investigating")
    sent = papers(photos_before=[samples.upload("a.jpg", samples.jpeg())])
    photo, letter = add(call(cast.station), case, sent).json()
    return case, photo, letter


WithPapers = tuple[Case, dict[str, Any], dict[str, Any]]


def test_a_photo_is_shown_and_a_document_is_a_download(
    cast: Cast, call: Call, with_papers: WithPapers
) -> None:
    _case, photo, letter = with_papers
    client = call(cast.worker).client
    whole, small, paper = (client.get(url) for url in (photo["url"], photo["thumbnail"], letter["url"]))
    assert (whole["Content-Type"], small["Content-Type"]) == ("image/jpeg", "image/jpeg")
    sizes = [Image.open(io.BytesIO(one.getvalue())).size for one in (whole, small)]
    assert sizes[0] == (400, 200) and sizes[1] <= sizes[0]
    assert paper["Content-Disposition"].startswith("attachment")
    for answer in (whole, small, paper):
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "private" in answer["Cache-Control"]
    assert client.get(letter["url"] + "thumb/")["Content-Disposition"].startswith("attachment")


def test_papers_are_not_for_others(
    cast: Cast, call: Call, with_papers: WithPapers, new_case: NewCase
) -> None:
    case, photo, _letter = with_papers
    problem(APIClient().get(photo["url"]), 401, "not_authenticated")
    for person in (
        cast.township2,
        cast.worker_b,
        cast.officer,
        cast.auditor,
        cast.stranger.user,
        cast.nobody,
    ):
        for url in (photo["url"], photo["thumbnail"]):
            problem(call(person).client.get(url), 404, "not_found")
    # Neither under another case that one does see, nor under a key of nothing.
    own = new_case(cast.worker2)
    problem(call(cast.worker2).get(f"{own.number}/attachments/{photo['key']}/"), 404, "not_found")
    both = new_case(cast.worker)
    problem(call(cast.worker).get(f"{both.number}/attachments/{photo['key']}/"), 404, "not_found")
    problem(call(cast.worker).get(f"{case.number}/attachments/{uuid.uuid4()}/"), 404, "not_found")
    Post.objects.filter(pk=cast.station.pk).update(ends_on=date(2026, 11, 17))
    problem(call(cast.station.user).client.get(photo["url"]), 404, "not_found")


def test_inner_papers_are_not_for_a_mere_reporter(cast: Cast, call: Call, new_case: NewCase) -> None:
    case = new_case(cast.worker, place=cast.places.grid_c)
    call(cast.township).post(f"{case.number}/note/", {"note": "内部", **papers()}, files=True)
    (inner,) = call(cast.village_b).get(f"{case.number}/").json()["attachments"]
    assert inner["inner"] is True
    assert call(cast.worker).get(f"{case.number}/").json()["attachments"] == []
    problem(call(cast.worker).client.get(inner["url"]), 404, "not_found")


def test_an_unchanged_photo_is_not_sent_again(cast: Cast, call: Call, with_papers: WithPapers) -> None:
    _case, photo, _letter = with_papers
    client = call(cast.worker).client
    tag = client.get(photo["url"])["ETag"]
    assert client.get(photo["url"], headers={"if-none-match": tag}).status_code == 304
    other = call(cast.worker_b).client
    problem(other.get(photo["url"], headers={"if-none-match": tag}), 404, "not_found")
