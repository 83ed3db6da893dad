"""Papers of a case: where they lie, who gets them, how they are answered, what becomes of orphans."""

from __future__ import annotations

import os
import stat
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import RequestFactory

from accounts.models import Post
from cases import attachments, events
from cases.attachments import open_for, path_of, prepare, respond, store
from cases.errors import NotFound
from cases.models import Attachment, Case, CaseEvent, Stage
from grids import clock
from tests.cases import samples
from tests.cases.conftest import NewCase
from tests.cast import Cast

PHOTO = prepare(samples.upload("路口.jpg", samples.jpeg()), picture_only=True)
LETTER = prepare(samples.upload("答复函.pdf", samples.pdf()), picture_only=False)


def entry(case: Case) -> CaseEvent:
    found = case.events.order_by("-seq").first()
    assert found is not None
    return found


def keep(case: Case, by: Post | None = None, paper: Any = PHOTO, inner: bool = False) -> Attachment:
    return store(paper, event=entry(case), by=by, stage=Stage.BEFORE, inner=inner, at=clock.now())


def body(attachment: Attachment, *, thumb: bool = False, **headers: str) -> Any:
    return respond(RequestFactory().get("/x", headers=headers), attachment, thumb=thumb)


def test_a_paper_lies_under_a_random_name_that_only_we_can_read(new_case: NewCase, settings: Any) -> None:
    kept = keep(new_case())
    path = path_of(kept.key)
    assert path == Path(settings.MEDIA_ROOT) / kept.key.hex[:2] / str(kept.key)
    for found in (path, path_of(kept.key, thumb=True)):
        assert stat.S_IMODE(found.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_bytes() == PHOTO.content
    assert (kept.sha256, kept.size, kept.name) == (PHOTO.sha256, len(PHOTO.content), "路口.jpg")


def test_papers_of_a_report_come_with_its_first_entry(new_case: NewCase, cast: Cast) -> None:
    case = new_case(photos=[PHOTO], documents=[LETTER])
    found = {paper.name: paper for paper in case.attachments.all()}
    assert {name: paper.stage for name, paper in found.items()} == {
        "路口.jpg": "before",
        "答复函.pdf": "other",
    }
    assert {paper.event.verb for paper in found.values()} == {"incident.reported"}
    assert {paper.post for paper in found.values()} == {cast.worker}


def test_who_sees_the_case_gets_the_paper_and_nobody_else(new_case: NewCase, cast: Cast) -> None:
    kept = keep(new_case())
    for person in (cast.worker, cast.village, cast.township, cast.secretary, cast.centre, cast.committee):
        assert open_for(person.user, kept.key) == kept
    outside = (cast.worker_b, cast.village_b, cast.township2, cast.officer, cast.stranger, cast.sysadmin)
    for person in outside:
        with pytest.raises(NotFound):
            open_for(person.user, kept.key)
    with pytest.raises(NotFound):
        open_for(cast.nobody, kept.key)
    with pytest.raises(NotFound):
        open_for(cast.township.user, uuid.uuid4())


def test_a_post_that_has_ended_gets_the_paper_no_longer(new_case: NewCase, cast: Cast) -> None:
    kept = keep(new_case())
    Post.objects.filter(pk=cast.village.pk).update(ends_on=clock.today() - timedelta(days=1))
    with pytest.raises(NotFound):
        open_for(cast.village.user, kept.key)


def test_inner_papers_are_not_for_a_mere_reporter(new_case: NewCase, cast: Cast) -> None:
    # The centre of the second town reports something that lies in the first: it sees the case as reporter only.
    case = new_case(by=cast.township2, place=cast.places.grid)
    shown, hidden = keep(case), keep(case, inner=True)
    assert open_for(cast.township2.user, shown.key) == shown
    with pytest.raises(NotFound):
        open_for(cast.township2.user, hidden.key)
    assert open_for(cast.township.user, hidden.key) == hidden


def test_a_paper_of_an_inner_entry_is_inner_by_itself(new_case: NewCase, cast: Cast) -> None:
    case = new_case()
    with transaction.atomic():
        note = events.append(case, "case.printed", by=cast.township, at=clock.now(), cause=uuid.uuid4())
    assert note.inner
    assert store(LETTER, event=note, by=None, stage="other", inner=False, at=clock.now()).inner


def test_a_photo_is_shown_in_the_page_and_can_run_nothing(new_case: NewCase) -> None:
    kept = keep(new_case())
    full, small = body(kept), body(kept, thumb=True)
    assert b"".join(full.streaming_content) == PHOTO.content
    assert b"".join(small.streaming_content) == PHOTO.thumbnail
    for answer in (full, small):
        assert answer["Content-Type"] == "image/jpeg"
        assert answer["Content-Disposition"].startswith("inline")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["Cache-Control"] == "private, no-cache"


def test_a_document_is_only_ever_downloaded(new_case: NewCase) -> None:
    answer = body(keep(new_case(), paper=LETTER), thumb=True)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "%E7%AD%94%E5%A4%8D%E5%87%BD.pdf" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == LETTER.content


def test_a_browser_that_has_it_is_not_sent_it_again(new_case: NewCase) -> None:
    kept = keep(new_case())
    tag = body(kept)["ETag"]
    again = body(kept, if_none_match=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert body(kept, thumb=True, if_none_match=tag).status_code == 200


def test_a_lost_file_is_told_as_not_found(new_case: NewCase) -> None:
    kept = keep(new_case())
    path_of(kept.key).unlink()
    with pytest.raises(NotFound) as caught:
        body(kept)
    assert caught.value.code == "file_missing"


def test_orphans_of_failed_transactions_are_swept_after_a_day(
    new_case: NewCase, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    case = new_case()
    kept = keep(case)
    with pytest.raises(RuntimeError), transaction.atomic():
        lost = keep(case)
        raise RuntimeError
    orphans = [path_of(lost.key), path_of(lost.key, thumb=True)]
    assert all(path.exists() for path in orphans)
    assert list(attachments.sweep(clock.now())) == []  # young: its transaction may still be running
    for path in Path(settings.MEDIA_ROOT).glob("*/*"):
        os.utime(path, (0, 0))
    call_command("sweep_files")
    assert capsys.readouterr().out == "2 files and 0 keys removed\n"
    assert not any(path.exists() for path in orphans)
    assert path_of(kept.key).exists()
    assert path_of(kept.key, thumb=True).exists()
