"""What a file must hold, what a side gets a copy of, and the scans in it: they show who people are."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from cases.attachments import path_of
from cases.errors import Incomplete, WrongState
from cases.models import Attachment, Case, CaseEvent
from grids import clock
from mediation.models import Material, Party, RoutesNotice
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do, on
from tests.mediation.test_papers import material, pages_of, pdf_scan, printed, words_of

REASON = {"reason": "交当事人签收"}


def text(content: bytes) -> str:
    return "".join(pages_of(content))


def to_be_filed(town: Town, cast: Cast) -> Case:
    """Closed with an agreement and a meeting; nobody has shown who they are."""
    case = moves.running(town, cast)
    moves.held(moves.planned(case, town.low), town.low, "agreed")
    do(case, "agree", town.low, **moves.AGREED)
    promise = moves.promised(case, town.low)
    today = str(clock.today())
    do(case, "sign", town.low, signed_on=today, sealed_on=today, documents=[moves.scan()])
    promise.refresh_from_db()
    on(promise, "keep", town.low, settled_on=today)
    case.refresh_from_db()
    return do(case, "close", town.low, **moves.visit_words())


# --- what must be there


def test_each_party_has_shown_who_they_are_before_a_file_is_closed(town: Town, cast: Cast) -> None:
    case = to_be_filed(town, cast)
    first, second = moves.sides(case)
    with pytest.raises(WrongState, match="当事人身份证明"):
        do(case, "file", town.low, keep_years=10)
    material(case, town, "identity", "甲方身份证", party_of=first)  # without a scan it proves nothing
    material(case, town, "identity", "甲方身份证", party_of=first, documents=[moves.scan()])
    with pytest.raises(WrongState, match="当事人身份证明"):
        do(case, "file", town.low, keep_years=10)
    material(case, town, "identity", "乙方身份证", party_of=second, documents=[moves.scan()])
    do(case, "file", town.low, keep_years=10)
    with pytest.raises(WrongState, match="已经立卷归档"):  # a closed file stays as it is
        material(case, town, "evidence", "补充", sides=["1", "2"])


def test_a_meeting_may_be_written_down_after_the_agreement(town: Town, cast: Cast) -> None:
    case = moves.agreed(town, cast)
    moves.promised(case, town.low)
    today = str(clock.today())
    do(case, "sign", town.low, signed_on=today, sealed_on=today, documents=[moves.scan()])
    held = moves.planned(case, town.low, starts_at=clock.now().isoformat())
    with pytest.raises(WrongState):  # an open meeting holds the end up
        do(case, "close", town.low, **moves.visit_words())
    moves.held(held, town.low, "agreed")
    assert held.state == "held"


def test_nobody_agrees_over_a_meeting_that_is_still_open(town: Town, cast: Cast) -> None:
    case = moves.running(town, cast)
    session = moves.planned(case, town.low)
    with pytest.raises(WrongState, match="没有记录或取消"):
        do(case, "agree", town.low, **moves.AGREED)
    on(session, "cancel", town.low, reason="当场谈成")
    do(case, "agree", town.low, **moves.AGREED)
    assert case.state == "agreed"


def test_what_was_signed_at_an_end_without_agreement_comes_into_the_file(
    town: Town, cast: Cast, browser_of: Any
) -> None:
    case = moves.accepted(town, cast)
    do(case, "refuse", town.low, party=moves.sides(case)[0], note="不愿调解", **moves.NOTICE)
    material(case, town, "signed", "终止告知书签收", documents=[pdf_scan(1)])
    do(case, "file", town.low, keep_years=10)
    whole = pages_of(printed(browser_of(town.low), case, "file.pdf", **REASON))
    assert any("终止调解告知书" in page and "不愿调解" in page for page in whole)
    assert any("签字文书扫描件" in page for page in whole)


def test_a_refusal_to_take_it_on_says_why(town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.registered(town, cast)
    do(case, "turn_away", town.low, reason="法院已经受理", **moves.NOTICE)
    assert RoutesNotice.objects.get(case=case).reason == "法院已经受理"
    said = text(printed(browser_of(town.low), case, "routes-0.pdf", **REASON))
    assert "不予受理告知书" in said and "法院已经受理" in said and "向人民法院起诉" in said
    assert "终止" not in said


@pytest.mark.parametrize(
    ("action", "kind"), [("represent", "authorisation"), ("visit", "note"), ("pass_up", "note")]
)
def test_scans_that_come_with_a_move_are_papers_of_the_file(
    action: str, kind: str, town: Town, cast: Cast
) -> None:
    case = moves.performing(town, cast) if action == "visit" else moves.accepted(town, cast)
    scan = {"documents": [moves.scan()]}
    if action == "represent":
        party = Party.objects.select_related("case").filter(case=case, side=2).get()
        on(party, "represent", town.low, rep_name="公冶丁", authority="special", **scan)
    elif action == "visit":
        do(case, "visit", town.low, **moves.visit_words(), **scan)
    else:
        do(case, "pass_up", town.low, way="early", reason="跨社区", **scan)
    row = Material.objects.filter(case=case).latest("pk")
    assert row.kind == kind
    assert Attachment.objects.filter(case=case, event__seq=row.seq).count() == 1
    assert action != "represent" or row.party_id is not None


# --- scans ask for a reason


@pytest.fixture
def identified(town: Town, cast: Cast) -> Case:
    case = moves.accepted(town, cast)
    material(case, town, "identity", "身份证", documents=[moves.scan()])
    material(case, town, "evidence", "收据", sides=["1"], documents=[pdf_scan(2)])
    return case


def test_a_scan_opens_after_a_reason_for_half_an_hour(
    identified: Case, town: Town, cast: Cast, clock: Clock, browser_of: Any
) -> None:
    client: Client = browser_of(town.low)
    photo = Attachment.objects.filter(content_type="image/jpeg").get()
    url = f"/attachments/{photo.key}/"
    page = client.get(identified.get_absolute_url()).content.decode()
    assert url in page and "/thumb" not in page  # by its name, not drawn
    answer = client.get(url)
    assert answer.status_code == 302 and answer["Location"] == f"{identified.get_absolute_url()}#reveal"
    assert client.get(f"{url}thumb/").status_code == 403
    shown = client.post(f"{identified.get_absolute_url()}reveal/", REASON).content.decode()
    assert url in shown
    assert client.get(url).status_code == 200
    assert (
        CaseEvent.objects.filter(case=identified, verb="personal.revealed", actor=town.low.user).count() == 1
    )
    assert browser_of(town.low_b).get(url).status_code == 302  # each says why for themselves
    clock.forward(minutes=31)
    assert client.get(url).status_code == 302


@pytest.mark.parametrize("who", ["village", "centre", "committee", "worker", "officer"])
def test_nobody_else_opens_a_scan(who: str, identified: Case, cast: Cast, browser_of: Any) -> None:
    client: Client = browser_of(getattr(cast, who))
    for paper in Attachment.objects.all():
        assert client.get(f"/attachments/{paper.key}/").status_code == 404


@pytest.mark.parametrize("who", ["low", "village"])
def test_papers_come_into_a_dispute_by_its_own_move_alone(
    who: str, identified: Case, town: Town, cast: Cast, api_of: Any
) -> None:
    """What is added to any case is told to all who see it."""
    post = town.low if who == "low" else cast.village
    url = f"/api/v1/mediations/{identified.number}/attachments/"
    answer = api_of(post).post(url, {"file": pdf_scan(1)}, format="multipart")
    assert answer.status_code == 403, answer.content
    assert Attachment.objects.count() == 2


def test_over_the_api_a_scan_asks_for_a_reason_too(identified: Case, town: Town, api_of: Any) -> None:
    client = api_of(town.low)
    paper = Attachment.objects.first()
    assert paper is not None
    url = f"/api/v1/mediations/{identified.number}/attachments/{paper.key}/"
    refused = client.get(url)
    assert refused.status_code == 403 and refused.json()["code"] == "reason_first"
    client.post(f"/api/v1/mediations/{identified.number}/reveal/", REASON, format="json")
    assert client.get(url).status_code == 200


def test_masked_papers_hold_no_scans(identified: Case, town: Town, browser_of: Any) -> None:
    client: Client = browser_of(town.low)
    masked = printed(client, identified, "file.pdf")
    full = printed(client, identified, "file.pdf", **REASON)
    assert "遮住个人信息时不附" in text(masked) and "遮住个人信息时不附" not in text(full)
    assert len(pages_of(full)) == len(pages_of(masked)) + 2  # the two pages of the receipt
    drawn = [sum(len(page.images) for page in PdfReader(io.BytesIO(one)).pages) for one in (masked, full)]
    assert drawn == [0, 1]
    identity = Material.objects.get(kind="identity")
    word = printed(client, identified, f"identity-{identity.pk}.docx")
    whole = printed(client, identified, f"identity-{identity.pk}.docx", **REASON)
    assert b"word/media/" not in word and b"word/media/" in whole


# --- a copy for one side


def test_a_side_gets_the_meetings_it_came_to(town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.running(town, cast)
    first, _second = moves.sides(case)
    apart = moves.planned(case, town.low, parties=[first])
    moves.held(apart, town.low, record="甲方单独说愿意让步")
    case.refresh_from_db()
    both = moves.planned(case, town.low)
    moves.held(both, town.low, record="各方到场核对")
    client: Client = browser_of(town.low)
    one, two = (text(printed(client, case, "file.pdf", side=str(side), **REASON)) for side in (1, 2))
    assert "甲方单独说愿意让步" in one and "各方到场核对" in one
    assert "甲方单独说愿意让步" not in two and "各方到场核对" in two


def test_the_scan_of_a_talk_apart_is_for_the_side_that_came(town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.running(town, cast)
    apart = moves.planned(case, town.low, parties=moves.sides(case)[:1])
    moves.held(apart, town.low, documents=[pdf_scan(1)])
    case.refresh_from_db()
    offices = do(case, "consult", town.low, matter="怎样化解", starts_at=clock.now().isoformat(), minutes=60,
                 where="会商室", members=["司法所 所长"])  # fmt: skip
    consultation = offices.sessions.select_related("case").get(kind="consultation")
    moves.held(consultation, town.low, "advice", documents=[pdf_scan(1)])
    assert [(row.kind, row.sides) for row in Material.objects.order_by("pk")] == [
        ("signed", [1]),
        ("note", []),
    ]
    client: Client = browser_of(town.low)
    one, two = (text(printed(client, case, "file.pdf", side=str(side), **REASON)) for side in (1, 2))
    assert "签字文书扫描件" in one and "签字文书扫描件" not in two
    assert "会商记录" not in one + two and "会商记录" in text(printed(client, case, "file.pdf", **REASON))


def test_evidence_and_enquiries_say_whom_they_concern(town: Town, cast: Cast) -> None:
    case = moves.accepted(town, cast)
    for kind in ("evidence", "enquiry"):
        with pytest.raises(Incomplete) as refused:
            material(case, town, kind, "谁的")
        assert list(refused.value.errors) == ["sides"]
        material(case, town, kind, "甲方的", party_of=moves.sides(case)[0])
        assert Material.objects.latest("pk").sides == [1]  # the party that brought it, and nobody else


def test_a_copy_for_one_side_tells_the_other_only_by_name(town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.agreed(town, cast)
    client: Client = browser_of(town.low)
    copy = text(printed(client, case, "application-0.pdf", side="1", **REASON))
    assert moves.identity(1) in copy and moves.identity(2) not in copy and "司徒乙" in copy
    assert "东路1号" in copy and "东路2号" not in copy
    # What both sign says whole who both are; the office's own register is not given away.
    assert moves.identity(2) in text(printed(client, case, "agreement-0.pdf", side="1", **REASON))
    register = client.post(
        f"{case.get_absolute_url()}papers/make/", {"paper": "register-0.pdf", "side": "1", **REASON}
    )
    assert register.status_code == 404
    assert moves.identity(2) in text(printed(client, case, "register-0.pdf", **REASON))


# --- every paper says what it must, in both forms


def docx(content: bytes) -> str:
    return "".join(words_of(content).split())


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_records_say_what_was_said(kind: str, town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.running(town, cast)
    session = moves.held(moves.planned(case, town.low), town.low, record="各方陈述了经过", outcome="continue")
    material(case, town, "enquiry", "现场调查", words="院墙长六米", where="东路现场", sides=["1", "2"])
    do(case, "agree", town.low, **(moves.AGREED | {"form": "oral"}))
    moves.promised(case, town.low)
    do(case, "record_oral", town.low, signed_on=str(clock.today()))
    do(case, "visit", town.low, **(moves.visit_words() | {"words": "两户和好"}))
    client: Client = browser_of(town.low)
    visited, enquiry = case.visits.get(), Material.objects.get(kind="enquiry")
    said = {
        f"record-{session.pk}": ["调解记录", "各方陈述了经过", "调解室", "另行安排再调", "甲方欧**"],
        f"enquiry-{enquiry.pk}": ["调查记录", "院墙长六米", "东路现场", "社区调解员甲"],
        f"visit-{visited.pk}": ["回访记录", "两户和好", "满意", "电话"],
        "oral-0": ["口头协议登记表", "拆除院墙", "1,200.50", "达成日期"],
    }
    read = text if kind == "pdf" else docx
    for key, words in said.items():
        found = read(printed(client, case, f"{key}.{kind}"))
        for one in words:
            assert one in found, (key, one)


def test_a_file_that_is_gone_is_named(town: Town, cast: Cast, browser_of: Any) -> None:
    case = moves.accepted(town, cast)
    material(case, town, "evidence", "合同", sides=["1", "2"], documents=[pdf_scan(1)])
    path_of(Attachment.objects.get().key).unlink()
    assert "文件不在了" in text(printed(browser_of(town.low), case, "file.pdf", **REASON))
    row = Material.objects.get()
    assert "合同" in docx(printed(browser_of(town.low), case, f"evidence-{row.pk}.docx", **REASON))
