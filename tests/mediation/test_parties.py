"""Who the parties are: kept encrypted, shown masked, revealed to their committee alone, found by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import override_settings

from cases import personal
from cases.errors import Incomplete, NotAllowed
from cases.models import Case, PersonalValue
from mediation import parties
from mediation.models import Party
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do, on

KEYS = ["bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleSE="]


def test_names_numbers_and_addresses_stand_nowhere_in_the_open(town: Town, cast: Cast) -> None:
    """Every column of every table, in the database itself: no name, number, telephone or address of a party."""
    case = moves.registered(town, cast)
    do(case, "accept", town.low, mediators=[town.low.pk])
    secrets = ["欧阳甲", "司徒乙", moves.identity(1), "00013800001", "东路1号"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE ANY(%s)', [[f"%{s}%" for s in secrets]]
            )
            assert cursor.fetchone()[0] == 0, table


def test_values_are_masked_and_revealed_with_a_reason_to_the_committee(town: Town, cast: Cast) -> None:
    case = moves.registered(town, cast)
    first = Party.objects.filter(case=case).earliest("pk")
    shown = personal.masked(case)
    assert shown[f"party{first.pk}.name"] == "欧**"
    assert shown[f"party{first.pk}.phone"] == "000****0001"
    assert shown[f"party{first.pk}.id_number"] == "1" + "*" * 16 + moves.identity(1)[-1]
    assert set(shown[f"party{first.pk}.address"]) == {"*"}
    full = personal.reveal(case, by=town.low, reason="核对身份")
    assert full[f"party{first.pk}.id_number"] == moves.identity(1)
    entry = case.events.get(verb="personal.revealed")
    assert entry.words.text == "核对身份" and entry.actor == town.low.user
    with pytest.raises(Incomplete):
        personal.reveal(case, by=town.low, reason=" ")


@pytest.mark.parametrize(
    "who",
    ["village", "township", "centre", "committee", "secretary", "worker", "officer", "mediator2", "mediator"],
)
def test_nobody_else_sees_who_they_are(who: str, town: Town, cast: Cast) -> None:
    """Neither the centre beside the committee nor those above: only who mediates there (article 15)."""
    case = moves.registered(town, cast)
    with pytest.raises(NotAllowed):
        personal.reveal(case, by=getattr(cast, who), reason="看看")


@pytest.mark.parametrize(
    ("who", "sees", "inside"),
    [
        ("village", True, False), ("township", True, False), ("centre", True, False), ("committee", True, False),
        ("secretary", True, False), ("worker", False, False), ("officer", False, False), ("village_b", False, False),
        ("township2", False, False), ("mediator", False, False), ("mediator2", False, False), ("sysadmin", False, False),
    ],
)  # fmt: skip
def test_who_sees_a_dispute_and_its_inner_side(
    who: str, sees: bool, inside: bool, town: Town, cast: Cast
) -> None:
    case = moves.registered(town, cast)
    user = getattr(cast, who).user
    assert Case.objects.visible_to(user).filter(pk=case.pk).exists() == sees
    assert Case.objects.inside_of(user).filter(pk=case.pk).exists() == inside


def test_the_committee_that_passed_it_on_sees_where_it_stands_and_reads_no_more(
    town: Town, cast: Cast
) -> None:
    case = moves.accepted(town, cast)
    do(case, "pass_up", town.low, way="early", reason="跨社区")
    assert Case.objects.visible_to(town.low.user).filter(pk=case.pk).exists()
    assert not Case.objects.inside_of(town.low.user).filter(pk=case.pk).exists()
    assert Case.objects.inside_of(town.mid.user).filter(pk=case.pk).exists()
    with pytest.raises(NotAllowed):
        personal.reveal(case, by=town.low, reason="看看")
    assert personal.reveal(case, by=town.mid, reason="联系当事人")


def test_a_title_names_nobody(town: Town, cast: Cast) -> None:
    case = moves.registered(town, cast)
    facts = {"kind": "neighbour", "source": "walk_in", "initiative": "applied", "brief": "x"}
    with pytest.raises(Incomplete) as refused:
        do(case, "edit", town.low, title="欧阳甲与邻居的纠纷", **facts)
    assert list(refused.value.errors) == ["title"]


def test_no_search_finds_a_person(town: Town, cast: Cast) -> None:
    """Name, number, telephone, address and the words of the dispute: nothing of them is searched."""
    case = moves.registered(town, cast)
    for word in ("欧阳甲", "欧阳", moves.identity(1), "0001380", "00013800001", "东路1号", "多次争吵"):
        assert not Case.objects.visible_to(town.low.user).matching(word).filter(pk=case.pk).exists(), word
    assert Case.objects.visible_to(town.low.user).matching("院墙").filter(pk=case.pk).exists()


# --- the same parties before the same committee


def test_a_committee_is_told_of_its_own_dispute_between_the_same_parties(
    town: Town, cast: Cast, browser_of: Any
) -> None:
    first = moves.registered(town, cast)
    do(first, "accept", town.low, mediators=[town.low.pk])
    second = moves.registered(town, cast, title="同样两户的另一件事")
    entry = second.events.get(verb="mediation.same_parties_checked")
    assert entry.inner
    assert (entry.data["same_parties"], entry.data["same_kinds"]) == ([first.number], ["neighbour"])
    page = browser_of(town.low).get(second.get_absolute_url()).content.decode()
    assert f"{first.number} 邻里纠纷" in page and "已有相同当事人的纠纷" in page


@pytest.mark.parametrize("case", ["one", "three", "elsewhere", "no number", "long ago", "passed up"])
def test_other_disputes_are_not_told_of(case: str, town: Town, cast: Cast, clock: Clock) -> None:
    first = moves.registered(town, cast)
    one, two, three = (moves.person(n, f"某{n}", n) for n in (1, 2, 3))
    given: dict[str, Any] = {}
    if case == "one":
        given["parties"] = [one, three | {"side": 2}]
    elif case == "three":
        given["parties"] = [one, two, three]
    elif case == "elsewhere":
        given |= {"committee": town.township, "by": town.mid}
    elif case == "passed up":  # it is not this committee's any more
        do(first, "accept", town.low, mediators=[town.low.pk])
        do(first, "pass_up", town.low, way="early", reason="跨社区")
    elif case == "no number":
        given["parties"] = [one, two | {"id_number": ""}]
    else:
        do(first, "turn_away", town.low, reason="已经起诉", **moves.NOTICE)
        clock.forward(days=366)
    second = moves.registered(town, cast, **given)
    checked = second.events.filter(verb="mediation.same_parties_checked")
    assert [entry.data["same_parties"] for entry in checked] == ([] if case == "no number" else [[]])


def test_who_registers_for_a_committee_cannot_tell_whether_it_was_told(
    town: Town, cast: Cast, api_of: Any
) -> None:
    """The answer, the page's mark and the older dispute look alike with and without a hit."""
    first = moves.registered(town, cast)
    client = api_of(cast.village)
    before = client.get("/api/v1/mediations/").json()
    hit = moves.registered(town, cast, by=cast.village)
    miss = moves.registered(
        town, cast, by=cast.village, parties=[moves.person(1, "公冶子", 7), moves.person(2, "公冶丑", 8)]
    )
    assert hit.events.get(verb="mediation.same_parties_checked").data["same_parties"] == [first.number]
    one, other = (client.get(f"/api/v1/mediations/{case.number}/").json() for case in (hit, miss))
    assert one["last_event"] == other["last_event"]
    after = client.get("/api/v1/mediations/").json()
    assert before["results"][0] in after["results"]  # the older one shows nothing
    events = [client.get(f"/api/v1/mediations/{case.number}/events/").json() for case in (hit, miss)]
    assert "same_parties" not in str(events)


