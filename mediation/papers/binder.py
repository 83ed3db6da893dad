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
from mediation.tables import papers

TEMPLATE: Final = Path(__file__).parents[1] / "typst" / "papers.typ"
MOST_SHEETS: Final = 200  # pages of one attached PDF
FIRST: Final = ("cover", "contents")
LAST: Final = "back"
# What the template of papers replaces by a page's number: the first page of part n, and the last of the file.
PAGE_MARK, TOTAL_MARK = "\ue100", "\ue101"


@dataclass(slots=True)
class Part:
    """One paper within a PDF: its words, then the pictures and pages that came with it."""

    name: str
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
        found = self.shelf.papers()
        pages = [f"{PAGE_MARK}{n + len(FIRST)}" for n in range(len(found))]
        more = {**self.shelf.facts.all_of({}), **_listed(found, pages, TOTAL_MARK)}
        parts = [self._fill(code, more) for code in FIRST]
        parts += [self._part(paper) for paper in found]
        parts.append(self._fill(LAST, more))
        return self._set(_("人民调解卷宗"), parts)

    def around(self) -> dict[str, Any]:
        """What the cover, the contents and the back cover say of the pages of the whole file. Raises the same."""
        found = self.shelf.papers()
        reader = PdfReader(io.BytesIO(self.whole()))
        starts = [reader.get_destination_page_number(mark) or 0 for mark in _marks(reader.outline)]
        first, last = starts[len(FIRST)], starts[-1]
        own = starts[len(FIRST) : -1]
        return _listed(found, [str(at - first + 1) for at in own], str(last - first))

    # --- parts

    def _fill(self, code: str, more: Mapping[str, Any], name: str = "") -> Part:
        source, self.versions[code] = shelf.text_template(code)
        said = filled(source, more)
        return Part(name or papers()[code].name, said, code not in shelf.AROUND, code == FIRST[0])

    def _part(self, paper: Paper) -> Part:
        part = self._fill(paper.template, self.shelf.said_in(paper), paper.name)
        for attachment in self.shelf.files(paper):
            self._attach(part, attachment)
        return part

    def _attach(self, part: Part, attachment: Attachment) -> None:
        """A file in the paper that it came with; what cannot be printed is named with its digest."""
        name = f"{attachment.name}（SHA-256 {attachment.sha256[:16]}…）"
        if not self.shelf.facts.full:  # a scan cannot be masked
            part.notes.append(_("%(name)s，遮住个人信息时不附") % {"name": name})
            return
        try:
            content = path_of(attachment.key).read_bytes()
        except FileNotFoundError:
            part.notes.append(_("%(name)s，文件不在了") % {"name": name})
            return
        if attachment.is_picture:
            part.pictures.append({"file": self._keep(for_print(content), "jpg"), "caption": attachment.name})
        elif attachment.content_type == PDF.content_type and (pages := pages_of(content)):
            part.sheets.append({"file": self._keep(content, "pdf"), "pages": pages, "name": name})
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
                _("%(name)s，电子文件，另行保存") % {"name": sheet["name"]} for sheet in part.sheets
            ]
            part.sheets = []
        return self._set(title, parts)


def _listed(found: Sequence[Paper], pages: Sequence[str], total: str) -> dict[str, Any]:
    """The contents of a file, and how many pages it has."""
    rows = [{"name": paper.name, "page": page, "note": ""} for paper, page in zip(found, pages, strict=True)]
    return {"contents": rows, "pages": total}


def _marks(outline: Any) -> list[Any]:
    """The bookmarks of a PDF in their order; one for each part."""
    return [mark for mark in outline if not isinstance(mark, list)]


def pages_of(content: bytes) -> int:
    """How many pages an attached PDF has; 0 when it cannot be printed with the rest."""
    try:
        reader = PdfReader(io.BytesIO(content))
        pages = 0 if reader.is_encrypted else len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError):
        return 0
    return pages if pages <= MOST_SHEETS else 0
