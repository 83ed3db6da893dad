"""Letters and tables: taken by content, kept as they came; disguises, macros, passwords and bombs refused."""

from __future__ import annotations

import hashlib

import pytest

from cases import documents
from cases.attachments import BadFile, Prepared, prepare
from tests.cases import samples


def take(name: str, data: bytes) -> Prepared:
    return prepare(samples.upload(name, data), picture_only=False)


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("答复函.pdf", samples.pdf(), "application/pdf"),
        ("no-ending", samples.pdf(), "application/pdf"),
        ("答复函.docx", samples.docx(), "wordprocessingml.document"),
        ("台账.XLSX", samples.xlsx(), "spreadsheetml.sheet"),
    ],
)
def test_a_document_is_kept_byte_for_byte(name: str, data: bytes, kind: str) -> None:
    found = take(name, data)
    assert found.content == data
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.content_type.endswith(kind)
    assert (found.thumbnail, found.width) == (None, None)


def test_a_photo_may_stand_where_documents_are_taken() -> None:
    assert take("a.jpg", samples.jpeg()).content_type == "image/jpeg"


def test_openpyxl_and_its_kind_are_read(tmp_path: object) -> None:
    import io

    from openpyxl import Workbook

    out = io.BytesIO()
    Workbook().save(out)
    assert take("real.xlsx", out.getvalue()).content_type.endswith("sheet")


HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.main+xml"
DOCTYPE = '<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("letter.pdf", HTML, "网页"),
        ("letter.pdf", b"%PDF-1.7\n" + HTML + samples.pdf(), "夹带"),
        ("letter.pdf", samples.pdf(after=HTML), "夹带"),
        ("letter.pdf", samples.pdf(after=b"\n" + samples.docx()), "夹带"),
        ("letter.pdf", samples.pdf_and_zip(), "夹带"),
        ("letter.pdf", samples.pdf()[:40], "不完整"),
        ("letter.pdf", b"%PDF-1.7\n%%EOF", "不完整"),
        ("letter.pdf", samples.docx(), "内容却是 DOCX"),
        ("letter.docx", samples.pdf(), "内容却是 PDF"),
        ("table.xlsx", samples.docx(), "内容却是 DOCX"),
        ("letter.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 Office"),
        ("locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "密码"),
        ("locked.docx", samples.locked(samples.docx()), "加了密码"),
        ("macro.docx", samples.docx(**{"word/vbaProject.bin": b"x"}), "宏"),
        ("macro.docx", samples.docx(**{"WORD/VBAPROJECT.BIN": b"x"}), "宏"),
        ("macro.xlsx", samples.xlsx(**{"xl/macrosheets/sheet1.xml": b"x"}), "宏"),
        ("control.docx", samples.docx(**{"word/activeX/activeX1.bin": b"x"}), "控件"),
        (
            "macro.docm",
            samples.zipped(
                {
                    "[Content_Types].xml": samples.content_types("/word/document.xml", MACRO_TYPE),
                    "word/document.xml": b"x",
                }
            ),
            "宏",
        ),
        ("pictures.zip", samples.zipped({"a.jpg": b"x"}), "压缩包"),
        (
            "a.docx",
            samples.zipped({"[Content_Types].xml": samples.content_types("/x.xml", "text/xml")}),
            "压缩包",
        ),
        (
            "no-main-part.docx",
            samples.zipped(
                {"[Content_Types].xml": samples.content_types("/word/document.xml", samples.WORD_MAIN)}
            ),
            "压缩包",
        ),
        (
            "entities.docx",
            samples.zipped(
                {
                    "[Content_Types].xml": samples.content_types(
                        "/word/document.xml", samples.WORD_MAIN, before=DOCTYPE
                    ),
                    "word/document.xml": b"x",
                }
            ),
            "内部结构",
        ),
        ("cut.docx", samples.docx()[:-30], "不完整"),
        ("broken-xml.docx", samples.zipped({"[Content_Types].xml": b"<Types"}), "内部结构"),
        ("a.rar", b"Rar!\x1a\x07\0" + b"\0" * 30, "压缩包"),
    ],
)
def test_what_is_no_plain_document_is_refused_with_what_to_do(name: str, data: bytes, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        take(name, data)


def test_a_bomb_is_refused_by_what_it_declares_without_unpacking(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = samples.docx(**{"word/media/zeros.bin": b"\0" * 30_000_000})
    assert len(bomb) < 100_000
    monkeypatch.setattr(documents, "_content_types", lambda archive: pytest.fail("it was unpacked"))
    with pytest.raises(BadFile, match="解压后太大"):
        take("a.docx", bomb)


def test_thousands_of_entries_are_refused() -> None:
    many = samples.docx(**{f"word/{number}.xml": b"x" for number in range(documents.MAX_ENTRIES)})
    with pytest.raises(BadFile, match="解压后太大"):
        take("a.docx", many)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("答复函.pdf", "答复函.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\张三\\答复.pdf", "答复.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("...", "附件.pdf"),
        (".pdf", "附件.pdf"),
        ("x" * 200 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_made_safe_and_short(name: str, kept: str) -> None:
    file = samples.upload("x.pdf", samples.pdf())
    file.__dict__["_name"] = name  # what a hostile client sends; the setter would already cut the path
    found = prepare(file, picture_only=False)
    assert found.name == kept
    assert len(found.name) <= 120