def test_another_committee_reads_nothing_of_what_this_one_was_told(
    town: Town, cast: Cast, browser_of: Any
) -> None:
    first = moves.registered(town, cast)
    second = moves.accepted(town, cast)
    do(second, "pass_up", town.low, way="early", reason="跨社区")
    page = browser_of(town.mid).get(second.get_absolute_url()).content.decode()
    assert "多次争吵" in page and first.number not in page


def test_a_party_entered_later_is_compared_too(town: Town, cast: Cast) -> None:
    moves.registered(town, cast)
    second = moves.registered(town, cast, parties=[moves.person(1, "某", 1)])
    do(second, "add_party", town.low, **moves.person(2, "某", 2))
    assert second.events.get(verb="mediation.party_added").data["same_parties"]


# --- who somebody is, does not change under what they agreed to


def test_a_correction_says_which_fields_it_changed(town: Town, cast: Cast) -> None:
    case = moves.accepted(town, cast)
    row = Party.objects.select_related("case").filter(case=case, side=1).get()
    data = {
        "side": 1,
        "party_kind": "person",
        "sex": "male",
        "nation": "汉族",
        "age": 47,
        "occupation": "个体户",
    }
    on(row, "edit_party", town.low, **data, phone="00013809999")
    entry = case.events.get(verb="party.edited")
    assert (entry.data["side"], sorted(entry.data["changed"])) == (1, ["age", "phone"])
    assert "00013809999" not in str(entry.data)


