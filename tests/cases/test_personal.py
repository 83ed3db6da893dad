"""Personal values: encrypted, masked, revealed with a reason, encrypted anew, erased after their term."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command

from accounts.models import Post
from accounts.roles import Role
from cases import personal, workflow
from cases.checks import check_field_keys
from cases.errors import Incomplete, NotAllowed
from cases.events import broken_entries
from cases.models import Case, PersonalValue
from tests.cases.conftest import NewCase
from tests.cast import Cast

NAME, PHONE = "欧阳小明", "00013812345"


@pytest.fixture
def case(new_case: NewCase) -> Case:
    return new_case(reporter_name=NAME, reporter_phone=PHONE)


def close(case: Case, at: Any) -> None:
    Case.objects.filter(pk=case.pk).update(state="archived", closed_at=at)


def values(case: Case) -> dict[str, str]:
    return {value.field: personal.clear_text(value) for value in case.personal_values.all()}


@pytest.mark.parametrize(
    ("field", "text", "shown"),
    [
        ("reporter_phone", "13812345678", "138****5678"),
        ("reporter_phone", "079564001", "079****4001"),
        ("reporter_phone", "12345", "****"),
        ("reporter_name", "张三", "张*"),
        ("reporter_name", "欧阳小明", "欧**"),
        ("reporter_name", "张", "*"),
        ("id_number", "360981199001011234", "3****************4"),
        ("reporter_phone", "", ""),
    ],
)
def test_a_value_is_masked(field: str, text: str, shown: str) -> None:
    assert personal.mask(field, text) == shown


def test_values_are_kept_encrypted_and_shown_masked(case: Case) -> None:
    for value in PersonalValue.objects.all():
        assert NAME not in value.token
        assert PHONE not in value.token
    assert personal.masked(case) == {"reporter_name": "欧**", "reporter_phone": "000****2345"}
    assert values(case) == {"reporter_name": NAME, "reporter_phone": PHONE}


def test_the_same_name_looks_different_in_every_case(case: Case, new_case: NewCase) -> None:
    other = new_case(reporter_name=NAME)
    rows = [found.personal_values.get(field="reporter_name") for found in (case, other)]
    assert rows[0].digest != rows[1].digest
    assert rows[0].token != rows[1].token


def test_who_handles_it_reveals_with_a_reason_that_stands_in_the_record(case: Case, cast: Cast) -> None:
    found = personal.reveal(case, by=cast.township, reason=" 回访上报人 ")
    assert found == {"reporter_name": NAME, "reporter_phone": PHONE}
    entry = case.events.get(verb="personal.revealed")
    assert (entry.actor, entry.post, entry.words.text) == (cast.township.user, cast.township, "回访上报人")
    assert (entry.inner, entry.data) == (True, {"fields": ["reporter_name", "reporter_phone"]})
    assert PHONE not in str(entry.data)
    assert list(broken_entries(Case.objects.get(pk=case.pk))) == []


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_without_a_reason_nothing_is_revealed(case: Case, cast: Cast, reason: str) -> None:
    with pytest.raises(Incomplete) as caught:
        personal.reveal(case, by=cast.township, reason=reason)
    assert "reason" in caught.value.errors
    assert not case.events.filter(verb="personal.revealed").exists()


@pytest.mark.parametrize("who", ["township2", "officer", "worker2", "stranger", "sysadmin", "auditor"])
def test_outside_the_scope_nothing_is_revealed(case: Case, cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        personal.reveal(case, by=getattr(cast, who), reason="好奇")
    assert not case.events.filter(verb="personal.revealed").exists()


def test_a_mere_reporter_reveals_nothing(cast: Cast, new_case: NewCase) -> None:
    case = new_case(by=cast.township2, place=cast.places.grid, reporter_name=NAME)
    with pytest.raises(NotAllowed):
        personal.reveal(case, by=cast.township2, reason="看看")


def test_a_handler_whose_part_has_ended_reveals_nothing(case: Case, cast: Cast) -> None:
    workflow.advance(case, "file", by=cast.township)
    handler = f"department:{cast.departments.urban.pk}"
    workflow.advance(case, "assign", by=cast.township, data={"handler": handler})
    assert personal.reveal(case, by=cast.officer, reason="联系上报人")["reporter_phone"] == PHONE
    station = f"department:{cast.departments.station.pk}"
    workflow.advance(case, "reassign", by=cast.township, data={"handler": station, "reason": "改由街道办理"})
    with pytest.raises(NotAllowed):
        personal.reveal(case, by=cast.officer, reason="联系上报人")


def test_an_office_that_is_only_sent_a_copy_reveals_nothing(case: Case, cast: Cast) -> None:
    workflow.advance(case, "file", by=cast.township)
    workflow.advance(case, "copy", by=cast.township, data={"copies": [str(cast.departments.urban.pk)]})
    assert Case.objects.visible_to(cast.officer.user).filter(pk=case.pk).exists()
    with pytest.raises(NotAllowed):
        personal.reveal(case, by=cast.officer, reason="联系上报人")
    workflow.advance(
        case, "assign", by=cast.township, data={"handler": f"department:{cast.departments.urban.pk}"}
    )
    assert personal.reveal(case, by=cast.officer, reason="联系上报人")["reporter_phone"] == PHONE


def test_the_post_acted_under_counts_and_not_what_else_the_person_holds(case: Case, cast: Cast) -> None:
    other = Post.objects.create(
        user=cast.township.user,
        role=Role.DEPARTMENT_OFFICER,
        department=cast.departments.police,
        starts_on=cast.township.starts_on,
    )
    with pytest.raises(NotAllowed):
        personal.reveal(case, by=other, reason="联系上报人")
    assert personal.reveal(case, by=cast.township, reason="联系上报人")["reporter_phone"] == PHONE


# --- keys


def test_keys_rotate_and_the_old_one_may_then_go(case: Case, settings: Any) -> None:
    old, new = settings.GEZHI_FIELD_KEYS[0], Fernet.generate_key().decode()
    settings.GEZHI_FIELD_KEYS = [new, old]
    assert values(case)["reporter_name"] == NAME
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    assert "2 of 2" in out.getvalue()
    settings.GEZHI_FIELD_KEYS = [new]
    assert values(case) == {"reporter_name": NAME, "reporter_phone": PHONE}
    settings.GEZHI_FIELD_KEYS = [old]
    with pytest.raises(InvalidToken):
        values(case)


def test_rotation_goes_through_all_batches_and_leaves_the_record_whole(
    new_case: NewCase, settings: Any
) -> None:
    cases = [new_case(reporter_name=f"{NAME}{number}") for number in range(5)]
    settings.GEZHI_FIELD_KEYS = [Fernet.generate_key().decode(), *settings.GEZHI_FIELD_KEYS]
    assert list(personal.rotate(batch=2)) == [2, 4, 5]
    settings.GEZHI_FIELD_KEYS = settings.GEZHI_FIELD_KEYS[:1]
    for number, found in enumerate(cases):
        assert values(found)["reporter_name"] == f"{NAME}{number}"
        assert list(broken_entries(found)) == []


@pytest.mark.parametrize("keys", [[], ["short"], ["x" * 44], [Fernet.generate_key().decode(), "short"]])
def test_keys_that_cannot_encrypt_stop_the_start(settings: Any, keys: list[str]) -> None:
    settings.GEZHI_FIELD_KEYS = keys
    assert [error.id for error in check_field_keys()] == ["gezhi.E007"]


def test_good_keys_pass_the_check(settings: Any) -> None:
    assert check_field_keys() == []
