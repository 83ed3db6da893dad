"""Papers as PDF: one of them, or the whole file in order with contents and page numbers."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from cases.attachments import path_of
from cases.filetypes import PDF
from cases.models import Attachment
from cases.pictures import for_print
from cases.typesetting import TypesettingFailed, typeset
from mediation.papers import shelf
from mediation.papers.facts import moment
from mediation.papers.shelf import Paper, Shelf
from mediation.papers.template import Block, filled

TEMPLATE: Final = Path(__file__).parents[1] / "typst" / "papers.typ"
MOST_SHEETS: Final = 200  # pages of one attached PDF
FIRST: Final = ("cover", "contents")
LAST: Final = "back"
# What the template of papers replaces by a page's number: the first page of part n, and the last of the file.
PAGE_MARK, TOTAL_MARK = "\ue100", "\ue101"


@dataclass(slots=True)
class Part:
    """One paper within a PDF: its words, then the pictures and pages that came with it."""

    blocks: list[Block]
    numbered: bool = True
    cover: bool = False
    pictures: list[dict[str, str]] = field(default_factory=list)
    sheets: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Binder:
    """Puts papers of one dispute into a PDF. `at`: when it is printed. `versions`: of the templates used."""

    def __init__(self, papers: Shelf, at: datetime) -> None:
        self.shelf, self.at = papers, at
        self.contents: dict[str, bytes] = {}
        self.versions: dict[str, str] = {}

    def one(self, paper: Paper) -> bytes:
        """One paper. Raises WrongTemplate, TypesettingFailed."""
        return self._set(paper.name, [self._part(paper)])

    def whole(self) -> bytes:
        """The whole file: cover, contents, every paper in order, back cover. Raises the same."""
        papers = self.shelf.papers()
        first = len(FIRST)
        listed = [
            {"name": paper.name, "page": f"{PAGE_MARK}{n + first}", "note": ""}
            for n, paper in enumerate(papers)
        ]
        more = {"contents": listed, "pages": TOTAL_MARK}
        parts = [self._fill(code, more, numbered=False) for code in FIRST]
        parts[0].cover = True
        parts += [self._part(paper) for paper in papers]
        parts.append(self._fill(LAST, more, numbered=False))
        return self._set(_("人民调解卷宗"), parts)

    # --- parts

    def _fill(self, code: str, more: Mapping[str, Any], *, numbered: bool) -> Part:
        source, self.versions[code] = shelf.text_template(code)
        return Part(filled(source, {**self.shelf.facts.whole(), **more}), numbered)

    def _part(self, paper: Paper) -> Part:
        part = self._fill(paper.template, dict(paper.more), numbered=True)
        for attachment in self.shelf.files(paper):
            self._attach(part, attachment)
        return part

    def _attach(self, part: Part, attachment: Attachment) -> None:
        """A file in the paper that it came with; what cannot be printed is named with its digest."""
        name = f"{attachment.name}（SHA-256 {attachment.sha256[:16]}…）"
        try:
            content = path_of(attachment.key).read_bytes()
        except FileNotFoundError:
            part.notes.append(_("%(name)s，文件不在了") % {"name": name})
            return
        if attachment.is_picture:
            part.pictures.append({"file": self._keep(for_print(content), "jpg"), "caption": attachment.name})
        elif attachment.content_type == PDF.content_type and (pages := pages_of(content)):
            part.sheets.append({"file": self._keep(content, "pdf"), "pages": pages})
        else:
            part.notes.append(_("%(name)s，电子文件，另行保存") % {"name": name})

    def _keep(self, content: bytes, ending: str) -> str:
        name = f"file{len(self.contents)}.{ending}"
        self.contents[name] = content
        return name

    def _set(self, title: str, parts: Sequence[Part]) -> bytes:
        case = self.shelf.case
        data = {
            "title": f"{title} {case.number}",
            "page": "第 {n} 页",
            "footer": f"{self.shelf.facts.docket.committee.name}　{self.shelf.facts.docket.number or case.number}",
            "printed": f"{moment(self.at)} 打印",
            "parts": [asdict(part) for part in parts],
        }
        try:
            return typeset(TEMPLATE, data, at=self.at, pictures=self.contents)
        except TypesettingFailed:
            if not any(part.sheets for part in parts):
                raise
        # One of the attached PDFs is of a kind that cannot be printed here: they are named instead.
        for part in parts:
            part.notes += [
                _("%(name)s，电子文件，另行保存") % {"name": sheet["file"]} for sheet in part.sheets
            ]
            part.sheets = []
        return self._set(title, parts)


def pages_of(content: bytes) -> int:
    """How many pages an attached PDF has; 0 when it cannot be printed with the rest."""
    try:
        reader = PdfReader(io.BytesIO(content))
        pages = 0 if reader.is_encrypted else len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        return 0
    return pages if pages <= MOST_SHEETS else 0
