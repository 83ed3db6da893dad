"""Papers that come with a move: checked before anybody has to wait, and bound to the entry they came with."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases import attachments, events, workflow
from cases.attachments import path_of, prepare
from cases.errors import CaseError, Incomplete, NotAllowed, WrongState
from cases.models import Case
from tests.cases import samples
from tests.cases.conftest import NewCase
from tests.cast import Cast

PHOTO = prepare(samples.upload("路口.jpg", samples.jpeg()), picture_only=True)


def photo(name: str = "后.jpg") -> Any:
    return samples.upload(name, samples.jpeg())


@pytest.fixture
def case(cast: Cast, new_case: NewCase) -> Case:
    """Under way at the station of the street."""
    found = new_case(photos=[PHOTO])
    workflow.advance(found, "file", by=cast.township)
    handler = f"department:{cast.departments.station.pk}"
    workflow.advance(found, "assign", by=cast.township, data={"handler": handler})
    workflow.advance(found, "accept", by=cast.station)
    return found


def feed_back(case: Case, cast: Cast, by: Any = None, **files: Any) -> Any:
    return workflow.advance(case, "feed_back", by=by or cast.station, data={"result": "已清理"}, files=files)


def test_photos_are_drawn_before_the_case_is_locked(
    case: Case, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    locked_before: list[bool] = []
    drawn = attachments.prepare
    with CaptureQueriesContext(connection) as queries:

        def watched(*args: Any, **kwargs: Any) -> Any:
            locked_before.append(any("FOR UPDATE" in query["sql"] for query in queries.captured_queries))
            return drawn(*args, **kwargs)

        monkeypatch.setattr(attachments, "prepare", watched)
        feed_back(case, cast, photos_after=[photo("一.jpg"), photo("二.jpg")])
    assert locked_before == [False, False]
    assert any("FOR UPDATE" in query["sql"] for query in queries.captured_queries)
    assert case.attachments.filter(stage="after").count() == 2


@pytest.mark.parametrize(("who", "refusal"), [("officer", NotAllowed), ("station", WrongState)])
def test_who_may_not_do_it_is_refused_before_a_file_is_looked_at(
    case: Case, cast: Cast, monkeypatch: pytest.MonkeyPatch, who: str, refusal: type[CaseError]
) -> None:
    if refusal is WrongState:
        feed_back(case, cast)
    monkeypatch.setattr(attachments, "prepare", lambda *_a, **_k: pytest.fail("a file was looked at"))
    with pytest.raises(refusal):
        feed_back(case, cast, getattr(cast, who), photos_after=[photo()])


def test_somebody_who_is_first_while_the_photos_are_drawn_wins(
    case: Case, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = attachments.prepare

    def meanwhile(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(attachments, "prepare", drawn)
        feed_back(Case.objects.get(pk=case.pk), cast)
        return drawn(*args, **kwargs)

    monkeypatch.setattr(attachments, "prepare", meanwhile)
    with pytest.raises(WrongState):
        feed_back(case, cast, photos_after=[photo()])
    assert case.events.filter(verb="incident.fed_back").count() == 1
    assert not case.attachments.filter(stage="after").exists()


def test_a_bad_file_and_a_missing_word_are_told_together_and_nothing_is_kept(case: Case, cast: Cast) -> None:
    files = {"photos_after": [photo(), samples.upload("答复.jpg", samples.pdf())]}
    with pytest.raises(Incomplete) as caught:
        workflow.advance(case, "feed_back", by=cast.station, data={}, files=files)
    assert set(caught.value.errors) == {"result", "photos_after"}
    assert case.attachments.count() == 1


def test_too_many_files_are_refused_by_their_number_alone(
    case: Case, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "prepare", lambda *_a, **_k: pytest.fail("a file was looked at"))
    with pytest.raises(Incomplete) as caught:
        feed_back(case, cast, photos_after=[photo() for _ in range(10)])
    assert set(caught.value.errors) == {"photos_after"}


def verify(case: Case, *options: str) -> str:
    """What the command says of a case, whether it finds it whole or not."""
    out = io.StringIO()
    try:
        call_command("verify_record", case.number, *options, stdout=out)
    except CommandError as error:
        out.write(str(error))
    return out.getvalue()


def test_the_record_holds_the_digest_of_every_file_and_no_name(case: Case, cast: Cast) -> None:
    event = feed_back(case, cast, photos_after=[photo("张三家门口.jpg")])
    kept = case.attachments.get(stage="after")
    assert event.data["sha256"] == [kept.sha256]
    assert "张三" not in str(event.data)
    assert case.events.get(seq=1).data["sha256"] == [PHOTO.sha256]
    assert list(events.broken_entries(Case.objects.get(pk=case.pk))) == []
    assert verify(case, "--files").endswith("whole\n")


def test_a_swapped_a_lost_and_an_exchanged_file_are_found(case: Case, cast: Cast) -> None:
    event = feed_back(case, cast, photos_after=[photo()])
    first, after = case.attachments.order_by("pk")
    path_of(after.key).write_bytes(b"something else")
    assert f"{case.number}#{event.seq} file {after.key}" in verify(case, "--files")
    assert "whole" in verify(case)  # without the option files are not read
    path_of(after.key).unlink()
    assert f"{case.number}#{event.seq} file {after.key}" in verify(case, "--files")
    # Somebody swaps the file and its row alike: the record still tells.
    path_of(first.key).write_bytes(b"x")
    case.attachments.filter(pk=first.pk).update(
        sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    )
    assert f"BROKEN {case.number}#1 papers" in verify(case, "--files")