@pytest.mark.parametrize("change", [{"party_name": "皇甫戊"}, {"id_number": moves.identity(9)}, {"side": 3}])
def test_who_consented_stays_who_they_are(change: dict[str, Any], town: Town, cast: Cast) -> None:
    case = moves.running(town, cast)
    row = Party.objects.select_related("case").filter(case=case, side=1).get()
    data = {"side": 1, "party_kind": "person"}
    with pytest.raises(Incomplete) as refused:
        on(row, "edit_party", town.low, **(data | change))
    assert list(refused.value.errors) == list(change)
    on(row, "edit_party", town.low, **data, home="西路2号")  # where they live may change
    moves.fail_once(case, town.low)
    on(row, "edit_party", town.low, **(data | change))


def test_two_sides_stay(town: Town, cast: Cast) -> None:
    case = moves.accepted(town, cast)
    row = Party.objects.select_related("case").filter(case=case, side=1).get()
    with pytest.raises(Incomplete) as refused:
        on(row, "edit_party", town.low, side=2, party_kind="person")
    assert list(refused.value.errors) == ["side"]


# --- keys


def test_keys_rotate_with_digests(town: Town, cast: Cast, settings: object) -> None:
    old: list[str] = settings.GEZHI_FIELD_KEYS  # type: ignore[attr-defined]
    first = moves.registered(town, cast)
    with override_settings(GEZHI_FIELD_KEYS=[*KEYS, *old]):
        # Between the new key and the rotation the older digests are still found.
        assert parties.same_parties(first.office_id, [moves.identity(1), moves.identity(2)])
        call_command("rotate_keys", verbosity=0)
        call_command("rotate_keys", verbosity=0)
    with override_settings(GEZHI_FIELD_KEYS=KEYS):
        assert parties.same_parties(first.office_id, [moves.identity(1), moves.identity(2)])
        assert personal.reveal(first, by=town.low, reason="核对")
    assert PersonalValue.objects.filter(case=first).count() == 8


def test_a_digest_is_no_hash_that_others_can_make(town: Town, cast: Cast, settings: object) -> None:
    import hashlib

    case = moves.registered(town, cast)
    number = moves.identity(1)
    kept = case.parties.earliest("pk").digest
    assert kept not in (hashlib.sha256(number.encode()).hexdigest(), hashlib.md5(number.encode()).hexdigest())
    with override_settings(GEZHI_FIELD_KEYS=KEYS):
        assert kept not in parties.digests(number)
