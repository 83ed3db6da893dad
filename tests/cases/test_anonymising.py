"""After its term a closed case names nobody any more; its record and what is counted stay."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from cases import anonymising, personal, workflow
from cases.attachments import path_of, prepare
from cases.events import broken_entries
from cases.models import Attachment, Case, EventText
from incidents.models import Incident, PositionSource
from incidents.services import Position
from tests.cases import samples
from tests.cases.conftest import NewCase, make_category
from tests.cast import Cast
from tests.conftest import Clock

NAME, PHONE, HOME = "欧阳小明", "00013812345", "路口第二家欧阳小明门前"
PHOTO = prepare(samples.upload("欧阳小明家.jpg", samples.jpeg()), picture_only=True)
FIELDS = [
    {"name": "amount", "label": "数量", "label_en": "Amount", "type": "number", "required": False},
    {"name": "words", "label": "情况", "label_en": "Words", "type": "text", "required": False},
]


def close(case: Case, at: Any) -> None:
    Case.objects.filter(pk=case.pk).update(state="archived", closed_at=at)


@pytest.fixture
def told(workdays: None, cast: Cast, new_case: NewCase) -> Case:
    """A report that names a person wherever words can be written."""
    return new_case(
        category=make_category("1102", fields=FIELDS),
        title=f"{NAME}家门口有垃圾",
        description=f"{NAME}说堆了三天",
        address=HOME,
        fields={"amount": 3, "words": f"{NAME}报的"},
        reporter_name=NAME,
        reporter_phone=PHONE,
        position=Position(28.19, 115.78, PositionSource.PHONE, 8, "schematic"),
        photos=[PHOTO],
    )


@pytest.fixture
def old(told: Case, cast: Cast, clock: Clock, settings: Any) -> Case:
    """Closed just longer than the term ago, with words in its record."""
    workflow.advance(told, "note", by=cast.township, data={"note": "上报人住在路口"})
    close(told, clock.at - timedelta(days=settings.GEZHI_RETENTION_DAYS, seconds=1))
    return told


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("anonymise", *options, stdout=out)
    return out.getvalue()


def test_a_dry_run_says_what_it_would_do_and_does_nothing(old: Case) -> None:
    said = run()
    assert f"{old.number}  closed" in said
    assert "2 values, 1 texts, 1 files" in said
    assert "1 cases to anonymise (dry run" in said
    assert personal.masked(old)["reporter_name"] == "欧**"
    assert not old.events.filter(verb="personal.anonymised").exists()


def test_values_and_words_are_erased_and_the_chain_stays_whole(old: Case) -> None:
    before = list(old.events.order_by("seq").values_list("hash", flat=True))
    assert "1 cases anonymised" in run("--do")
    assert personal.masked(old) == {"reporter_name": "", "reporter_phone": ""}
    assert set(EventText.objects.filter(event__case=old).values_list("text", flat=True)) == {""}
    for row in old.personal_values.all():
        assert (row.token, row.salt) == ("", "")
        assert row.erased_at is not None
    found = Case.objects.get(pk=old.pk)
    assert list(broken_entries(found)) == []
    assert list(found.events.order_by("seq").values_list("hash", flat=True))[:-1] == before
    last = found.events.order_by("-seq")[0]
    assert (last.verb, last.at) == ("personal.anonymised", found.anonymised_at)
    assert "0 cases" in run("--do")


def test_nothing_that_was_written_freely_is_left(
    old: Case, cast: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    kept = old.attachments.get()
    with django_capture_on_commit_callbacks(execute=True):
        run("--do")
    found = Case.objects.select_related("incident").get(pk=old.pk)
    incident = found.incident
    assert found.title == "暴露垃圾"
    assert (incident.description, incident.address) == ("", "")
    assert (incident.lat, incident.lng, incident.accuracy, incident.position_source) == (None, None, None, "")
    assert incident.fields == {"amount": 3}
    assert not Attachment.objects.filter(case=old).exists()
    assert not path_of(kept.key).exists() and not path_of(kept.key, thumb=True).exists()
    visible = Case.objects.visible_to(cast.township.user)
    assert not visible.matching("欧阳").exists() and not visible.matching("路口").exists()
    assert visible.matching("暴露垃圾").get() == found


def test_words_under_a_field_of_an_earlier_category_are_erased_too(old: Case) -> None:
    other = make_category("1103", fields=[{**FIELDS[0], "type": "text"}, {**FIELDS[1], "type": "number"}])
    Incident.objects.filter(pk=old.pk).update(category=other, version=other.current)
    run("--do")
    assert Incident.objects.get(pk=old.pk).fields == {}


def test_what_is_counted_stays(old: Case) -> None:
    run("--do")
    found = Case.objects.select_related("incident").get(pk=old.pk)
    assert (found.place, found.office, found.opened_at) == (old.place, old.office, old.opened_at)
    assert (found.incident.category, found.incident.source) == (old.incident.category, old.incident.source)


def test_the_verification_takes_it_as_whole_and_a_file_put_back_as_broken(old: Case) -> None:
    run("--do")
    call_command("verify_record", old.number, "--files", stdout=io.StringIO())
    entry = old.events.order_by("seq")[0]
    Attachment.objects.create(
        case=old, event=entry, key=PHOTO_KEY, name="x.jpg", content_type="image/jpeg", size=1,
        sha256="0" * 64, created_at=entry.at,
    )  # fmt: skip
    with pytest.raises(CommandError):
        call_command("verify_record", old.number, "--files", stdout=io.StringIO())


PHOTO_KEY = "0b8d0b2e-6f0e-4c3a-9b7d-1f6a0c1d2e3f"


def test_files_taken_away_without_it_are_still_found(old: Case) -> None:
    old.attachments.all().delete()
    with pytest.raises(CommandError):
        call_command("verify_record", old.number, "--files", stdout=io.StringIO())


def test_open_cases_and_those_within_their_term_are_left_alone(
    old: Case, new_case: NewCase, clock: Clock, settings: Any
) -> None:
    new_case(reporter_name=NAME)
    young = new_case(reporter_name=NAME)
    close(young, clock.at - timedelta(days=settings.GEZHI_RETENTION_DAYS) + timedelta(seconds=1))
    assert list(anonymising.past_term(clock.at)) == [old]


def test_a_case_without_personal_values_is_anonymised_too(new_case: NewCase, clock: Clock) -> None:
    found = new_case(title="欧阳小明家的狗")
    close(found, clock.at - timedelta(days=4000))
    run("--do")
    assert "欧阳" not in Case.objects.get(pk=found.pk).title


def test_a_case_reopened_meanwhile_is_not_anonymised(old: Case, clock: Clock) -> None:
    listed = list(anonymising.past_term(clock.at))
    Case.objects.filter(pk=old.pk).update(state="filed", closed_at=None)
    for found in listed:
        anonymising.anonymise(found)
    assert personal.masked(old)["reporter_name"] == "欧**"


def test_an_open_case_cannot_be_called_anonymised(told: Case, clock: Clock) -> None:
    with pytest.raises(IntegrityError, match="case_anonymised_is_closed"), transaction.atomic():
        Case.objects.filter(pk=told.pk).update(anonymised_at=clock.at)


def test_what_is_erased_can_be_neither_shown_nor_brought_back(old: Case, cast: Cast) -> None:
    run("--do")
    nothing = {"reporter_name": "", "reporter_phone": ""}
    assert personal.reveal(old, by=cast.township, reason="核对") == nothing
    digest = old.personal_values.get(field="reporter_name").digest
    assert digest  # the digest stays, but without its salt a name cannot be tried against it
    assert old.personal_values.get(field="reporter_name").salt == ""
