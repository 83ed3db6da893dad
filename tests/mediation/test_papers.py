"""The papers of a dispute: what they say, masked or in full, per side, as PDF and Word, by which template."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from pypdf import PdfReader, PdfWriter

from accounts.models import Post
from cases.models import Case, CaseEvent
from grids import clock
from mediation.models import Confirmation, PaperTemplate, Promise
from mediation.papers import shelf, word
from mediation.papers.sample import SAMPLE
from mediation.papers.template import WrongTemplate, filled
from tests.cast import Cast
from tests.conftest import Clock
from tests.mediation import moves
from tests.mediation.conftest import Town
from tests.mediation.moves import do

NAMES = ("欧阳甲", "司徒乙")


def pages_of(content: bytes) -> list[str]:
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def words_of(content: bytes) -> str:
    """All words of a Word document: paragraphs, then cells."""
    document = Document(io.BytesIO(content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def pdf_scan(pages: int = 2) -> SimpleUploadedFile:
    writer = PdfWriter()
    for _n in range(pages):
        writer.add_blank_page(300, 400)
    out = io.BytesIO()
    writer.write(out)
    return SimpleUploadedFile("scan.pdf", out.getvalue(), content_type="application/pdf")


def whole(town: Town, cast: Cast, *, form: str = "written") -> Case:
    """A dispute with everything in its file, closed and filed."""
    case = moves.running(town, cast)
    meeting = moves.planned(case, town.low, guests="诸葛丁 邻居\n诸葛戊 亲属")
    first = moves.held(meeting, town.low, record="甲方说院墙是祖上的\r\n乙方说挡了路")
    assert first.state == "held"
    today = str(clock.today())
    material(case, town, "identity", "身份证复印件", documents=[moves.scan()])
    material(case, town, "evidence", "宅基地证", sides=["1"], documents=[pdf_scan()])
    material(case, town, "enquiry", "现场调查", words="院墙长六米", where="东路现场", sides=["1", "2"])
    do(case, "agree", town.low, **(moves.AGREED | {"form": form}))
    moves.promised(case, town.low)
    if form == "written":
        do(case, "sign", town.low, signed_on=today, sealed_on=today, documents=[moves.scan()])
        do(case, "apply_confirmation", town.low, applied_on=today, court="丰城市人民法院", jointly="on")
        asked = Confirmation.objects.select_related("agreement__attempt__docket__case").get()
        moves.on(asked, "court_confirms", town.low, court_on=today, ruling="（2026）赣0981民特1号")
    else:
        do(case, "record_oral", town.low, signed_on=today)
    promise = Promise.objects.select_related("agreement__attempt__docket__case").get()
    moves.on(promise, "keep", town.low, settled_on=today)
    case.refresh_from_db()
    do(case, "close", town.low, **(moves.visit_words() | {"words": "两户和好"}))
    return do(case, "file", town.low, keep_years="30")


def material(case: Case, town: Town, kind: str, title: str, **more: Any) -> None:
    do(case, "add_material", town.low, material=kind, title=title, on=str(clock.today()), **more)


def printed(client: Client, case: Case, paper: str, **data: str) -> bytes:
    answer = client.post(f"{case.get_absolute_url()}papers/make/", {"paper": paper, **data})
    assert answer.status_code == 200, answer.content.decode()
    return bytes(answer.content)


@pytest.fixture
def client_low(town: Town, browser_of: Any) -> Client:
    client: Client = browser_of(town.low)
    return client


# What each paper must say, beside the number of the file.
SAID = {
    "application-0": ["人民调解申请书", "多次争吵", "要求拆除院墙", "自愿"],
    "register-0": ["受理登记表", "邻里纠纷", "群众来访", "多次争吵"],
    "rights-0": ["权利义务告知书", "不收取任何费用", "要求更换", "第二十三条"],
    "agreement-0": ["调解协议书", "占用通道发生争执", "拆除院墙", "1,200.50", "银行转账", "印章之日起生效"],
    "confirmation-0": ["司法确认申请书", "三十日内", "没有恶意串通", "此致丰城市人民法院"],
    "closing-0": ["结案报告", "协议已履行", "调解1次", "支付材料费"],
}


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_every_paper_says_what_the_law_asks_for(
    kind: str, town: Town, cast: Cast, client_low: Client
) -> None:
    case = whole(town, cast)
    listed = client_low.get(f"{case.get_absolute_url()}papers/").content.decode()
    for key, said in SAID.items():
        assert f'value="{key}.{kind}"' in listed
        content = printed(client_low, case, f"{key}.{kind}")
        text = "".join(pages_of(content)) if kind == "pdf" else "".join(words_of(content).split())
        for words in [*said, "欧**"] if key != "closing-0" else said:
            assert words in text, (key, words)
        assert "\r" not in text
        if key not in ("application-0",):
            assert "(2026)东路人调字第1号" in text, key
        for name in NAMES:
            assert name not in text


def test_the_file_holds_all_papers_in_order_with_their_pages(
    town: Town, cast: Cast, client_low: Client
) -> None:
    case = whole(town, cast)
    pages = pages_of(printed(client_low, case, "file.pdf", reason="立卷归档"))
    order = [
        "人民调解卷宗", "卷内目录", "人民调解申请书", "人民调解受理登记表", "当事人权利义务告知书", "当事人身份证明", "调查记录", "证据材料",
        "调解记录", "人民调解协议书", "签字文书扫描件", "回访记录", "司法确认申请书", "结案报告", "卷宗封底",
    ]  # fmt: skip
    at = [next(n for n, page in enumerate(pages) if title in page and n >= start) for start, title in
          ((0 if n == 0 else 1 if n == 1 else 2, title) for n, title in enumerate(order))]  # fmt: skip
    assert at == sorted(at), list(zip(order, at, strict=True))
    contents = pages[1]
    for title, page in list(zip(order, at, strict=True))[2:-1]:
        number = page - 1  # cover and contents are not counted
        assert f"第{number}页" in pages[page], title
        assert title in contents
    rows = [f"{n + 1}" for n in range(12)]
    assert all(row in contents for row in rows)
    # The two pages of the attached PDF are in the file, after the sheet that says what they are.
    sheet = at[order.index("证据材料")]
    assert at[order.index("调解记录")] == sheet + 3
    assert f"本卷共有{len(pages) - 3}页" in pages[-1]


def test_cover_contents_and_back_cover_are_papers_too(town: Town, cast: Cast, client_low: Client) -> None:
    case = whole(town, cast)
    pages = pages_of(printed(client_low, case, "file.pdf"))
    for kind in ("pdf", "docx"):
        said = {}
        for code in ("cover", "contents", "back"):
            content = printed(client_low, case, f"{code}-0.{kind}")
            said[code] = "".join(pages_of(content)) if kind == "pdf" else "".join(words_of(content).split())
        assert "人民调解卷宗" in said["cover"] and "30年" in said["cover"] and "社区调解员甲" in said["cover"]
        assert f"{len(pages) - 3}页" in said["back"]
        record = next(n for n, page in enumerate(pages) if page.startswith("第") and "调解记录" in page[:12])
        assert f"）{record - 1}" in said["contents"] if kind == "pdf" else str(record - 1) in said["contents"]
    marks = PdfReader(io.BytesIO(printed(client_low, case, "file.pdf"))).outline
    assert [str(mark["/Title"]) for mark in marks][:3] == ["卷宗封面", "卷内目录", "人民调解申请书"]  # type: ignore[call-overload]


def test_names_are_written_in_full_for_a_reason_that_is_recorded(
    town: Town, cast: Cast, client_low: Client
) -> None:
    case = whole(town, cast)
    text = "".join(pages_of(printed(client_low, case, "agreement-0.pdf", reason="请各方签字")))
    assert all(name in text for name in NAMES) and moves.identity(1) in text and "东路1号" in text
    shown = CaseEvent.objects.get(case=case, verb="personal.revealed")
    assert shown.words.text == "请各方签字" and shown.actor == town.low.user
    made = CaseEvent.objects.get(case=case, verb="mediation.paper_made")
    assert made.data["full"] is True and made.cause == shown.cause and made.inner
    printed(client_low, case, "agreement-0.docx")
    assert CaseEvent.objects.filter(case=case, verb="mediation.paper_made").count() == 2
    assert CaseEvent.objects.filter(case=case, verb="personal.revealed").count() == 1
    assert "制作文书" in client_low.get(case.get_absolute_url()).content.decode()


def test_a_side_gets_no_paper_that_concerns_another(town: Town, cast: Cast, client_low: Client) -> None:
    case = whole(town, cast)
    one = "".join(pages_of(printed(client_low, case, "file.pdf", side="1")))
    two = "".join(pages_of(printed(client_low, case, "file.pdf", side="2")))
    assert "宅基地证" in one and "宅基地证" not in two
    assert "现场调查" in one and "现场调查" in two
    # Whose proof of identity it is was not said: it is nobody's copy.
    assert "身份证复印件" not in one + two
    other = client_low.post(
        f"{case.get_absolute_url()}papers/make/",
        {"paper": next(p.key for p in _papers(case) if p.code == "evidence") + ".pdf", "side": "2"},
    )
    assert other.status_code == 404


def _papers(case: Case) -> list[shelf.Paper]:
    from mediation.papers.facts import PaperFacts

    return shelf.Shelf(PaperFacts(case)).papers()


def test_an_application_to_the_court_is_a_form_until_it_is_made(
    town: Town, cast: Cast, clock: Clock, client_low: Client
) -> None:
    case = moves.performing(town, cast)
    assert (
        'value="confirmation-0.pdf"' in client_low.get(f"{case.get_absolute_url()}papers/").content.decode()
    )
    assert "司法确认申请书" in "".join(pages_of(printed(client_low, case, "confirmation-0.pdf")))
    assert "司法确认申请书" not in "".join(pages_of(printed(client_low, case, "file.pdf")))
    clock.forward(days=31)  # too late for the court
    assert "confirmation-0" not in client_low.get(f"{case.get_absolute_url()}papers/").content.decode()


def test_an_oral_agreement_has_its_register(town: Town, cast: Cast, client_low: Client) -> None:
    case = whole(town, cast, form="oral")
    text = "".join(pages_of(printed(client_low, case, "oral-0.pdf")))
    assert "口头协议登记表" in text and "拆除院墙" in text
    assert (
        'value="agreement-0.pdf"' not in client_low.get(f"{case.get_absolute_url()}papers/").content.decode()
    )


def test_an_end_without_agreement_has_its_notice(town: Town, cast: Cast, client_low: Client) -> None:
    case = moves.running(town, cast)
    do(case, "refuse", town.low, party=moves.sides(case)[1], **moves.NOTICE)
    text = "".join(pages_of(printed(client_low, case, "routes-0.pdf")))
    assert (
        "终止调解告知书" in text and "向人民法院起诉" in text and "申请仲裁" in text and "第二十六条" in text
    )
    assert "终止调解告知书" in "".join(pages_of(printed(client_low, case, "file.pdf")))


@pytest.mark.parametrize(
    "who", ["low_b", "mid", "village", "township", "centre", "committee", "worker", "other"]
)
def test_only_the_committee_that_has_it_makes_papers(
    who: str, town: Town, cast: Cast, browser_of: Any
) -> None:
    from tests.mediation.test_pages import person_of

    case = whole(town, cast)
    client: Client = browser_of(person_of(who, town, cast))
    seen = client.get(case.get_absolute_url()).status_code
    wanted = 200 if who == "low_b" else 403 if seen == 200 else 404
    url = f"{case.get_absolute_url()}papers/"
    assert client.get(url).status_code == wanted
    assert client.post(f"{url}make/", {"paper": "file.pdf", "reason": "看看"}).status_code == wanted
    assert CaseEvent.objects.filter(case=case, verb="personal.revealed").exists() == (wanted == 200)


@pytest.mark.parametrize(
    "paper", ["", "file.docx", "agreement-0.exe", "agreement-7.pdf", "nothing.pdf", "../x.pdf"]
)
def test_papers_that_there_are_not_are_refused(
    paper: str, town: Town, cast: Cast, client_low: Client
) -> None:
    case = moves.registered(town, cast)
    answer = client_low.post(f"{case.get_absolute_url()}papers/make/", {"paper": paper})
    assert answer.status_code in (404, 422)


# --- templates


@pytest.mark.parametrize("code", sorted(shelf.codes()))
def test_every_template_that_we_ship_can_be_filled_in_both_ways(code: str) -> None:
    assert filled(shelf.stock(code), SAMPLE)
    assert words_of(word.filled(word.template_of(shelf.stock(code)), SAMPLE)).strip()


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 999999999 }}", "{{ number.__class__ }}", "{{ number.ljust(10) }}", "{{ nobody }}", "{% for %}",
        "{{ range(9) }}", "{% include 'x' %}", "{{ parties.0.secret }}", "{{ number ~ (1 + 1) }}", "{{ '%9d' % 1 }}",
        "{{ brief|join(brief) }}", "{% set a = brief ~ brief %}", "{% macro m() %}{{ brief }}{% endmacro %}", "{% for letter in brief %}a{% endfor %}",
        "{% for a in parties %}{% for b in parties %}{% for c in parties %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% if number < 1 %}a{% endif %}", "{{ 1|length }}", "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "{% if number %}" * 150 + "{% endif %}" * 150,
    ],
)  # fmt: skip
def test_a_template_can_only_name_facts(source: str) -> None:
    with pytest.raises(WrongTemplate):
        filled(source, SAMPLE)
    with pytest.raises(WrongTemplate):
        word.filled(word.template_of(f"# x\n{source}"), SAMPLE)


def test_a_paper_that_grows_without_end_is_given_up() -> None:
    long = {**SAMPLE, "brief": "字" * 4000, "parties": SAMPLE["parties"] * 6}
    once = "{% for a in parties %}{% for b in parties %}{{ brief }}{% endfor %}{% endfor %}"
    for fill in (filled, lambda source, facts: word.filled(word.template_of(f"# x\n{source}"), facts)):
        assert fill("{{ brief }}", long)
        with pytest.raises(WrongTemplate, match="太长"):
            fill(once * 8, long)


def test_a_word_template_fetches_nothing(cast: Cast, browser_of: Any) -> None:
    """What is opened with names in it must not call anywhere."""
    client: Client = browser_of(cast.centre)
    right = word.template_of("# {{ number }}")
    linked = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(right)) as source, zipfile.ZipFile(linked, "w") as made:
        for name in source.namelist():
            content = source.read(name)
            if name == "word/_rels/document.xml.rels":
                link = b'<Relationship Id="rId99" Type="http://x/image" Target="http://x/{{id}}" TargetMode="External"/>'
                content = content.replace(b"</Relationships>", link + b"</Relationships>")
            made.writestr(name, content)
    answer = upload(client, "rights.docx", linked.getvalue())
    assert answer.status_code == 422 and "外部链接" in answer.content.decode()
    assert upload(client, "rights.docx", right).status_code == 302


def test_signs_that_templates_give_a_meaning_do_no_harm(town: Town, cast: Cast, client_low: Client) -> None:
    case = moves.accepted(town, cast, brief="\ue100甲乙两户\ue101相邻\ue000")
    assert "甲乙两户相邻" in "".join(pages_of(printed(client_low, case, "register-0.pdf")))
    assert printed(client_low, case, "file.pdf")


def test_what_people_typed_stays_words() -> None:
    typed = "# 标题 | 表格\n> 右\n{{ number }} <b>&amp;"
    [block] = filled("{{ brief }}", {**SAMPLE, "brief": typed})
    assert (block.kind, block.words) == ("paragraph", [typed])
    [table] = filled("| 一 | {{ brief }} |", {**SAMPLE, "brief": typed})
    assert table.words == [["一", typed]]
    assert "{{ number }} <b>&amp;" in words_of(
        word.filled(word.template_of("{{ brief }}"), {**SAMPLE, "brief": typed})
    )


def upload(client: Client, name: str, content: bytes, note: str = "改了抬头") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/mediations/templates/rights/", {"content": file, "note": note})


def test_an_office_edits_a_template_and_every_version_is_kept(
    town: Town, cast: Cast, browser_of: Any, client_low: Client
) -> None:
    centre: Client = browser_of(cast.centre)
    case = moves.accepted(town, cast)
    text = centre.get("/mediations/templates/rights/txt/").content.decode()
    assert upload(centre, "rights.txt", text.replace("告知书", "告知单").encode()).status_code == 302
    assert "权利义务告知单" in "".join(pages_of(printed(client_low, case, "rights-0.pdf")))
    assert "权利义务告知单" in words_of(printed(client_low, case, "rights-0.docx"))  # Word follows the text
    docx = centre.get("/mediations/templates/rights/docx/").content
    document = Document(io.BytesIO(docx))
    document.add_paragraph("本地电话 {{ telephone }} {{ committee }}")
    out = io.BytesIO()
    document.save(out)
    assert upload(centre, "rights.docx", out.getvalue()).status_code == 302
    assert "本地电话" in words_of(printed(client_low, case, "rights-0.docx"))
    assert "本地电话" not in "".join(pages_of(printed(client_low, case, "rights-0.pdf")))
    used = CaseEvent.objects.filter(case=case, verb="mediation.paper_made").order_by("seq")
    assert [row.data["templates"]["rights"] for row in used] == ["txt 1", "txt 1", "docx 1", "txt 1"]
    assert centre.post("/mediations/templates/rights/", {"stock": "txt"}).status_code == 302
    assert "权利义务告知书" in "".join(pages_of(printed(client_low, case, "rights-0.pdf")))
    assert PaperTemplate.objects.count() == 3
    old = centre.get("/mediations/templates/rights/txt/?version=1").content.decode()
    assert "告知单" in old
    page = centre.get("/mediations/templates/rights/").content.decode()
    assert "改了抬头" in page and "恢复原始模板" in page


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.txt", b"{{ nobody }}", "模板填不出来"),
        ("x.txt", b"\xff\xfe\x00", "UTF-8"),
        ("x.txt", b" ", "文件是空的"),
        ("x.pdf", b"%PDF-1.4", "请上传 TXT"),
        ("x.docx", b"PK\x03\x04nothing", "打不开"),
        ("x.txt", b"a" * 200_000, "文件太大"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(
    name: str, content: bytes, said: str, cast: Cast, browser_of: Any
) -> None:
    answer = upload(browser_of(cast.centre), name, content)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not PaperTemplate.objects.exists()


@pytest.mark.parametrize(
    ("who", "seen", "changed"),
    [
        ("centre", 200, 302),
        ("mediator", 200, 403),
        ("township", 403, 403),
        ("worker", 403, 403),
        ("officer", 403, 403),
    ],
)
def test_templates_are_changed_by_the_centre_alone(
    who: str, seen: int, changed: int, cast: Cast, browser_of: Any
) -> None:
    post: Post = getattr(cast, who)
    client: Client = browser_of(post)
    assert client.get("/mediations/templates/").status_code == seen
    assert client.get("/mediations/templates/rights/").status_code == seen
    assert client.get("/mediations/templates/rights/txt/").status_code == seen
    assert upload(client, "rights.txt", "# 书".encode()).status_code == changed
    assert client.get("/mediations/templates/nothing/").status_code in (404, 403)
