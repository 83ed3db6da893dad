"""Papers as Word documents: the template as a .docx that an office edits in Word, filled in by docxtpl."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docxtpl import DocxTemplate
from jinja2 import TemplateError

from mediation.papers.template import FAULTS, Plain, WrongTemplate, cells, marked

FACE: Final = "宋体"
LABEL, LINE = Mm(38), Mm(160)
ALIGNED: Final = {"title": WD_ALIGN_PARAGRAPH.CENTER, "right": WD_ALIGN_PARAGRAPH.RIGHT}
SIZES: Final = {"title": Pt(18), "heading": Pt(13)}
OPENING: Final = ("for", "if")
MOST_UNPACKED: Final = 10_000_000  # bytes
# What Word would fetch from elsewhere when the paper is opened: it holds names and numbers.
FETCHES: Final = re.compile(
    rb"""TargetMode\s*=\s*["']External|\b(INCLUDEPICTURE|INCLUDETEXT|DDE|DDEAUTO|IMPORT|DATABASE)\b"""
)


def template_of(source: str) -> bytes:
    """A .docx template with the names and loops of a text template, to be edited in Word."""
    document = Document()
    _dress(document)
    lines = [line.strip() for line in source.splitlines() if line.strip()]
    table: Any = None
    for n, line in enumerate(lines):
        rowed = _in_table(lines, n)
        if not rowed:
            table = None
            _paragraph(document, _tagged(line, "p"))
            continue
        here = cells(line) if line.startswith("|") else [_tagged(line, "tr")]
        if (
            table is None
            or line.startswith("|=")
            or (line.startswith("|") and len(here) != len(table.columns))
        ):
            if table is not None:
                document.add_paragraph()  # Word joins tables that touch
            table = _table(document, _columns(lines[n:]))
        _row(table, here, bold=line.startswith("|="))
    return _bytes(document)


def _dress(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin, section.right_margin = Mm(28), Mm(22)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FACE, Pt(12)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FACE)


def _control(line: str) -> str:
    """The first word of a line that is nothing but a tag: for, endfor, if ...; empty for other lines."""
    alone = line.startswith("{%") and line.endswith("%}") and line.count("{%") == 1
    return line[2:-2].strip().split(" ", 1)[0] if alone else ""


def _in_table(lines: list[str], n: int) -> bool:
    """Whether a line is part of a table: a row, or a tag that opens before a row or closes after one."""
    word = _control(lines[n])
    if not word:
        return lines[n].startswith("|")
    near = lines[n + 1 :] if word in OPENING else reversed(lines[:n])
    return next((line for line in near if not _control(line)), "").startswith("|")


def _tagged(line: str, where: str) -> str:
    """A tag that takes its whole paragraph or row away with it."""
    return line.replace("{%", f"{{%{where} ", 1) if _control(line) else line


def _columns(lines: Iterable[str]) -> int:
    return next(len(cells(line)) for line in lines if line.startswith("|"))


def _table(document: Any, columns: int) -> Any:
    table = document.add_table(rows=0, cols=columns)
    table.style, table.alignment = "Table Grid", WD_TABLE_ALIGNMENT.CENTER
    if columns == 2:
        table.autofit = False
        table.columns[0].width, table.columns[1].width = LABEL, LINE - LABEL
    return table


def _row(table: Any, words: list[str], *, bold: bool) -> None:
    row = table.add_row()
    for n, (cell, text) in enumerate(zip(row.cells, words, strict=False)):
        if len(row.cells) == 2:
            cell.width = LABEL if n == 0 else LINE - LABEL
        run = cell.paragraphs[0].add_run(text)
        run.bold = bold or (n == 0 and len(words) == 2)


def _paragraph(document: Any, line: str) -> None:
    kind, words = marked(line)
    if kind == "signatures":
        document.add_paragraph()
        for one in words.split("|"):
            document.add_paragraph(f"{one.strip()}：").paragraph_format.space_after = Pt(30)
        return
    paragraph = document.add_paragraph()
    run = paragraph.add_run(words)
    run.bold = kind in SIZES
    if kind in SIZES:
        run.font.size = SIZES[kind]
    if kind in ALIGNED:
        paragraph.alignment = ALIGNED[kind]
    elif kind == "paragraph" and not _control(line):
        paragraph.paragraph_format.first_line_indent = Pt(24)


def check(template: bytes) -> None:
    """Raises WrongTemplate for a Word file that fetches something when it is opened, or that unpacks too large."""
    with zipfile.ZipFile(io.BytesIO(template)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
            raise WrongTemplate(_("文件解压后太大，请去掉图片后再上传。"))
        parts = [archive.read(name) for name in archive.namelist() if name.endswith((".xml", ".rels"))]
    if any(FETCHES.search(part) for part in parts):
        raise WrongTemplate(_("模板里有外部链接或者自动取内容的域，请删去后再上传。"))


def filled(template: bytes, facts: Mapping[str, Any], pictures: Iterable[bytes] = ()) -> bytes:
    """The Word document that a .docx template makes of the facts, with pictures (JPEG or PNG) at its end.

    Raises WrongTemplate.
    """
    try:
        document = DocxTemplate(io.BytesIO(template))
        document.render(dict(facts), jinja_env=Plain(), autoescape=True)
    except TemplateError as error:
        raise WrongTemplate(str(error.message or error)) from error
    except FAULTS as error:
        raise WrongTemplate(str(error)) from error
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise WrongTemplate(_("这个 Word 文件打不开，请另存为 DOCX 再上传。")) from error
    for picture in pictures:
        document.docx.add_picture(io.BytesIO(picture), width=Mm(150))
    return _bytes(document)


def _bytes(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
